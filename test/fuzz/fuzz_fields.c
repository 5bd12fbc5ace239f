/*
 * fuzz_fields.c - lists, parameters, weights, hosts, Accept, Forwarded.
 *
 * Properties: members of a list are trimmed, not empty, and follow one another in the text; weights are at most
 * 1000; walks end; the client's address lies in the text or is the peer's, and a stranger's word counts nothing.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "http/accept.h"
#include "http/field.h"
#include "http/forwarded.h"
#include "http/host.h"

enum { ROOM = 20 };

static void check_list(struct slice text)
{
    struct slice rest = text, member, name, value;
    const char *at = text.ptr;

    while (list_next(&rest, &member)) {
        struct slice params = member;

        assert(member.len && slice_eq(slice_trim(member), member) && member.ptr >= at);
        at = member.ptr + member.len;
        assert(at <= text.ptr + text.len && rest.ptr >= at - 0 && rest.ptr + rest.len == text.ptr + text.len);
        while (param_next(&params, &name, &value))
            assert(is_token(name) && (!value.len || value.ptr > name.ptr));
    }
    assert(rest.len == 0);
}

static bool is_ours(struct slice address, const void *context)
{
    return slice_starts(address, SLICE("10.")) && context;
}

static void check_forwarded(struct slice fields)
{
    struct buf text = BUF_INIT(1 << 20);
    struct arena arena = {0};
    struct head_parser parser;
    struct field room[ROOM];
    struct forwarded got;
    struct head head;

    buf_add_str(&text, "GET / HTTP/1.1\r\n");
    buf_add(&text, fields);
    buf_add_str(&text, "\r\n\r\n");
    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, ROOM);
    if (head_parse(&parser, buf_slice(&text), &head) == HEAD_DONE) {
        forwarded_read(&head, SLICE("10.0.0.1"), is_ours, NULL, &arena, &got);
        assert(slice_eq(got.address, SLICE("10.0.0.1")) && !got.proto.len && !got.host.len);
        forwarded_read(&head, SLICE("10.0.0.1"), is_ours, "", &arena, &got);
        assert(got.address.len > 0);
        for (size_t i = 0; i < got.address.len; i++)
            assert(ascii_hex(got.address.ptr[i]) >= 0 || strchr(".:", got.address.ptr[i]));
    }
    arena_release(&arena);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);
    unsigned weight = 0;
    struct host host;

    check_list(text);
    check_forwarded(text);
    assert(!quality_parse(text, &weight) || weight <= 1000);
    assert(accept_quality(text, SLICE("text/html")) <= 1000);
    assert(accept_error_form(text) <= FORM_JSON);
    if (host_parse(text, &host))
        assert(host.name.len <= len && host_is(&host, host.name) && !(host.is_ip4 && host.is_ip6));
    return 0;
}
