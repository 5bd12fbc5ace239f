/*
 * test_diffe.c - ed scripts both ways: what `diff -e` writes, what is no such script, any two texts, how few lines are
 * touched, and at what price.
 */
#include <stdio.h>

#include "taken.h"
#include "transform.h"

static const struct delta_limits no_limits;

/* ---- reading ---- */

static void check_made(const char *base, const char *script, const char *want)
{
    struct buf out, why = BUF_INIT(400);
    enum err err = decode_bytes(DELTA_DIFFE, slice_str(base), slice_str(script), &no_limits, &out, &why);

    CHECK_STR(buf_str(&why), "");
    CHECK_INT(err, ERR_NONE);
    CHECK_STR(buf_str(&out), want);
    buf_release(&out);
    buf_release(&why);
}

/* DLT-50 */
TEST(diffe__scripts_as_diff_writes_them_are_understood)
{
    check_made("a\nb\nc\nd\n", "", "a\nb\nc\nd\n");
    check_made("a\nb\nc\nd\n", "4a\ne\n.\n2,3c\nX\n.\n1d\n", "X\nd\ne\n");
    check_made("a\nb\n", "0a\nx\ny\n.\n", "x\ny\na\nb\n");
    check_made("", "0a\nx\n.\n", "x\n");
    check_made("a\nb\n", "1,2d\n", "");
    check_made("a\nb\n", "2c\nB\n.\n1c\nA\n.\n", "A\nB\n");
    check_made("a\nb\n", "1a\nlow\n.\n1a\nhigh\n.\n", "a\nhigh\nlow\nb\n");
    check_made("a\nb\n", "2d\n1a\nx\n.\n", "a\nx\n");
    check_made("a\nb\n", "2c\n.\n", "a\n");
}

/* DLT-50 */
TEST(diffe__a_line_that_is_a_dot_is_understood)
{
    check_made("a\nb\n", "1c\n..\n.\ns/.//\n", ".\nb\n");
    check_made("a\nb\n", "1c\nx\n..\n.\ns/.//\na\ny\n.\n", "x\n.\ny\nb\n");
    check_made("a\nb\n", "2a\n..\n.\ns/.//\na\n..\n.\ns/.//\n0a\n...\n.\n", "...\na\nb\n.\n.\n");
}

