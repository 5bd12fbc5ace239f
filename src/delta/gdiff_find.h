/*
 * gdiff_find.h - what of the base is at a place of the target.
 *
 * A gdiff copies from the base alone, so this looks nowhere else: on the way of the last copy, and in the index.
 */
#ifndef DELTA_GDIFF_FIND_H
#define DELTA_GDIFF_FIND_H

#include "vcdiff_base.h"
#include "vcdiff_index.h"
#include "vcdiff_plan.h"

struct gdiff_finder {
    struct vcdiff_plan plan;
    struct vcdiff_base base;
    struct vcdiff_index index;
    char *window;       /* octets of the target */
    size_t len;         /* of the window */
    size_t open;        /* the first octet that no command has yet */
    uint64_t window_at; /* where in the target the window begins */
    uint64_t diagonal;  /* base place - target place of the last copy, modulo 2^64 */
};

struct gdiff_match {
    uint64_t from;  /* in the base */
    size_t at, len; /* in the window; at: not before `open` */
    int64_t gain;   /* octets that it saves; not above 0: no match */
};

/* What a COPY takes. */
unsigned gdiff_copy_cost(uint64_t from, uint64_t len);

/* How many octets from window place `at` on are those from `from` on. Both may be at their ends. */
size_t gdiff_find_forward(struct gdiff_finder *finder, uint64_t from, size_t at);

/* The best match over `place`, of which eight octets are in the window. It may begin before it. */
void gdiff_find(struct gdiff_finder *finder, size_t place, struct gdiff_match *best);

#endif
