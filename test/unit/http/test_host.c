/*
 * test_host.c - Host and authority.
 */
#include "heads.h"
#include "http/host.h"

static struct host parsed(const char *text)
{
    struct host host;

    if (!host_parse(slice_str(text), &host))
        CHECK_STR(text, "a host");
    return host;
}

TEST(host__is_read)
{
    CHECK_SLICE(parsed("Example.org:8080").name, "Example.org");
    CHECK_INT(parsed("Example.org:8080").port, 8080);
    CHECK_INT(parsed("h:").port, 0);
    CHECK_SLICE(parsed("").name, ""); /* H1-18 */
    CHECK(parsed("127.0.0.1:1").is_ip4);
    CHECK_FALSE(parsed("127.0.0.256").is_ip4);
    CHECK(parsed("[::1]:80").is_ip6);
    CHECK_SLICE(parsed("[::1]:80").name, "::1");
    CHECK_SLICE(parsed("a_b%20c").name, "a_b%20c");
}

TEST(host__what_is_none_is_refused) /* H1-17 */
{
    static const char *const texts[] = {
        "a b",   "h:port:x",         "u@h",    "h/p",     "h:80:80", "h:+1", "h:65536", "h:0", ":80",
        "[::1",  "[::1]x",           "[]",     "[h]",     "::1",     "h?",   "h#",      "h%2", "h\\x",
        "h,g h", "[fe80::1%25eth0]", "[v1.a]", "\xc3\xa4"};
    struct host host;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (host_parse(slice_str(texts[i]), &host))
            CHECK_STR(texts[i], "no host");
}

TEST(host__is_the_same_without_case_and_default_port) /* H1-25 */
{
    struct host a = parsed("H:80"), b = parsed("h"), c = parsed("h:8080"), d = parsed("[0::1]"), e = parsed("[::1]:80");

    CHECK(host_same(&a, &b, 80));
    CHECK_FALSE(host_same(&a, &c, 80));
    CHECK(host_same(&d, &e, 80));
    CHECK(host_is(&a, SLICE("h.")));
    CHECK(host_is(&d, SLICE("0:0:0:0:0:0:0:1")));
    CHECK_FALSE(host_is(&d, SLICE("localhost")));
}

static int status_of(const char *version, const char *fields, const char *target, struct host *host)
{
    struct head head = head_with(version, fields);
    struct target parsed_target;
    const char *why = NULL;

    CHECK_INT(target_parse(slice_str(target), METHOD_GET, &parsed_target, &why), 0);
    return host_of_request(&head, &parsed_target, host, &why);
}

TEST(host__of_a_request) /* H1-16, H1-17, H1-18, H1-19, H1-20 */
{
    struct host host;

    CHECK_INT(status_of("1.1", "", "/", &host), 400);
    CHECK_INT(status_of("1.1", "", "http://h/", &host), 400);
    CHECK_INT(status_of("1.0", "", "/", &host), 0);
    CHECK_SLICE(host.name, "");
    CHECK_INT(status_of("1.1", "Host:\r\n", "/", &host), 0);
    CHECK_SLICE(host.name, "");
    CHECK_INT(status_of("1.1", "Host: h\r\nHost: h\r\n", "/", &host), 400);
    CHECK_INT(status_of("1.0", "Host: h\r\nHost: h\r\n", "/", &host), 400);
    CHECK_INT(status_of("1.1", "Host: a b\r\n", "http://h/", &host), 400);
    CHECK_INT(status_of("1.1", "Host: other:1\r\n", "http://h/x", &host), 0);
    CHECK_SLICE(host.name, "h");
    CHECK_INT(host.port, 0);
}
