/*
 * test_h2_head.c - a request's head from the fields of HTTP/2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "http/h2_head.h"

static struct h2_head h2;

/* "name: value\n"..., whose names may begin with a colon. */
static enum h2_head_step read_with(const char *fields, struct head_limits limits, bool is_whole)
{
    struct slice rest = slice_str(fields), line;

    h2_head_begin(&h2, &limits);
    while (slice_cut(rest, '\n', &line, &rest)) {
        size_t colon = 1 + slice_index(slice_from(line, 1), ':');
        struct slice value = slice_from(line, colon + 2);
        char *name_copy = malloc(colon + 1), *value_copy = malloc(value.len + 1);

        memcpy(name_copy, line.ptr, colon);
        memcpy(value_copy, value.ptr, value.len);
        h2_head_add(&h2, slice_of(name_copy, colon), slice_of(value_copy, value.len));
        free(name_copy); /* nothing may point there any more */
        free(value_copy);
    }
    return h2_head_end(&h2, is_whole);
}

static enum h2_head_step read_fields(const char *fields)
{
    return read_with(fields, HEAD_LIMITS_DEFAULT, true);
}

#define LINE ":method: GET\n:scheme: https\n:authority: example.org\n:path: /a?b\n"

TEST(h2_head__pseudo_fields_become_what_a_request_line_and_host_say) /* RFC 9113 §8.3.1 */
{
    CHECK_INT(read_fields(LINE "accept: */*\nx-own: 1\n"), H2_HEAD_DONE);
    CHECK_INT(h2.head.method, METHOD_GET);
    CHECK_SLICE(h2.head.method_text, "GET");
    CHECK_SLICE(h2.head.target, "/a?b");
    CHECK_INT(h2.head.minor, 1);
    CHECK_INT(h2.head.field_count, 3);
    CHECK_SLICE(head_value(&h2.head, FIELD_HOST), "example.org");
    CHECK_SLICE(head_value(&h2.head, FIELD_ACCEPT), "*/*");
    CHECK_INT(h2.head.first[FIELD_ACCEPT], 2);
    CHECK_SLICE(h2.head.fields[2].name, "x-own");
    CHECK_INT(h2.framing.kind, BODY_NONE);
    CHECK(h2.framing.keep_alive);
}

TEST(h2_head__everything_lies_in_one_piece_that_can_be_kept)
{
    struct arena arena = {0};
    struct head kept;

    CHECK_INT(read_fields(LINE "accept: */*\ncookie: a=b\n"), H2_HEAD_DONE);
    CHECK_U64(h2.head.len, h2.text.len);
    kept = h2.head;
    head_keep(&kept, buf_slice(&h2.text), &arena);
    h2_head_begin(&h2, &HEAD_LIMITS_DEFAULT);
    memset(h2.text.ptr, 'x', h2.text.room);
    CHECK_SLICE(kept.target, "/a?b");
    CHECK_SLICE(head_value(&kept, FIELD_HOST), "example.org");
    CHECK_SLICE(head_value(&kept, FIELD_COOKIE), "a=b");
    arena_release(&arena);
}

TEST(h2_head__slices_follow_when_memory_moves)
{
    char fields[20000] = LINE;

    for (unsigned i = 0; i < 100; i++)
        snprintf(fields + strlen(fields), sizeof(fields) - strlen(fields), "x-%u: %0150u\n", i, i);
    h2_head_release(&h2);
    CHECK_INT(read_fields(fields), H2_HEAD_DONE);
    CHECK_INT(h2.head.field_count, 101);
    CHECK_SLICE(h2.head.target, "/a?b");
    CHECK_SLICE(h2.head.method_text, "GET");
    CHECK_SLICE(h2.head.fields[0].value, "example.org");
    CHECK_SLICE(h2.head.fields[100].name, "x-99");
    CHECK_U64(h2.head.fields[100].value.len, 150);
}

TEST(h2_head__crumbs_of_cookie_are_one_field) /* RFC 9113 §8.2.3 */
{
    CHECK_INT(read_fields(LINE "cookie: a=b\naccept: */*\ncookie: c=d\ncookie: e=f\n"), H2_HEAD_DONE);
    CHECK_INT(head_count_of(&h2.head, FIELD_COOKIE), 1);
    CHECK_SLICE(head_value(&h2.head, FIELD_COOKIE), "a=b; c=d; e=f");
}

