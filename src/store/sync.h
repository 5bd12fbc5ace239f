/*
 * sync.h - private to store/: fsync() by the one function that counts and times it.
 */
#ifndef STORE_SYNC_H
#define STORE_SYNC_H

#include <stdbool.h>
#include <stdint.h>

/* As fsync(). A descriptor that cannot be synced at all (EBADF, EINVAL, EOPNOTSUPP) counts neither as done nor failed.
 */
int sync_fd(int fd);
/* As syncfs(). */
int sync_file_system(int fd);
/* Another library did it: records were committed, since began_ns of the monotonic clock. */
void sync_was_done(uint64_t began_ns, bool is_good);

#endif
