/*
 * test_vcdiff_encode.c - what the encoder writes, and that the decoder undoes it.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "check.h"
#include "delta/delta.h"
#include "elsewhere.h"
#include "pairs.h"

static enum err encode(struct slice base, struct slice target, enum delta_effort effort, struct delta_limits limits,
                       struct buf *out)
{
    struct delta_source from = source_elsewhere(&base), to = source_elsewhere(&target);
    struct delta_sink sink = delta_sink_of(out);

    return delta_encode(DELTA_VCDIFF, &from, &to, effort, &limits, &sink);
}

static enum err decode(struct slice base, struct slice delta, struct delta_limits limits, struct buf *out)
{
    struct delta_source from = source_elsewhere(&base), octets = source_elsewhere(&delta);
    struct delta_sink sink = delta_sink_of(out);

    return delta_decode(DELTA_VCDIFF, &from, &octets, &limits, &sink, NULL);
}

static const enum delta_effort efforts[] = {DELTA_FAST, DELTA_USUAL, DELTA_BEST};

/* Encodes and decodes; gives the delta's length. */
static size_t go_round(struct slice base, struct slice target, enum delta_effort effort, struct delta_limits limits)
{
    struct buf delta = BUF_INIT(SIZE_MAX / 2), back = BUF_INIT(SIZE_MAX / 2);
    size_t len;

    CHECK_INT(encode(base, target, effort, limits, &delta), ERR_NONE);
    CHECK_INT(decode(base, buf_slice(&delta), limits, &back), ERR_NONE);
    CHECK(slice_eq(buf_slice(&back), target));
    len = delta.len;
    buf_release(&delta);
    buf_release(&back);
    return len;
}

TEST(vcdiff_encode__the_checked_vector_takes_an_octet_more_at_most)
{
    /* it has 28; ours adds the last four, of which a RUN is seldom worth it */
    struct slice base = SLICE("abcdefghijklmnop"), target = SLICE("abcdwxyzefghefghefghefghzzzz");

    for (unsigned i = 0; i < 3; i++)
        CHECK(go_round(base, target, efforts[i], (struct delta_limits){0}) <= 29);
}

TEST(vcdiff_encode__header_and_windows_are_plain)
{
    /* DLT-53, DLT-60: no bits but VCD_SOURCE, and a delta indicator of 0 */
    struct buf delta = BUF_INIT(1000);

    CHECK_INT(encode(SLICE("The quick brown fox"), SLICE("The quick brown fox!"), DELTA_USUAL, (struct delta_limits){0},
                     &delta),
              ERR_NONE);
    CHECK(memcmp(delta.ptr, "\xd6\xc3\xc4\x00\x00\x01\x13\x00\x0a\x14\x00\x01\x03\x01!\x13\x13\x02\x00", delta.len) ==
          0);
    buf_release(&delta);
}

TEST(vcdiff_encode__equal_contents_cost_a_copy)
{
    struct pair pair;

    pair_make(&pair, 5, 200000);
    CHECK(go_round(slice_of(pair.base, pair.base_len), slice_of(pair.base, pair.base_len), DELTA_USUAL,
                   (struct delta_limits){0}) < 32);
    pair_release(&pair);
}

TEST(vcdiff_encode__ten_thousand_random_pairs_come_back)
{
    /* PAIRS in the environment makes more of them (make soak) */
    const char *pairs = getenv("PAIRS"), *seed = getenv("SEED");
    unsigned long count_of = pairs ? strtoul(pairs, NULL, 10) : 10000, first = seed ? strtoul(seed, NULL, 10) : 1;

    for (unsigned long i = first; i < first + count_of; i++) {
        struct pair pair;

        pair_make(&pair, i, i % 100 ? 4000 : 60000);
        go_round(slice_of(pair.base, pair.base_len), slice_of(pair.target, pair.target_len), efforts[i % 3],
                 (struct delta_limits){0});
        pair_release(&pair);
    }
}

TEST(vcdiff_encode__too_little_memory_is_said)
{
    struct buf delta = BUF_INIT(1000);

    CHECK_INT(encode(SLICE("a"), SLICE("b"), DELTA_USUAL, (struct delta_limits){.memory_max = 1000}, &delta),
              ERR_TOO_LARGE);
    buf_release(&delta);
}

TEST(vcdiff_encode__a_block_moved_far_is_found)
{
    /* in a base that is not held whole, 40 kB from its end to its start */
    struct delta_limits limits = {.memory_max = 600 << 10};
    size_t size = 3 << 20, block = 40000;
    char *base = xmalloc(size), *target = xmalloc(size);
    struct pair noise = {.state = 99};

    for (size_t i = 0; i < size; i++)
        base[i] = (char)pair_random(&noise, 256);
    memcpy(target, base + size - block, block);
    memcpy(target + block, base, size - block);
    for (unsigned i = 0; i < 3; i++)
        CHECK(go_round(slice_of(base, size), slice_of(target, size), efforts[i], limits) < 10000);
    free(base);
    free(target);
}

