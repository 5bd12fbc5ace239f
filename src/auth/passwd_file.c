/*
 * passwd_file.c - a users file, replaced.
 *
 * The lock is on the folder, not on the file: the file is another one after each change, and none before the first.
 */
#include "passwd_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

#include "base/fd.h"
#include "base/hash.h"
#include "users.h"

/* Another one is done in milliseconds. */
enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 50, FILE_BYTES_MAX = 16 << 20 };

static bool complain(struct buf *why, const char *path, const char *what)
{
    buf_printf(why, "%s: %s", path, what);
    return false;
}

/* The path without links in it; of a file that is not there yet, its folder's. NULL: errno says why. */
static char *find_place(const char *path)
{
    char *whole = realpath(path, NULL), *folder;
    const char *slash = strrchr(path, '/');
    struct buf out = BUF_INIT(2 * PATH_MAX);
    struct stat link;

    if (whole || errno != ENOENT || lstat(path, &link) == 0) /* a link that leads nowhere is there */
        return whole;
    buf_add(&out, slice_of(path, slash ? (size_t)(slash - path) + 1 : 0));
    folder = realpath(out.len ? buf_str(&out) : ".", NULL);
    if (folder) {
        buf_clear(&out);
        buf_printf(&out, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, slash ? slash + 1 : path);
        whole = xstrdup(buf_slice(&out));
    }
    free(folder);
    buf_release(&out);
    return whole;
}

static bool lock(int folder)
{
    struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        if (flock(folder, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        nanosleep(&pause, NULL);
    }
    return false;
}

static bool open_folder(struct passwd_file *file, struct buf *why)
{
    char *slash = strrchr(file->path, '/');

    file->name = slash + 1;
    *slash = '\0';
    file->folder = open(slash == file->path ? "/" : file->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *slash = '/';
    if (file->folder < 0)
        return complain(why, file->path, strerror(errno));
    if (file->name[0] == '\0')
        return complain(why, file->path, "a folder, not a file");
    return lock(file->folder) || complain(why, file->path, "somebody else is changing a file in its folder; try again");
}

bool passwd_file_open(struct passwd_file *file, const char *path, struct buf *why)
{
    *file = (struct passwd_file){.folder = -1, .text = BUF_INIT(FILE_BYTES_MAX)};
    file->path = find_place(path);
    if (!file->path)
        return complain(why, path, strerror(errno));
    if (!open_folder(file, why))
        return false;
    file->exists = fstatat(file->folder, file->name, &file->stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (!file->exists)
        return errno == ENOENT || complain(why, file->path, strerror(errno));
    return users_file_read(file->path, &file->text, why);
}

static bool write_all(int fd, struct slice text)
{
    while (text.len > 0) {
        ssize_t done = write(fd, text.ptr, text.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text = slice_from(text, (size_t)done);
    }
    return true;
}

/* Owner before mode: a change of owner takes set-id bits away, and must not come when others may read already. */
static bool dress(const struct passwd_file *file, int fd)
{
    struct stat made;

    if (!file->exists)
        return true;
    if (fstat(fd, &made) != 0)
        return false;
    if ((made.st_uid != file->stat.st_uid || made.st_gid != file->stat.st_gid) &&
        fchown(fd, file->stat.st_uid, file->stat.st_gid) != 0)
        return false;
    return fchmod(fd, file->stat.st_mode & 0777) == 0;
}

static bool fill(const struct passwd_file *file, const char *name, struct slice text, struct buf *why)
{
    FD_GUARD fd = openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return complain(why, file->path, strerror(errno));
    if (!dress(file, fd)) {
        buf_printf(why, "%s: its owner and mode cannot be kept (%s); do this as its owner or as root", file->path,
                   strerror(errno));
        return false;
    }
    return (write_all(fd, text) && fsync(fd) == 0) || complain(why, file->path, strerror(errno));
}

bool passwd_file_replace(struct passwd_file *file, struct slice text, struct buf *why)
{
    char name[NAME_MAX + 1];
    uint64_t number;

    random_bytes(&number, sizeof(number));
    /* begins with a dot and is gone at once: a power cut may leave one, which nothing reads */
    snprintf(name, sizeof(name), ".samovar-passwd-%016llx", (unsigned long long)number);
    if (!fill(file, name, text, why)) {
        unlinkat(file->folder, name, 0);
        return false;
    }
    if (renameat(file->folder, name, file->folder, file->name) != 0) {
        complain(why, file->path, strerror(errno));
        unlinkat(file->folder, name, 0);
        return false;
    }
    if (fsync(file->folder) != 0)
        return complain(why, file->path, strerror(errno));
    return true;
}

void passwd_file_close(struct passwd_file *file)
{
    fd_close(&file->folder); /* ends the lock */
    free(file->path);
    if (file->text.len > 0)
        explicit_bzero(file->text.ptr, file->text.len);
    buf_release(&file->text);
}
