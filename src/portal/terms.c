/*
 * terms.c - the file with the terms of use is read, each time anew: who edits it sees the change at once.
 */
#include "terms.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"

static WORKER_SIDE enum err read_all(int fd, size_t size, struct buf *out)
{
    while (size) {
        char *room = buf_reserve(out, size);
        ssize_t got = room ? read(fd, room, size) : 0;

        if (!room)
            return ERR_TOO_LARGE;
        if (got < 0 && errno != EINTR)
            return err_from_errno(errno);
        if (got == 0)
            return ERR_NONE; /* somebody cut it meanwhile */
        if (got > 0) {
            buf_grown(out, (size_t)got);
            size -= (size_t)got;
        }
    }
    return ERR_NONE;
}

static WORKER_SIDE enum err read_file(const char *path, struct buf *out)
{
    FD_GUARD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe there would hold us up */
    struct stat st;

    if (fd < 0 || fstat(fd, &st))
        return err_from_errno(errno);
    if (!S_ISREG(st.st_mode))
        return ERR_INVALID;
    return read_all(fd, (size_t)st.st_size, out);
}

enum err terms_read(const char *file, const char *tag, struct buf *out, bool *is_in_tag)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s.%s", file, tag);

    *is_in_tag = false;
    if (len > 0 && (size_t)len < sizeof(path) && read_file(path, out) == ERR_NONE) {
        *is_in_tag = true;
        return ERR_NONE;
    }
    buf_clear(out);
    return read_file(file, out);
}
