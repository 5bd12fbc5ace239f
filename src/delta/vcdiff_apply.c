/*
 * vcdiff_apply.c - ADD, RUN and COPY.
 *
 * Nothing here is taken on trust: each instruction is held against what its section still has and what the window may
 * still become before an octet moves. The window's room grows with what is really produced.
 */
#include "vcdiff_apply.h"

#include <stdlib.h>

#include "base/arena.h"
#include "vcdiff_address.h"

enum { ROOM_FIRST = 64 << 10 };

static enum err is_wrong(struct vcdiff_apply *a, const char *sentence)
{
    a->wrong = sentence;
    return ERR_INVALID;
}

static void make_room(struct vcdiff_apply *a, size_t size)
{
    size_t room = a->room ? a->room : ROOM_FIRST;

    if (a->target && a->room - a->len >= size)
        return;
    while (room - a->len < size)
        room *= 2;
    if (room > a->claimed)
        room = a->claimed ? a->claimed : 1; /* which len + size is within */
    a->target = xrealloc(a->target, room);
    a->room = room;
}

static enum err do_add(struct vcdiff_apply *a, size_t size)
{
    if ((size_t)(a->data.end - a->data.at) < size)
        return is_wrong(a, "an ADD is longer than what the data section still has");
    memcpy(a->target + a->len, a->data.at, size);
    a->data.at += size;
    a->len += size;
    return ERR_NONE;
}

static enum err do_run(struct vcdiff_apply *a, size_t size)
{
    if (a->data.at == a->data.end)
        return is_wrong(a, "a RUN has no octet left in the data section");
    memset(a->target + a->len, *a->data.at++, size);
    a->len += size;
    return ERR_NONE;
}

/* What starts close behind the end repeats itself: doubled from its start, it needs few steps. */
static void copy_own(struct vcdiff_apply *a, size_t from, size_t size)
{
    while (size) {
        size_t some = a->len - from < size ? a->len - from : size;

        memcpy(a->target + a->len, a->target + from, some);
        a->len += some;
        size -= some;
    }
}

static enum err copy_segment(struct vcdiff_apply *a, uint64_t from, size_t size)
{
    enum err err = ERR_NONE;

    if (a->base)
        err = vcdiff_base_copy(a->base, a->segment_at + from, a->target + a->len, size);
    else
        memcpy(a->target + a->len, a->segment + from, size);
    a->len += size;
    return err;
}

/* A COPY may begin in the segment and run on into the window: to it they are one (RFC 3284 §3). */
static enum err do_copy(struct vcdiff_apply *a, uint64_t from, size_t size)
{
    if (from < a->segment_len) {
        size_t some = a->segment_len - from < size ? a->segment_len - from : size;
        enum err err = copy_segment(a, from, some);

        if (err != ERR_NONE)
            return err;
        from += some;
        size -= some;
    }
    if (size)
        copy_own(a, from - a->segment_len, size);
    return ERR_NONE;
}

static enum err do_half(struct vcdiff_apply *a, struct vcdiff_cache *cache, const struct vcdiff_half *half)
{
    uint64_t size = half->size, from;

    if (size == 0 && !vcdiff_integer_read(&a->instructions, &size))
        return is_wrong(a, "the size of an instruction is cut off, or no number");
    if (size > a->claimed - a->len)
        return is_wrong(a, "the instructions make more octets than the window is said to have");
    make_room(a, size);
    if (half->type == VCDIFF_ADD)
        return do_add(a, size);
    if (half->type == VCDIFF_RUN)
        return do_run(a, size);
    if (!vcdiff_address_read(cache, half->mode, a->segment_len + a->len, &a->addresses, &from))
        return is_wrong(a, "the address of a COPY is cut off, no number, or not before the place it is for");
    return do_copy(a, from, size);
}

static enum err check_ends(struct vcdiff_apply *a)
{
    if (a->len != a->claimed)
        return is_wrong(a, "the instructions make fewer octets than the window is said to have");
    if (a->data.at != a->data.end)
        return is_wrong(a, "there is data that no instruction asks for");
    if (a->addresses.at != a->addresses.end)
        return is_wrong(a, "there are addresses that no instruction asks for");
    return ERR_NONE;
}

enum err vcdiff_apply(struct vcdiff_apply *a)
{
    struct vcdiff_cache cache;
    enum err err = ERR_NONE;

    vcdiff_cache_clear(&cache);
    while (err == ERR_NONE && a->instructions.at < a->instructions.end) {
        const struct vcdiff_code *code = &vcdiff_codes[*a->instructions.at++];

        err = do_half(a, &cache, &code->half[0]);
        if (err == ERR_NONE && code->half[1].type != VCDIFF_NOOP)
            err = do_half(a, &cache, &code->half[1]);
    }
    return err == ERR_NONE ? check_ends(a) : err;
}
