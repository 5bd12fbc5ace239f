/*
 * tally.h - private to serve/: what one loop counts.
 *
 * Each loop writes its own tally and nobody else's, so counting is a load and a store in a cache line that no other
 * core writes. Whoever reports (metrics.c, control.c) reads them all and adds up: relaxed atomics, no lock, and two
 * figures that were read after each other may be of two moments. Figures only rise, but for those that say how many
 * there are now. What the metrics' own listener does is not counted.
 */
#ifndef SERVE_TALLY_H
#define SERVE_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/histogram.h"
#include "http/method.h"

enum tally_version { TALLY_HTTP_1_0, TALLY_HTTP_1_1, TALLY_HTTP_2, TALLY_VERSIONS };

enum {
    TALLY_CODE_FIRST = 100,
    TALLY_CODES = 500, /* 100 to 599 */
    TALLY_CLASSES = 5, /* 1xx to 5xx */
    CACHE_LINE = 64,
};

struct tally {
    char apart[CACHE_LINE];          /* from what others write */
    atomic_uint_least64_t requests;  /* that took the long way, from their beginning */
    atomic_uint_least64_t ended;     /* of those */
    atomic_uint_least64_t abandoned; /* of those: the client left before there was an answer */
    atomic_uint_least64_t hot_hits, hot_misses;
    atomic_uint_least64_t hot_entries, hot_bytes; /* now */
    atomic_uint_least64_t connections;            /* accepted */
    atomic_uint_least64_t open_connections;       /* now */
    atomic_uint_least64_t refused_connections;    /* by the limits on their number */
    atomic_uint_least64_t h2_connections, h2_floods;
    atomic_uint_least64_t body_received, body_sent; /* content; not heads, not framing */
    struct histogram durations[TALLY_CLASSES];
    atomic_uint_least64_t answers[TALLY_VERSIONS][METHOD_COUNT][TALLY_CODES];
    char apart_too[CACHE_LINE];
};

/* On the loop whose tally it is. */
static inline void tally_add(atomic_uint_least64_t *count, uint64_t by)
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + by, memory_order_relaxed);
}

static inline void tally_set(atomic_uint_least64_t *count, uint64_t now)
{
    atomic_store_explicit(count, now, memory_order_relaxed);
}

/* Any side. */
static inline uint64_t tally_get(const atomic_uint_least64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

/* A request that is over. */
struct tally_request {
    enum tally_version version;
    enum method method;
    unsigned status;         /* 0: there was no answer */
    uint64_t received, sent; /* bytes of content */
};
void tally_request(struct tally *tally, const struct tally_request *request);
/* How long it took: from the complete head until the answer was handed to the socket. */
void tally_duration(struct tally *tally, unsigned status, uint64_t duration_ns);

#endif
