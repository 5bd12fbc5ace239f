/*
 * fuzz_gdiff.c - gdiff. The input: an octet, the length of the base in units of it; the base; then a delta.
 *
 * Property: the decoder takes any octets without reading past base or delta, gives no more than it may, and says why it
 * refuses; and what the encoder makes of the base and the rest as a target is undone to that target.
 */
#include "fuzz.h"

#include <assert.h>

#include "delta/delta.h"

enum { MADE_MAX = 1 << 20 };

/* Just the octets, so that a sanitizer sees a read past them. */
static void check_decode(struct slice base, struct slice delta)
{
    const struct delta_limits limits = {.output_max = MADE_MAX, .memory_max = 8 << 20};
    struct delta_source from = delta_source_of(&base), change = delta_source_of(&delta);
    struct buf made = BUF_INIT(MADE_MAX), why = BUF_INIT(400);
    struct delta_sink sink = delta_sink_of(&made);
    enum err err = delta_decode(DELTA_GDIFF, &from, &change, &limits, &sink, &why);

    assert((err == ERR_NONE) == (why.len == 0));
    assert(!why.overflown);
    buf_release(&made);
    buf_release(&why);
}

static void check_round_trip(struct slice base, struct slice target)
{
    const struct delta_limits limits = {.memory_max = 8 << 20};
    struct delta_source from = delta_source_of(&base), to = delta_source_of(&target), change;
    struct buf delta = BUF_INIT(8 << 20), made = BUF_INIT(8 << 20);
    struct delta_sink delta_sink = delta_sink_of(&delta), made_sink = delta_sink_of(&made);
    struct slice bytes;

    assert(delta_encode(DELTA_GDIFF, &from, &to, DELTA_USUAL, &limits, &delta_sink) == ERR_NONE);
    bytes = buf_slice(&delta);
    change = delta_source_of(&bytes);
    assert(delta_decode(DELTA_GDIFF, &from, &change, &limits, &made_sink, NULL) == ERR_NONE);
    assert(slice_eq(buf_slice(&made), target));
    buf_release(&delta);
    buf_release(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice all = slice_of((const char *)data, len), base, rest;
    size_t part;

    if (!len)
        return 0;
    part = data[0] * (len / 256 + 1);
    all = slice_from(all, 1);
    base = slice_upto(all, part);
    rest = slice_from(all, base.len);
    check_decode(base, rest);
    check_round_trip(base, rest);
    return 0;
}
