/*
 * test_address.c - what --listen takes.
 */
#include "kit.h"

#include <arpa/inet.h>

static struct listen_spec parse(const char *text)
{
    static struct arena arena;
    struct buf why = BUF_INIT(512);
    struct listen_spec spec;
    enum err err;

    arena_release(&arena);
    err = conf_parse_listen(slice_str(text), &arena, &spec, &why);
    CHECK_STR(buf_str(&why), "");
    CHECK_INT(err, ERR_NONE);
    return spec;
}

static void fails(const char *text, const char *wanted)
{
    struct arena arena = {0};
    struct buf why = BUF_INIT(512);
    struct listen_spec spec;
    char full[512];

    snprintf(full, sizeof(full), "cannot listen on \"%s\": %s", text, wanted);
    CHECK_INT(conf_parse_listen(slice_str(text), &arena, &spec, &why), ERR_INVALID);
    CHECK_STR(buf_str(&why), full);
    buf_release(&why);
    arena_release(&arena);
}

TEST(listen__addresses_are_literal)
{
    struct listen_spec spec = parse("0.0.0.0:80");

    CHECK_INT(spec.addr.ss_family, AF_INET);
    CHECK_INT(ntohs(((struct sockaddr_in *)&spec.addr)->sin_port), 80);
    CHECK_FALSE(spec.is_loopback);
    CHECK(parse("127.1.2.3:0").is_loopback);
    CHECK_FALSE(parse("*:80").is_loopback);
    spec = parse("[::1]:65535");
    CHECK_INT(spec.addr.ss_family, AF_INET6);
    CHECK_INT(spec.addr_len, sizeof(struct sockaddr_in6));
    CHECK(spec.is_loopback);
    CHECK_FALSE(parse("[::]:80").is_loopback);
}

TEST(listen__a_port_alone_stays_on_this_machine)
{
    struct conf *conf = kit_args("--listen 8081 /tmp").conf;

    CHECK(parse("8080").is_loopback);
    CHECK(parse("localhost:80").is_loopback);
    CHECK_INT(conf->listen_count, 2);
    CHECK_SLICE(conf->listens[1].text, "[::1]:8081");
    CHECK(conf->listens[1].is_default && !conf->listens[0].is_default);
    conf_unref(conf);
}

TEST(listen__unix_sockets_and_descriptors)
{
    struct listen_spec spec = parse("unix:/run/s");

    CHECK_STR(((struct sockaddr_un *)&spec.addr)->sun_path, "/run/s");
    CHECK(parse("unix:/run/s").is_loopback);
    CHECK_INT(parse("fd:3").fd, 3);
    CHECK_INT(parse("fd:3").kind, LISTEN_FD);
    fails("fd:2", "fd:N needs the number of an open socket, 3 or more");
    fails("fd:x", "fd:N needs the number of an open socket, 3 or more");
    fails("fd:99999999999", "fd:N needs the number of an open socket, 3 or more");
    fails("unix:", "the path is missing");
}

TEST(listen__a_socket_path_has_107_octets_at_most)
{
    char text[256] = "unix:/";

    memset(text + 6, 'x', 106);
    CHECK_INT(parse(text).kind, LISTEN_UNIX);
    text[112] = 'x';
    fails(text, "the path of a unix socket may have 107 octets at most");
}

TEST(listen__plain_stands_before_any_form)
{
    struct conf *conf = kit_args("--listen plain:8081 --listen plain:unix:s --listen 127.0.0.1:9 /tmp").conf;

    CHECK_STR(kit_why(), "");
    CHECK(parse("plain:8080").is_plain && parse("plain:localhost:80").is_plain && parse("plain:*:80").is_plain);
    CHECK(parse("plain:fd:3").is_plain && parse("plain:unix:/s").is_plain);
    CHECK_INT(parse("plain:fd:3").fd, 3);
    CHECK_INT(parse("plain:[::]:80").addr.ss_family, AF_INET6);
    CHECK_SLICE(parse("plain:8080").text, "plain:8080");
    CHECK_FALSE(parse("8080").is_plain);
    CHECK_INT(conf->listen_count, 4);
    CHECK_SLICE(conf->listens[1].text, "plain:[::1]:8081");
    CHECK(conf->listens[0].is_plain && conf->listens[1].is_plain && conf->listens[2].is_plain);
    CHECK_FALSE(conf->listens[3].is_plain);
    CHECK_INT(((struct sockaddr_un *)&conf->listens[2].addr)->sun_path[0], '/');
    conf_unref(conf);
    fails("plain:", "it is no port, ADDRESS:PORT, unix:PATH or fd:N");
    fails("plain:plain:80", "the address must be a literal one or localhost; names are not looked up");
    fails("plain:65536", "the port must be a number up to 65535");
}

