/*
 * make_folder.c - MKCOL.
 *
 * A folder without properties is made in its place. One with properties is made aside, in up/, gets them under its id
 * durably, and then appears by one rename that overwrites nothing: so it is there with all of them or not at all
 * (RFC 5689 §3). A link of users' counts as something that is there.
 */
#include "trees.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "facts.h"
#include "guard.h"
#include "propset.h"

static enum err is_free(const struct place *place)
{
    struct stat got;

    if (fstatat(place->folder, place->name, &got, AT_SYMLINK_NOFOLLOW) == 0)
        return ERR_EXISTS;
    return errno == ENOENT ? ERR_NONE : err_from_errno(errno);
}

static enum err make_in_place(const struct place *place)
{
    if (mkdirat(place->folder, place->name, 0777) == 0)
        return ERR_NONE;
    return errno == ENOENT ? ERR_PARENT : err_from_errno(errno);
}

static enum err look_at(struct store *store, const struct place *place, struct facts *now)
{
    FD_GUARD fd = open_beneath(place->folder, place->name, O_PATH | O_DIRECTORY);

    return fd < 0 ? ERR_CHANGED : facts_of_fd(store, fd, now);
}

/* What the new folder is to have: nothing in most cases. */
struct wish {
    const struct prop_edit *edits;
    unsigned count;
    const struct trait_edits *traits;
};

static bool wish_is_empty(const struct wish *wish)
{
    return wish->count == 0 && !wish->traits;
}

/* A folder aside, which wears what new folders at the place wear. */
static enum err make_aside(struct store *store, const struct place *place, struct aside *aside, struct statx *at)
{
    enum err err = aside_make_folder(store, place, aside);

    if (err == ERR_NONE && statx(aside->folder, aside->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, at) < 0)
        err = err_from_errno(errno);
    return err;
}

/* Who it is and what it has, in one commit, while it is still out of sight. */
static enum err record_wish(struct store *store, const struct place *place, const struct statx *at,
                            const struct wish *wish)
{
    struct changes changes = {0};
    struct identity identity;
    struct meta *meta;
    enum err err = records_need(store, &meta);

    if (err == ERR_NONE)
        err = identity_gather(store, place, at, &identity, &changes);
    if (err == ERR_NONE)
        err = propset_edit(store, meta, identity.id, wish->edits, wish->count, &changes);
    if (err == ERR_NONE && wish->traits)
        err = traits_edit(store, meta, identity.id, wish->traits, &changes);
    if (err == ERR_NONE)
        err = changes_commit(&changes, meta);
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

static enum err make_with_wish(struct store *store, const struct place *place, const struct wish *wish)
{
    struct aside aside;
    struct statx at;
    enum err err = make_aside(store, place, &aside, &at);

    if (err == ERR_NONE)
        err = record_wish(store, place, &at, wish);
    if (err == ERR_NONE && renameat2(aside.folder, aside.name, place->folder, place->name, RENAME_NOREPLACE) < 0)
        err = errno == ENOENT ? ERR_PARENT : err_from_errno(errno);
    if (err != ERR_NONE)
        aside_drop(store, &aside);
    return err;
}

static enum err make_locked(struct store *store, const struct place *place, const struct wish *wish, struct guard guard,
                            struct facts *now)
{
    enum err err = is_free(place);

    if (err == ERR_NONE && !guard_admits(store, guard, place, CHANGE_CONTENT, NULL))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = identity_forget_name(store, place); /* a new resource is nobody's successor */
    if (err == ERR_NONE)
        err = wish_is_empty(wish) ? make_in_place(place) : make_with_wish(store, place, wish);
    if (err != ERR_NONE)
        return err;
    err = look_at(store, place, now);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, store->root_held);
    else
        unlinkat(place->folder, place->name, AT_REMOVEDIR); /* nothing is in it yet, or it is others' by now */
    return err;
}

/* With the place as it is now; ERR_CHANGED: it is no longer. */
static WORKER_SIDE enum err make_at_place(struct store *store, struct rpath path, const struct wish *wish,
                                          struct guard guard, struct facts *now)
{
    LOCK_GUARD lock = {0};
    struct place place;
    enum err err = resolve_name(store, path.text, &place);

    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_EXISTS : err; /* the root itself */
    lock_take(&store->locks, &lock, place.dev, place.ino, slice_str(place.name));
    err = make_locked(store, &place, wish, guard, now);
    lock_give(&lock);
    place_release(&place);
    return err;
}

enum err store_make_folder(struct store *store, struct rpath path, const struct prop_edit *edits, unsigned count,
                           const struct trait_edits *traits, struct guard guard, struct facts *now)
{
    struct wish wish = {edits, count, traits};
    struct facts unused;
    enum err err = ERR_CHANGED;

    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    if (traits && traits->executable >= 0)
        return ERR_INVALID; /* of files */
    for (int i = 0; i < TREE_PLACES_MAX && err == ERR_CHANGED; i++)
        err = make_at_place(store, path, &wish, guard, now ? now : &unused);
    return err;
}