/* DLT-50, and that an ed script is no program */
TEST(diffe__what_is_no_such_script_or_does_not_fit_its_base_is_refused)
{
    static const struct {
        const char *script;
        enum err err;
        const char *words;
    } bad[] = {
        {"w\n", ERR_INVALID, "a command other than"},
        {"2d\nw\n", ERR_INVALID, "(line 2)"},
        {"2d\nq\n", ERR_INVALID, "a command other than"},
        {"!true\n", ERR_INVALID, "a command other than"},
        {"1,2!sort\n", ERR_INVALID, "a command other than"},
        {"r !true\n", ERR_INVALID, "a command other than"},
        {"e file\n", ERR_INVALID, "a command other than"},
        {"1i\nx\n.\n", ERR_INVALID, "a command other than"},
        {"$d\n", ERR_INVALID, "a command other than"},
        {".d\n", ERR_INVALID, "a command other than"},
        {"/x/d\n", ERR_INVALID, "a command other than"},
        {"d\n", ERR_INVALID, "a command other than"},
        {"a\nx\n.\n", ERR_INVALID, "a command other than"},
        {"1,d\n", ERR_INVALID, "a command other than"},
        {",1d\n", ERR_INVALID, "a command other than"},
        {"1,2,3d\n", ERR_INVALID, "a command other than"},
        {"1,2a\nx\n.\n", ERR_INVALID, "a command other than"},
        {"-1d\n", ERR_INVALID, "a command other than"},
        {"+1d\n", ERR_INVALID, "a command other than"},
        {" 1d\n", ERR_INVALID, "a command other than"},
        {"1d \n", ERR_INVALID, "a command other than"},
        {"1d\r\n", ERR_INVALID, "a command other than"},
        {"\n", ERR_INVALID, "a command other than"},
        {"1\n", ERR_INVALID, "a command other than"},
        {"18446744073709551616d\n", ERR_INVALID, "a command other than"},
        {"99999999999999999999999999d\n", ERR_INVALID, "a command other than"},
        {"s/.//\n", ERR_INVALID, "s/.// not behind"},
        {"2d\ns/.//\n", ERR_INVALID, "s/.// not behind"},
        {"2c\nx\n.\ns/.//\n", ERR_INVALID, "s/.// not behind"},
        {"2c\n.\ns/.//\n", ERR_INVALID, "s/.// not behind"},
        {"2c\n..x\n.\ns/.//\ns/.//\n", ERR_INVALID, "s/.// not behind"},
        {"2c\n..\n.\ns/.//g\n", ERR_INVALID, "a command other than"},
        {"2c\n..\n.\na\n..\n.\n", ERR_INVALID, "a command other than"},
        {"2c\n..\n.\ns/.//\n1d\na\nx\n.\n", ERR_INVALID, "a command other than"},
        {"2c\n..\n.\ns/.//\na\nx\n.\na\ny\n.\n", ERR_INVALID, "a command other than"},
        {"1d", ERR_INVALID, "ends within a line"},
        {"1c\nx", ERR_INVALID, "ends within a line"},
        {"1c\nx\n", ERR_INVALID, "ends within a text"},
        {"1c\n", ERR_INVALID, "ends within a text"},
        {"0d\n", ERR_INVALID, "cannot be"},
        {"0c\nx\n.\n", ERR_INVALID, "cannot be"},
        {"2,1d\n", ERR_INVALID, "cannot be"},
        {"0,1d\n", ERR_INVALID, "cannot be"},
        {"1d\n2d\n", ERR_INVALID, "from the bottom to the top (line 2)"},
        {"2d\n1,2d\n", ERR_INVALID, "from the bottom to the top"},
        {"2d\n2a\nx\n.\n", ERR_INVALID, "from the bottom to the top"},
        {"4d\n", ERR_INVALID, "changes line 4, but the base has 3 lines"},
        {"2,4d\n", ERR_INVALID, "changes line 4, but the base has 3 lines"},
        {"4a\nx\n.\n", ERR_INVALID, "changes line 4, but the base has 3 lines"},
        {"18446744073709551615d\n", ERR_INVALID, "the base has 3 lines"},
        {"18446744073709551615a\nx\n.\n", ERR_INVALID, "the base has 3 lines"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        check_refused(DELTA_DIFFE, SLICE("a\nb\nc\n"), slice_str(bad[i].script), &no_limits, bad[i].err, bad[i].words);
}

TEST(diffe__what_reading_takes_is_bounded)
{
    struct delta_limits five = {.output_max = 5}, little = {.memory_max = 64 << 10}, less = {.memory_max = 4096};
    struct buf script = BUF_INIT(1 << 20);

    check_refused(DELTA_DIFFE, SLICE("a\nb\n"), SLICE("2a\nxyz\n.\n"), &five, ERR_TOO_LARGE,
                  "more octets than are allowed");
    for (unsigned line = 900; line; line--)
        buf_printf(&script, "%ud\n", line);
    check_refused(DELTA_DIFFE, SLICE("a\n"), buf_slice(&script), &less, ERR_TOO_LARGE,
                  "is longer than there is memory");
    buf_clear(&script);
    for (unsigned line = 0; line < 3000; line++)
        buf_add_str(&script, "0a\nx\n.\n");
    check_refused(DELTA_DIFFE, SLICE("a\n"), buf_slice(&script), &little, ERR_TOO_LARGE, "has more changes");
    buf_release(&script);
}

/* DLT-51 */
TEST(diffe__a_base_without_its_last_newline_is_not_changed)
{
    check_refused(DELTA_DIFFE, SLICE("a\nb"), SLICE("1d\n"), &no_limits, ERR_UNSUPPORTED, "newline");
}

/* ---- writing ---- */

static void check_script(const char *base, const char *target, const char *want)
{
    struct buf delta;

    CHECK_INT(encode_bytes(DELTA_DIFFE, slice_str(base), slice_str(target), &no_limits, &delta), ERR_NONE);
    CHECK_STR(buf_str(&delta), want);
    buf_release(&delta);
    check_round_trip(DELTA_DIFFE, slice_str(base), slice_str(target), &no_limits);
}

/* DLT-50 */
TEST(diffe__changes_go_from_bottom_to_top)
{
    check_script("a\nb\n", "a\nb\n", "");
    check_script("one line\ntwo lines\nthree lines\nfour lines\n", "two lines\n3\nfour lines\nfive lines\n",
                 "4a\nfive lines\n.\n3c\n3\n.\n1d\n");
    check_script("", "a\n", "0a\na\n.\n");
    check_script("a\nb\nc\n", "", "1,3d\n");
    check_script("", "", "");
}

/* DLT-50 */
TEST(diffe__a_line_that_is_a_dot_is_written_as_two)
{
    check_script("a\n", "a\n.\n", "1a\n..\n.\ns/.//\n");
    check_script("a\n", "a\nx\n.\ny\n", "1a\nx\n..\n.\ns/.//\na\ny\n.\n");
    check_script("a\n", ".\n.\n..\n", "1c\n..\n.\ns/.//\na\n..\n.\ns/.//\na\n..\n.\n");
}

TEST(diffe__short_lines_between_two_changes_are_written_again)
{
    check_script("first\n\nsecond\n", "1st\n\n2nd\n", "1,3c\n1st\n\n2nd\n.\n");
    check_script("first\na line long enough\nsecond\n", "1st\na line long enough\n2nd\n", "3c\n2nd\n.\n1c\n1st\n.\n");
}

/* DLT-51 */
TEST(diffe__nul_octets_and_a_missing_last_newline_cannot_be_expressed)
{
    static const struct {
        struct slice base, target;
    } pairs[] = {
        {SLICE_INIT("a\n\0\n"), SLICE_INIT("a\n")},
        {SLICE_INIT("a\n"), SLICE_INIT("a\n\0\n")},
        {SLICE_INIT("a\nb"), SLICE_INIT("a\n")},
        {SLICE_INIT("a\n"), SLICE_INIT("a\nb")},
    };
    struct buf delta;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        CHECK_INT(encode_bytes(DELTA_DIFFE, pairs[i].base, pairs[i].target, &no_limits, &delta), ERR_UNSUPPORTED);
        CHECK_U64(delta.len, 0);
        buf_release(&delta);
    }
}

/* ---- any two texts ---- */

static void add_random_line(uint64_t *seed, unsigned words, struct buf *out)
{
    static const char *const odd[] = {".", "..", "", "a", "s/.//", "1d", "\xff\xfe", "\r", "...", " ."};
    size_t kind = random_below(seed, words);

    if (kind < sizeof(odd) / sizeof(*odd))
        buf_printf(out, "%s\n", odd[kind]);
    else
        buf_printf(out, "this is line %zu\n", kind);
}

static void random_text(uint64_t *seed, size_t lines, unsigned words, struct buf *out)
{
    buf_clear(out);
    while (lines--)
        add_random_line(seed, words, out);
}

/* Most lines as they were; some gone, new, or others. */
static void random_edit(uint64_t *seed, struct slice base, unsigned words, struct buf *out)
{
    unsigned often = 2 + (unsigned)random_below(seed, 20);
    struct slice line;

    buf_clear(out);
    while (slice_cut(base, '\n', &line, &base)) {
        if (random_below(seed, often) == 0)
            add_random_line(seed, words, out);
        if (random_below(seed, often) == 0)
            continue;
        buf_add(out, line);
        buf_add_char(out, '\n');
    }
}

/* DLT-24 */
TEST(diffe__random_pairs_come_back)
{
    static const unsigned words[] = {1, 2, 4, 12, 30, 1000};
    struct buf base = BUF_INIT(1 << 20), target = BUF_INIT(1 << 20);
    uint64_t seed = 20261123;

    for (unsigned long i = 0; i < count_pairs(); i++) {
        unsigned some = words[i % 6];

        random_text(&seed, random_below(&seed, 200), some, &base);
        if (i % 3)
            random_edit(&seed, buf_slice(&base), some, &target);
        else
            random_text(&seed, random_below(&seed, 200), some, &target);
        check_round_trip_at(DELTA_DIFFE, efforts[i % 3], buf_slice(&base), buf_slice(&target), &no_limits);
    }
    buf_release(&base);
    buf_release(&target);
}

/* How many lines a script adds: all its lines but commands, with those that were only written again. */
static size_t count_added(struct slice script)
{
    size_t count = 0;
    struct slice line;
    bool in_text = false;

    while (slice_cut(script, '\n', &line, &script)) {
        if (slice_eq(line, SLICE(".")))
            in_text = false;
        else if (in_text)
            count++;
        else
            in_text = !slice_ends(line, SLICE("d"));
    }
    return count;
}

/* The longest common subsequence, by the plain table. Lines are one letter and long. */
static size_t lcs(const unsigned char *a, size_t n, const unsigned char *b, size_t m)
{
    size_t row[64] = {0};

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0, before = 0; k < m; k++) {
            size_t here = row[k + 1];

            row[k + 1] = a[i] == b[k] ? before + 1 : here > row[k] ? here : row[k];
            before = here;
        }
    return row[m];
}

