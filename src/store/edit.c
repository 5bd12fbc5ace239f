/*
 * edit.c - see edit.h.
 */
#include "store/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "copy.h"
#include "part.h"

/*
 * Where blocks can be shared, that takes places that are multiples of one. Behind a stretch the copy goes up to such a
 * place first; this is a multiple of every block's size that we met.
 */
enum { ALIGNED = 64 << 10 };

/* ---- at a place, whole ---- */

static enum err write_at(int fd, uint64_t at, struct slice bytes)
{
    while (bytes.len) {
        ssize_t wrote = pwrite(fd, bytes.ptr, bytes.len, (off_t)at);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_from_errno(errno);
        at += (uint64_t)wrote;
        bytes = slice_from(bytes, (size_t)wrote);
    }
    return ERR_NONE;
}

static enum err read_at(int fd, uint64_t at, char *room, size_t len, size_t *got)
{
    *got = 0;
    while (*got < len) {
        ssize_t took = pread(fd, room + *got, len - *got, (off_t)(at + *got));

        if (took < 0 && errno == EINTR)
            continue;
        if (took < 0)
            return err_from_errno(errno);
        if (took == 0)
            break;
        *got += (size_t)took;
    }
    return ERR_NONE;
}

/* ---- what waits ---- */

/* Without O_TMPFILE: a name for the moment of its making. */
static enum err open_named(struct part *part)
{
    static const unsigned char nobody[16];
    char name[64];

    aside_name(part->store, nobody, name, sizeof(name));
    part->scratch = openat(part->store->state.up, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (part->scratch < 0)
        return err_from_errno(errno);
    unlinkat(part->store->state.up, name, 0);
    return ERR_NONE;
}

static enum err scratch_open(struct part *part)
{
    enum err err = state_need(part->store);

    if (err != ERR_NONE)
        return err;
    if (store_is_lacking(part->store, MISSING_TMPFILE))
        return open_named(part);
    part->scratch = openat(part->store->state.up, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (part->scratch >= 0)
        return ERR_NONE;
    return errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL ? open_named(part) : err_from_errno(errno);
}

enum err part_scratch_write(struct part *part, struct slice bytes)
{
    enum err err = part->scratch < 0 ? scratch_open(part) : ERR_NONE;

    if (err == ERR_NONE)
        err = part_claim_upto(part, part->scratch_size + bytes.len);
    if (err == ERR_NONE)
        err = write_at(part->scratch, part->scratch_size, bytes);
    if (err == ERR_NONE)
        part->scratch_size += bytes.len;
    return err;
}

uint64_t part_scratch_size(const struct part *part)
{
    return part->scratch_size;
}

enum err part_scratch_read(struct part *part, uint64_t at, void *room, size_t len)
{
    size_t got;
    enum err err = read_at(part->scratch, at, room, len, &got);

    return err == ERR_NONE && got < len ? ERR_IO : err;
}

/* ---- the content ---- */

enum err part_expect(struct part *part, uint64_t bytes)
{
    return part_claim_upto(part, bytes);
}

uint64_t part_disk_room(const struct part *part)
{
    struct statvfs got;
    uint64_t blocks, room;

    if (fstatvfs(part->fd, &got) < 0 || !got.f_blocks)
        return UINT64_MAX;
    blocks = geteuid() == 0 ? got.f_bfree : got.f_bavail;
    return __builtin_mul_overflow(blocks, (uint64_t)got.f_frsize, &room) ? UINT64_MAX : room;
}

enum err part_write_at(struct part *part, uint64_t at, struct slice bytes)
{
    enum err err = write_at(part->fd, at, bytes);

    if (err == ERR_NONE && at + bytes.len > part->written)
        part->written = at + bytes.len;
    return err;
}

enum err part_fill_around(struct part *part, int base, uint64_t size, uint64_t first, uint64_t end,
                          struct progress progress)
{
    uint64_t aligned = (end + ALIGNED - 1) / ALIGNED * ALIGNED;
    enum err err = ERR_NONE;

    part->written = size > end ? size : end;
    if (ftruncate(part->fd, (off_t)part->written) < 0) /* a hole at the end of the base is one here, too */
        return err_from_errno(errno);
    if (first)
        err = copy_span(base, part->fd, 0, first, progress);
    if (err == ERR_NONE && end < size)
        err = copy_span(base, part->fd, end, aligned < size ? aligned : size, progress);
    if (err == ERR_NONE && aligned < size)
        err = copy_span(base, part->fd, aligned, size, progress);
    return err;
}

uint64_t part_size(const struct part *part)
{
    return part->written;
}

enum err part_read(struct part *part, uint64_t at, void *room, size_t len, size_t *got)
{
    return read_at(part->fd, at, room, len, got);
}
