/*
 * test_head.c - the head parser: what it takes, what it refuses and with which status.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "heads.h"

static int status_of(const char *text)
{
    struct head_parser parser;
    struct head head;

    switch (head_of(text, &head, &parser)) {
    case HEAD_MORE:
        return 0;
    case HEAD_DONE:
        return 200;
    case HEAD_BAD:
        CHECK(parser.why != NULL && parser.why[0] != 0);
        return parser.status;
    }
    return -1;
}

#define REST " HTTP/1.1\r\nHost: h\r\n\r\n"

TEST(head__of_curl_is_read)
{
    struct head_parser parser;
    struct head head;
    const char *text = "GET /a/b?c=d HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
                       "X-Odd:\r\n\r\nBODY";

    CHECK_INT(head_of(text, &head, &parser), HEAD_DONE);
    CHECK_INT(head.method, METHOD_GET);
    CHECK_SLICE(head.method_text, "GET");
    CHECK_SLICE(head.target, "/a/b?c=d");
    CHECK_INT(head.minor, 1);
    CHECK_INT(head.field_count, 4);
    CHECK_SLICE(head_value(&head, FIELD_HOST), "localhost:8080");
    CHECK_SLICE(head_value(&head, FIELD_USER_AGENT), "curl/7.88.1");
    CHECK_SLICE(head.fields[3].name, "X-Odd");
    CHECK_SLICE(head.fields[3].value, "");
    CHECK_INT(head.fields[3].id, FIELD_OTHER);
    CHECK_U64(head.len, strlen(text) - 4);
    CHECK_FALSE(head_has(&head, FIELD_RANGE));
    CHECK_SLICE(head_value(&head, FIELD_RANGE), "");
}

/* H1-01 */
TEST(head__empty_lines_before_the_request_are_skipped_up_to_a_bound)
{
    CHECK_INT(status_of("\r\nGET /" REST), 200);
    CHECK_INT(status_of("\r\n\r\n\r\nGET /" REST), 200);
    CHECK_INT(status_of("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"), 400);
}

TEST(head__has_begun_only_with_an_octet_of_the_request_line) /* H1-C6 */
{
    struct head_parser parser;
    struct head head;

    CHECK_INT(head_of("\r\n", &head, &parser), HEAD_MORE);
    CHECK_FALSE(parser.has_begun);
    CHECK_INT(head_of("\r\nG", &head, &parser), HEAD_MORE);
    CHECK(parser.has_begun);
}

TEST(head__a_CR_that_ends_no_line_is_refused) /* H1-02 */
{
    CHECK_INT(status_of("GET /\rx" REST), 400);
    CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: h\r\n\rX"), 400);
}

TEST(head__a_LF_alone_ends_a_line_only_if_configured) /* H1-02, H1-C1 */
{
    struct head_limits limits = HEAD_LIMITS_DEFAULT;
    struct head_parser parser;
    struct field room[4];
    struct head head;
    struct slice text = SLICE("GET / HTTP/1.1\nHost: h\n\n");

    CHECK_INT(status_of("GET / HTTP/1.1\nHost: h\n\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1.1\r\nHost: h\n\r\n"), 400);
    limits.bare_lf = true;
    head_parser_init(&parser, &limits, room, 4);
    CHECK_INT(head_parse(&parser, text, &head), HEAD_DONE);
    CHECK_SLICE(head_value(&head, FIELD_HOST), "h");
    CHECK_U64(head.len, text.len);
}

