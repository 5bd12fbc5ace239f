/*
 * test_range.c - byte ranges.
 */
#include <stdio.h>

#include "check.h"
#include "http/range.h"

/* "ignore", "none", or the parts as "2-4 8-9". */
static const char *choose(const char *value, uint64_t length, bool single)
{
    static char text[1000];
    struct range_set set;
    int at = 0;

    range_choose(slice_str(value), single, length, &set);
    if (set.kind == RANGE_IGNORE)
        return "ignore";
    if (set.kind == RANGE_NONE_SATISFIABLE)
        return "none";
    CHECK(set.count > 0 && set.count <= RANGE_PARTS_MAX);
    for (unsigned i = 0; i < set.count; i++)
        at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%llu-%llu", i ? " " : "",
                       (unsigned long long)set.part[i].first, (unsigned long long)set.part[i].last);
    return text;
}

#define RANGE(value, length, want) CHECK_STR(choose(value, length, false), want)

TEST(range__other_units_are_ignored_and_case_is_none_of_them) /* RNG-02, RNG-03 */
{
    RANGE("pages=1-2", 10, "ignore");
    RANGE("bytes", 10, "ignore");
    RANGE("", 10, "ignore");
    RANGE("Bytes=0-0", 10, "0-0");
}

TEST(range__one) /* RNG-10, RNG-11, RNG-12, RNG-13 */
{
    RANGE("bytes=0-0", 10, "0-0");
    RANGE("bytes=2-4", 10, "2-4");
    RANGE("bytes=5-999999", 10, "5-9");
    RANGE("bytes=3-", 10, "3-9");
    RANGE("bytes=0-", 10, "0-9");
    RANGE("bytes=-3", 10, "7-9");
    RANGE("bytes=-10", 10, "0-9");
}

TEST(range__suffix_longer_than_file_is_the_whole_file) /* RNG-13 */
{
    RANGE("bytes=-900", 500, "0-499");
}

TEST(range__what_nothing_satisfies) /* RNG-14, RNG-15 */
{
    RANGE("bytes=-0", 10, "none");
    RANGE("bytes=10-", 10, "none");
    RANGE("bytes=10-20, 30-", 10, "none");
    RANGE("bytes=-0, 10-10", 10, "none");
}

TEST(range__satisfiable_ones_of_a_mixed_set) /* RNG-16 */
{
    RANGE("bytes=50-60, 2-4, -0", 10, "2-4");
}

TEST(range__large_numbers_are_large_numbers) /* RNG-17 */
{
    RANGE("bytes=0-99999999999999999999", 10, "0-9");
    RANGE("bytes=99999999999999999999-", 10, "none");
    RANGE("bytes=-99999999999999999999", 10, "0-9");
    RANGE("bytes=99999999999999999999-99999999999999999998", 10, "ignore");
    RANGE("bytes=99999999999999999998-00099999999999999999999", 10, "none");
    RANGE("bytes=18446744073709551615-18446744073709551615", UINT64_MAX, "none");
    RANGE("bytes=18446744073709551614-", UINT64_MAX, "18446744073709551614-18446744073709551614");
    RANGE("bytes=-1", UINT64_MAX, "18446744073709551614-18446744073709551614");
}

TEST(range__blanks_and_empty_members) /* RNG-18 */
{
    RANGE("bytes=0-0, ,4-4", 1000000, "0-4");
    RANGE("bytes= 2-3", 10, "2-3");
    RANGE("bytes=,,2-3 ,\t,", 10, "2-3");
}

TEST(range__invalid_specs_make_all_invalid) /* RNG-07, RNG-19, RNG-20, RNG-21, RNG-C1 */
{
    static const char *const values[] = {
        "bytes=",        "bytes=,",     "bytes=5-3",    "bytes=0-1, 5-3",       "bytes=a-b",
        "bytes=--5",     "bytes=-",     "bytes=5",      "bytes=+1-2",           "bytes=0x1-2",
        "bytes=1 0-20",  "bytes=1 - 2", "bytes=1.0-2",  "bytes=0-1, bytes=5-6", "bytes=1-2-3",
        "bytes=\"1-2\"", "bytes =1-2",  "bytes=0-0;1-1"};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(choose(values[i], 10, false), "ignore") != 0)
            CHECK_STR(values[i], "ignored");
}

TEST(range__parts_stay_in_the_order_of_the_request) /* RNG-32 */
{
    RANGE("bytes=8000-8009, 0-9", 10000, "8000-8009 0-9");
    RANGE("bytes=-10, 5000-5009, 0-9", 10000, "9990-9999 5000-5009 0-9");
}

TEST(range__what_overlaps_or_nearly_touches_is_merged) /* RNG-33 */
{
    RANGE("bytes=0-9, 5-20", 10000, "0-20");
    RANGE("bytes=0-9, 89-99", 10000, "0-99");      /* 79 between */
    RANGE("bytes=0-9, 90-99", 10000, "0-9 90-99"); /* 80 between */
    RANGE("bytes=8-9,0-1", 10, "0-9");
    RANGE("bytes=5000-5009, 0-9, 5005-6000", 10000, "5000-6000 0-9");
    RANGE("bytes=200-300, 0-9, 10-250", 10000, "0-300");
    RANGE("bytes=0-0,-1", 2, "0-1");
}

