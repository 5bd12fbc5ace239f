/*
 * sync.c - every wait for the disk to have what was promised: counted and timed for the whole process.
 */
#include "sync.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

static struct store_syncs syncs;

const struct store_syncs *store_syncs(void)
{
    return &syncs;
}

void sync_was_done(uint64_t began_ns, bool is_good)
{
    histogram_count_shared(&syncs.durations, clock_mono_ns() - began_ns);
    if (!is_good)
        atomic_fetch_add_explicit(&syncs.failures, 1, memory_order_relaxed);
}

/* errno stays as it was. */
static int done(uint64_t began_ns, int code)
{
    int why = errno;

    if (code == 0 || (why != EBADF && why != EINVAL && why != EOPNOTSUPP))
        sync_was_done(began_ns, code == 0);
    errno = why;
    return code;
}

int sync_fd(int fd)
{
    uint64_t began_ns = clock_mono_ns();

    return done(began_ns, fsync(fd));
}

int sync_file_system(int fd)
{
    uint64_t began_ns = clock_mono_ns();

    return done(began_ns, syncfs(fd));
}
