/*
 * vcdiff_apply.h - one window's instructions, carried out (RFC 3284 §3, §6).
 */
#ifndef DELTA_VCDIFF_APPLY_H
#define DELTA_VCDIFF_APPLY_H

#include "vcdiff_base.h"
#include "vcdiff_code.h"

struct vcdiff_apply {
    /* The segment: in the base, or (base NULL) in memory. */
    struct vcdiff_base *base;
    uint64_t segment_at;
    const char *segment;
    uint64_t segment_len;
    /* The sections. */
    struct vcdiff_reader data, instructions, addresses;
    /* The window: octets so far, room of them, how many it claims to become. `target` is free()d by the caller. */
    char *target;
    size_t len, room, claimed;
    const char *wrong; /* what does not fit, for people; static */
};

/* ERR_INVALID: `wrong` says why. Else what reading the base gave. */
enum err vcdiff_apply(struct vcdiff_apply *apply);

#endif
