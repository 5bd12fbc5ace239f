/*
 * fuzz_diffe.c - ed scripts. The input: a text, a NUL octet, a script or another text.
 *
 * Property: the decoder takes any script without reading past it or the base, gives no more than it may, and says why
 * it refuses; and the script that the encoder makes of two texts is undone to the second of them.
 */
#include "fuzz.h"

#include <assert.h>

#include "delta/delta.h"

enum { MADE_MAX = 1 << 20 };

static const struct delta_limits limits = {.output_max = MADE_MAX, .memory_max = 64 << 20};

static void check_decode(struct slice base, struct slice script)
{
    struct delta_source from = delta_source_of(&base), change = delta_source_of(&script);
    struct buf made = BUF_INIT(MADE_MAX), why = BUF_INIT(400);
    struct delta_sink sink = delta_sink_of(&made);
    enum err err = delta_decode(DELTA_DIFFE, &from, &change, &limits, &sink, &why);

    assert((err == ERR_NONE) == (why.len == 0));
    assert(!why.overflown);
    /* no line can come of nothing */
    assert(made.len <= base.len + script.len);
    buf_release(&made);
    buf_release(&why);
}

static bool is_text(struct slice text)
{
    return !text.len || (text.ptr[text.len - 1] == '\n' && !memchr(text.ptr, '\0', text.len));
}

static void check_round_trip(struct slice base, struct slice target, enum delta_effort effort)
{
    struct delta_source from = delta_source_of(&base), to = delta_source_of(&target), change;
    struct buf delta = BUF_INIT(MADE_MAX), made = BUF_INIT(MADE_MAX);
    struct delta_sink delta_sink = delta_sink_of(&delta), made_sink = delta_sink_of(&made);
    enum err err = delta_encode(DELTA_DIFFE, &from, &to, effort, &limits, &delta_sink);
    struct slice bytes = buf_slice(&delta);

    assert(err == (is_text(base) && is_text(target) ? ERR_NONE : ERR_UNSUPPORTED));
    change = delta_source_of(&bytes);
    if (err == ERR_NONE) {
        assert(delta_decode(DELTA_DIFFE, &from, &change, &limits, &made_sink, NULL) == ERR_NONE);
        assert(slice_eq(buf_slice(&made), target));
    }
    buf_release(&delta);
    buf_release(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice base, rest;

    if (!slice_cut(slice_of((const char *)data, len), '\0', &base, &rest))
        return 0;
    check_decode(base, rest);
    check_round_trip(base, rest, DELTA_FAST);
    check_round_trip(base, rest, DELTA_USUAL);
    return 0;
}