TEST(h2_head__host_may_stand_for_authority_and_must_agree_with_it) /* RFC 9113 §8.3.1 */
{
    CHECK_INT(read_fields(":method: GET\n:scheme: http\n:path: /\nhost: h\n"), H2_HEAD_DONE);
    CHECK_SLICE(head_value(&h2.head, FIELD_HOST), "h");
    CHECK_INT(read_fields(LINE "host: Example.org\n"), H2_HEAD_DONE);
    CHECK_INT(head_count_of(&h2.head, FIELD_HOST), 1);
    CHECK_INT(read_fields(LINE "host: other.org\n"), H2_HEAD_MALFORMED);
}

TEST(h2_head__malformed_requests_are_no_requests) /* RFC 9113 §8.2, §8.3 */
{
    static const char *const wrong[] = {
        "",
        ":method: GET\n:scheme: http\n",
        ":method: GET\n:path: /\n",
        ":scheme: http\n:path: /\n",
        LINE ":path: /b\n",
        LINE "accept: */*\n:extra: 1\n",
        ":method: GET\n:scheme: http\naccept: */*\n:path: /\n",
        ":method: GET\n:scheme: http\n:path: \n",
        ":method: GET\n:scheme: http\n:path: a\n",
        ":method: GET\n:scheme: http\n:path: http://h/\n",
        ":method: GET\n:scheme: http\n:path: /a b\n",
        ":method: G T\n:scheme: http\n:path: /\n",
        ":method: GET\n:scheme: \n:path: /\n",
        ":method: GET\n:scheme: http\n:path: /\n:status: 200\n",
        LINE "Accept: */*\n",
        LINE "connection: close\n",
        LINE "keep-alive: 5\n",
        LINE "proxy-connection: close\n",
        LINE "transfer-encoding: chunked\n",
        LINE "upgrade: h2c\n",
        LINE "te: gzip\n",
        LINE "a b: c\n",
        LINE "a:  b\n",
        LINE "a: b \n",
        LINE "a: b\rc\n",
        LINE "content-length: x\n",
        LINE "content-length: 1\ncontent-length: 2\n",
        LINE "content-length: 1\n", /* and none comes */
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (read_fields(wrong[i]) != H2_HEAD_MALFORMED)
            print_error("not malformed: %s\n", wrong[i]);
        CHECK_INT(read_fields(wrong[i]), H2_HEAD_MALFORMED);
    }
    CHECK_INT(read_fields(LINE "te: trailers\n"), H2_HEAD_DONE);
    CHECK_INT(read_fields(LINE "a: \n"), H2_HEAD_DONE);
    h2_head_begin(&h2, &HEAD_LIMITS_DEFAULT);
    h2_head_add(&h2, SLICE(""), SLICE("x"));
    CHECK_INT(h2_head_end(&h2, true), H2_HEAD_MALFORMED);
}

TEST(h2_head__connect_and_asterisk_have_forms_of_their_own) /* RFC 9113 §8.3.1, §8.5 */
{
    CHECK_INT(read_fields(":method: CONNECT\n:authority: h:1\n"), H2_HEAD_DONE);
    CHECK_SLICE(h2.head.target, "h:1");
    CHECK_INT(read_fields(":method: CONNECT\n"), H2_HEAD_MALFORMED);
    CHECK_INT(read_fields(":method: CONNECT\n:authority: h:1\n:path: /\n:scheme: http\n"), H2_HEAD_MALFORMED);
    CHECK_INT(read_fields(":method: OPTIONS\n:scheme: http\n:authority: h\n:path: *\n"), H2_HEAD_DONE);
    CHECK_SLICE(h2.head.target, "*");
}