TEST(metrics__have_an_address_of_their_own)
{
    struct conf *conf = kit_args("--metrics 9180 /tmp").conf;

    CHECK_INT(conf->metrics->addr.ss_family, AF_INET);
    CHECK(conf->metrics->is_loopback && conf->metrics->is_plain);
    CHECK_INT(conf->listen_count, 2);
    conf_unref(conf);
    conf = kit_args("--metrics unix:/run/m --listen 127.0.0.1:9180 /tmp").conf;
    CHECK_INT(conf->metrics->kind, LISTEN_UNIX);
    conf_unref(conf);
    conf = kit_args("--metrics 127.0.0.1:0 --listen 127.0.0.1:0 /tmp").conf;
    CHECK(conf != NULL);
    conf_unref(conf);
    conf = kit_args("--metrics 127.0.0.1:9180 --listen [::]:9180 --listen 127.0.0.2:9180 /tmp").conf;
    CHECK(conf != NULL);
    conf_unref(conf);
    CHECK(kit_args("--metrics 8080 /tmp").conf == NULL);
    CHECK_STR(kit_why(), "metrics needs an address of its own: \"8080\" takes that of listen \"127.0.0.1:8080\"");
    CHECK(kit_args("--listen 0.0.0.0:80 --metrics 127.0.0.1:80 /tmp").conf == NULL);
    CHECK_STR(kit_why(), "metrics needs an address of its own: \"127.0.0.1:80\" takes that of listen \"0.0.0.0:80\"");
    CHECK(kit_args("--listen [::1]:80 --metrics [::]:80 /tmp").conf == NULL);
    CHECK(kit_args("--listen fd:3 --metrics fd:3 /tmp").conf == NULL);
    CHECK(kit_args("--metrics example.org:80 /tmp").conf == NULL);
    CHECK_STR(kit_why(),
              "cannot listen on \"example.org:80\": the address must be a literal one or localhost; names are "
              "not looked up");
}

TEST(listen__errors_say_what_would_be_right)
{
    fails("", "it is no port, ADDRESS:PORT, unix:PATH or fd:N");
    fails("65536", "the port must be a number up to 65535");
    fails("127.0.0.1:65536", "the port must be a number up to 65535");
    fails("127.0.0.1:", "the port must be a number up to 65535");
    fails("localhost:x", "the port must be a number up to 65535");
    fails("::1:80", "an IPv6 address is written [ADDRESS]:PORT");
    fails("plian:127.0.0.1:80", "only plain:, unix: and fd: may stand before an address");
    fails("https://127.0.0.1:8443", "it is an address and no URL: ADDRESS:PORT, and a certificate makes https of it");
    fails(":80", "the address is missing: *:PORT for all, PORT alone for this machine");
    fails("[::1]80", "an IPv6 address is written [ADDRESS]:PORT");
    fails("[127.0.0.1]:80", "the address must be a literal one or localhost; names are not looked up");
    fails("example.org:80", "the address must be a literal one or localhost; names are not looked up");
    fails("127.0.0.1", "it is no port, ADDRESS:PORT, unix:PATH or fd:N");
}

TEST(listen__the_same_twice_is_an_error_but_not_port_zero)
{
    struct conf *conf = kit_args("--listen 127.0.0.1:0 --listen 127.0.0.1:0 /tmp").conf;

    CHECK_INT(conf->listen_count, 2);
    conf_unref(conf);
    CHECK(kit_args("--listen 8080 --listen 127.0.0.1:8080 /tmp").conf == NULL);
    CHECK_STR(kit_why(), "\"127.0.0.1:8080\" is asked for twice");
}
