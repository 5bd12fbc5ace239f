/*
 * lines_match.h - a long common subsequence of two rows of numbers. Private to lines.c.
 */
#ifndef DELTA_LINES_MATCH_H
#define DELTA_LINES_MATCH_H

#include "delta/delta.h"

/* The lines of a text that its other has, too, somewhere. */
struct picked {
    uint32_t *classes; /* what is compared */
    uint32_t *at;      /* which line of the text each is */
    uint32_t count;
    bool *is_changed; /* by line of the text: what has no partner is marked here */
};

/* All classes are below `classes`. */
enum err lines_match(const struct picked *a, const struct picked *b, uint32_t classes, enum delta_effort effort,
                     const struct delta_limits *limits);

#endif
