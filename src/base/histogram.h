/*
 * histogram.h - how long things took, counted by length.
 *
 * Thirteen bounds from 100 microseconds to a minute, about three to a power of ten, the same for everything that is
 * measured, so that figures can be compared and added. Counters only rise. Reading needs no lock: what is read may
 * miss what is being counted at that moment, and a count is never there twice. Any side.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 13 };

extern const uint64_t histogram_bounds_ns[HISTOGRAM_BOUNDS];

struct histogram {
    atomic_uint_least64_t counts[HISTOGRAM_BOUNDS + 1]; /* not longer than the bound; the last: longer than all */
    atomic_uint_least64_t sum_ns;
};

/* One thread alone counts here. */
void histogram_count(struct histogram *histogram, uint64_t ns);
/* Several threads do. */
void histogram_count_shared(struct histogram *histogram, uint64_t ns);

#endif