static void letters_text(const unsigned char *letters, size_t len, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "a line that nobody wants to write twice, and its letter is %c\n", 'a' + letters[i]);
}

TEST(diffe__no_line_is_written_that_need_not_be)
{
    enum { PAIRS = 2000, MOST = 60 };
    struct buf a = BUF_INIT(1 << 16), b = BUF_INIT(1 << 16), delta;
    unsigned char x[MOST], y[MOST];
    uint64_t seed = 42;

    for (unsigned i = 0; i < PAIRS; i++) {
        size_t n = random_below(&seed, MOST), m = random_below(&seed, MOST), kinds = 2 + random_below(&seed, 10);

        for (size_t k = 0; k < n; k++)
            x[k] = (unsigned char)random_below(&seed, kinds);
        for (size_t k = 0; k < m; k++)
            y[k] = (unsigned char)random_below(&seed, kinds);
        letters_text(x, n, &a);
        letters_text(y, m, &b);
        CHECK_INT(encode_bytes(DELTA_DIFFE, buf_slice(&a), buf_slice(&b), &no_limits, &delta), ERR_NONE);
        CHECK_U64(count_added(buf_slice(&delta)), m - lcs(x, n, y, m));
        buf_release(&delta);
    }
    buf_release(&a);
    buf_release(&b);
}

