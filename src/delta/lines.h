/*
 * lines.h - two texts as lines, and which of them differ.
 *
 * A line is what ends with a newline, with it. Equal lines have the same number (their class), in both texts, so that
 * comparing two is comparing two numbers.
 */
#ifndef DELTA_LINES_H
#define DELTA_LINES_H

#include "delta/delta.h"

struct lines {
    struct slice text;
    uint32_t count;
    uint32_t *starts;  /* of each line in the text; starts[count] is the text's length */
    uint32_t *classes; /* of each line */
    bool *is_changed;  /* each line: it is not in the other text, at the place that was found for it */
};

/* Octets that a line costs, of either text, until both are released. */
enum { LINES_COST = 52 };

/* How many lines the text has. It ends with a newline or is empty; its pointer is never NULL, here and below. */
uint64_t lines_count(struct slice text);
/* `count` as lines_count() says, less than 2^29; the text has less than 4 GiB. */
void lines_split(struct lines *lines, struct slice text, uint64_t count);
void lines_release(struct lines *lines);

/*
 * Finds which lines to delete and to insert: few, but not at any price. Where the texts differ much, the search for
 * the fewest is cut short (earlier, the smaller the effort), so that its time never grows with the square of the
 * lines. ERR_AGAIN: time was up.
 */
enum err lines_compare(struct lines *a, struct lines *b, enum delta_effort effort, const struct delta_limits *limits);

/* Lines a0 to a1 (not with it, from 0) are b0 to b1 in the other text. */
struct hunk {
    uint32_t a0, a1, b0, b1;
};
/* The next difference upwards from `hunk`, into it; begin with {count, count, count, count} of both. False: no more. */
bool lines_hunk_above(const struct lines *a, const struct lines *b, struct hunk *hunk);

static inline struct slice lines_text(const struct lines *lines, uint32_t first, uint32_t end)
{
    return slice_of(lines->text.ptr + lines->starts[first], lines->starts[end] - lines->starts[first]);
}

#endif
