/*
 * test_cond.c - preconditions.
 */
#include "base/arena.h"
#include "heads.h"
#include "http/cond.h"

#define EARLY "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define LATE "Sun, 06 Nov 1994 08:49:38 GMT"
static const int64_t modified = 784111777, now_s = 1792368000;

static const struct validators strong = {true, SLICE_INIT("v1"), false, true, 784111777, true};
static const struct validators weak = {true, SLICE_INIT("v1"), true, true, 784111777, false};
static const struct validators nothing = {0};
static const struct validators untagged = {.exists = true};

static enum cond_result judge(const char *fields, bool is_get, const struct validators *current)
{
    struct head head = head_with("1.1", fields);
    struct arena arena = {0};
    struct conditions conditions;
    enum cond_result result;

    conditions_from_head(&head, now_s, &arena, &conditions);
    conditions_keep(&conditions, &arena);
    result = conditions_judge(&conditions, is_get, current);
    CHECK(result == COND_GO || conditions_any(&conditions));
    arena_release(&arena);
    return result;
}

#define GET(fields, current) judge(fields "\r\n", true, current)
#define PUT(fields, current) judge(fields "\r\n", false, current)

TEST(cond__none_is_true)
{
    CHECK_INT(judge("", true, &strong), COND_GO);
    CHECK_INT(judge("", false, &nothing), COND_GO);
}

TEST(cond__if_match_compares_strongly) /* CND-26, CND-27, CND-34 */
{
    CHECK_INT(PUT("If-Match: \"v1\"", &strong), COND_GO);
    CHECK_INT(PUT("If-Match: \"v0\", \"v1\"", &strong), COND_GO);
    CHECK_INT(PUT("If-Match: \"v0\"", &strong), COND_FAILED);
    CHECK_INT(PUT("If-Match: W/\"v1\"", &strong), COND_FAILED);
    CHECK_INT(PUT("If-Match: \"v1\"", &weak), COND_FAILED);
    CHECK_INT(PUT("If-Match: W/\"v1\"", &weak), COND_FAILED);
    CHECK_INT(GET("If-Match: \"v0\"", &strong), COND_FAILED);
}

TEST(cond__if_match_star_is_existence) /* CND-29 */
{
    CHECK_INT(PUT("If-Match: *", &strong), COND_GO);
    CHECK_INT(PUT("If-Match: *", &untagged), COND_GO);
    CHECK_INT(PUT("If-Match: *", &nothing), COND_FAILED);
    CHECK_INT(PUT("If-Match: \"v1\"", &nothing), COND_FAILED);
    CHECK_INT(PUT("If-Match: \"\"", &untagged), COND_FAILED);
}

TEST(cond__malformed_lists_match_nothing) /* CND-C1, CND-C2 */
{
    CHECK_INT(PUT("If-Match: v1", &strong), COND_FAILED);
    CHECK_INT(PUT("If-Match: *, \"v1\"", &strong), COND_FAILED);
    CHECK_INT(PUT("If-Match: w/\"v1\"", &strong), COND_FAILED);
    CHECK_INT(PUT("If-Match:", &strong), COND_FAILED);
    CHECK_INT(PUT("If-None-Match: kqj4z9x", &strong), COND_GO);
    CHECK_INT(PUT("If-None-Match: *, \"v1\"", &strong), COND_GO);
    CHECK_INT(PUT("If-None-Match: \"v1", &strong), COND_GO);
    CHECK_INT(GET("If-None-Match: \"v1\"x", &strong), COND_GO);
}

TEST(cond__if_unmodified_since) /* CND-32, CND-33 */
{
    CHECK_INT(PUT("If-Unmodified-Since: " SAME, &strong), COND_GO);
    CHECK_INT(PUT("If-Unmodified-Since: " LATE, &strong), COND_GO);
    CHECK_INT(PUT("If-Unmodified-Since: " EARLY, &strong), COND_FAILED);
    CHECK_INT(PUT("If-Unmodified-Since: yesterday", &strong), COND_GO);
    CHECK_INT(PUT("If-Unmodified-Since: " EARLY, &untagged), COND_GO);
    CHECK_INT(PUT("If-Unmodified-Since: " EARLY, &nothing), COND_GO);
    CHECK_INT(PUT("If-Match: \"v1\"\r\nIf-Unmodified-Since: " EARLY, &strong), COND_GO);
}

TEST(cond__if_none_match_compares_weakly) /* CND-35, CND-36, CND-37, CND-38, CND-39 */
{
    CHECK_INT(GET("If-None-Match: \"v1\"", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: W/\"v1\"", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: \"v1\"", &weak), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: \"v0\"", &strong), COND_GO);
    CHECK_INT(PUT("If-None-Match: \"v1\"", &strong), COND_FAILED);
    CHECK_INT(PUT("If-None-Match: *", &strong), COND_FAILED);
    CHECK_INT(PUT("If-None-Match: *", &nothing), COND_GO);
    CHECK_INT(GET("If-None-Match: *", &strong), COND_NOT_MODIFIED);
}