TEST(h2_head__limits_are_those_of_http1) /* POL-42 */
{
    struct head_limits limits = {.request_line_max = 30, .field_line_max = 40, .fields_total_max = 60, 4, false};

    /* "GET /0123456789012345 HTTP/1.1" is 30 octets */
    CHECK_INT(read_with(":method: GET\n:scheme: http\n:path: /0123456789012345\n", limits, true), H2_HEAD_DONE);
    CHECK_INT(read_with(":method: HEAD\n:scheme: http\n:path: /0123456789012345\n", limits, true), H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 414);
    CHECK_INT(h2.head.method, METHOD_HEAD);
    CHECK_INT(read_with(":method: 0123456789012345678901234567890\n:scheme: http\n:path: /\n", limits, true),
              H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 501);
    CHECK_INT(
        read_with(":method: GET\n:scheme: http\n:path: /\nab: 012345678901234567890123456789012345\n", limits, true),
        H2_HEAD_DONE);
    CHECK_INT(
        read_with(":method: GET\n:scheme: http\n:path: /\nabc: 012345678901234567890123456789012345\n", limits, true),
        H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 431);
    CHECK_SLICE(h2.culprit, "abc");
    CHECK_INT(
        read_with(
            ":method: GET\n:scheme: http\n:path: /\na: 012345678901234567890123456\nb: 012345678901234567890123456\n",
            limits, true),
        H2_HEAD_DONE);
    CHECK_INT(
        read_with(
            ":method: GET\n:scheme: http\n:path: /\na: 012345678901234567890123456\nb: 0123456789012345678901234567\n",
            limits, true),
        H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 431);
    CHECK_SLICE(h2.culprit, "");
    CHECK_INT(read_with(":method: GET\n:scheme: http\n:path: /\na: 1\nb: 1\nc: 1\nd: 1\n", limits, true), H2_HEAD_DONE);
    CHECK_INT(read_with(":method: GET\n:scheme: http\n:path: /\na: 1\nb: 1\nc: 1\nd: 1\ne: 1\n", limits, true),
              H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 431);
    CHECK_INT(
        read_with(":method: GET\n:scheme: http\n:path: /\ncookie: 0123456789012345678\ncookie: 0123456789012345678\n",
                  limits, true),
        H2_HEAD_REFUSED);
    CHECK_SLICE(h2.culprit, "cookie");
    CHECK_INT(read_with(LINE "Upper: 1\n", (struct head_limits){1, 1, 1, 1, false}, true), H2_HEAD_MALFORMED);
}

TEST(h2_head__foreign_schemes_are_misdirected) /* H1-21 */
{
    CHECK_INT(read_fields(":method: GET\n:scheme: ftp\n:authority: h\n:path: /\n"), H2_HEAD_REFUSED);
    CHECK_INT(h2.status, 421);
}

TEST(h2_head__framing_says_what_is_to_come)
{
    CHECK_INT(read_with(LINE, HEAD_LIMITS_DEFAULT, false), H2_HEAD_DONE);
    CHECK_INT(h2.framing.kind, BODY_CHUNKED);
    CHECK_FALSE(h2.framing.expects_continue);
    CHECK_INT(read_with(LINE "content-length: 5\nexpect: 100-continue\n", HEAD_LIMITS_DEFAULT, false), H2_HEAD_DONE);
    CHECK_INT(h2.framing.kind, BODY_LENGTH);
    CHECK_U64(h2.framing.length, 5);
    CHECK(h2.framing.expects_continue);
    CHECK_INT(read_with(LINE "expect: 100-continue\n", HEAD_LIMITS_DEFAULT, false), H2_HEAD_DONE);
    CHECK(h2.framing.expects_continue);
    CHECK_INT(read_with(LINE "expect: 100-continue\n", HEAD_LIMITS_DEFAULT, true), H2_HEAD_DONE);
    CHECK_FALSE(h2.framing.expects_continue);
    CHECK_INT(read_with(LINE "expect: tea\n", HEAD_LIMITS_DEFAULT, false), H2_HEAD_DONE);
    CHECK(h2.framing.expects_unknown);
    CHECK_FALSE(h2.framing.expects_continue);
    CHECK_INT(read_with(LINE "content-length: 0\n", HEAD_LIMITS_DEFAULT, true), H2_HEAD_DONE);
    CHECK_INT(h2.framing.kind, BODY_NONE);
    h2_head_release(&h2);
    h2 = (struct h2_head){0};
}
