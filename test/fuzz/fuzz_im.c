/*
 * fuzz_im.c - A-IM.
 *
 * Properties: nothing is listed twice, nothing with a weight of 0, never identity; weights are at most 1000; deltas
 * come by falling weight; a chain has what it was asked for, in the field's order, and its text reads back as itself.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/im.h"

static void check_wish(const struct im_wish *wish)
{
    unsigned seen = 0;

    assert(wish->count < IM_COUNT);
    for (unsigned i = 0; i < wish->count; i++) {
        enum im im = wish->list[i];

        assert(im > IM_IDENTITY && im < IM_COUNT && !(seen & 1u << im));
        assert(wish->quality[im] > 0 && wish->quality[im] <= 1000);
        seen |= 1u << im;
    }
}

static unsigned place_of(const struct im_wish *wish, enum im im)
{
    unsigned at = 0;

    while (at < wish->count && wish->list[at] != im)
        at++;
    return at;
}

static void check_chain(const struct im_wish *wish, enum im delta, enum im range)
{
    struct im_chain chain = im_chain_of(wish, delta, im_wish_coding(wish), range);
    struct buf text = BUF_INIT(256);
    struct im_wish again;

    assert(chain.count <= IM_STEPS_MAX);
    for (unsigned i = 1; i < chain.count; i++)
        assert(place_of(wish, chain.step[i - 1]) < place_of(wish, chain.step[i]));
    im_chain_write(&text, &chain);
    im_wish_read(buf_slice(&text), &again);
    assert(again.count == chain.count);
    for (unsigned i = 0; i < again.count; i++)
        assert(again.list[i] == chain.step[i]);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct im_wish wish;
    enum im deltas[IM_COUNT], range;
    unsigned count;

    im_wish_read(slice_of((const char *)data, size), &wish);
    check_wish(&wish);
    count = im_wish_deltas(&wish, deltas);
    for (unsigned i = 1; i < count; i++)
        assert(wish.quality[deltas[i - 1]] >= wish.quality[deltas[i]]);
    range = im_wish_has(&wish, IM_RANGE) ? IM_RANGE : IM_IDENTITY;
    check_chain(&wish, IM_IDENTITY, range);
    for (unsigned i = 0; i < count; i++)
        check_chain(&wish, deltas[i], range);
    return 0;
}
