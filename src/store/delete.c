/*
 * delete.c - DELETE.
 *
 * The name is moved to the trash in one step and what came out is compared with what was judged, so that a write by
 * others in between is put back instead of lost. A folder goes the same way, whatever is in it, and is emptied after
 * the answer. A file without a trash (nothing was ever replaced here, or the disk is too full for another entry) is
 * unlinked, which is as atomic and as durable: that folder is not made for it. A link of users' is removed itself,
 * never what it shows.
 */
#include "delete.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bindings.h"
#include "facts.h"
#include "guard.h"
#include "identity.h"
#include "quota_private.h"
#include "since_private.h"
#include "trash.h"
#include "writelock_private.h"

enum err plain_unlink(const struct place *place)
{
    if (unlinkat(place->folder, place->name, 0) == 0)
        return ERR_NONE;
    return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
}

static enum err take_out(struct store *store, const struct place *place, const struct standing *old,
                         const unsigned char id[ID_LEN], char *name, size_t room)
{
    enum err err;

    if (!atomic_load(&store->state.is_made) || place->dev != store->state.dev)
        return plain_unlink(place);
    aside_name(store, id, name, room);
    if (renameat2(place->folder, place->name, store->state.trash, name, RENAME_NOREPLACE) < 0) {
        name[0] = '\0';
        return errno == ENOENT ? ERR_CHANGED : errno == EACCES || errno == EBUSY ? ERR_DENIED : plain_unlink(place);
    }
    err = came_out(store, store->state.trash, name, old);
    if (err != ERR_NONE && renameat2(store->state.trash, name, place->folder, place->name, RENAME_NOREPLACE) == 0)
        name[0] = '\0';
    return err;
}

/* What is recorded of it, its locks, and whoever counts or reports. total NULL: a file. */
static void tell_gone(struct store *store, const struct place *place, const struct identity *identity,
                      const struct standing *old, const struct quota_total *total)
{
    if (total)
        quota_folder_left(store, place, identity->id, total);
    else
        quota_file_changed(store, place, -(int64_t)old->facts.size, -1, NULL);
    tree_gone(store, place, identity, &old->statx);
    write_locks_drop(store, place, identity->id);
    since_removed(store, place, old->facts.kind);
    if (total)
        bindings_gone_with(store, identity->id, old->fd, -1);
}

/* Once: judge and take out. ERR_CHANGED: others were quicker. */
static enum err delete_once(struct store *store, const struct place *place, struct guard guard, char *trashed,
                            size_t room)
{
    struct identity identity;
    struct standing old;
    enum err err = standing_look(store, place, &old);

    if (err == ERR_DENIED && old.fd < 0)
        err = ERR_MISSING; /* a socket, a device: not ours to show, nor to remove */
    if (err == ERR_NONE && !old.is_there)
        err = ERR_MISSING; /* whatever the conditions say of it (RFC 9110 §13.2.1) */
    if (err == ERR_NONE && !guard_admits(store, guard, place, CHANGE_REMOVE, &old.facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = identity_of(store, place, &old.statx, &identity);
    if (err == ERR_NONE)
        err = take_out(store, place, &old, identity.id, trashed, room);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, old.fd);
    if (err == ERR_NONE)
        tell_gone(store, place, &identity, &old, NULL);
    standing_release(store, &old);
    return err;
}

enum err delete_file(struct store *store, const struct place *place, struct guard guard)
{
    struct removed removed = {.name = ""};
    enum err err = ERR_CHANGED;
    LOCK_GUARD lock = {0};

    lock_take(&store->locks, &lock, place->dev, place->ino, slice_str(place->name));
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++)
        err = delete_once(store, place, guard, removed.name, sizeof(removed.name));
    lock_give(&lock);
    if (!removed.name[0] || err != ERR_NONE)
        return err;
    if (store->options.trash_days)
        trash_add(store, removed.name);
    else
        unlinkat(store->state.trash, removed.name, 0); /* done and durable; the space may go */
    return ERR_NONE;
}

/* The guard judges what the link shows; the link goes, and what it shows stays. */
static enum err delete_link(struct store *store, const struct place *place, struct rpath path, struct guard guard)
{
    LOCK_GUARD lock = {0};
    struct facts shown;
    FD_GUARD fd = -1;
    struct plain plain;
    bool is_binding;
    enum err err;

