/*
 * nearest.c - which known name somebody may have meant. Pure.
 */
#include "build.h"

enum { NAME_MAX_LEN = 40 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Insertions, deletions and replacements from one to the other. */
static unsigned distance(struct slice a, struct slice b)
{
    unsigned row[NAME_MAX_LEN + 1];

    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a.ptr[i - 1] != b.ptr[j - 1]));
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *nearest_name(struct slice name, const char *(*at)(unsigned index, const void *arg), const void *arg)
{
    const char *best = NULL, *known;
    unsigned best_distance = (unsigned)(name.len / 3) + 2;

    for (unsigned i = 0; (known = at(i, arg)); i++) {
        unsigned d = *known ? distance(name, slice_str(known)) : NAME_MAX_LEN;

        /* A beginning is a good guess too: --durab for --durability. */
        if (name.len >= 3 && *known && slice_starts(slice_str(known), name))
            d = 1;
        if (d < best_distance) {
            best_distance = d;
            best = known;
        }
    }
    return best;
}
