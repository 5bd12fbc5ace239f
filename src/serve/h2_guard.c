/*
 * h2_guard.c - the bucket of credit.
 */
#include "h2_guard.h"

void guard_init(struct h2_guard *guard, uint64_t now_ms)
{
    *guard = (struct h2_guard){.credit = GUARD_CREDIT_MAX, .at_ms = now_ms};
}

void guard_earn(struct h2_guard *guard, uint64_t units)
{
    uint64_t room = (uint64_t)(GUARD_CREDIT_MAX - guard->credit);

    guard->credit += (int64_t)(units < room ? units : room);
}

/* Whole units only: the rest of the time counts later. */
static void fill_with_time(struct h2_guard *guard, uint64_t now_ms)
{
    uint64_t passed = now_ms > guard->at_ms ? now_ms - guard->at_ms : 0, units;

    if (passed > UINT32_MAX)
        passed = UINT32_MAX;
    units = passed * GUARD_A_SECOND / 1000;
    if (!units)
        return;
    guard_earn(guard, units);
    guard->at_ms = now_ms;
}

bool guard_spend(struct h2_guard *guard, uint64_t now_ms, unsigned cost)
{
    fill_with_time(guard, now_ms);
    if (guard->credit < (int64_t)cost)
        return false;
    guard->credit -= (int64_t)cost;
    return true;
}
