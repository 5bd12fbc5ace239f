/*
 * vcdiff_finder.h - what of a target window is in the base, or earlier in the window; for vcdiff, and for gdiff.
 *
 * vcdiff_find.c finds the best match at one place; vcdiff_walk.c goes through a window and decides which matches become
 * moves. A match is worth the octets it covers less those it costs in the delta.
 */
#ifndef DELTA_VCDIFF_FINDER_H
#define DELTA_VCDIFF_FINDER_H

#include "vcdiff_choose.h"
#include "vcdiff_local.h"
#include "vcdiff_plan.h"

enum { DIAGONALS_MAX = 4, RECENT = 4 };

struct vcdiff_finder {
    const struct vcdiff_plan *plan;
    const struct delta_limits *limits;
    struct vcdiff_base base;
    struct vcdiff_index index; /* made when it is first wanted: a target that only has small edits never does */
    struct vcdiff_local local;
    /* The window: `len` octets, and WINDOW_SLACK readable ones behind them. */
    char *window;
    uint32_t len;
    uint64_t window_at; /* its place in the target */
    uint32_t *heads;    /* by four octets: the last place in the window, + 1; 0: none */
    uint32_t *chain;    /* by place: the one before with the same hash, + 1; NULL: an effort without */
    /* Distances of base and target in late copies, modulo 2^64, the latest first. */
    uint64_t diagonals[DIAGONALS_MAX];
    uint64_t recent[RECENT]; /* where late copies from the base began: what the near cache will hold, roughly */
    unsigned recent_next;
    struct vcdiff_move *moves;
    size_t count;
    uint32_t open;            /* end of the last move: literals begin here */
    uint64_t lowest, highest; /* the part of the base that this window's moves need, roughly */
    bool is_far;              /* there is a long match that this window's segment cannot reach */
    uint64_t followed;        /* place in the target where the local table was told last */
    enum err err;             /* of making the index */
    /* What a copy takes in a format that copies from the base alone (gdiff); NULL: vcdiff's, from the window too. */
    unsigned (*copy_cost)(uint64_t from, uint64_t len);
    uint64_t literals; /* octets of this window before `open` that no move covers */
};

enum { WINDOW_SLACK = 16 };

struct vcdiff_match {
    uint64_t from;
    uint32_t at, len;
    enum vcdiff_move_kind kind;
    int32_t gain; /* octets saved; below 1 is no match */
};

/*
 * The window goes on with the target from *read on, behind what the one before left over at its start, to `room`
 * octets. No moves are in it yet.
 */
enum err vcdiff_finder_fill(struct vcdiff_finder *finder, const struct delta_source *target, uint64_t *read,
                            size_t room);
/* The best at this place of the window, which may begin earlier, at `open` at most. */
void vcdiff_find(struct vcdiff_finder *finder, uint32_t place, struct vcdiff_match *best);
/*
 * Where the last copy from the base would go on behind a few other octets, right here. False: not for as long as the
 * effort wants it.
 */
bool vcdiff_find_resumed(struct vcdiff_finder *finder, uint32_t place, struct vcdiff_match *match);
/* How many octets before both places are equal too, up to `most`. */
uint32_t vcdiff_find_before(struct vcdiff_finder *finder, const struct vcdiff_match *match, uint32_t most);
/* Lets this place be found from later ones. */
void vcdiff_find_remember(struct vcdiff_finder *finder, uint32_t place);

/*
 * Goes through the window; *end: how far, which is short of the whole where the moves are full. ERR_TOO_LARGE: more
 * literals than `literals_max`.
 */
enum err vcdiff_walk(struct vcdiff_finder *finder, uint64_t literals_max, uint32_t *end);

#endif