    lock_take(&store->locks, &lock, place->dev, place->ino, slice_str(place->name));
    err = resolve_open(store, path.text, O_PATH, &fd, &plain);
    if (err == ERR_NONE)
        err = facts_of_fd(store, fd, &shown);
    if (err != ERR_NONE)
        return err;
    err = bound_read(store, place->folder, place->name, shown.bound_id, &shown);
    if (err != ERR_NONE && err != ERR_MISSING)
        return err;
    is_binding = err == ERR_NONE;
    shown.through_symlink = !is_binding;
    if (!guard_admits(store, guard, place, CHANGE_REMOVE, &shown))
        return ERR_REFUSED;
    err = plain_unlink(place);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, fd);
    if (err != ERR_NONE)
        return err;
    write_locks_drop(store, place, NULL); /* that were taken through it */
    since_removed(store, place, is_binding ? shown.kind : KIND_FILE);
    if (is_binding)
        binding_gone(store, place, shown.bound_id);
    return ERR_NONE;
}

/* ---- folders ---- */

/* Once: judge and take out. ERR_CHANGED: others were quicker. ERR_BUSY: a mount point is at it or below. */
static enum err delete_folder_once(struct store *store, const struct place *place, struct guard guard,
                                   struct removed *removed, unsigned *mounts, struct arena *arena,
                                   struct slice **points)
{
    struct quota_total total = {0};
    struct identity identity;
    struct standing old;
    bool is_recorded;
    enum err err = standing_any(store, place, &old);

    if (err == ERR_NONE && !standing_is_folder(&old))
        err = old.is_there ? ERR_CHANGED : ERR_MISSING;
    if (err == ERR_NONE && !guard_admits(store, guard, place, CHANGE_REMOVE, &old.facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE && place_holds_refused(store, place))
        err = ERR_DENIED;
    if (err == ERR_NONE && (*mounts = place_mounts(store, place, arena, points)) > 0)
        err = ERR_BUSY;
    if (err == ERR_NONE)
        err = identity_of(store, place, &old.statx, &identity);
    if (err == ERR_NONE)
        err = quota_folder_total(store, place, identity.id, NULL, (struct progress){0}, &total, &is_recorded);
    if (err == ERR_NONE)
        err = tree_take_out(store, place, &old, identity.id, removed);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, old.fd);
    if (err == ERR_NONE)
        tell_gone(store, place, &identity, &old, &total);
    standing_release(store, &old);
    return err;
}

enum err delete_folder(struct store *store, const struct place *place, struct guard guard, struct obstacles *obstacles)
{
    struct removed removed = {.name = ""};
    enum err err = ERR_CHANGED;
    LOCK_GUARD lock = {0};

    lock_take(&store->locks, &lock, place->dev, place->ino, slice_str(place->name));
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++)
        err =
            delete_folder_once(store, place, guard, &removed, &obstacles->count, &obstacles->arena, &obstacles->points);
    lock_give(&lock);
    if (err == ERR_NONE)
        tree_let_go(store, place, &removed);
    return err;
}

static enum err delete_tree(struct store *store, const struct place *place, struct rpath path, struct guard guard,
                            struct progress progress, struct casualties *casualties)
{
    struct obstacles obstacles = {.count = 0};
    enum err err = delete_folder(store, place, guard, &obstacles);

    if (err == ERR_BUSY && obstacles.count > 0 && casualties)
        err = delete_around(store, place, path.text, &obstacles, progress, casualties);
    arena_release(&obstacles.arena);
    return err;
}

/* With the place as it is now; ERR_CHANGED: it is no longer. */
static WORKER_SIDE enum err delete_place(struct store *store, struct rpath path, struct guard guard,
                                         struct progress progress, struct casualties *casualties)
{
    struct place place;
    struct stat got;
    enum err err;

    err = resolve_name(store, path.text, &place);
    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_DENIED : err; /* the root itself */
    if (fstatat(place.folder, place.name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        err = errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
    else if (path.has_slash && S_ISREG(got.st_mode))
        err = ERR_NOT_FOLDER;
    else if (S_ISLNK(got.st_mode))
        err = delete_link(store, &place, path, guard);
    else if (S_ISDIR(got.st_mode))
        err = delete_tree(store, &place, path, guard, progress, casualties);
    else
        err = delete_file(store, &place, guard);
    if (err == ERR_IS_FOLDER) /* by now */
        err = ERR_CHANGED;
    place_release(&place);
    return err;
}

enum err store_delete(struct store *store, struct rpath path, struct guard guard, struct progress progress,
                      struct casualties *casualties)
{
    enum err err = ERR_CHANGED;

    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    for (int i = 0; i < TREE_PLACES_MAX && err == ERR_CHANGED; i++)
        err = delete_place(store, path, guard, progress, casualties);
    return err;
}
