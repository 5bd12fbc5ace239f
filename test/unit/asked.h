/*
 * asked.h - an exchange made from the text of a request, as serve/ makes one up to the gates.
 */
#ifndef TEST_ASKED_H
#define TEST_ASKED_H

#include "check.h"
#include "exchange/exchange.h"
#include "http/host.h"

/* A snapshot from the inside of one site's block; the root need not be there. Its owner is the caller. */
static inline struct conf *conf_of_site(const char *inside)
{
    struct buf text = BUF_INIT(4096), why = BUF_INIT(2048);
    struct conf *conf = NULL;

    buf_printf(&text, "site \"s\" {\nroot = \"/srv\"\n%s\n}\n", inside);
    if (conf_from_text(buf_slice(&text), "/etc/t.conf", "/etc", &conf, &why))
        print_error("conf: %s\n", buf_str(&why));
    buf_release(&text);
    buf_release(&why);
    assert_non_null(conf);
    return conf;
}

/*
 * The exchange of `request`, which must be a whole and valid head. Ended by exchange_end(). The host in it is
 * written in lower case.
 */
static inline struct exchange *asked(struct loop *loop, struct conf *conf, const char *request)
{
    struct field room[64];
    struct head_parser parser;
    struct head head;
    struct exchange *ex;
    struct host host;
    const char *why = "";

    role_assert_loop();
    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, 64);
    CHECK_INT(head_parse(&parser, slice_str(request), &head), HEAD_DONE);
    ex = exchange_new(loop, conf, &head, slice_str(request));
    CHECK_INT(framing_decide(&ex->head, &ex->framing, &why), 0);
    CHECK_INT(target_parse(ex->head.target, ex->head.method, &ex->target, &why), 0);
    CHECK_INT(host_of_request(&ex->head, &ex->target, &host, &why), 0);
    ex->host =
        host.name.len && host.name.ptr[host.name.len - 1] == '.' ? slice_upto(host.name, host.name.len - 1) : host.name;
    ex->site = conf_site(conf, ex->host, &ex->is_host_named);
    if (!ex->target.is_server_wide)
        CHECK_INT(path_decode(ex->target.path, &ex->arena, &ex->path, &why), PATH_OK);
    return ex;
}

#endif
