/*
 * land.c - putting a finished file in its place.
 *
 * Over an old one: the new gets a name in up/ that carries the resource's id, and the two names are
 * exchanged; so no temporary name shows in a user's folder, no reader finds nothing, and what came out is
 * known exactly. If that is not what was judged, somebody wrote in between: exchange back, judge again.
 *
 * Limits: without RENAME_EXCHANGE a write by others between judging and rename is lost; with MISSING_UP
 * (another volume) a crash leaves an ASIDE_PREFIX name beside the target, hidden from every request.
 */
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "facts.h"
#include "sync.h"

enum { BACK_MAX = 8 }; /* exchanges back and forth with somebody who keeps replacing the file */

/* A name for an unnamed file: by its descriptor where the kernel allows, else through /proc. */
int fd_link(int fd, int folder, const char *name)
{
    char path[32];

    if (linkat(fd, "", folder, name, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != ENOENT && errno != EPERM && errno != EACCES)
        return -1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}

/* Without hard links: a rename that does not overwrite, or at last over a placeholder of our own. */
static enum err rename_new(struct part *part, const struct place *place)
{
    enum err err;
    int fd;

    if (!store_is_lacking(part->store, MISSING_NOREPLACE)) {
        if (renameat2(part->aside, part->temporary, place->folder, place->name, RENAME_NOREPLACE) == 0)
            return ERR_NONE;
        if (errno != EINVAL && errno != ENOSYS)
            return err_from_errno(errno);
        store_lacks(part->store, MISSING_NOREPLACE);
    }
    fd = openat(place->folder, place->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_from_errno(errno);
    close(fd);
    if (renameat(part->aside, part->temporary, place->folder, place->name) == 0)
        return ERR_NONE;
    err = err_from_errno(errno);
    unlinkat(place->folder, place->name, 0);
    return err;
}

enum err land_new(struct part *part, const struct place *place)
{
    enum err err;

    if (part->is_named) {
        err = rename_new(part, place);
        part->is_named = err != ERR_NONE;
        return err == ERR_MISSING ? ERR_PARENT : err;
    }
    if (fd_link(part->fd, place->folder, place->name) == 0)
        return ERR_NONE;
    return errno == ENOENT ? ERR_PARENT : err_from_errno(errno);
}

/* On another volume than up/: beside the target, under a name that no request shows. */
static enum err wait_beside(struct part *part, const struct place *place, const char *name)
{
    store_lacks(part->store, MISSING_UP);
    snprintf(part->temporary, sizeof(part->temporary), ASIDE_PREFIX "%s", name);
    part->aside = fcntl(place->folder, F_DUPFD_CLOEXEC, 0);
    if (part->aside < 0)
        return err_from_errno(errno);
    part->owns_aside = true;
    return fd_link(part->fd, part->aside, part->temporary) == 0 ? ERR_NONE : err_from_errno(errno);
}

/* Gives the new content a name to be exchanged by, which carries the resource's id. */
static enum err wait_aside(struct part *part, const struct place *place, const unsigned char id[16])
{
    enum err err = part->is_named ? ERR_NONE : state_need(part->store);
    char name[64];

    if (err != ERR_NONE || part->is_named)
        return err;
    aside_name(part->store, id, name, sizeof(name));
    snprintf(part->temporary, sizeof(part->temporary), "%s", name);
    part->aside = part->store->state.up;
    if (fd_link(part->fd, part->aside, part->temporary) < 0)
        err = errno == EXDEV ? wait_beside(part, place, name) : err_from_errno(errno);
    part->is_named = err == ERR_NONE;
    return err;
}

/* Whether what came out is what was judged: ERR_CHANGED if not. */
enum err came_out(struct store *store, int folder, const char *name, const struct standing *old)
{
    struct statx got;

    if (statx(folder, name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &got) < 0)
        return errno == ENOENT ? ERR_CHANGED : store_fail(store, "the file system no longer answers");
    if (got.stx_ino == old->statx.stx_ino && got.stx_size == old->statx.stx_size &&
        statx_ns(got.stx_mtime) == statx_ns(old->statx.stx_mtime))
        return ERR_NONE;
    return ERR_CHANGED;
}

static bool is_ours(const struct part *part)
{
    struct stat got, mine;

    return fstat(part->fd, &mine) == 0 && fstatat(part->aside, part->temporary, &got, AT_SYMLINK_NOFOLLOW) == 0 &&
           got.st_ino == mine.st_ino && got.st_dev == mine.st_dev;
}

/* What others put there belongs there, unless they replaced ours meanwhile: then theirs of now does. */
static enum err exchange_back(struct part *part, const struct place *place)
{
    for (int i = 0; i < BACK_MAX; i++) {
        if (renameat2(part->aside, part->temporary, place->folder, place->name, RENAME_EXCHANGE) < 0)
            break;
        if (is_ours(part))
            return ERR_CHANGED;
    }
    part->is_named = false; /* theirs has the name aside: kept for people to find, until the next start */
    return ERR_BUSY;
}

static enum err rename_over(struct part *part, const struct place *place)
{
    if (renameat(part->aside, part->temporary, place->folder, place->name) < 0)
        return errno == EISDIR ? ERR_IS_FOLDER : err_from_errno(errno);
    part->is_named = false;
    return ERR_NONE;
}

static enum err exchange(struct part *part, const struct place *place, const struct standing *old)
{
    enum err err;

    if (store_is_lacking(part->store, MISSING_EXCHANGE))
        return rename_over(part, place);
    if (renameat2(part->aside, part->temporary, place->folder, place->name, RENAME_EXCHANGE) < 0) {
        if (errno == EINVAL || errno == ENOSYS) {
            store_lacks(part->store, MISSING_EXCHANGE);
            return rename_over(part, place);
        }
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    }
    err = came_out(part->store, part->aside, part->temporary, old);
    return err == ERR_CHANGED ? exchange_back(part, place) : err;
}

enum err land_over(struct part *part, const struct place *place, const struct standing *old, const unsigned char id[16])
{
    enum err err = wait_aside(part, place, id);

    if (err == ERR_NONE)
        err = exchange(part, place, old);
    if (err != ERR_NONE)
        return err;
    /*
     * Now the old content has the name aside. It keeps it until the new one is durable.
     */
    err = folder_settle(part->store, place->folder, part->fd);
    if (err != ERR_NONE)
        part->is_named = false;
    return err;
}

/* An unlink that needs no sync of its own, since what a crash brings back is swept at start. */
void land_drop_aside(struct part *part)
{
    if (part->is_named)
        unlinkat(part->aside, part->temporary, 0);
    part->is_named = false;
}

/*
 * xfs says nothing when a folder is synced after its log was lost, so the file system is asked something
 * that only a living one answers. After a failed sync nothing is known about what was acknowledged before
 * either: no more changes.
 */
enum err folder_settle(struct store *store, int folder, int witness)
{
    char value[8];

    if (store->options.durability == DURABILITY_RELAXED)
        return ERR_NONE;
    if (sync_fd(folder) < 0) {
        if (errno == EBADF) { /* O_PATH: a folder that we may not read */
            if (sync_file_system(witness) < 0 && (errno != EBADF || sync_file_system(store->root_held) < 0))
                return store_fail(store, "the disk could not be synced");
        } else if (errno == EINVAL || errno == EOPNOTSUPP)
            store_lacks(store, MISSING_FOLDER_SYNC);
        else
            return store_fail(store, "a folder could not be synced");
    }
    if (fgetxattr(folder, "user.samovar.pulse", value, sizeof(value)) < 0 && errno != ENODATA && errno != EBADF) {
        if (errno != EOPNOTSUPP)
            return store_fail(store, "the file system no longer answers");
        store_lacks(store, MISSING_XATTR);
    }
    return ERR_NONE;
}
