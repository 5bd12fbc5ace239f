/*
 * trace.h - what happened, for people who look.
 *
 * Each state change and hand-over is a trace point: free when its area is off (one load and a branch),
 * a line on standard error with --trace=AREA,..., and a USDT probe `samovar:AREA` (id, text) where
 * systemtap's header was there at build time.
 */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum trace_area {
    TRACE_NET,
    TRACE_HTTP,
    TRACE_GATE,
    TRACE_METHOD,
    TRACE_STORE,
    TRACE_REPR,
    TRACE_SERVE,
    TRACE_JOB,
    TRACE_COUNT
};

extern unsigned trace_areas; /* a bit per area; set before threads start */

/* Switches areas on by their names, "gate,store" or "all"; false for an unknown name. */
bool trace_enable(struct slice names);

void trace_print(enum trace_area area, uint64_t id, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* id: of the exchange or job, 0 if there is none. */
#define TRACE(area, id, ...)                                                                                           \
    do {                                                                                                               \
        if (__builtin_expect(trace_areas >> (area)&1u, 0))                                                             \
            trace_print((area), (id), __VA_ARGS__);                                                                    \
    } while (0)

#endif
