/*
 * dress.c - the attributes of a new content.
 *
 * A replaced file keeps its mode, group, access list and user attributes, and its owner where the system
 * allows. None of this fails a PUT: what cannot be kept is left as for a new file, only that rights are
 * never given to others than before (no set-user bits for another owner).
 */
#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>

#include "base/arena.h"
#include "facts.h"

enum {
    NAMES_MAX = 64 << 10, /* the kernel's own limit for a list of attributes */
    VALUE_MAX = 64 << 10, /* the same for one value */
};

#define ACCESS_LIST "system.posix_acl_access"
#define DEFAULT_LIST "system.posix_acl_default"

/* An O_PATH descriptor has no attributes of its own; its name in /proc has. */
struct through_proc {
    char name[32];
};

static struct through_proc proc_name(int fd)
{
    struct through_proc path;

    snprintf(path.name, sizeof(path.name), "/proc/self/fd/%d", fd);
    return path;
}

static void copy_attribute(int to, const char *from, const char *name, char *value)
{
    ssize_t len = getxattr(from, name, value, VALUE_MAX);

    if (len >= 0)
        (void)!fsetxattr(to, name, value, (size_t)len, 0);
}

static void copy_attributes(int to, int from)
{
    struct through_proc path = proc_name(from);
    char *names, *value;
    ssize_t len = listxattr(path.name, NULL, 0);

    if (len <= 0 || len > NAMES_MAX)
        return;
    names = xmalloc(NAMES_MAX);
    value = xmalloc(VALUE_MAX);
    len = listxattr(path.name, names, NAMES_MAX);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
        if (strncmp(names + at, "user.", 5) == 0 || strcmp(names + at, ACCESS_LIST) == 0)
            copy_attribute(to, path.name, names + at, value);
    free(names);
    free(value);
}

void dress_as(struct part *part, const struct standing *old)
{
    mode_t mode = old->statx.stx_mode & 0777; /* what ran with its owner's rights does not do so with new content */
    uid_t uid = old->statx.stx_uid;
    gid_t gid = old->statx.stx_gid;

    if (fchown(part->fd, uid, gid) < 0)
        (void)!fchown(part->fd, (uid_t)-1, gid);
    (void)!fremovexattr(part->fd, ACCESS_LIST); /* a default list of the folder's, where the old file has none */
    copy_attributes(part->fd, old->fd);
    (void)!fchmod(part->fd, mode); /* last: changing owner or list changes the mode */
    part->dressed_ino = old->statx.stx_ino;
    part->dressed_ctime_ns = statx_ns(old->statx.stx_ctime);
}

void dress_new(struct part *part, const struct place *place)
{
    mode_t mode = 0666 & ~part->store->mask;
    struct stat folder;
    char *list = xmalloc(VALUE_MAX);
    ssize_t len = fgetxattr(place->folder, DEFAULT_LIST, list, VALUE_MAX);

    if (fstat(place->folder, &folder) == 0 && folder.st_mode & S_ISGID)
        (void)!fchown(part->fd, (uid_t)-1, folder.st_gid);
    if (len > 0 && fsetxattr(part->fd, ACCESS_LIST, list, (size_t)len, 0) == 0) {
        struct stat got;
        mode = fstat(part->fd, &got) == 0 ? got.st_mode & 0666 : mode; /* the list stands in for the mask */
    }
    (void)!fchmod(part->fd, mode);
    free(list);
}