static bool count_questions(void *arg)
{
    ++*(unsigned *)arg;
    return false;
}

/* Twice as many lines, twice the work: not four times. It asks as it works. */
TEST(diffe__texts_that_differ_everywhere_take_time_by_their_length)
{
    struct buf base = BUF_INIT(1 << 24), target = BUF_INIT(1 << 24), delta;
    unsigned questions[2] = {0};
    uint64_t seed = 1;

    for (unsigned i = 0; i < 2; i++) {
        struct delta_limits limits = {.is_enough = count_questions, .arg = &questions[i]};

        random_text(&seed, 20000u << i, 60, &base);
        random_text(&seed, 20000u << i, 60, &target);
        CHECK_INT(encode_bytes(DELTA_DIFFE, buf_slice(&base), buf_slice(&target), &limits, &delta), ERR_NONE);
        buf_release(&delta);
    }
    CHECK(questions[0] > 10);
    CHECK(questions[1] < 3 * questions[0]);
    buf_release(&base);
    buf_release(&target);
}

TEST(diffe__a_hurry_ends_it)
{
    struct buf base = BUF_INIT(1 << 24), target = BUF_INIT(1 << 24), delta;
    uint64_t seed = 1;

    random_text(&seed, 20000, 60, &base);
    random_text(&seed, 20000, 60, &target);
    for (unsigned questions = 0; questions < 10; questions++) {
        unsigned left = questions;
        struct delta_limits limits = {.is_enough = is_out_of_time, .arg = &left};

        CHECK_INT(encode_bytes(DELTA_DIFFE, buf_slice(&base), buf_slice(&target), &limits, &delta), ERR_AGAIN);
        buf_release(&delta);
    }
    buf_release(&base);
    buf_release(&target);
}

TEST(diffe__memory_is_what_was_granted)
{
    enum { MEMORY = 4 << 20, LINES = 20000 };
    struct buf base = BUF_INIT(1 << 24), target = BUF_INIT(1 << 24), delta;
    struct delta_limits limits = {.memory_max = MEMORY}, less = {.memory_max = 1 << 20};
    uint64_t seed = 77;

    random_text(&seed, LINES, 500, &base);
    random_edit(&seed, buf_slice(&base), 500, &target);
    taken = 0;
    CHECK_INT(encode_bytes(DELTA_DIFFE, buf_slice(&base), buf_slice(&target), &limits, &delta), ERR_NONE);
    CHECK(taken < MEMORY + delta.room);
    buf_release(&delta);
    taken = 0;
    CHECK_INT(encode_bytes(DELTA_DIFFE, buf_slice(&base), buf_slice(&target), &less, &delta), ERR_TOO_LARGE);
    CHECK(taken < 1 << 20);
    buf_release(&delta);
    check_remote(DELTA_DIFFE, buf_slice(&base), buf_slice(&target), MEMORY);
    buf_release(&base);
    buf_release(&target);
}

TEST(diffe__a_delta_that_is_too_long_is_not_finished)
{
    struct delta_limits limits = {.output_max = 10};
    struct buf delta;

    CHECK_INT(encode_bytes(DELTA_DIFFE, SLICE("a\n"), SLICE("a\n12345\n"), &limits, &delta), ERR_TOO_LARGE);
    buf_release(&delta);
    CHECK_INT(encode_bytes(DELTA_DIFFE, SLICE("a\n"), SLICE("a\n1234\n"), &limits, &delta), ERR_NONE);
    CHECK_U64(delta.len, 10);
    buf_release(&delta);
}

TEST(diffe__a_read_that_fails_is_told)
{
    struct buf base = BUF_INIT(1 << 24), target = BUF_INIT(1 << 24);
    uint64_t seed = 78;

    random_text(&seed, 20000, 500, &base);
    random_edit(&seed, buf_slice(&base), 500, &target);
    check_failing_reads(DELTA_DIFFE, buf_slice(&base), buf_slice(&target));
    buf_release(&base);
    buf_release(&target);
}
