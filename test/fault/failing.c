/*
 * failing.c - preloaded into the server: the k-th system call that could fail does, once.
 *
 * The test and the server share the file named by FAULTS, as struct faults below. While it is armed, the calls of the
 * chosen side are counted; the k-th one is not made and gives the error instead. Sides are told by the threads' names:
 * workers do the disk's work, loops the network's. Only calls on files and sockets count: an eventfd never fails.
 * With KILL for an error only calls count that change something on the disk, and the server dies before the k-th.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { SYS_CACHESTAT = 451, KILL = -1 };

enum side { SIDE_NONE, SIDE_WORKERS, SIDE_LOOPS, SIDE_UNKNOWN };

struct faults {
    atomic_int armed; /* an enum side */
    int32_t at, error;
    atomic_int count, hit;
    char name[32]; /* of the call that was hit */
};

static struct faults *faults;
static __thread enum side here = SIDE_UNKNOWN;

#define REAL(name) ((__typeof__(&name))real(#name, &real_##name))
static void *real(const char *name, void **slot)
{
    if (!*slot)
        *slot = dlsym(RTLD_NEXT, name);
    return *slot;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAULTS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (at != MAP_FAILED)
        faults = at;
    if (fd >= 0)
        close(fd);
}

static enum side side_of_this_thread(void)
{
    char name[16] = "";

    if (here != SIDE_UNKNOWN)
        return here;
    prctl(PR_GET_NAME, name, 0, 0, 0);
    here = SIDE_NONE;
    if (strcmp(name, "quick") == 0 || strcmp(name, "slow") == 0 || strcmp(name, "commit") == 0 ||
        strcmp(name, "store-records") == 0)
        here = SIDE_WORKERS;
    else if (strncmp(name, "loop-", 5) == 0)
        here = SIDE_LOOPS;
    return here;
}

static bool is_change(const char *name)
{
    static const char *const changes[] = {
        "fsync",     "fdatasync",       "syncfs",  "linkat",    "renameat",     "unlinkat", "symlinkat",
        "renameat2", "copy_file_range", "mkdirat", "futimens",  "fchmod",       "fchown",   "ftruncate64",
        "ftruncate", "pwrite64",        "pwrite",  "fsetxattr", "fremovexattr", "write",    "writev"};

    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
        if (strcmp(changes[i], name) == 0)
            return true;
    return false;
}

static bool must_fail(const char *name)
{
    if (!faults || !atomic_load(&faults->armed) || (int)side_of_this_thread() != atomic_load(&faults->armed) ||
        (faults->error == KILL && !is_change(name)))
        return false;
    if (atomic_fetch_add(&faults->count, 1) + 1 != faults->at)
        return false;
    strncpy(faults->name, name, sizeof(faults->name) - 1);
    atomic_store(&faults->hit, 1);
    if (faults->error == KILL)
        kill(getpid(), SIGKILL);
    errno = faults->error;
    return true;
}

/* Reads and writes that tell another thread something are no calls of this kind. */
static bool is_file(int fd)
{
    struct stat st;
    int before = errno;
    bool is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

    errno = before;
    return is;
}

