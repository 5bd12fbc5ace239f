/*
 * facts.h - from what the file system says to what the store says.
 */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "core.h"

enum { FACTS_MASK = STATX_BASIC_STATS | STATX_BTIME };

/* ERR_MISSING for what is neither a file nor a folder. through_symlink is left to the caller (false). */
enum err facts_fill(struct store *store, const struct statx *from, struct facts *facts);
/* Of a descriptor, O_PATH or not. */
enum err facts_of_fd(struct store *store, int fd, struct facts *facts);

struct inode inode_of(const struct store *store, const struct statx *from);

static inline int64_t statx_ns(struct statx_timestamp at)
{
    return at.tv_sec * 1000000000 + at.tv_nsec;
}

static inline uint64_t statx_dev(const struct statx *from)
{
    return (uint64_t)from->stx_dev_major << 32 | from->stx_dev_minor;
}

#endif
