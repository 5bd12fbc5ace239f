/*
 * aside.c - what is built out of users' sight before it appears by one rename.
 *
 * In up/, where start-up finds what a crash left; where that is on another volume than the place, or there is none,
 * beside the place under a name that no request shows.
 */
#include "trees.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "empty.h"
#include "trash.h"

enum { LIST_MAX = 64 << 10 /* the kernel's limit for one attribute */ };

enum err aside_open(struct store *store, const struct place *place, struct aside *aside)
{
    static const unsigned char nobody[ID_LEN];
    bool is_beside = state_need(store) != ERR_NONE || place->dev != store->state.dev;
    char name[64];

    if (is_beside)
        store_lacks(store, MISSING_UP);
    aside_name(store, nobody, name, sizeof(name));
    snprintf(aside->name, sizeof(aside->name), "%s%s", is_beside ? ASIDE_PREFIX : "", name);
    aside->folder = fcntl(is_beside ? place->folder : store->state.up, F_DUPFD_CLOEXEC, 0);
    return aside->folder < 0 ? err_from_errno(errno) : ERR_NONE;
}

/* Group and access lists that it would have inherited if it had been made in its place. */
static void inherit(int folder, const struct place *place, mode_t mask)
{
    static const char *const lists[] = {"system.posix_acl_default", "system.posix_acl_access"};
    mode_t mode = 0777 & ~mask;
    struct stat parent, got;
    char *list = xmalloc(LIST_MAX);
    ssize_t len = fgetxattr(place->folder, lists[0], list, LIST_MAX);

    if (fstat(place->folder, &parent) == 0 && parent.st_mode & S_ISGID) {
        (void)!fchown(folder, (uid_t)-1, parent.st_gid);
        mode |= S_ISGID;
    }
    for (int i = 0; i < 2 && len > 0; i++)
        (void)!fsetxattr(folder, lists[i], list, (size_t)len, 0);
    if (len > 0 && fstat(folder, &got) == 0)
        mode = (got.st_mode & 0777) | (mode & S_ISGID); /* the list stands in for the mask */
    (void)!fchmod(folder, mode);
    free(list);
}

enum err aside_make_folder(struct store *store, const struct place *place, struct aside *aside)
{
    enum err err = aside_open(store, place, aside);
    FD_GUARD fd = -1;

    if (err != ERR_NONE)
        return err;
    if (mkdirat(aside->folder, aside->name, 0700) < 0) {
        err = err_from_errno(errno);
        aside_release(aside);
        return err;
    }
    fd = open_beneath(aside->folder, aside->name, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        err = err_from_errno(errno);
        aside_drop(store, aside);
        return err;
    }
    inherit(fd, place, store->mask);
    return ERR_NONE;
}

void aside_release(struct aside *aside)
{
    fd_close(&aside->folder);
}

void aside_drop(struct store *store, struct aside *aside)
{
    char name[sizeof(aside->name) + sizeof(GONE_PREFIX)];

    if (aside->folder < 0)
        return;
    snprintf(name, sizeof(name), GONE_PREFIX "%s", aside->name);
    if (slice_starts(slice_str(aside->name), SLICE(ASIDE_PREFIX)))
        empty_beside(store, aside->folder, aside->name);
    else if ((records_find(store) || (unlinkat(aside->folder, aside->name, 0) < 0 && errno != ENOENT)) &&
             renameat(aside->folder, aside->name, store->state.trash, name) == 0)
        trash_add(store, name);
    aside_release(aside);
}
