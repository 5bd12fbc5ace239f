/*
 * vcdiff_base.h - the base, as far as memory goes: all of it, or the pages looked at lately.
 *
 * A base that its owner has in memory is used where it is. Another is read once into memory if it fits; else it is read
 * in pages, kept in as many frames as were granted, each page having one frame it can be in.
 */
#ifndef DELTA_VCDIFF_BASE_H
#define DELTA_VCDIFF_BASE_H

#include "delta/delta.h"

/*
 * Small, since a page is often read for a few octets that only may match; a page's octets are followed by the first
 * ones of the next page, so that a word can be read at each place of it.
 */
enum { BASE_PAGE = 4 << 10, BASE_SLACK = 16 };

struct vcdiff_base {
    const struct delta_source *source;
    const char *whole; /* NULL: in frames */
    uint64_t size;
    char *frames;
    uint64_t *pages; /* which page is in the frame, + 1; 0: none */
    size_t frame_count;
    char *owned;  /* what base_close frees: `whole`, or NULL */
    enum err err; /* of the first read that failed; all views are empty from then on */
};

/* What frames cost in memory. */
size_t vcdiff_base_frame_cost(void);
/* With `memory` octets to use: the whole base if it fits, else frames, at least one. */
enum err vcdiff_base_open(struct vcdiff_base *base, const struct delta_source *source, size_t memory,
                          const struct delta_limits *limits);
void vcdiff_base_close(struct vcdiff_base *base);

/* Loads the page of `at` if needed. Private to the views below. */
const char *vcdiff_base_load(struct vcdiff_base *base, uint64_t at);

/* Octets from `at` (before the end) on: *len of them, at least one. NULL: reading failed. */
static inline const char *vcdiff_base_view(struct vcdiff_base *base, uint64_t at, size_t *len)
{
    uint64_t left = base->size - at, in_page = at % BASE_PAGE;

    if (base->whole) {
        *len = left;
        return base->whole + at;
    }
    *len = left < BASE_PAGE - in_page ? left : BASE_PAGE - in_page;
    return vcdiff_base_load(base, at);
}

/* Octets before `at` (not 0), *len of them: the pointer is to `at` itself. NULL: reading failed. */
static inline const char *vcdiff_base_before(struct vcdiff_base *base, uint64_t at, size_t *len)
{
    const char *last;

    if (base->whole) {
        *len = at;
        return base->whole + at;
    }
    *len = (at - 1) % BASE_PAGE + 1;
    last = vcdiff_base_load(base, at - 1);
    return last ? last + 1 : NULL;
}

/* Eight octets at `at`, of which there are that many in the base. NULL: reading failed. */
static inline const char *vcdiff_base_word(struct vcdiff_base *base, uint64_t at)
{
    return base->whole ? base->whole + at : vcdiff_base_load(base, at);
}

/* Fills the room with [at, at + len), which lies inside. */
enum err vcdiff_base_copy(struct vcdiff_base *base, uint64_t at, char *room, size_t len);

#endif
