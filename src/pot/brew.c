/*
 * brew.c - the states of a brew: heating, brewing, pouring, done. A pure function of what was ordered and the clock.
 *
 * Tea that is stopped early is served as weak as it is, with the milk that was asked for (RFC 7168 §2.1.2); coffee that
 * is stopped early is not served. Brewing ends by itself at the strength that is recommended. Who says stop while milk
 * is poured has said WHEN.
 */
#include "pot/pot.h"

static const char *const state_names[POT_STATES] = {
    [POT_IDLE] = "idle",       [POT_HEATING] = "heating", [POT_BREWING] = "brewing",
    [POT_POURING] = "pouring", [POT_DONE] = "done",       [POT_STOPPED] = "stopped",
};

const char *pot_state_name(enum pot_state state)
{
    return state_names[state];
}

enum pot_state pot_state_find(struct slice name)
{
    enum pot_state at = POT_IDLE;

    while (at < POT_STATES && !slice_eq_nocase(slice_str(state_names[at]), name))
        at++;
    return at;
}

bool pot_is_busy(enum pot_state state)
{
    return state == POT_HEATING || state == POT_BREWING || state == POT_POURING;
}

/* In milliseconds since it began. A clock that was set back does not undo what was begun. */
static int64_t since(const struct brew *brew, int64_t then_ms)
{
    return then_ms > brew->began_ms ? then_ms - brew->began_ms : 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * The same of now. What was recorded has happened: the clock of another server that shares the folder may be some
 * milliseconds ahead of ours.
 */
static int64_t present(const struct brew *brew, int64_t now_ms)
{
    return since(brew, most(now_ms, most(brew->stopped_ms, brew->enough_ms)));
}

/* When water and leaves, or grounds, part. */
static int64_t brewing_end(const struct brew *brew)
{
    int64_t end = (int64_t)brew->heating_ms + brew->brewing_ms;

    return brew->stopped_ms ? least(since(brew, brew->stopped_ms), end) : end;
}

static bool is_served(const struct brew *brew)
{
    return brew->is_tea || !brew->stopped_ms ||
           since(brew, brew->stopped_ms) >= (int64_t)brew->heating_ms + brew->brewing_ms;
}

static int64_t pouring_end(const struct brew *brew)
{
    int64_t begin = brewing_end(brew), end = begin + (is_served(brew) ? (int64_t)brew->pouring_ms : 0);

    if (!brew->enough_ms)
        return end;
    end = least(since(brew, brew->enough_ms), end);
    return end > begin ? end : begin;
}

static unsigned strength_at(const struct brew *brew, int64_t at)
{
    int64_t steeped = least(at, brewing_end(brew)) - brew->heating_ms;

    if (!brew->brewing_ms)
        return steeped >= 0 ? 100 : 0;
    return steeped > 0 ? (unsigned)(steeped * 100 / brew->brewing_ms) : 0;
}

static uint32_t poured_at(const struct brew *brew, int64_t at)
{
    int64_t poured = least(at, pouring_end(brew)) - brewing_end(brew);

    return poured > 0 && brew->pouring_ms ? (uint32_t)(poured * brew->milk_ml / brew->pouring_ms) : 0;
}

static enum pot_state state_at(const struct brew *brew, int64_t at)
{
    if (at >= pouring_end(brew))
        return is_served(brew) ? POT_DONE : POT_STOPPED;
    if (at >= brewing_end(brew))
        return POT_POURING;
    return at >= brew->heating_ms ? POT_BREWING : POT_HEATING;
}

void brew_look(const struct brew *brew, int64_t now_ms, struct pot_view *out)
{
    int64_t at;

    *out = (struct pot_view){.state = POT_IDLE};
    if (!brew)
        return;
    at = present(brew, now_ms);
    out->brew = *brew;
    out->has_brew = true;
    out->state = state_at(brew, at);
    out->strength = strength_at(brew, at);
    out->poured_ml = poured_at(brew, at);
    if (pot_is_busy(out->state))
        out->remaining_ms = (uint64_t)(pouring_end(brew) - at);
}

bool brew_enough(struct brew *brew, int64_t now_ms)
{
    int64_t at = present(brew, now_ms);

    if (state_at(brew, at) != POT_POURING)
        return false;
    brew->enough_ms = brew->began_ms + at;
    return true;
}

bool brew_stop(struct brew *brew, int64_t now_ms)
{
    int64_t at = present(brew, now_ms);

    switch (state_at(brew, at)) {
    case POT_HEATING:
    case POT_BREWING:
        brew->stopped_ms = brew->began_ms + at;
        return true;
    case POT_POURING:
        return brew_enough(brew, now_ms);
    default:
        return false;
    }
}

void brew_finish(struct brew *brew, int64_t now_ms)
{
    int64_t at = present(brew, now_ms);

    brew->heating_ms = (uint32_t)least(brew->heating_ms, at);
    brew->brewing_ms = (uint32_t)least(brew->brewing_ms, at - brew->heating_ms);
    brew->enough_ms = brew->began_ms + at;
}
