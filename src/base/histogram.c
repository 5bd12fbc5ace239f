/*
 * histogram.c - how long things took, counted by length.
 */
#include "base/histogram.h"

#define MICRO UINT64_C(1000)
#define MILLI UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

const uint64_t histogram_bounds_ns[HISTOGRAM_BOUNDS] = {
    100 * MICRO, 300 * MICRO, 1 * MILLI,  3 * MILLI,   10 * MILLI,  30 * MILLI,  100 * MILLI,
    300 * MILLI, 1 * SECOND,  3 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND,
};

/* Most of what is measured is short. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned at = 0;

    while (at < HISTOGRAM_BOUNDS && ns > histogram_bounds_ns[at])
        at++;
    return at;
}

/* Without a lock prefix: nobody else writes. */
static void raise_by(atomic_uint_least64_t *counter, uint64_t by)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

void histogram_count(struct histogram *histogram, uint64_t ns)
{
    raise_by(&histogram->counts[bucket_of(ns)], 1);
    raise_by(&histogram->sum_ns, ns);
}

void histogram_count_shared(struct histogram *histogram, uint64_t ns)
{
    atomic_fetch_add_explicit(&histogram->counts[bucket_of(ns)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_ns, ns, memory_order_relaxed);
}
