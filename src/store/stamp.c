/*
 * stamp.c - modification times of our own contents.
 *
 * Real time, but each at least one nanosecond after the last, so that no two contents of ours share a
 * tag whatever the clock does. The last one survives a restart in `.samovar/stamp` (8 bytes, rewritten
 * without a sync: after a power cut it may lag, and a clock set back by more than the cut lasted would then
 * still need the same inode number and birth to make two tags meet). It is kept in the page that servers share while
 * one takes over from the other.
 */
#include "core.h"

#include "base/clock.h"

void stamp_note(struct store *store, int64_t modified_ns)
{
    struct share_page *page = store->share.page;

    atomic_store(&page->stamp_recent[atomic_fetch_add(&page->stamp_next, 1) % STAMPS_RECENT], modified_ns);
}

int64_t stamp_next(struct store *store)
{
    struct share_page *page = store->share.page;
    int64_t stamp = clock_real_ns();
    long long last = atomic_load(&page->stamp_last);
    ssize_t kept = 0;

    pthread_mutex_lock(&store->stamp_mutex); /* so that what is written rises */
    do {
        if (stamp <= last)
            stamp = last + 1;
    } while (!atomic_compare_exchange_weak(&page->stamp_last, &last, stamp));
    stamp_note(store, stamp);
    if (atomic_load(&store->state.is_made) && store->state.stamp >= 0)
        kept = pwrite(store->state.stamp, &stamp, sizeof(stamp), 0);
    pthread_mutex_unlock(&store->stamp_mutex);
    (void)kept; /* a full disk does not let us keep it: the clock itself goes on rising */
    return stamp;
}

void stamp_learn(struct store *store)
{
    struct share_page *page = store->share.page;
    long long last = atomic_load(&page->stamp_last);
    int64_t kept = 0;

    if (pread(store->state.stamp, &kept, sizeof(kept), 0) != sizeof(kept))
        return;
    while (kept > last && !atomic_compare_exchange_weak(&page->stamp_last, &last, kept))
        ;
}

/* Two servers that write by turns may leave the lower one. */
void stamp_settle(struct store *store)
{
    int64_t last = atomic_load(&store->share.page->stamp_last);

    if (store->state.stamp >= 0 && last && pwrite(store->state.stamp, &last, sizeof(last), 0) < 0)
        return; /* as above */
}

bool stamp_is_own(struct store *store, int64_t modified_ns)
{
    bool is_own = false;

    for (unsigned i = 0; i < STAMPS_RECENT && !is_own; i++)
        is_own = atomic_load_explicit(&store->share.page->stamp_recent[i], memory_order_relaxed) == modified_ns;
    return is_own;
}