TEST(vcdiff_encode__the_same_again_is_the_same_octets)
{
    /* DLT-40 */
    struct buf one = BUF_INIT(SIZE_MAX / 2), two = BUF_INIT(SIZE_MAX / 2);
    struct pair pair;

    pair_make(&pair, 12, 300000);
    for (unsigned i = 0; i < 3; i++) {
        struct slice base = slice_of(pair.base, pair.base_len), target = slice_of(pair.target, pair.target_len);
        char *filth = xmalloc(2 << 20);

        buf_clear(&one);
        buf_clear(&two);
        CHECK_INT(encode(base, target, efforts[i], (struct delta_limits){0}, &one), ERR_NONE);
        memset(filth, 0x5a + (int)i, 2 << 20);
        free(filth);
        CHECK_INT(encode(base, target, efforts[i], (struct delta_limits){0}, &two), ERR_NONE);
        CHECK(slice_eq(buf_slice(&one), buf_slice(&two)));
    }
    buf_release(&one);
    buf_release(&two);
    pair_release(&pair);
}

TEST(vcdiff_encode__where_the_base_is_changes_nothing)
{
    /* DLT-40: in memory, or read in pages */
    struct delta_limits limits = {.memory_max = 700 << 10};
    struct pair pair;

    pair_make(&pair, 77, 3 << 20);
    for (unsigned i = 0; i < 3; i++) {
        struct buf near = BUF_INIT(SIZE_MAX / 2), far = BUF_INIT(SIZE_MAX / 2);
        struct slice base = slice_of(pair.base, pair.base_len), target = slice_of(pair.target, pair.target_len);
        struct delta_source from = delta_source_of(&base), to = delta_source_of(&target);
        struct delta_sink sink = delta_sink_of(&near);

        CHECK_INT(delta_encode(DELTA_VCDIFF, &from, &to, efforts[i], &limits, &sink), ERR_NONE);
        CHECK_INT(encode(base, target, efforts[i], limits, &far), ERR_NONE);
        CHECK(slice_eq(buf_slice(&near), buf_slice(&far)));
        CHECK_INT(go_round(base, target, efforts[i], limits), far.len);
        buf_release(&near);
        buf_release(&far);
    }
    pair_release(&pair);
}

TEST(vcdiff_encode__a_delta_that_would_be_too_large_ends_early)
{
    struct delta_limits limits = {.output_max = 1000};
    struct buf delta = BUF_INIT(SIZE_MAX / 2);
    size_t size = 1 << 20;
    char *noise = xmalloc(size);
    struct pair pair = {.state = 7};

    for (size_t i = 0; i < size; i++)
        noise[i] = (char)pair_random(&pair, 256);
    CHECK_INT(encode(SLICE("nothing like it"), slice_of(noise, size), DELTA_USUAL, limits, &delta), ERR_TOO_LARGE);
    CHECK(delta.len <= 1000);
    free(noise);
    buf_release(&delta);
}

static bool at_once(void *arg)
{
    (*(unsigned *)arg)++;
    return true;
}

TEST(vcdiff_encode__ends_when_time_is_up)
{
    struct buf delta = BUF_INIT(1000);
    unsigned asked = 0;

    CHECK_INT(
        encode(SLICE("a"), SLICE("b"), DELTA_USUAL, (struct delta_limits){.is_enough = at_once, .arg = &asked}, &delta),
        ERR_AGAIN);
    CHECK_INT(asked, 1);
    buf_release(&delta);
}

static enum err fail_read(void *arg, uint64_t at, void *room, size_t len)
{
    (void)arg;
    (void)room;
    return at + len > 900000 ? ERR_IO : ERR_NONE;
}

TEST(vcdiff_encode__errors_of_the_base_are_given_back)
{
    struct pair pair;
    struct slice bytes;
    struct delta_source base = {.size = 1 << 20, .read = fail_read}, target;
    size_t len = 0;
    struct delta_sink sink = {.write = count_octets, .arg = &len};

    pair_make(&pair, 3, 1 << 20);
    bytes = slice_of(pair.target, pair.target_len);
    target = delta_source_of(&bytes);
    CHECK_INT(
        delta_encode(DELTA_VCDIFF, &base, &target, DELTA_USUAL, &(struct delta_limits){.memory_max = 700 << 10}, &sink),
        ERR_IO);
    pair_release(&pair);
}
