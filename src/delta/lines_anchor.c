/*
 * lines_anchor.c - the longest row of lines that are once in either part, and in the same order in both (Cohen's
 * patience diff).
 */
#include "lines_anchor.h"

#include <stdlib.h>

#include "base/arena.h"

void anchors_init(struct anchors *anchors, const struct picked *a, const struct picked *b, uint32_t classes)
{
    *anchors = (struct anchors){.a = a, .b = b};
    anchors->in_a = xmalloc(((size_t)classes + 1) * sizeof(int32_t));
    anchors->in_b = xmalloc(((size_t)classes + 1) * sizeof(int32_t));
    for (uint32_t i = 0; i < classes; i++)
        anchors->in_a[i] = anchors->in_b[i] = ANCHOR_NONE;
    anchors->partner = xmalloc(((size_t)a->count + 1) * sizeof(int32_t));
    anchors->ends = xmalloc(((size_t)a->count + 1) * sizeof(int32_t));
    anchors->before = xmalloc(((size_t)a->count + 1) * sizeof(int32_t));
}

void anchors_release(struct anchors *anchors)
{
    free(anchors->in_a);
    free(anchors->in_b);
    free(anchors->partner);
    free(anchors->ends);
    free(anchors->before);
    *anchors = (struct anchors){0};
}

static void note(const struct picked *picked, int32_t from, int32_t to, int32_t *places)
{
    for (; from < to; from++) {
        int32_t *place = &places[picked->classes[from]];

        *place = *place == ANCHOR_NONE ? from : ANCHOR_MANY;
    }
}

static void forget(const struct picked *picked, int32_t from, int32_t to, int32_t *places)
{
    for (; from < to; from++)
        places[picked->classes[from]] = ANCHOR_NONE;
}

/* Where in b the only line like this one of a is, if it is the only one of a as well. */
static int32_t place_in_b(const struct anchors *anchors, int32_t line)
{
    uint32_t class = anchors->a->classes[line];

    return anchors->in_a[class] == line ? anchors->in_b[class] : ANCHOR_NONE;
}

/*
 * The longest rising row of places in b: ends[n] is the line of a that ends the row of n + 1 whose end is lowest in b,
 * before[line] what comes before a line in its row. Gives the last line of the longest; ANCHOR_NONE: no line.
 */
static int32_t find_row(struct anchors *anchors, const struct box *box)
{
    int32_t count = 0;

    for (int32_t line = box->a0; line < box->a1; line++) {
        int32_t place = place_in_b(anchors, line), low = 0, high = count;

        anchors->partner[line] = ANCHOR_NONE;
        if (place < 0)
            continue;
        while (low < high) {
            int32_t middle = low + (high - low) / 2;

            if (place_in_b(anchors, anchors->ends[middle]) < place)
                low = middle + 1;
            else
                high = middle;
        }
        anchors->before[line] = low ? anchors->ends[low - 1] : ANCHOR_NONE;
        anchors->ends[low] = line;
        count += low == count;
    }
    return count ? anchors->ends[count - 1] : ANCHOR_NONE;
}

bool anchors_find(struct anchors *anchors, const struct box *box)
{
    int32_t last;

    note(anchors->a, box->a0, box->a1, anchors->in_a);
    note(anchors->b, box->b0, box->b1, anchors->in_b);
    last = find_row(anchors, box);
    for (int32_t line = last; line != ANCHOR_NONE; line = anchors->before[line])
        anchors->partner[line] = place_in_b(anchors, line);
    forget(anchors->a, box->a0, box->a1, anchors->in_a);
    forget(anchors->b, box->b0, box->b1, anchors->in_b);
    return last != ANCHOR_NONE;
}