/* H1-03, H1-05 */
TEST(head__what_is_no_request_line_is_refused)
{
    static const char *const lines[] = {
        "GET /\r\n\r\n", /* the simple request of HTTP/0.9 */
        "GET\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / a HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET /a\tb HTTP/1.1\r\n\r\n",
        "GET /  HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "GET HTTP/1.1\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        " HTTP/1.1\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
        "GET / FTP/1.1\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x01\x01\xfc\x03\x03", /* TLS */
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (status_of(lines[i]) != 400)
            CHECK_STR(lines[i], "refused with 400");
    CHECK_INT(status_of("GET /\xc3\xa4" REST), 200); /* raw UTF-8: opaque */
}

TEST(head__versions) /* POL-96, POL-97, POL-98, H1-58 */
{
    CHECK_INT(status_of("GET / HTTP/2.0\r\n"), 505);
    CHECK_INT(status_of("GET / HTTP/3.0\r\n"), 505);
    CHECK_INT(status_of("GET / HTTP/0.9\r\n"), 505);
    CHECK_INT(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
    CHECK_INT(status_of("GET / http/1.1\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1.10\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/11.1\r\n"), 400);
    CHECK_INT(status_of("GET / HTTP/1.1.\r\n"), 400);
    CHECK_INT(head_with("1.0", "").minor, 0);
    CHECK_INT(head_with("1.1", "").minor, 1);
    CHECK_INT(head_with("1.9", "").minor, 1);
}

TEST(head__the_version_is_judged_before_the_rest) /* POL-100 */
{
    CHECK_INT(status_of("G(T / HTTP/2.0\r\n\r\n"), 505);
    CHECK_INT(status_of("GET / HTTP/2.0\r\n: bad\r\n\r\n"), 505);
}

TEST(head__methods_know_case_and_unknown_ones_are_left_to_the_caller) /* H1-07, H1-08 */
{
    struct head_parser parser;
    struct head head;

    CHECK_INT(head_of("get /" REST, &head, &parser), HEAD_DONE);
    CHECK_INT(head.method, METHOD_UNKNOWN);
    CHECK_INT(head_of("POUR /" REST, &head, &parser), HEAD_DONE);
    CHECK_INT(head.method, METHOD_UNKNOWN);
    CHECK_SLICE(head.method_text, "POUR");
    CHECK_INT(head_of("DELETE /" REST, &head, &parser), HEAD_DONE);
    CHECK_INT(head.method, METHOD_DELETE);
}

TEST(head__malformed_fields_are_refused)
{
    static const char *const fields[] = {
        " Host: h",                   /* H1-04 */
        "\tHost: h",      "Host : h", /* H1-09 */
        "Host\t: h",      "Host: h\r\nTransfer-Encoding : chunked",
        ": empty",        "no colon", /* H1-10 */
        "a b: c",         "a(b: c",
        "a\xe4: c",       "X: a\r\n b", /* H1-11 */
        "X: a\r\n\tb: c", "X: a\x01",
        "X: a\x7f",       "X: a\vb", /* H1-33 */
        "X\x01: a",       " ",
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char text[200];

        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n\r\n", fields[i]);
        if (status_of(text) != 400)
            CHECK_STR(fields[i], "refused with 400");
    }
}

TEST(head__NUL_in_a_value_is_refused) /* H1-12 */
{
    struct head_parser parser;
    struct field room[4];
    struct head head;

    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, 4);
    CHECK_INT(head_parse(&parser, SLICE("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n"), &head), HEAD_BAD);
    CHECK_INT(parser.status, 400);
}

TEST(head__octets_above_7F_are_data_in_values_and_blanks_around_are_not) /* H1-12, H1-13 */
{
    struct head head = head_with("1.1", "X: \t \xff\xfe\x80 b \t\r\nY: \t \r\n");

    CHECK_SLICE(head.fields[0].value, "\xff\xfe\x80 b");
    CHECK_SLICE(head.fields[1].value, "");
}

TEST(head__names_compare_without_case_and_lines_combine_in_order) /* H1-14 */
{
    struct arena arena = {0};
    struct head head = head_with("1.1", "if-none-MATCH: \"a\"\r\nX: y\r\nIF-NONE-MATCH:\r\nIf-None-Match: \"b\"\r\n");

    CHECK_INT(head_count_of(&head, FIELD_IF_NONE_MATCH), 3);
    CHECK_SLICE(head_combined(&head, FIELD_IF_NONE_MATCH, &arena), "\"a\", , \"b\"");
    CHECK_SLICE(head_value(&head, FIELD_IF_NONE_MATCH), "\"a\"");
    CHECK_SLICE(head_combined(&head, FIELD_RANGE, &arena), "");
    arena_release(&arena);
}

TEST(head__of_a_repeated_single_field_the_first_counts) /* H1-15 */
{
    struct head head = head_with("1.1", "Content-Type: a/b\r\nDepth: 0\r\nContent-Type: c/d\r\nDepth: 1\r\n");

    CHECK_SLICE(head_value(&head, FIELD_CONTENT_TYPE), "a/b");
    CHECK_SLICE(head_value(&head, FIELD_DEPTH), "0");
}

TEST(head__every_field_of_the_table_is_found_by_its_name)
{
    for (int id = FIELD_OTHER + 1; id < FIELD_COUNT; id++) {
        char name[40];
        struct slice known = field_name((enum field_id)id);

        CHECK(known.len > 0 && known.len < sizeof(name));
        CHECK_INT(field_find(known), id);
        for (size_t i = 0; i < known.len; i++)
            name[i] = ascii_lower(known.ptr[i]);
        CHECK_INT(field_find(slice_of(name, known.len)), id);
        for (size_t i = 0; i < known.len; i++) { /* no other octet in any place, 0D is not '-' */
            char kept = name[i];

            for (int octet = 0; octet < 256; octet++) {
                name[i] = (char)octet;
                if (ascii_lower(name[i]) != kept && field_find(slice_of(name, known.len)) == (enum field_id)id)
                    CHECK_INT(octet, kept);
            }
            name[i] = kept;
        }
    }
    CHECK_INT(field_find(SLICE("")), FIELD_OTHER);
    CHECK_INT(field_find(SLICE("Hosts")), FIELD_OTHER);
}

TEST(head__others_are_found_by_name)
{
    struct head head = head_with("1.1", "X-One: 1\r\nx-two: 2\r\n");
    struct slice value;

    CHECK(head_find(&head, SLICE("X-Two"), &value));
    CHECK_SLICE(value, "2");
    CHECK_FALSE(head_find(&head, SLICE("X-Three"), &value));
}

/* A request whose first field line has `line` octets, name "X". */
static char *long_field(size_t line, size_t target)
{
    char *text = malloc(line + target + 64), *at = text;

    memcpy(at, "GET /", 5);
    memset(at + 5, 'a', target);
    at += 5 + target;
    memcpy(at, " HTTP/1.1\r\nX:", 13);
    memset(at + 13, 'v', line - 2);
    memcpy(at + 13 + line - 2, "\r\n\r\n", 5);
    return text;
}

static int status_of_long(size_t line, size_t target, struct head_parser *parser)
{
    char *text = long_field(line, target);
    struct head head;
    enum head_step step = head_of(text, &head, parser);

    free(text);
    return step == HEAD_DONE ? 200 : step == HEAD_MORE ? 0 : parser->status;
}

TEST(head__a_field_at_the_limit_is_taken_and_one_octet_more_is_not) /* POL-35, POL-42, POL-40 */
{
    struct head_parser parser;

    CHECK_INT(status_of_long(49152, 0, &parser), 200);
    CHECK_INT(status_of_long(49153, 0, &parser), 431);
    CHECK_INT(parser.culprit.len, 1);
    CHECK(parser.end_found);
}

TEST(head__a_request_line_at_the_limit_is_taken_and_one_octet_more_is_not) /* H1-06, POL-37, POL-38 */
{
    struct head_parser parser;
    size_t fits = 8400 - strlen("GET / HTTP/1.1");

    CHECK_INT(status_of_long(10, 8000, &parser), 200);
    CHECK_INT(status_of_long(10, fits, &parser), 200);
    CHECK_INT(status_of_long(10, fits + 1, &parser), 414);
}

/* Streams `start` and then `fill` for ever, one octet a call; gives the status and where it came. */
static int stream(const char *start, const char *fill, struct head_parser *parser, size_t *at)
{
    enum { MOST = 200000 };
    static struct field room[ROOM];
    struct head head;
    char *text = malloc(MOST);
    size_t len = strlen(start), fill_len = strlen(fill);
    enum head_step step = HEAD_MORE;

    memcpy(text, start, len);
    for (size_t i = len; i < MOST; i++)
        text[i] = fill[(i - len) % fill_len];
    head_parser_init(parser, &HEAD_LIMITS_DEFAULT, room, ROOM);
    for (*at = 0; *at < MOST && step == HEAD_MORE; ++*at)
        step = head_parse(parser, slice_of(text, *at + 1), &head);
    free(text);
    return step == HEAD_BAD ? parser->status : 0;
}

TEST(head__endless_lines_end_without_waiting_for_their_end) /* POL-41, POL-44, H1-06 */
{
    struct head_parser parser;
    size_t at;

    CHECK_INT(stream("GET /", "a", &parser, &at), 414);
    CHECK(at <= 8402);
    CHECK_FALSE(parser.end_found);
    CHECK_INT(stream("", "A", &parser, &at), 501);
    CHECK_INT(stream("", "A(", &parser, &at), 400);
    CHECK_INT(stream("GET / ", "a", &parser, &at), 400);
    CHECK_INT(stream("G( /", "a", &parser, &at), 400);
    CHECK_INT(stream("GET /\t", "a", &parser, &at), 400);
    CHECK_INT(stream("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ /", "a", &parser, &at), 501);
    CHECK_INT(stream("GET / HTTP/1.1\r\nX: ", "a", &parser, &at), 431);
    CHECK(at <= 49152 + 18);
    CHECK_INT(parser.culprit.len, 1);
    CHECK_INT(
        stream("GET / HTTP/1.1\r\n"
               "nameofahundredoctetsnameofahundredoctetsnameofahundredoctetsnameofahundredoctetsnameofahundredoctets:",
               "a", &parser, &at),
        431);
    CHECK_INT(parser.culprit.len, HEAD_CULPRIT_MAX);
    CHECK_INT(stream("GET / HTTP/1.1\r\n", "a", &parser, &at), 400);
    CHECK_INT(stream("GET / HTTP/1.1\r\n", "a ", &parser, &at), 400);
    CHECK_INT(stream("GET / HTTP/1.1\r\nX : ", "a", &parser, &at), 400);
    CHECK_INT(stream("GET / HTTP/1.1\r\n", "X: y\r\n", &parser, &at), 431);
    CHECK_INT(parser.culprit.len, 0);
    CHECK_INT(stream("GET / HTTP/1.1\r\n",
                     "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
                     &parser, &at),
              431);
    CHECK(at < 65536 + 400);
}

TEST(head__number_of_fields_at_the_limit_is_taken_and_one_more_is_not) /* POL-36, POL-42 */
{
    for (int count = 128; count <= 129; count++) {
        char text[2000];
        int len = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n");

        for (int i = 0; i < count; i++)
            len += snprintf(text + len, sizeof(text) - (size_t)len, "X: y\r\n");
        snprintf(text + len, sizeof(text) - (size_t)len, "\r\n");
        CHECK_INT(status_of(text), count == 128 ? 200 : 431);
    }
}

TEST(head__means_the_same_however_it_is_cut_and_moved)
{
    const char *text = "\r\nPUT /a HTTP/1.1\r\nHost: h\r\nIf-Match: \"x\"\r\nContent-Length: 5\r\n\r\n";
    size_t len = strlen(text);

    for (size_t cut = 1; cut < len; cut++) {
        struct head_parser parser;
        struct field room[8];
        struct head head;
        char *first = malloc(cut), *whole = malloc(len);

        memcpy(first, text, cut);
        memcpy(whole, text, len);
        head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, 8);
        CHECK_INT(head_parse(&parser, slice_of(first, cut), &head), HEAD_MORE);
        free(first);
        CHECK_INT(head_parse(&parser, slice_of(whole, len), &head), HEAD_DONE);
        CHECK_U64(head.len, len);
        CHECK_SLICE(head.target, "/a");
        CHECK_SLICE(head_value(&head, FIELD_IF_MATCH), "\"x\"");
        free(whole);
    }
}

TEST(head__kept_in_an_arena_needs_its_bytes_no_more)
{
    char *text = strdup("GET /x HTTP/1.1\r\nHost: h\r\n\r\nrest");
    struct arena arena = {0};
    struct head_parser parser;
    struct head head;

    CHECK_INT(head_of(text, &head, &parser), HEAD_DONE);
    head_keep(&head, slice_str(text), &arena);
    memset(text, '#', strlen(text));
    free(text);
    memset(parser.head.fields, 0, sizeof(struct field));
    CHECK_SLICE(head.target, "/x");
    CHECK_SLICE(head_value(&head, FIELD_HOST), "h");
    arena_release(&arena);
}
