/*
 * lines.c - files of users, a line at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "users.h"

/* A hundred thousand users of 160 bytes each. */
#define FILE_BYTES_MAX (16u << 20)
enum { PIECE_BYTES = 64 << 10 };

bool lines_refuse(const struct lines *lines, unsigned line, const char *what)
{
    buf_printf(lines->why, "%s:%u: %s", lines->path, line, what);
    return false;
}

static bool check_file(const char *path, int fd, struct buf *why)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        buf_printf(why, "%s: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        buf_printf(why, "%s: not a file", path);
        return false;
    }
    if (st.st_mode & S_IWOTH) { /* whoever may write it may become any user */
        buf_printf(why, "%s: everybody on this system may write it; chmod o-w it first", path);
        return false;
    }
    return true;
}

static bool slurp(const char *path, int fd, struct buf *text, struct buf *why)
{
    for (;;) {
        size_t room = text->max - text->len < PIECE_BYTES ? text->max - text->len : PIECE_BYTES;
        char *at = room ? buf_reserve(text, room) : NULL;
        ssize_t got;

        if (!at) {
            buf_printf(why, "%s: larger than %zu KiB", path, text->max >> 10);
            return false;
        }
        got = read(fd, at, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            buf_printf(why, "%s: %s", path, strerror(errno));
            return false;
        }
        if (got == 0)
            return true;
        buf_grown(text, (size_t)got);
    }
}

bool users_file_read(const char *path, struct buf *out, struct buf *why)
{
    FD_GUARD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hold us */

    if (fd < 0) {
        buf_printf(why, "%s: %s", path, strerror(errno));
        return false;
    }
    return check_file(path, fd, why) && slurp(path, fd, out, why);
}

static bool take_all(struct lines *lines, bool (*take)(struct lines *lines, struct slice text), struct slice text)
{
    for (lines->line = 1; text.len > 0; lines->line++) {
        size_t end = slice_index(text, '\n');
        struct slice line = slice_upto(text, end);

        text = slice_from(text, end + 1);
        if (slice_ends(line, SLICE("\r")))
            line.len--;
        line = slice_trim(line);
        if (slice_is_empty(line) || line.ptr[0] == '#')
            continue;
        if (!take(lines, line))
            return false;
    }
    return true;
}

bool lines_read(struct lines *lines, bool (*take)(struct lines *lines, struct slice text))
{
    struct buf text = BUF_INIT(FILE_BYTES_MAX);
    bool is_good = users_file_read(lines->path, &text, lines->why) && take_all(lines, take, buf_slice(&text));

    buf_release(&text); /* hashes are no passwords */
    return is_good;
}
