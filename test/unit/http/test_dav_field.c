/*
 * test_dav_field.c - Depth, Overwrite, Timeout, Lock-Token, references, Prefer, DAV.
 */
#include "heads.h"
#include "http/dav_field.h"

static enum depth depth(const char *fields)
{
    struct head head = head_with("1.1", fields);

    return depth_of(&head);
}

TEST(depth__is_one_of_three_words)
{
    CHECK_INT(depth(""), DEPTH_ABSENT);
    CHECK_INT(depth("Depth: 0\r\n"), DEPTH_0);
    CHECK_INT(depth("Depth: 1\r\n"), DEPTH_1);
    CHECK_INT(depth("Depth: 1,noroot\r\n"), DEPTH_1);
    CHECK_INT(depth("Depth:  Infinity \r\n"), DEPTH_INFINITY);
    CHECK_INT(depth("Depth:\r\n"), DEPTH_BAD);
    CHECK_INT(depth("Depth: 2\r\n"), DEPTH_BAD);
    CHECK_INT(depth("Depth: 01\r\n"), DEPTH_BAD);
    CHECK_INT(depth("Depth: 0, 0\r\n"), DEPTH_BAD);
    CHECK_INT(depth("Depth: 0\r\nDepth: 0\r\n"), DEPTH_BAD);
}

static enum overwrite overwrite(const char *fields)
{
    struct head head = head_with("1.1", fields);

    return overwrite_of(&head);
}

TEST(overwrite__is_T_or_F)
{
    CHECK_INT(overwrite(""), OVERWRITE_T);
    CHECK_INT(overwrite("Overwrite: T\r\n"), OVERWRITE_T);
    CHECK_INT(overwrite("Overwrite: t\r\n"), OVERWRITE_T);
    CHECK_INT(overwrite("Overwrite: F\r\n"), OVERWRITE_F);
    CHECK_INT(overwrite("Overwrite: f\r\n"), OVERWRITE_F);
    CHECK_INT(overwrite("Overwrite: false\r\n"), OVERWRITE_BAD);
    CHECK_INT(overwrite("Overwrite:\r\n"), OVERWRITE_BAD);
    CHECK_INT(overwrite("Overwrite: F\r\nOverwrite: T\r\n"), OVERWRITE_BAD);
}

static uint32_t timeout(const char *fields)
{
    struct head head = head_with("1.1", fields);

    return timeout_of(&head, 86400, 3600);
}

TEST(timeout__is_the_first_that_can_be_read)
{
    CHECK_INT(timeout(""), 3600);
    CHECK_INT(timeout("Timeout: Second-60\r\n"), 60);
    CHECK_INT(timeout("Timeout: second-60\r\n"), 60);
    CHECK_INT(timeout("Timeout: Infinite\r\n"), 86400);
    CHECK_INT(timeout("Timeout: Infinite, Second-60\r\n"), 86400);
    CHECK_INT(timeout("Timeout: Second-60, Infinite\r\n"), 60);
    CHECK_INT(timeout("Timeout: Extend, Second-60\r\n"), 60);
    CHECK_INT(timeout("Timeout: x\r\nTimeout: Second-60\r\n"), 60);
    CHECK_INT(timeout("Timeout: Second-4100000000\r\n"), 86400);
    CHECK_INT(timeout("Timeout: Second-99999999999999999999999\r\n"), 86400);
    CHECK_INT(timeout("Timeout: Second-0\r\n"), 3600);
    CHECK_INT(timeout("Timeout: Second-\r\n"), 3600);
    CHECK_INT(timeout("Timeout: Second--1\r\n"), 3600);
    CHECK_INT(timeout("Timeout: Second-1x\r\n"), 3600);
    CHECK_INT(timeout("Timeout: 60\r\n"), 3600);
}

static struct slice token_in(const char *fields)
{
    struct head head = head_with("1.1", fields);
    struct slice token = SLICE("no token");

    CHECK(lock_token_of(&head, &token) == !slice_eq(token, SLICE("no token")));
    return token;
}

