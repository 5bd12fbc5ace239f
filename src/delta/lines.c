/*
 * lines.c - where lines begin, and which are equal.
 */
#include "lines.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "lines_match.h"

uint64_t lines_count(struct slice text)
{
    uint64_t count = 0;

    for (const char *at = text.ptr, *end = at + text.len; at != end; count++)
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    return count;
}

void lines_split(struct lines *lines, struct slice text, uint64_t count)
{
    const char *at = text.ptr, *end = at + text.len;

    *lines = (struct lines){.text = text, .count = (uint32_t)count};
    lines->starts = xmalloc((count + 1) * sizeof(*lines->starts));
    lines->classes = xmalloc(count * sizeof(*lines->classes) + 1);
    lines->is_changed = xcalloc(count + 1, sizeof(*lines->is_changed));
    for (uint32_t line = 0; line < count; line++) {
        lines->starts[line] = (uint32_t)(at - text.ptr);
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    lines->starts[count] = (uint32_t)text.len;
}

void lines_release(struct lines *lines)
{
    free(lines->starts);
    free(lines->classes);
    free(lines->is_changed);
    *lines = (struct lines){0};
}

/* ---- classes ---- */

/* Open addressing, at most half full. Whoever writes a file does not know the key, so cannot make lines collide. */
struct classes {
    uint32_t *slots; /* a class + 1; 0: free */
    size_t mask;
    struct slice *texts; /* of each class */
    uint32_t count;
};

static size_t slots_for(size_t lines)
{
    size_t slots = 16;

    while (slots < 2 * lines)
        slots *= 2;
    return slots;
}

static uint32_t class_of(struct classes *classes, struct slice line)
{
    size_t at = hash64(hash_process_key(), line) & classes->mask;

    for (; classes->slots[at]; at = (at + 1) & classes->mask)
        if (slice_eq(classes->texts[classes->slots[at] - 1], line))
            return classes->slots[at] - 1;
    classes->texts[classes->count] = line;
    classes->slots[at] = ++classes->count;
    return classes->count - 1;
}

static enum err classify(struct classes *classes, struct lines *lines, const struct delta_limits *limits)
{
    enum { ASK_EVERY = 1 << 14 };

    for (uint32_t line = 0; line < lines->count; line++) {
        if (line % ASK_EVERY == 0 && limits->is_enough && limits->is_enough(limits->arg))
            return ERR_AGAIN;
        lines->classes[line] = class_of(classes, lines_text(lines, line, line + 1));
    }
    return ERR_NONE;
}

/* Gives how many classes there are. */
static enum err classify_both(struct lines *a, struct lines *b, const struct delta_limits *limits, uint32_t *count)
{
    size_t lines = (size_t)a->count + b->count, slots = slots_for(lines);
    struct classes classes = {.mask = slots - 1};
    enum err err;

    classes.slots = xcalloc(slots, sizeof(*classes.slots));
    classes.texts = xmalloc(lines * sizeof(*classes.texts) + 1);
    err = classify(&classes, a, limits);
    if (err == ERR_NONE)
        err = classify(&classes, b, limits);
    *count = classes.count;
    free(classes.slots);
    free(classes.texts);
    return err;
}

/* ---- comparing ---- */

/* Lines that the other text has nowhere are changed for sure; the search is for the others. */
static void pick_shared(struct lines *lines, const bool *in_other, struct picked *picked)
{
    picked->classes = xmalloc(lines->count * sizeof(*picked->classes) + 1);
    picked->at = xmalloc(lines->count * sizeof(*picked->at) + 1);
    picked->is_changed = lines->is_changed;
    for (uint32_t line = 0; line < lines->count; line++) {
        if (!in_other[lines->classes[line]]) {
            lines->is_changed[line] = true;
            continue;
        }
        picked->classes[picked->count] = lines->classes[line];
        picked->at[picked->count++] = line;
    }
}

static bool *note_classes(const struct lines *lines, uint32_t count)
{
    bool *is_there = xcalloc((size_t)count + 1, sizeof(*is_there));

    for (uint32_t line = 0; line < lines->count; line++)
        is_there[lines->classes[line]] = true;
    return is_there;
}

enum err lines_compare(struct lines *a, struct lines *b, enum delta_effort effort, const struct delta_limits *limits)
{
    struct picked picked[2] = {0};
    uint32_t count;
    bool *in_a, *in_b;
    enum err err = classify_both(a, b, limits, &count);

    if (err != ERR_NONE)
        return err;
    in_a = note_classes(a, count);
    in_b = note_classes(b, count);
    pick_shared(a, in_b, &picked[0]);
    pick_shared(b, in_a, &picked[1]);
    free(in_a);
    free(in_b);
    err = lines_match(&picked[0], &picked[1], count, effort, limits);
    for (unsigned i = 0; i < 2; i++) {
        free(picked[i].classes);
        free(picked[i].at);
    }
    return err;
}

bool lines_hunk_above(const struct lines *a, const struct lines *b, struct hunk *hunk)
{
    uint32_t x = hunk->a0, y = hunk->b0;

    /* lines that are not changed are the same on both sides, so both ends are reached together */
    while (x && y && !a->is_changed[x - 1] && !b->is_changed[y - 1])
        x--, y--;
    hunk->a1 = x;
    hunk->b1 = y;
    while (x && a->is_changed[x - 1])
        x--;
    while (y && b->is_changed[y - 1])
        y--;
    hunk->a0 = x;
    hunk->b0 = y;
    return hunk->a0 != hunk->a1 || hunk->b0 != hunk->b1;
}
