/*
 * trace.c - trace lines and probes.
 */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define PROBE(area, id, text) DTRACE_PROBE3(samovar, trace, area, id, text)
#else
#define PROBE(area, id, text) ((void)0)
#endif

unsigned trace_areas;

static const char *const names[TRACE_COUNT] = {
    [TRACE_NET] = "net",     [TRACE_HTTP] = "http", [TRACE_GATE] = "gate",   [TRACE_METHOD] = "method",
    [TRACE_STORE] = "store", [TRACE_REPR] = "repr", [TRACE_SERVE] = "serve", [TRACE_JOB] = "job",
};

static bool enable_one(struct slice name)
{
    if (slice_eq(name, SLICE("all"))) {
        trace_areas = (1u << TRACE_COUNT) - 1;
        return true;
    }
    for (unsigned i = 0; i < TRACE_COUNT; i++)
        if (slice_eq(name, slice_str(names[i]))) {
            trace_areas |= 1u << i;
            return true;
        }
    return false;
}

bool trace_enable(struct slice list)
{
    struct slice name, rest = list;

    while (slice_cut(rest, ',', &name, &rest))
        if (!enable_one(name))
            return false;
    return enable_one(rest);
}

void trace_print(enum trace_area area, uint64_t id, const char *format, ...)
{
    char text[512];
    uint64_t now = clock_mono_ns();
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    PROBE(names[area], id, text);
    fprintf(stderr, "%llu.%06llu %-6s #%llu %s\n", (unsigned long long)(now / 1000000000u),
            (unsigned long long)(now / 1000u % 1000000u), names[area], (unsigned long long)id, text);
}