TEST(lock_token__may_lack_its_brackets)
{
    CHECK_SLICE(token_in("Lock-Token: <urn:uuid:1>\r\n"), "urn:uuid:1");
    CHECK_SLICE(token_in("Lock-Token: opaquelocktoken:1\r\n"), "opaquelocktoken:1");
    CHECK_SLICE(token_in(""), "no token");
    CHECK_SLICE(token_in("Lock-Token:\r\n"), "no token");
    CHECK_SLICE(token_in("Lock-Token: <>\r\n"), "no token");
    CHECK_SLICE(token_in("Lock-Token: <urn:1\r\n"), "no token");
    CHECK_SLICE(token_in("Lock-Token: urn\r\n"), "no token");
    CHECK_SLICE(token_in("Lock-Token: <urn:1>, <urn:2>\r\n"), "no token");
    CHECK_SLICE(token_in("Lock-Token: <urn:1>\r\nLock-Token: <urn:1>\r\n"), "no token");
}

TEST(reference__is_absolute_or_an_absolute_path)
{
    struct reference got;

    CHECK(reference_parse(SLICE("/a/b%20c"), &got));
    CHECK_SLICE(got.path, "/a/b%20c");
    CHECK_SLICE(got.scheme, "");
    CHECK(reference_parse(SLICE(" https://h.example:8443/a/ "), &got));
    CHECK_SLICE(got.path, "/a/");
    CHECK_SLICE(got.scheme, "https");
    CHECK_SLICE(got.host.name, "h.example");
    CHECK_INT(got.host.port, 8443);
    CHECK(reference_parse(SLICE("http://[::1]"), &got));
    CHECK_SLICE(got.path, "/");
    CHECK(got.host.is_ip6);
}

TEST(reference__other_texts_are_refused)
{
    static const char *const texts[] = {
        "",        "a",           "../a",        "//h/a", "*",   "http:", "http:/a",     "http:///a",
        "http://", "http://h:x/", "http://u@h/", "/a?b",  "/a?", "/a#b",  "http://h/a#", "http://h?q",
        "h/a",     "mailto:a@b",  "1http://h/"};
    struct reference got;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (reference_parse(slice_str(texts[i]), &got))
            CHECK_STR(texts[i], "refused");
}

static struct prefer prefer(const char *fields)
{
    struct head head = head_with("1.1", fields);

    return prefer_of(&head);
}

TEST(prefer__knows_return_and_depth_noroot)
{
    CHECK(prefer("Prefer: return=minimal\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: return=minimal\r\n").wants_representation);
    CHECK(prefer("Prefer: Return = \"representation\"; foo=\"a;b,c\"\r\n").wants_representation);
    CHECK(prefer("Prefer: depth-noroot\r\n").depth_noroot);
    CHECK(prefer("Prefer: respond-async, wait=10; x, depth-noroot;y, return=minimal\r\n").depth_noroot);
    CHECK(prefer("Prefer: respond-async, wait=10; x, depth-noroot;y, return=minimal\r\n").is_minimal);
    CHECK(prefer("Prefer: depth-noroot\r\nPrefer: return=minimal\r\n").is_minimal);
}

TEST(prefer__the_first_of_a_name_counts) /* RFC 7240 §2 */
{
    CHECK_FALSE(prefer("Prefer: return=minimal, return=representation\r\n").wants_representation);
    CHECK(prefer("Prefer: return=minimal\r\nPrefer: return=representation\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: return=other, return=minimal\r\n").is_minimal);
}

TEST(prefer__what_is_unknown_or_malformed_is_ignored)
{
    CHECK_FALSE(prefer("").is_minimal);
    CHECK_FALSE(prefer("Prefer: return\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: minimal\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: foo; return=minimal\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: foo=\"return=minimal\"\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: return=minimal x\r\n").is_minimal);
    CHECK(prefer("Prefer: =x, (, return=mini mal, return=minimal\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: return=\"minimal\r\n").is_minimal);
    CHECK_FALSE(prefer("Prefer: depth-noroot=no\r\n").depth_noroot);
}

static bool knows(const char *fields)
{
    struct head head = head_with("1.1", fields);

    return knows_bindings(&head);
}

TEST(dav__bind_is_one_word_of_a_list) /* RFC 5842 §8.2 */
{
    CHECK(knows("DAV: bind\r\n"));
    CHECK(knows("dav: 1, Bind\r\n"));
    CHECK(knows("DAV: 1\r\nDAV: <urn:x>, bind\r\n"));
    CHECK_FALSE(knows(""));
    CHECK_FALSE(knows("DAV: 1, bindings\r\n"));
    CHECK_FALSE(knows("X-DAV: bind\r\n"));
}
