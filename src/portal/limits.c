/*
 * limits.c - how long a session lasts, and how much it may carry.
 */
#include "base/clock.h"
#include "portal_private.h"

int64_t clock_onward_s(int64_t wall_ns, int64_t running_ns, atomic_int_least64_t *most)
{
    int64_t began_ns = wall_ns - running_ns, before = atomic_load(most);

    while (before < began_ns && !atomic_compare_exchange_weak(most, &before, began_ns))
        ;
    return (running_ns + (before < began_ns ? began_ns : before)) / 1000000000;
}

int64_t guests_now_s(void)
{
    static atomic_int_least64_t most = INT64_MIN;
    struct timespec running;

    clock_gettime(CLOCK_BOOTTIME, &running); /* time goes on while the machine sleeps, and guests leave */
    return clock_onward_s(clock_real_ns(), (int64_t)running.tv_sec * 1000000000 + running.tv_nsec, &most);
}

int64_t session_until(const struct session *session)
{
    const struct voucher *voucher = session->voucher;

    if (!voucher)
        return session->until_s;
    return voucher->grant.seconds ? voucher->first_s + (int64_t)voucher->grant.seconds : 0;
}

uint64_t session_bytes_max(const struct session *session)
{
    return session->voucher ? session->voucher->grant.bytes : session->bytes_max;
}

uint64_t session_bytes_used(const struct session *session)
{
    return session->voucher ? session->voucher->used : session->used;
}

bool session_is_over(const struct session *session, int64_t now_s)
{
    int64_t until_s = session_until(session);

    return until_s && until_s <= now_s;
}

bool session_is_spent(const struct session *session)
{
    uint64_t most = session_bytes_max(session);

    return most && session_bytes_used(session) >= most;
}

bool session_is_free(const struct session *session, int64_t now_s)
{
    return !session_is_over(session, now_s) && !session_is_spent(session);
}
