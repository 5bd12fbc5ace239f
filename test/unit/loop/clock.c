/*
 * clock.c - stands before clock_gettime() of the program that it is linked with.
 */
#include "clock.h"

#include <stdatomic.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static atomic_uint_least64_t added_ms;

void clock_add_ms(uint64_t ms)
{
    atomic_fetch_add(&added_ms, ms);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int got = __real_clock_gettime(clock, now);
    uint64_t ms = atomic_load(&added_ms);

    if (clock == CLOCK_MONOTONIC) {
        now->tv_sec += (time_t)(ms / 1000);
        now->tv_nsec += (long)(ms % 1000) * 1000000;
        if (now->tv_nsec >= 1000000000) {
            now->tv_nsec -= 1000000000;
            now->tv_sec++;
        }
    }
    return got;
}