TEST(range__limits) /* RNG-50, RNG-51, RNG-C4 */
{
    char value[2000];
    int at;

    RANGE("bytes=0-9, 0-9, 0-9", 10000, "0-9"); /* two overlaps */
    RANGE("bytes=0-9, 0-9, 0-9, 0-9", 10000, "ignore");
    RANGE("bytes=0-, 0-, 0-, 0-", 10000, "ignore");
    for (int count = 16; count <= 17; count++) {
        at = snprintf(value, sizeof(value), "bytes=");
        for (int i = 0; i < count; i++)
            at += snprintf(value + at, sizeof(value) - (size_t)at, "%d-%d,", i * 1000, i * 1000);
        CHECK_INT(strcmp(choose(value, 1000000, false), "ignore") == 0, count == 17);
    }
    for (int count = 64; count <= 65; count++) {
        at = snprintf(value, sizeof(value), "bytes=");
        for (int i = 0; i < count; i++)
            at += snprintf(value + at, sizeof(value) - (size_t)at, "%d-%d,", i, i);
        CHECK_STR(choose(value, 1000, false), count == 64 ? "0-63" : "ignore");
    }
    RANGE("bytes=0-400, 500-999", 1000, "ignore");        /* with their frames more than the whole */
    RANGE("bytes=0-399, 560-999", 1000, "0-399 560-999"); /* exactly as much */
    RANGE("bytes=0-399, 559-999", 1000, "ignore");
}

TEST(range__of_an_empty_file) /* RNG-55, RNG-C3 */
{
    RANGE("bytes=0-", 0, "none");
    RANGE("bytes=0-0", 0, "none");
    RANGE("bytes=-5", 0, "ignore");
    RANGE("bytes=-0", 0, "none");
    RANGE("bytes=0-, -5", 0, "ignore");
}

TEST(range__single_only_gives_one_part_or_the_whole) /* RNG-C7 */
{
    CHECK_STR(choose("bytes=2-4", 10, true), "2-4");
    CHECK_STR(choose("bytes=0-1, 5000-5001", 10000, true), "ignore");
    CHECK_STR(choose("bytes=0-1, 2-3", 10000, true), "0-3");
}

TEST(if_range__compares_strongly_and_exactly) /* RNG-41, RNG-42, RNG-43, RNG-44 */
{
    struct validators strong = {true, SLICE("v1"), false, true, 784111777, true}, weak = strong, young = strong;

    weak.is_weak = true;
    young.date_is_strong = false;
    CHECK(if_range_holds(SLICE("\"v1\""), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("\"v0\""), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("W/\"v1\""), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("W/\"v1\""), &weak, 0));
    CHECK_FALSE(if_range_holds(SLICE("\"v1\""), &weak, 0));
    CHECK_FALSE(if_range_holds(SLICE("*"), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("\"v1\", \"v1\""), &strong, 0));
    CHECK(if_range_holds(SLICE("Sun, 06 Nov 1994 08:49:37 GMT"), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("Sun, 06 Nov 1994 08:49:38 GMT"), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("Sun, 06 Nov 1994 08:49:36 GMT"), &strong, 0));
    CHECK_FALSE(if_range_holds(SLICE("Sun, 06 Nov 1994 08:49:37 GMT"), &young, 0));
    CHECK_FALSE(if_range_holds(SLICE(""), &strong, 0));
}

TEST(content_range__is_written) /* RNG-22, RNG-48 */
{
    struct buf out = BUF_INIT(200);

    content_range_write(&out, 2, 4, 10);
    buf_add_char(&out, '|');
    content_range_write_unsatisfied(&out, 10);
    CHECK_SLICE(buf_slice(&out), "bytes 2-4/10|bytes */10");
    buf_release(&out);
}

struct content_row {
    const char *text;
    enum err err;
    uint64_t first, last, length; /* 0: not told */
};

TEST(content_range__of_a_request_is_a_stretch_and_perhaps_the_length_of_the_whole) /* RNG-59, RNG-60 */
{
    static const struct content_row rows[] = {
        {"bytes 0-0/1", ERR_NONE, 0, 0, 1},
        {"bytes 500-999/1234", ERR_NONE, 500, 999, 1234},
        {"BYTES 5-9/*", ERR_NONE, 5, 9, 0},
        {"bytes 0-9223372036854775806/*", ERR_NONE, 0, INT64_MAX - 1, 0},
        {"bytes 0-9223372036854775807/*", ERR_INVALID, 0, 0, 0}, /* no file has an octet there */
        {"bytes 0-18446744073709551616/*", ERR_INVALID, 0, 0, 0},
        {"pages 0-1/2", ERR_UNSUPPORTED, 0, 0, 0},
        {"bytes 1-0/2", ERR_INVALID, 0, 0, 0},
        {"bytes 0-1/1", ERR_INVALID, 0, 0, 0},
        {"bytes 0-1/", ERR_INVALID, 0, 0, 0},
        {"bytes 0-1", ERR_INVALID, 0, 0, 0},
        {"bytes */2", ERR_INVALID, 0, 0, 0},
        {"bytes -1/2", ERR_INVALID, 0, 0, 0},
        {"bytes 0-/2", ERR_INVALID, 0, 0, 0},
        {"bytes=0-1/2", ERR_INVALID, 0, 0, 0},
        {"bytes  0-1/2", ERR_INVALID, 0, 0, 0},
        {"bytes 0-1/2 ", ERR_INVALID, 0, 0, 0},
        {" 0-1/2", ERR_INVALID, 0, 0, 0},
        {"", ERR_INVALID, 0, 0, 0},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct content_range got;

        CHECK_INT(content_range_parse(slice_str(rows[i].text), &got), rows[i].err);
        if (rows[i].err != ERR_NONE)
            continue;
        CHECK_U64(got.first, rows[i].first);
        CHECK_U64(got.last, rows[i].last);
        CHECK_INT(got.has_length, rows[i].length != 0);
        CHECK_U64(got.length, rows[i].length);
    }
}
