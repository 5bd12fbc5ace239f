/*
 * stamp.c - modification times of our own contents.
 *
 * Real time, but each at least one nanosecond after the last, so that no two contents of ours share a
 * tag whatever the clock does. The last one survives a restart in `.samovar/stamp` (8 bytes, rewritten
 * without a sync: after a power cut it may lag, and a clock set back by more than the cut lasted would then
 * still need the same inode number and birth to make two tags meet).
 */
#include "core.h"

#include "base/clock.h"

enum { RECENT = sizeof(((struct stamps *)0)->recent) / sizeof(int64_t) };

int64_t stamp_next(struct store *store)
{
    struct stamps *stamps = &store->stamps;
    int64_t stamp = clock_real_ns();
    ssize_t kept = 0;

    pthread_mutex_lock(&stamps->mutex);
    if (stamp <= stamps->last)
        stamp = stamps->last + 1;
    stamps->last = stamp;
    stamps->recent[stamps->next++ % RECENT] = stamp;
    if (atomic_load(&store->state.is_made) && store->state.stamp >= 0)
        kept = pwrite(store->state.stamp, &stamp, sizeof(stamp), 0);
    pthread_mutex_unlock(&stamps->mutex);
    (void)kept; /* a full disk does not let us keep it: the clock itself goes on rising */
    return stamp;
}

bool stamp_is_own(struct store *store, int64_t modified_ns)
{
    struct stamps *stamps = &store->stamps;
    bool is_own = false;

    pthread_mutex_lock(&stamps->mutex);
    for (unsigned i = 0; i < RECENT && !is_own; i++)
        is_own = stamps->recent[i] == modified_ns;
    pthread_mutex_unlock(&stamps->mutex);
    return is_own;
}
