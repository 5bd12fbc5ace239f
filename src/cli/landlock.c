/*
 * landlock.c - the file system taken away but for the paths that were named.
 *
 * By raw system calls, with constants of our own, as headers are older than the kernels we meet. What a
 * kernel does not know is not asked of it: one table says which right came with which ABI. The first ABI
 * (Linux 5.13 to 5.18) forbids every move between folders and cannot be told otherwise, so it is not used.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "confine.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1, ABI_LEAST = 2 };

/* Rights on files and folders (linux/landlock.h). */
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_MAKE_SOCK = 1 << 9,
    FS_MAKE_FIFO = 1 << 10,
    FS_MAKE_BLOCK = 1 << 11,
    FS_MAKE_SYM = 1 << 12,
    FS_REFER = 1 << 13,     /* ABI 2: link and rename to another folder */
    FS_TRUNCATE = 1 << 14,  /* ABI 3 */
    FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
    FS_FIRST = (1 << 13) - 1,
    FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
};

enum { NET_CONNECT_TCP = 1 << 1 };                              /* ABI 4 */
enum { SCOPE_ABSTRACT_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; /* ABI 6 */

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

static uint64_t rights_known(int abi)
{
    uint64_t rights = FS_FIRST | FS_REFER;

    if (abi >= 3)
        rights |= FS_TRUNCATE;
    if (abi >= 5)
        rights |= FS_IOCTL_DEV;
    return rights;
}

static uint64_t rights_of(unsigned access)
{
    uint64_t rights = 0;

    if (access & SANDBOX_READ)
        rights |= FS_READ_FILE | FS_READ_DIR;
    if (access & SANDBOX_WRITE)
        /* FIFOs too: others may have put one there, and it has to be movable */
        rights |= FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG |
                  FS_MAKE_SYM | FS_MAKE_FIFO | FS_REFER;
    if (access & SANDBOX_SOCKETS)
        rights |= FS_MAKE_SOCK | FS_REMOVE_FILE;
    if (access & SANDBOX_APPEND)
        rights |= FS_WRITE_FILE | FS_MAKE_REG;
    return rights;
}

/* A rule of no rights is an error to the kernel, and so is one that asks of a file what only folders have. */
static enum err add_path(int ruleset, const struct sandbox_path *path, uint64_t known)
{
    FD_GUARD fd = open(path->path, O_PATH | O_CLOEXEC);
    struct path_rule rule = {.allowed = rights_of(path->access) & known, .fd = fd};
    struct stat st;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? ERR_NONE : err_from_errno(errno);
    if (fstat(fd, &st) != 0)
        return err_from_errno(errno);
    if (!S_ISDIR(st.st_mode))
        rule.allowed &= FS_OF_FILES;
    if (rule.allowed == 0 || syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0)
        return ERR_NONE;
    return err_from_errno(errno);
}

static int create_ruleset(int abi)
{
    /* Binding stays free, as a reload may add listeners; a server has nobody to connect to: the
       service manager's socket was connected before, and what is connected stays so. */
    struct ruleset_attr attr = {rights_known(abi), abi >= 4 ? NET_CONNECT_TCP : 0,
                                abi >= 6 ? SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL : 0};
    size_t size = abi >= 6 ? sizeof(attr) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);

    return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

static enum err restrict_to(const struct sandbox_options *opt, int abi, struct buf *report)
{
    FD_GUARD ruleset = create_ruleset(abi);

    if (ruleset < 0) {
        buf_printf(report, "Landlock ABI %d refused its rules: %s", abi, strerror(errno));
        return err_from_errno(errno);
    }
    for (unsigned i = 0; i < opt->path_count; i++) {
        enum err err = add_path(ruleset, &opt->paths[i], rights_known(abi));

        if (err != ERR_NONE) {
            buf_printf(report, "Landlock refused %s: %s", opt->paths[i].path, err_text(err));
            return err;
        }
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        buf_printf(report, "Landlock could not be entered: %s", strerror(errno));
        return err_from_errno(errno);
    }
    buf_printf(report, "Landlock ABI %d", abi);
    return ERR_NONE;
}

enum err landlock_enter(const struct sandbox_options *opt, struct buf *report)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    if (abi < 0) {
        buf_add_str(report,
                    errno == EOPNOTSUPP ? "Landlock is switched off in this kernel" : "no Landlock in this kernel");
        return ERR_UNSUPPORTED;
    }
    if (abi < ABI_LEAST) {
        buf_add_str(report, "no Landlock (this kernel's first version of it forbids moves)");
        return ERR_UNSUPPORTED;
    }
    return restrict_to(opt, (int)abi, report);
}
