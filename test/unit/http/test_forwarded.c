/*
 * test_forwarded.c - the client behind proxies.
 */
#include "base/arena.h"
#include "heads.h"
#include "http/forwarded.h"

/* 10.* and ::1 are ours. */
static bool is_ours(struct slice address, const void *context)
{
    return slice_starts(address, SLICE("10.")) || slice_eq(address, SLICE("::1"));
}

static void check(const char *fields, const char *peer, const char *address, const char *proto, const char *host)
{
    struct head head = head_with("1.1", fields);
    struct arena arena = {0};
    struct forwarded got;

    forwarded_read(&head, slice_str(peer), is_ours, NULL, &arena, &got);
    CHECK_SLICE(got.address, address);
    CHECK_SLICE(got.proto, proto);
    CHECK_SLICE(got.host, host);
    arena_release(&arena);
}

TEST(forwarded__of_a_stranger_counts_for_nothing)
{
    check("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1", "192.0.2.1", "", "");
    check("Forwarded: for=1.1.1.1;proto=https\r\n", "192.0.2.1", "192.0.2.1", "", "");
}

TEST(forwarded__x_fields_are_read_from_the_end)
{
    check("", "10.0.0.1", "10.0.0.1", "", "");
    check("X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\n", "10.0.0.1", "2.2.2.2", "", "");
    check("X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.9\r\n", "10.0.0.1", "2.2.2.2", "", "");
    check("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 10.0.0.9\r\n", "10.0.0.1", "1.1.1.1", "", "");
    check("X-Forwarded-For: 10.0.0.7\r\n", "10.0.0.1", "10.0.0.7", "", "");
    check("X-Forwarded-For: 2001:db8::1\r\n", "::1", "2001:db8::1", "", "");
    check("X-Forwarded-For: 3.3.3.3:4711\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\n", "10.0.0.1",
          "3.3.3.3", "https", "a.example");
    check("X-Forwarded-For: 1.1.1.1, unknown\r\n", "10.0.0.1", "10.0.0.1", "", "");
}

TEST(forwarded__the_standard_field)
{
    check("Forwarded: for=1.1.1.1, for=\"[2001:db8::2]:80\";proto=https;host=\"h:1\"\r\n", "10.0.0.1", "2001:db8::2",
          "https", "h:1");
    check("Forwarded: for=1.1.1.1, For=10.0.0.5\r\n", "10.0.0.1", "1.1.1.1", "", "");
    check("Forwarded: for=1.1.1.1, for=_hidden\r\n", "10.0.0.1", "10.0.0.1", "", "");
    check("Forwarded: proto=http\r\n", "10.0.0.1", "10.0.0.1", "http", "");
}

TEST(forwarded__two_fields_that_differ_are_both_disbelieved)
{
    check("Forwarded: for=6.6.6.6;proto=https\r\nX-Forwarded-For: 2.2.2.2\r\n", "10.0.0.1", "10.0.0.1", "", "");
    check("Forwarded: for=2.2.2.2\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto: https\r\n", "10.0.0.1", "2.2.2.2",
          "https", "");
}

static bool is_unknown(const char *fields)
{
    struct head head = head_with("1.1", fields);
    struct arena arena = {0};
    struct forwarded got;

    forwarded_read(&head, SLICE("10.0.0.1"), is_ours, NULL, &arena, &got);
    arena_release(&arena);
    return got.is_unknown;
}

TEST(forwarded__for_somebody_who_cannot_be_told)
{
    CHECK_FALSE(is_unknown(""));
    CHECK_FALSE(is_unknown("X-Forwarded-For: 10.0.0.7\r\n"));
    CHECK_FALSE(is_unknown("X-Forwarded-For: unknown, 1.1.1.1\r\n"));
    CHECK(is_unknown("X-Forwarded-For: 1.1.1.1, unknown\r\n"));
    CHECK(is_unknown("X-Forwarded-For: unknown, 10.0.0.7\r\n"));
    CHECK(is_unknown("Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 2.2.2.2\r\n"));
    CHECK_FALSE(is_unknown("Forwarded: for=2.2.2.2\r\nX-Forwarded-For: 2.2.2.2\r\n"));
}
