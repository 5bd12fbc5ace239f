/*
 * copy_file.c - the content of one file.
 *
 * Blocks are shared where the file system can; else the kernel copies them in pieces, and else we do. What is a hole in
 * the source is one in the copy. A file that somebody writes to meanwhile is copied anew, a few times.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "facts.h"
#include "sync.h"

enum {
    READ_BYTES = 256 << 10,
    TRIES_MAX = 3,
    NAMES_MAX = 64 << 10, /* the kernel's limit for a list of attributes, and for one value */
};

/* ---- content ---- */

static enum err write_all(int to, const char *bytes, size_t len, off_t at)
{
    while (len) {
        ssize_t wrote = pwrite(to, bytes, len, at);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_from_errno(errno);
        bytes += wrote;
        at += wrote;
        len -= (size_t)wrote;
    }
    return ERR_NONE;
}

/* Where the kernel does not copy between these two. *got: 0 at the end. */
static enum err read_piece(int from, int to, off_t at, size_t len, size_t *got)
{
    char *room = xmalloc(READ_BYTES);
    ssize_t took;
    enum err err = ERR_NONE;

    do
        took = pread(from, room, len < READ_BYTES ? len : READ_BYTES, at);
    while (took < 0 && errno == EINTR);
    if (took < 0)
        err = err_from_errno(errno);
    else
        err = write_all(to, room, (size_t)took, at);
    *got = took > 0 ? (size_t)took : 0;
    free(room);
    return err;
}

static enum err copy_piece(int from, int to, off_t at, size_t len, size_t *got)
{
    off_t in = at, out = at;
    ssize_t took = copy_file_range(from, &in, to, &out, len, 0);

    *got = took > 0 ? (size_t)took : 0;
    if (took > 0)
        return ERR_NONE;
    if (took < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
        return err_from_errno(errno);
    return read_piece(from, to, at, len, got); /* also for 0, as some file systems say of what has no size */
}

static enum err copy_stretch(int from, int to, off_t at, off_t end, struct progress progress)
{
    while (at < end) {
        size_t len = end - at > COPY_PIECE ? COPY_PIECE : (size_t)(end - at), got;
        enum err err = copy_piece(from, to, at, len, &got);

        if (err != ERR_NONE || got == 0) /* 0: it became shorter, which is noticed afterwards */
            return err;
        at += (off_t)got;
        if (!progress_goes_on(progress))
            return ERR_CLOSED;
    }
    return ERR_NONE;
}

enum err copy_span(int from, int to, uint64_t first, uint64_t last, struct progress progress)
{
    off_t end = (off_t)last, at = (off_t)first;
    enum err err = ERR_NONE;

    while (at < end && err == ERR_NONE) {
        off_t data = lseek(from, at, SEEK_DATA), hole;

        if (data < 0 && errno == ENXIO) /* a hole to the end */
            break;
        data = data < 0 ? at : data;
        hole = lseek(from, data, SEEK_HOLE);
        if (hole <= data || hole > end)
            hole = end;
        err = copy_stretch(from, to, data, hole, progress);
        at = hole;
    }
    return err;
}

enum err copy_content(int from, int to, uint64_t size, struct progress progress)
{
    off_t end = (off_t)size;
    enum err err;

    if (ftruncate(to, 0) < 0)
        return err_from_errno(errno);
    if (size == 0 || ioctl(to, FICLONE, from) == 0)
        return ERR_NONE;
    err = copy_span(from, to, 0, size, progress);
    if (err == ERR_NONE && ftruncate(to, end) < 0)
        err = err_from_errno(errno);
    return err;
}

/* ---- what goes with it ---- */

/* Users' own; what cannot be kept is left out, as with every copy to a simpler file system. */
static void copy_attributes(int from, int to)
{
    ssize_t len = flistxattr(from, NULL, 0);
    char *names, *value;

    if (len <= 0 || len > NAMES_MAX)
        return;
    names = xmalloc(NAMES_MAX);
    value = xmalloc(NAMES_MAX);
    len = flistxattr(from, names, NAMES_MAX);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t value_len;

        if (strncmp(names + at, "user.", 5) != 0 || strncmp(names + at, "user.samovar.", 13) == 0)
            continue;
        value_len = fgetxattr(from, names + at, value, NAMES_MAX);
        if (value_len >= 0)
            (void)!fsetxattr(to, names + at, value, (size_t)value_len, 0);
    }
    free(names);
    free(value);
}

static enum err stamp(struct store *store, int to, struct facts *now)
{
    int64_t stamp_ns = stamp_next(store);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = stamp_ns / 1000000000, .tv_nsec = stamp_ns % 1000000000}};

    if (futimens(to, times) < 0)
        return err_from_errno(errno);
    return facts_of_fd(store, to, now);
}

enum err copy_file(struct copying *copying, int from, int to, struct facts *old, struct facts *now)
{
    struct store *store = copying->carriage->store;
    struct facts after;
    enum err err = ERR_CHANGED;

    for (int i = 0; i < TRIES_MAX && err == ERR_CHANGED; i++) {
        err = facts_of_fd(store, from, old);
        if (err == ERR_NONE)
            err = copy_content(from, to, old->size, copying->carriage->transfer->progress);
        if (err == ERR_NONE)
            err = facts_of_fd(store, from, &after);
        if (err == ERR_NONE && (after.size != old->size || after.modified_ns != old->modified_ns))
            err = ERR_CHANGED;
    }
    if (err != ERR_NONE)
        return err;
    copy_attributes(from, to);
    return stamp(store, to, now);
}

enum err copy_sync(struct copying *copying, int fd)
{
    enum store_durability durability = copying->carriage->store->options.durability;
    enum err err = ERR_NONE;

    if (fd >= 0) {
        /* begun now, waited for later: a hint, so its failure is nothing */
        if (durability == DURABILITY_FULL)
            sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
        copying->unsynced[copying->unsynced_count++] = fd;
        if (copying->unsynced_count < COPY_OPEN)
            return ERR_NONE;
    }
    for (unsigned i = 0; i < copying->unsynced_count; i++) {
        if (err == ERR_NONE && durability == DURABILITY_FULL && sync_fd(copying->unsynced[i]) < 0)
            err = err_from_errno(errno);
        close(copying->unsynced[i]);
    }
    copying->unsynced_count = 0;
    return err;
}
