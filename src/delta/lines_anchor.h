/*
 * lines_anchor.h - lines that two parts of two texts have once each: what surely belongs together. Private to lines.
 */
#ifndef DELTA_LINES_ANCHOR_H
#define DELTA_LINES_ANCHOR_H

#include "lines_match.h"

/* Parts of both: from a0 to a1, from b0 to b1, the ends not with them. */
struct box {
    int32_t a0, a1, b0, b1;
};

/* No partner; no place; and more than one. */
enum { ANCHOR_NONE = -1, ANCHOR_MANY = -2 };

struct anchors {
    const struct picked *a, *b;
    int32_t *in_a, *in_b; /* for each class, the place of its only line in the box */
    int32_t *partner; /* for each line of a: its line of b, or ANCHOR_NONE; written for the lines of the box asked */
    int32_t *ends, *before; /* of rising rows, see lines_anchor.c */
};

void anchors_init(struct anchors *anchors, const struct picked *a, const struct picked *b, uint32_t classes);
void anchors_release(struct anchors *anchors);

/* Finds the most that are in the same order in both. False: there are none. */
bool anchors_find(struct anchors *anchors, const struct box *box);

#endif
