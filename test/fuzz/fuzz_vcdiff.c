/*
 * fuzz_vcdiff.c - vcdiff deltas from anybody.
 *
 * Properties: a delta gives a content within the limit or a sentence why not; and the same whether the base is in
 * memory or is read in pages. The first octet of an input is the length of the base, which comes next.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "delta/delta.h"

enum { OUTPUT_MAX = 1 << 20, MEMORY = 4 << 20 };

static enum err read_elsewhere(void *arg, uint64_t at, void *room, size_t len)
{
    const struct slice *bytes = arg;

    assert(at <= bytes->len && len <= bytes->len - at);
    memcpy(room, bytes->ptr + at, len);
    return ERR_NONE;
}

static enum err decode(const struct delta_source *base, struct slice delta, struct buf *out, struct buf *why)
{
    struct delta_source octets = {.size = delta.len, .read = read_elsewhere, .arg = &delta};
    struct delta_limits limits = {.memory_max = MEMORY, .output_max = OUTPUT_MAX};
    struct delta_sink sink = delta_sink_of(out);

    return delta_decode(DELTA_VCDIFF, base, &octets, &limits, &sink, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf one = BUF_INIT(OUTPUT_MAX), two = BUF_INIT(OUTPUT_MAX), why = BUF_INIT(1000);
    struct slice base, delta;
    struct delta_source near, far;
    enum err err;

    if (len < 1 || data[0] > len - 1)
        return 0;
    base = slice_of((const char *)data + 1, data[0]);
    delta = slice_of((const char *)data + 1 + data[0], len - 1 - data[0]);
    near = delta_source_of(&base);
    far = (struct delta_source){.size = base.len, .read = read_elsewhere, .arg = &base};
    err = decode(&near, delta, &one, &why);
    assert(err == ERR_NONE || err == ERR_INVALID || err == ERR_UNSUPPORTED || err == ERR_TOO_LARGE);
    assert((err == ERR_NONE) == (why.len == 0) && !why.overflown);
    assert(decode(&far, delta, &two, NULL) == err);
    assert(slice_eq(buf_slice(&one), buf_slice(&two)));
    buf_release(&one);
    buf_release(&two);
    buf_release(&why);
    return 0;
}
