/*
 * test_sync.c - waits for the disk are counted, for the whole process.
 */
#include <errno.h>
#include <unistd.h>

#include "folder.h"
#include "check.h"
#include "store/sync.h"

static uint64_t counted(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
        sum += atomic_load(&store_syncs()->durations.counts[i]);
    return sum;
}

TEST(sync__a_durable_change_waits_for_the_disk_and_a_relaxed_one_does_not)
{
    const struct store_options relaxed = {.durability = DURABILITY_RELAXED};
    struct folder folder;
    struct commit commit;
    uint64_t before;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "content", no_guard, &commit), ERR_NONE);
    before = counted();
    CHECK_INT(put(&folder, "b", "content", no_guard, &commit), ERR_NONE);
    CHECK(counted() >= before + 2); /* the file, its folder */
    folder_stop(&folder);
    folder_serve(&folder, &relaxed);
    CHECK_INT(put(&folder, "c", "content", no_guard, &commit), ERR_NONE);
    before = counted();
    CHECK_INT(put(&folder, "d", "content", no_guard, &commit), ERR_NONE);
    CHECK_U64(counted(), before);
    folder_remove(&folder);
}

TEST(sync__what_cannot_be_synced_is_no_failure)
{
    uint64_t before = counted(), failures = atomic_load(&store_syncs()->failures);
    int fds[2];

    CHECK_INT(pipe(fds), 0);
    CHECK_INT(sync_fd(fds[1]), -1);
    CHECK_INT(errno, EINVAL);
    CHECK_INT(sync_fd(-1), -1);
    CHECK_INT(errno, EBADF);
    CHECK_U64(counted(), before);
    sync_was_done(0, false);
    CHECK_U64(counted(), before + 1);
    CHECK_U64(atomic_load(&store_syncs()->failures), failures + 1);
    close(fds[0]);
    close(fds[1]);
}
