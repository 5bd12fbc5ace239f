/*
 * test_vcdiff_memory.c - how much memory vcdiff takes: what it was granted at most, and little for a mere claim.
 */
#include <malloc.h>
#include <stdlib.h>

#include "check.h"
#include "delta/delta.h"
#include "elsewhere.h"
#include "pairs.h"

/* ---- counted: the linker sends all allocations of the program here (--wrap) ---- */

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

/* ---- */

/* What a call takes at most. */
static size_t cost_of_encode(struct slice base, struct slice target, enum delta_effort effort,
                             struct delta_limits limits, struct buf *delta)
{
    struct delta_source from = source_elsewhere(&base), to = source_elsewhere(&target);
    size_t before = in_use, len = 0;
    struct delta_sink nowhere = {.write = count_octets, .arg = &len}, sink = delta_sink_of(delta);

    most_in_use = in_use;
    CHECK_INT(delta_encode(DELTA_VCDIFF, &from, &to, effort, &limits, &nowhere), ERR_NONE);
    CHECK_INT(in_use, before);
    before = most_in_use - before;
    buf_clear(delta);
    CHECK_INT(delta_encode(DELTA_VCDIFF, &from, &to, effort, &limits, &sink), ERR_NONE);
    CHECK_INT(delta->len, len);
    return before;
}

static size_t cost_of_decode(struct slice base, struct slice delta, struct delta_limits limits, enum err want,
                             size_t *len)
{
    struct delta_source from = source_elsewhere(&base), octets = source_elsewhere(&delta);
    size_t before = in_use;
    struct delta_sink nowhere = {.write = count_octets, .arg = len};

    most_in_use = in_use;
    *len = 0;
    CHECK_INT(delta_decode(DELTA_VCDIFF, &from, &octets, &limits, &nowhere, NULL), want);
    CHECK_INT(in_use, before);
    return most_in_use - before;
}

TEST(vcdiff_memory__little_of_it_is_kept_to_both_ways)
{
    static const enum delta_effort efforts[] = {DELTA_FAST, DELTA_USUAL, DELTA_BEST};

    for (unsigned i = 0; i < 12; i++) {
        struct delta_limits limits = {.memory_max = (size_t)(300 + 100 * (i % 8)) << 10};
        struct buf delta = BUF_INIT(SIZE_MAX / 2);
        struct slice base, target;
        struct pair pair;
        size_t len;

        pair_make(&pair, 100 + i, 1 << 20);
        base = slice_of(pair.base, pair.base_len);
        target = slice_of(pair.target, pair.target_len);
        CHECK(cost_of_encode(base, target, efforts[i % 3], limits, &delta) <= limits.memory_max);
        CHECK(cost_of_decode(base, buf_slice(&delta), limits, ERR_NONE, &len) <= limits.memory_max);
        CHECK_INT(len, target.len);
        buf_release(&delta);
        pair_release(&pair);
    }
}

TEST(vcdiff_memory__a_claim_alone_takes_none)
{
    /* a window that is said to become 80 MiB, of an ADD of five octets */
    struct slice delta = SLICE("\xd6\xc3\xc4\x00\x00\x00\x0e\xa8\x80\x80\x00\x00\x05\x01\x00hello\x06");
    size_t len;

    CHECK(cost_of_decode(SLICE("base"), delta, (struct delta_limits){0}, ERR_INVALID, &len) < 1 << 20);
    CHECK_INT(len, 0);
}

TEST(vcdiff_memory__the_target_is_kept_as_far_as_it_goes)
{
    /* RUNs of 100000, then a window that copies from the target's start: well, while that is in memory */
    static const char run[] = "\x00\x0c\x86\x8d\x20\x00\x01\x04\x00z\x00\x86\x8d\x20";
    static const char copy[] = "\x02\x05\x00\x07\x04\x00\x00\x01\x01\x14\x01";
    struct delta_limits limits = {.memory_max = 1 << 20};

    for (unsigned runs = 1; runs < 20; runs++) {
        struct buf delta = BUF_INIT(10000);
        size_t len;

        buf_add(&delta, SLICE("\xd6\xc3\xc4\x00\x00"));
        for (unsigned i = 0; i < runs; i++)
            buf_add(&delta, slice_of(run, sizeof(run) - 1));
        buf_add(&delta, slice_of(copy, sizeof(copy) - 1));
        if (runs == 1 || runs > 2)
            CHECK(cost_of_decode(SLICE(""), buf_slice(&delta), limits, runs == 1 ? ERR_NONE : ERR_UNSUPPORTED, &len) <=
                  limits.memory_max);
        buf_release(&delta);
    }
}
