/*
 * vcdiff_local.h - the base around the place that corresponds to where the target is: every place of it, by six octets,
 * or four.
 *
 * The index of the whole base is sparse, so that it fits; what moved by a little is found here. The table follows the
 * copies through the base, and is filled only where the target has something that no copy covers. How much it may fill
 * is bounded by how much target was looked at, however the copies jump.
 */
#ifndef DELTA_VCDIFF_LOCAL_H
#define DELTA_VCDIFF_LOCAL_H

#include "vcdiff_index.h"

/* Fewer would be found everywhere in a large base; a small one has them at few places, so that the last is good. */
enum { LOCAL_KEY = 6, LOCAL_KEY_SMALL = 4 };

struct vcdiff_local {
    uint32_t *slots; /* the low half of a place; NULL: no table */
    unsigned bits, key;
    uint32_t reach;      /* so far before and behind the corresponding place */
    uint64_t first, end; /* the places that are in it, as far as not overwritten */
    uint64_t credit;     /* places that may still be put in */
};

void vcdiff_local_init(struct vcdiff_local *local, unsigned bits, unsigned key, uint32_t reach);
void vcdiff_local_release(struct vcdiff_local *local);

/* Sees to it that places around `near` are in the table, as far as credit goes; adds `more` to the credit before. */
void vcdiff_local_follow(struct vcdiff_local *local, struct vcdiff_base *base, uint64_t near, uint64_t more);

static inline uint32_t *vcdiff_local_slot(const struct vcdiff_local *local, uint64_t word)
{
    return &local->slots[(word << (64 - 8 * local->key)) * 0x9e3779b97f4a7c15ull >> (64 - local->bits)];
}

/* A place that may have these octets. */
static inline uint64_t vcdiff_local_find(const struct vcdiff_local *local, uint64_t word)
{
    uint64_t high = local->end & ~(uint64_t)UINT32_MAX, place = high | *vcdiff_local_slot(local, word);

    /* the table ends at local->end, so what is past it is from the four gigabytes before */
    return place > local->end && high ? place - ((uint64_t)1 << 32) : place;
}

#endif
