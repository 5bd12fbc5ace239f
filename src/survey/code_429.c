/*
 * code_429.c - Too Many Requests (RFC 6585 4; docs/spec/policy.md 3): some were served, one was refused and told until
 * when.
 */
#include <time.h>

#include "policy.h"

enum {
    BURST_HINTED = 400, /* requests to a place that is said to have a limit */
    BURST = 40,         /* to any other: as many as a page with its pictures */
    PATIENCE_S = 60,    /* of a Retry-After that is waited for */
};

static void plan_recovery(struct surveyor *surveyor, const struct probe *refused)
{
    uint64_t seconds = 0;

    if (!slice_u64(probe_field(refused, "Retry-After"), &seconds) || seconds > PATIENCE_S)
        return;
    nanosleep(&(struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = 200 * 1000 * 1000}, NULL);
    ask_hinted(surveyor, "after", "GET", "");
}

static void plan(struct surveyor *surveyor)
{
    struct hint *here = arena_alloc(&surveyor->trail->arena, sizeof(*here));
    bool is_named = surveyor->hint != NULL;
    const struct probe *last = NULL;

    here->path = surveyor->sample.len ? surveyor->sample : surveyor->url.path;
    if (!is_named)
        surveyor->hint = here;
    for (unsigned i = 0; i < (is_named ? BURST_HINTED : BURST) && !probe_is(last, 429) && !is_stopped(surveyor); i++) {
        last = ask_hinted(surveyor, "burst", "HEAD", "");
        if (last->trouble.len)
            break;
    }
    if (probe_is(last, 429)) {
        last = ask_hinted(surveyor, "refused", "GET", "");
        plan_recovery(surveyor, last);
    }
    if (!is_named)
        surveyor->hint = NULL;
    if (!probe_is(last, 429))
        is_hinted(surveyor, "a place with a limit that some hundred requests reach");
}

void judge_429(const struct trail *trail, struct finding *finding)
{
    const struct probe *first = trail_find(trail, "burst"), *refused = trail_find(trail, "refused"),
                       *after = trail_find(trail, "after");
    uint64_t seconds;

    if (!finding->is_seen)
        return;
    if (!need(finding, first, !probe_is(first, 429), "POL-25", "RFC 6585 4", "the very first request gave 429") ||
        !need(finding, refused, probe_is(refused, 429), "POL-25", "RFC 6585 4",
              "right behind a request that was refused GET gave %d", probe_status(refused)))
        return;
    need_words(finding, refused, "POL-26", "RFC 6585 4", "explain the limit");
    need_no_store(finding, refused, "POL-28", "RFC 6585 4");
    if (!need(finding, refused, slice_u64(probe_field(refused, "Retry-After"), &seconds), "POL-27", "RFC 9110 10.2.3",
              "the 429 has no Retry-After in seconds"))
        return;
    if (seconds > PATIENCE_S) {
        finding->trouble = SLICE("its Retry-After is longer than a surveyor waits: a smaller limit would show it");
        return;
    }
    need(finding, after, !probe_is(after, 429), "POL-27", "RFC 6585 4", "after Retry-After it still gives 429");
}

const struct check check_429 = {429, plan, judge_429, "too many requests"};
