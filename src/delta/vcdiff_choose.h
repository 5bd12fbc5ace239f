/*
 * vcdiff_choose.h - from what was found in a window to its instructions and addresses, with the default code table.
 */
#ifndef DELTA_VCDIFF_CHOOSE_H
#define DELTA_VCDIFF_CHOOSE_H

#include "vcdiff_code.h"

enum vcdiff_move_kind { MOVE_BASE, MOVE_WINDOW, MOVE_RUN };

/* A part of the window that is no ADD; what no move covers is added. In order, none over another. */
struct vcdiff_move {
    uint64_t from; /* place in the base, or in the window */
    uint32_t at;   /* place in the window */
    uint32_t len : 30, kind : 2;
};

struct vcdiff_parts {
    const struct vcdiff_move *moves;
    size_t count;
    size_t window_len;
    uint64_t segment_at, segment_len; /* of the base: what the moves need; the caller makes it so */
};

/* What a move can cost at most, with the ADD before it: two codes, two sizes; and its address. */
enum { MOVE_CODE_MAX = 12, MOVE_ADDRESS_MAX = 10 };

struct vcdiff_sections {
    char *instructions, *addresses; /* rooms for all moves and the ADD after the last */
    size_t instructions_len, addresses_len, data_len;
};

void vcdiff_choose(const struct vcdiff_parts *parts, struct vcdiff_sections *sections);

#endif
