/*
 * progress.c - see progress.h.
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { EACH_MS = 200 };

void progress_begin(struct progress *progress, const char *what, uint64_t already, uint64_t total, bool is_quiet)
{
    *progress = (struct progress){.is_shown = !is_quiet && isatty(STDERR_FILENO),
                                  .what = what,
                                  .total = total,
                                  .done = already,
                                  .began_at = already,
                                  .began_ms = clock_mono_ms()};
    progress->shown_ms = progress->began_ms;
}

const char *octets_text(uint64_t octets, char room[OCTETS_TEXT])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double value = (double)octets / 1000;
    unsigned unit = 0;

    if (octets < 1000) {
        snprintf(room, OCTETS_TEXT, "%u octets", (unsigned)octets);
        return room;
    }
    for (; value >= 1000 && unit < 3; unit++)
        value /= 1000;
    snprintf(room, OCTETS_TEXT, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return room;
}

static void show(const struct progress *progress, uint64_t now_ms)
{
    uint64_t ms = now_ms - progress->began_ms, rate = ms ? (progress->done - progress->began_at) * 1000 / ms : 0;
    char done[OCTETS_TEXT], total[OCTETS_TEXT], speed[OCTETS_TEXT];

    fprintf(stderr, "\r\033[K%s: %s", progress->what, octets_text(progress->done, done));
    if (progress->total)
        fprintf(stderr, " of %s", octets_text(progress->total, total));
    fprintf(stderr, ", %s/s", octets_text(rate, speed));
    if (progress->total > progress->done && rate)
        fprintf(stderr, ", %llu s left", (unsigned long long)((progress->total - progress->done) / rate));
}

void progress_now(struct progress *progress, uint64_t done)
{
    uint64_t now_ms;

    progress->done = done;
    if (!progress->is_shown || (now_ms = clock_mono_ms()) < progress->shown_ms + EACH_MS)
        return;
    progress->shown_ms = now_ms;
    show(progress, now_ms);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown && progress->shown_ms != progress->began_ms)
        fprintf(stderr, "\r\033[K");
}
