/*
 * fuzz_vcdiff_pair.c - vcdiff between any two contents.
 *
 * Property: what is decoded is what was encoded, at each effort and with little memory as with much, and twice the same
 * octets come. The first octet of an input is the effort and whether memory is short, the next two where the base ends.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "delta/delta.h"

enum { ROOM = 1 << 22, MEMORY_SHORT = 400 << 10 };

static enum err read_elsewhere(void *arg, uint64_t at, void *room, size_t len)
{
    const struct slice *bytes = arg;

    assert(at <= bytes->len && len <= bytes->len - at);
    memcpy(room, bytes->ptr + at, len);
    return ERR_NONE;
}

static struct delta_source source_of(const struct slice *bytes)
{
    return (struct delta_source){.size = bytes->len, .read = read_elsewhere, .arg = (void *)bytes};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const enum delta_effort efforts[] = {DELTA_FAST, DELTA_USUAL, DELTA_BEST};
    struct buf delta = BUF_INIT(ROOM), again = BUF_INIT(ROOM), back = BUF_INIT(ROOM);
    struct delta_sink to_delta = delta_sink_of(&delta), to_again = delta_sink_of(&again),
                      to_back = delta_sink_of(&back);
    struct delta_limits limits = {0};
    struct delta_source from, to, octets;
    struct slice base, target, made;
    size_t cut;

    if (len < 3)
        return 0;
    limits.memory_max = data[0] & 0x80 ? MEMORY_SHORT : 0;
    cut = (size_t)(data[1] << 8 | data[2]) % (len - 2);
    base = slice_of((const char *)data + 3, cut);
    target = slice_of((const char *)data + 3 + cut, len - 3 - cut);
    from = source_of(&base);
    to = source_of(&target);
    assert(delta_encode(DELTA_VCDIFF, &from, &to, efforts[data[0] % 3], &limits, &to_delta) == ERR_NONE);
    assert(delta_encode(DELTA_VCDIFF, &from, &to, efforts[data[0] % 3], &limits, &to_again) == ERR_NONE);
    assert(slice_eq(buf_slice(&delta), buf_slice(&again)));
    made = buf_slice(&delta);
    octets = source_of(&made);
    assert(delta_decode(DELTA_VCDIFF, &from, &octets, &limits, &to_back, NULL) == ERR_NONE);
    assert(slice_eq(buf_slice(&back), target));
    buf_release(&delta);
    buf_release(&again);
    buf_release(&back);
    return 0;
}
