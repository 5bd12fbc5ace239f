/*
 * vcdiff_plan.h - how an encoder parts the memory it was granted, and how hard it looks.
 */
#ifndef DELTA_VCDIFF_PLAN_H
#define DELTA_VCDIFF_PLAN_H

#include "delta/delta.h"

/* What an effort means. */
struct vcdiff_effort {
    uint32_t step;       /* octets between the places of the base that the index knows, if memory is enough */
    uint32_t chain;      /* earlier places of the window that are tried at each place */
    uint32_t lazy;       /* a match shorter than this is held against the one a place further */
    uint32_t enough;     /* a match as long as this ends the search at its place */
    uint32_t resume;     /* behind a copy that goes on after so many other octets at most, there is no look elsewhere */
    uint32_t diagonals;  /* distances of late copies from the base that are tried first */
    uint32_t local_bits; /* log2 of the places in the table of the base near by; 0: none */
    uint32_t local_reach; /* octets that it has before and behind the corresponding place */
    uint32_t skip;        /* log2 of the misses in a row after which the stride grows by one */
};

struct vcdiff_plan {
    const struct vcdiff_effort *effort;
    size_t window;       /* octets of target at once */
    size_t moves;        /* most instructions of a window */
    unsigned head_bits;  /* log2 of the heads of chains in the window */
    unsigned local_bits; /* of the table of the base near by; 0: none */
    unsigned local_key;  /* octets it goes by */
    size_t base_memory;  /* for the base, or frames of it */
    size_t index_slots;  /* places of the base in the index; a multiple of INDEX_WAYS */
    uint64_t step;       /* octets between two of them */
};

/* ERR_TOO_LARGE: so little memory that nothing can be done. */
enum err vcdiff_plan_make(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                          const struct delta_limits *limits, struct vcdiff_plan *plan);

#endif
