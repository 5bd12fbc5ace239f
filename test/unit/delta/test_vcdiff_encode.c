/*
 * test_vcdiff_encode.c - what the encoder writes, how much memory it takes, and that it is undone by the decoder.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "check.h"
#include "delta/delta.h"
#include "pairs.h"

/* ---- counted memory: the linker sends our library's allocations here (--wrap) ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);

static size_t in_use, most_in_use;

static void *count(void *ptr)
{
    in_use += malloc_usable_size(ptr);
    if (in_use > most_in_use)
        most_in_use = in_use;
    return ptr;
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
    return count(__real_calloc(number, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    in_use -= malloc_usable_size(old);
    return count(__real_realloc(old, size));
}

void __wrap_free(void *old)
{
    in_use -= malloc_usable_size(old);
    __real_free(old);
}

/* ---- contents that are not in memory, as far as the transform knows ---- */

static enum err read_elsewhere(void *arg, uint64_t at, void *room, size_t len)
{
    const struct slice *bytes = arg;

    CHECK(at <= bytes->len && len <= bytes->len - at);
    memcpy(room, bytes->ptr + at, len);
    return ERR_NONE;
}

static struct delta_source source_elsewhere(const struct slice *bytes)
{
    return (struct delta_source){.size = bytes->len, .read = read_elsewhere, .arg = (void *)bytes};
}

static enum err count_octets(void *arg, struct slice bytes)
{
    *(size_t *)arg += bytes.len;
    return ERR_NONE;
}

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
    /* DLT-24; the vector has 28; ours adds the last four, of which a RUN is seldom worth it */
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
    /* DLT-24; PAIRS in the environment makes more of them (make soak) */
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

TEST(vcdiff_encode__little_memory_gives_a_right_delta_and_is_kept_to)
{
    for (unsigned i = 0; i < 12; i++) {
        struct delta_limits limits = {.memory_max = (size_t)(300 + 100 * (i % 8)) << 10};
        struct delta_source base, target, octets;
        struct slice base_bytes, target_bytes, delta_bytes;
        struct buf delta = BUF_INIT(SIZE_MAX / 2);
        struct delta_sink sink = delta_sink_of(&delta), nowhere;
        struct pair pair;
        size_t before, len = 0;

        pair_make(&pair, 100 + i, 1 << 20);
        base_bytes = slice_of(pair.base, pair.base_len);
        target_bytes = slice_of(pair.target, pair.target_len);
        go_round(base_bytes, target_bytes, efforts[i % 3], limits);
        base = source_elsewhere(&base_bytes);
        target = source_elsewhere(&target_bytes);
        nowhere = (struct delta_sink){.write = count_octets, .arg = &len};
        most_in_use = before = in_use;
        CHECK_INT(delta_encode(DELTA_VCDIFF, &base, &target, efforts[i % 3], &limits, &nowhere), ERR_NONE);
        CHECK(most_in_use - before <= limits.memory_max);
        CHECK_INT(encode(base_bytes, target_bytes, efforts[i % 3], limits, &delta), ERR_NONE);
        CHECK_INT(delta.len, len);
        delta_bytes = buf_slice(&delta);
        octets = source_elsewhere(&delta_bytes);
        most_in_use = before = in_use;
        CHECK_INT(delta_decode(DELTA_VCDIFF, &base, &octets, &limits, &nowhere, NULL), ERR_NONE);
        CHECK(most_in_use - before <= limits.memory_max);
        (void)sink;
        buf_release(&delta);
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