#define FAIL_INT(type, name, params, args)                                                                             \
    type name params                                                                                                   \
    {                                                                                                                  \
        static void *real_##name;                                                                                      \
        return must_fail(#name) ? (type)-1 : REAL(name) args;                                                          \
    }

#define FAIL_ON_FILES(type, name, params, args, fd)                                                                    \
    type name params                                                                                                   \
    {                                                                                                                  \
        static void *real_##name;                                                                                      \
        return is_file(fd) && must_fail(#name) ? (type)-1 : REAL(name) args;                                           \
    }

FAIL_INT(int, statx, (int dir, const char *restrict path, int flags, unsigned mask, struct statx *restrict out),
         (dir, path, flags, mask, out))
FAIL_INT(int, fstatat64, (int dir, const char *restrict path, struct stat64 *restrict out, int flags),
         (dir, path, out, flags))
FAIL_INT(int, fstatvfs64, (int fd, struct statvfs64 *out), (fd, out))
FAIL_INT(int, faccessat, (int dir, const char *path, int mode, int flags), (dir, path, mode, flags))
FAIL_INT(int, fsync, (int fd), (fd))
FAIL_INT(int, fdatasync, (int fd), (fd))
FAIL_INT(int, syncfs, (int fd), (fd))
FAIL_INT(int, sync_file_range, (int fd, off64_t from, off64_t len, unsigned flags), (fd, from, len, flags))
FAIL_INT(int, linkat, (int from, const char *a, int to, const char *b, int flags), (from, a, to, b, flags))
FAIL_INT(int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b))
FAIL_INT(int, renameat2, (int from, const char *a, int to, const char *b, unsigned flags), (from, a, to, b, flags))
FAIL_INT(int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
FAIL_INT(int, symlinkat, (const char *text, int dir, const char *name), (text, dir, name))
FAIL_INT(ssize_t, copy_file_range, (int from, off64_t *a, int to, off64_t *b, size_t len, unsigned flags),
         (from, a, to, b, len, flags))
FAIL_INT(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
FAIL_INT(int, futimens, (int fd, const struct timespec times[2]), (fd, times))
FAIL_INT(int, fchmod, (int fd, mode_t mode), (fd, mode))
FAIL_INT(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
FAIL_INT(int, ftruncate64, (int fd, off64_t len), (fd, len))
FAIL_INT(int, ftruncate, (int fd, off_t len), (fd, len))
FAIL_INT(ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t len), (fd, name, value, len))
FAIL_INT(int, fsetxattr, (int fd, const char *name, const void *value, size_t len, int flags),
         (fd, name, value, len, flags))
FAIL_INT(ssize_t, getxattr, (const char *path, const char *name, void *value, size_t len), (path, name, value, len))
FAIL_INT(ssize_t, listxattr, (const char *path, char *list, size_t len), (path, list, len))
FAIL_INT(ssize_t, flistxattr, (int fd, char *list, size_t len), (fd, list, len))
FAIL_INT(int, fremovexattr, (int fd, const char *name), (fd, name))
FAIL_INT(ssize_t, readlinkat, (int dir, const char *restrict path, char *restrict out, size_t len),
         (dir, path, out, len))
FAIL_INT(ssize_t, pread64, (int fd, void *room, size_t len, off64_t at), (fd, room, len, at))
FAIL_INT(ssize_t, pread, (int fd, void *room, size_t len, off_t at), (fd, room, len, at))
FAIL_INT(ssize_t, pwrite64, (int fd, const void *bytes, size_t len, off64_t at), (fd, bytes, len, at))
FAIL_INT(ssize_t, pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at))
FAIL_INT(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask))
FAIL_INT(ssize_t, sendfile64, (int to, int from, off64_t *at, size_t len), (to, from, at, len))
FAIL_INT(ssize_t, send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, len, flags))
FAIL_INT(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
FAIL_INT(ssize_t, recv, (int fd, void *room, size_t len, int flags), (fd, room, len, flags))
FAIL_INT(int, accept4, (int fd, struct sockaddr *restrict addr, socklen_t *restrict len, int flags),
         (fd, addr, len, flags))
FAIL_INT(int, epoll_ctl, (int fd, int what, int which, struct epoll_event *event), (fd, what, which, event))
FAIL_ON_FILES(ssize_t, read, (int fd, void *room, size_t len), (fd, room, len), fd)
FAIL_ON_FILES(ssize_t, write, (int fd, const void *bytes, size_t len), (fd, bytes, len), fd)
FAIL_ON_FILES(ssize_t, writev, (int fd, const struct iovec *pieces, int count), (fd, pieces, count), fd)

int fstat64(int fd, struct stat64 *out)
{
    static void *real_fstat64;

    return must_fail("fstat64") ? -1 : REAL(fstat64)(fd, out);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
    return fd >= 0 && must_fail("mmap") ? MAP_FAILED : (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, at);
}

/* A close that fails has closed all the same. */
int close(int fd)
{
    static void *real_close;
    int rc = REAL(close)(fd);

    return must_fail("close") ? -1 : rc;
}

struct dirent64 *readdir64(DIR *list)
{
    static void *real_readdir64;

    return must_fail("readdir64") ? NULL : REAL(readdir64)(list);
}

DIR *fdopendir(int fd)
{
    static void *real_fdopendir;

    return must_fail("fdopendir") ? NULL : REAL(fdopendir)(fd);
}

int openat64(int dir, const char *path, int flags, ...)
{
    static void *real_openat64;
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return must_fail("openat64") ? -1 : REAL(openat64)(dir, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    static void *real_open64;
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return must_fail("open64") ? -1 : REAL(open64)(path, flags, mode);
}

/* These have no functions of their own; what else goes this way cannot fail in a way that matters. */
long syscall(long number, ...)
{
    static void *real_syscall;
    va_list args;
    long a[6];

    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2 && must_fail("openat2"))
        return -1;
    if (number == SYS_getdents64 && must_fail("getdents64"))
        return -1;
    if (number == SYS_CACHESTAT && must_fail("cachestat"))
        return -1;
    return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
