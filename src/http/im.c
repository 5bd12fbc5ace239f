/*
 * im.c - A-IM and IM.
 */
#include "http/im.h"

#include "http/field.h"

static const struct slice names[IM_COUNT] = {
    [IM_IDENTITY] = SLICE_INIT("identity"), [IM_VCDIFF] = SLICE_INIT("vcdiff"), [IM_GDIFF] = SLICE_INIT("gdiff"),
    [IM_DIFFE] = SLICE_INIT("diffe"),       [IM_FEED] = SLICE_INIT("feed"),     [IM_GZIP] = SLICE_INIT("gzip"),
    [IM_DEFLATE] = SLICE_INIT("deflate"),   [IM_RANGE] = SLICE_INIT("range"),
};

struct slice im_name(enum im im)
{
    return names[im];
}

/* IM_COUNT: none that is known. */
static enum im im_of(struct slice name)
{
    enum im im = 0;

    while (im < IM_COUNT && !slice_eq_nocase(names[im], name))
        im++;
    return im;
}

/* IM_COUNT: it is to be read over. */
static enum im member_read(struct slice member, unsigned *quality)
{
    size_t semicolon = slice_index(member, ';');
    struct slice params = slice_from(member, semicolon), name, value;

    *quality = 1000;
    while (param_next(&params, &name, &value))
        if (!slice_eq_nocase(name, SLICE("q")) || !quality_parse(value, quality))
            return IM_COUNT;
    return params.len ? IM_COUNT : im_of(slice_trim(slice_upto(member, semicolon)));
}

static void list_drop(struct im_wish *wish, const bool refused[IM_COUNT])
{
    unsigned kept = 0;

    for (unsigned i = 0; i < wish->count; i++)
        if (!refused[wish->list[i]])
            wish->list[kept++] = wish->list[i];
    wish->count = kept;
}

void im_wish_read(struct slice value, struct im_wish *out)
{
    bool is_listed[IM_COUNT] = {false}, is_refused[IM_COUNT] = {false};

    *out = (struct im_wish){0};
    for (struct slice member; list_next(&value, &member);) {
        unsigned quality;
        enum im im = member_read(member, &quality);

        if (im == IM_COUNT)
            continue;
        is_refused[im] |= quality == 0;
        if (is_listed[im] || im == IM_IDENTITY)
            continue;
        is_listed[im] = true;
        out->quality[im] = quality;
        out->list[out->count++] = im;
    }
    list_drop(out, is_refused);
    out->no_identity = is_refused[IM_IDENTITY];
}

bool im_wish_has(const struct im_wish *wish, enum im im)
{
    for (unsigned i = 0; i < wish->count; i++)
        if (wish->list[i] == im)
            return true;
    return false;
}

unsigned im_wish_deltas(const struct im_wish *wish, enum im out[IM_COUNT])
{
    unsigned count = 0;

    for (unsigned i = 0; i < wish->count; i++) {
        enum im im = wish->list[i];
        unsigned at = count;

        if (!im_is_delta(im))
            continue;
        for (; at && wish->quality[out[at - 1]] < wish->quality[im]; at--)
            out[at] = out[at - 1];
        out[at] = im;
        count++;
    }
    return count;
}

enum im im_wish_coding(const struct im_wish *wish)
{
    enum im best = IM_IDENTITY;

    for (unsigned i = 0; i < wish->count; i++) {
        enum im im = wish->list[i];

        if ((im == IM_GZIP || im == IM_DEFLATE) && (best == IM_IDENTITY || wish->quality[im] > wish->quality[best]))
            best = im;
    }
    return best;
}

struct im_chain im_chain_of(const struct im_wish *wish, enum im delta, enum im coding, enum im range)
{
    struct im_chain chain = {.count = 0};
    bool is_delta_done = delta == IM_IDENTITY;

    for (unsigned i = 0; i < wish->count; i++) {
        enum im im = wish->list[i];

        if (im != delta && im != range && (im != coding || !is_delta_done))
            continue;
        is_delta_done |= im == delta;
        chain.step[chain.count++] = im;
    }
    return chain;
}

void im_chain_write(struct buf *out, const struct im_chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "", SLICE_FMT(im_name(chain->step[i])));
}
