/*
 * vcdiff_base.c - pages of the base.
 */
#include "vcdiff_base.h"

#include <stdlib.h>

#include "base/arena.h"
#include "kinds.h"
#include "vcdiff_memory.h"

enum { READ_AT_ONCE = 1 << 20 };

size_t vcdiff_base_frame_cost(void)
{
    return BASE_PAGE + BASE_SLACK + sizeof(uint64_t);
}

static enum err read_whole(struct vcdiff_base *base, const struct delta_limits *limits)
{
    base->owned = vcdiff_memory_new(base->size + BASE_SLACK);
    for (uint64_t at = 0; at < base->size;) {
        size_t len = base->size - at < READ_AT_ONCE ? base->size - at : READ_AT_ONCE;
        enum err err = base->source->read(base->source->arg, at, base->owned + at, len);

        if (err != ERR_NONE)
            return err;
        if (limits->is_enough && limits->is_enough(limits->arg))
            return ERR_AGAIN;
        at += len;
    }
    base->whole = base->owned;
    return ERR_NONE;
}

enum err vcdiff_base_open(struct vcdiff_base *base, const struct delta_source *source, size_t memory,
                          const struct delta_limits *limits)
{
    *base = (struct vcdiff_base){.source = source, .size = source->size, .whole = source_memory(source)};
    if (base->whole || base->size == 0)
        return ERR_NONE;
    if (base->size <= memory && memory - base->size >= BASE_SLACK)
        return read_whole(base, limits);
    base->frame_count = memory / vcdiff_base_frame_cost();
    if (base->frame_count == 0)
        base->frame_count = 1;
    base->frames = vcdiff_memory_new(base->frame_count * (BASE_PAGE + BASE_SLACK));
    base->pages = xcalloc(base->frame_count, sizeof(*base->pages));
    return ERR_NONE;
}

void vcdiff_base_close(struct vcdiff_base *base)
{
    free(base->owned);
    free(base->frames);
    free(base->pages);
    *base = (struct vcdiff_base){0};
}

const char *vcdiff_base_load(struct vcdiff_base *base, uint64_t at)
{
    uint64_t page = at / BASE_PAGE, left = base->size - page * BASE_PAGE;
    size_t frame = page % base->frame_count;
    char *room = base->frames + frame * (BASE_PAGE + BASE_SLACK);

    if (base->pages[frame] != page + 1) {
        size_t len = left < BASE_PAGE + BASE_SLACK ? left : BASE_PAGE + BASE_SLACK;

        if (base->err == ERR_NONE)
            base->err = base->source->read(base->source->arg, page * BASE_PAGE, room, len);
        base->pages[frame] = base->err == ERR_NONE ? page + 1 : 0;
        if (base->err != ERR_NONE)
            return NULL;
    }
    return room + at % BASE_PAGE;
}

enum err vcdiff_base_copy(struct vcdiff_base *base, uint64_t at, char *room, size_t len)
{
    /* Long ones would only push pages out that short ones need. */
    if (!base->whole && len >= BASE_PAGE)
        return base->source->read(base->source->arg, at, room, len);
    while (len) {
        size_t some;
        const char *view = vcdiff_base_view(base, at, &some);

        if (!view)
            return base->err;
        if (some > len)
            some = len;
        memcpy(room, view, some);
        at += some;
        room += some;
        len -= some;
    }
    return ERR_NONE;
}