TEST(cond__if_modified_since) /* CND-41, CND-42, CND-43, CND-44, CND-C5 */
{
    CHECK_INT(GET("If-Modified-Since: " SAME, &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-Modified-Since: " EARLY, &strong), COND_GO);
    CHECK_INT(GET("If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-Modified-Since: Sun Nov  6 08:49:37 1994", &strong), COND_NOT_MODIFIED);
    CHECK_INT(PUT("If-Modified-Since: " SAME, &strong), COND_GO);
    CHECK_INT(GET("If-Modified-Since: 0", &strong), COND_GO);
    CHECK_INT(GET("If-Modified-Since: " SAME "\r\nIf-Modified-Since: " SAME, &strong), COND_GO);
    CHECK_INT(GET("If-None-Match: \"v0\"\r\nIf-Modified-Since: " LATE, &strong), COND_GO);
    CHECK_INT(GET("If-Modified-Since: " SAME, &nothing), COND_GO);
}

TEST(cond__order) /* CND-15, CND-20 */
{
    CHECK_INT(GET("If-None-Match: \"v1\"\r\nIf-Match: \"v1\"", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: \"v1\"\r\nIf-Match: \"v0\"", &strong), COND_FAILED);
    CHECK_INT(GET("If-Modified-Since: " LATE "\r\nIf-Unmodified-Since: " EARLY, &strong), COND_FAILED);
}

TEST(cond__several_lines_are_one_list_and_commas_in_tags_are_theirs) /* CND-24, CND-25 */
{
    struct validators comma = {.exists = true, .tag = SLICE("a,b")};

    CHECK_INT(PUT("If-Match: \"v0\"\r\nIf-Match: \"v1\"", &strong), COND_GO);
    CHECK_INT(GET("If-None-Match: \"v0\"\r\nIf-None-Match: , ,\"v1\"", &strong), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: \"c\",\"a,b\", \"c\"", &comma), COND_NOT_MODIFIED);
    CHECK_INT(GET("If-None-Match: \"a\", \"b\"", &comma), COND_GO);
    CHECK_INT(GET("If-None-Match: \"v1\" \"v1\"", &strong), COND_GO);
}

TEST(cond__wanting_something_new_is_seen) /* CND-38 */
{
    struct conditions conditions = {.has_none_match = true, .none_match = SLICE(" * ")};

    CHECK(conditions_want_new(&conditions));
    conditions.none_match = SLICE("\"*\"");
    CHECK_FALSE(conditions_want_new(&conditions));
}

TEST(cond__who_changes_may_name_a_coded_form)
{
    struct validators change = strong, weak_change = weak, untagged_change = untagged;

    change.is_for_change = weak_change.is_for_change = untagged_change.is_for_change = true;
    CHECK_INT(PUT("If-Match: \"v1-gzip-0123abcd\"", &change), COND_GO);
    CHECK_INT(PUT("If-Match: \"v0\", \"v1-br-0123abcd\"", &change), COND_GO);
    CHECK_INT(PUT("If-Match: \"v1\"", &change), COND_GO);
    CHECK_INT(PUT("If-Match: \"v0-gzip-0123abcd\"", &change), COND_FAILED);
    CHECK_INT(PUT("If-Match: \"v1-lzma-0123abcd\"", &change), COND_FAILED);
    CHECK_INT(PUT("If-Match: W/\"v1-gzip-0123abcd\"", &change), COND_FAILED);
    CHECK_INT(PUT("If-Match: \"v1-gzip-0123abcd\"", &weak_change), COND_FAILED);
    CHECK_INT(PUT("If-None-Match: \"v1-zstd-0123abcd\"", &change), COND_FAILED); /* it was to be another one by now */
    CHECK_INT(PUT("If-Match: \"v1-gzip-0123abcd\"", &strong), COND_FAILED);      /* reading: those are other octets */
    CHECK_INT(GET("If-None-Match: \"v1-gzip-0123abcd\"", &strong), COND_GO);
    CHECK_INT(PUT("If-Match: \"-gzip-0123abcd\"", &untagged_change), COND_FAILED);
}

TEST(etag__of_a_coded_form_speaks_of_a_content)
{
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123abcd")), "v1");
    CHECK_SLICE(etag_form(SLICE("v1-gzip-0123abcd")), "-gzip-0123abcd");
    CHECK_SLICE(etag_content(SLICE("v1-br-00000000")), "v1");
    CHECK_SLICE(etag_content(SLICE("v1-zstd-ffffffff")), "v1");
    CHECK_SLICE(etag_content(SLICE("v1-dcz-0123abcd")), "v1");
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123abcd-br-0123abcd")), "v1-gzip-0123abcd"); /* there are none of these */
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123ABCD")), "v1-gzip-0123ABCD");
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123abc")), "v1-gzip-0123abc");
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123abcde")), "v1-gzip-0123abcde");
    CHECK_SLICE(etag_content(SLICE("v1-gzip-0123abcd;abc")), "v1-gzip-0123abcd;abc");
    CHECK_SLICE(etag_content(SLICE("v1-GZIP-0123abcd")), "v1-GZIP-0123abcd");
    CHECK_SLICE(etag_content(SLICE("-gzip-0123abcd")), "-gzip-0123abcd");
    CHECK_SLICE(etag_content(SLICE("")), "");
    CHECK_SLICE(etag_form(SLICE("v1")), "");
}

TEST(etag__is_written_with_quotes_and_a_capital_W) /* CND-05, CND-11 */
{
    struct buf out = BUF_INIT(100);
    struct etag tag;

    etag_write(&out, &strong);
    etag_write(&out, &weak);
    etag_write(&out, &untagged);
    CHECK_SLICE(buf_slice(&out), "\"v1\"W/\"v1\"");
    CHECK(etag_parse(SLICE("W/\"\x80\\\""), &tag));
    CHECK(tag.is_weak);
    CHECK_SLICE(tag.text, "\x80\\");
    CHECK_FALSE(etag_parse(SLICE("\"a b\""), &tag)); /* CND-06 */
    CHECK_FALSE(etag_parse(SLICE("\"a\" "), &tag));
    CHECK_FALSE(etag_parse(SLICE("W/a"), &tag));
    CHECK_FALSE(etag_parse(SLICE(""), &tag));
    CHECK_INT(modified, strong.modified_s);
    buf_release(&out);
}
