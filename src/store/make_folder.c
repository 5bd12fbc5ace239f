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

static enum err make_locked(struct store *store, const struct place *place, struct guard guard, struct facts *now)
{
    enum err err = is_free(place);

    if (err == ERR_NONE && !guard_admits(store, guard, place, CHANGE_CONTENT, NULL))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = identity_forget_name(store, place); /* a new resource is nobody's successor */
    if (err == ERR_NONE)
        err = make_in_place(place);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, store->root_held);
    if (err == ERR_NONE)
        err = look_at(store, place, now);
    return err;
}

enum err store_make_folder(struct store *store, struct rpath path, const struct prop_edit *edits, unsigned count,
                           const struct trait_edits *traits, struct guard guard, struct facts *now)
{
    struct place place;
    struct facts unused;
    enum err err;

    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    err = resolve_name(store, path.text, &place);
    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_EXISTS : err; /* the root itself */
    {
        LOCK_GUARD lock = {0};

        lock_take(&store->locks, &lock, place.dev, place.ino, slice_str(place.name));
        err = count || traits ? ERR_UNSUPPORTED : make_locked(store, &place, guard, now ? now : &unused);
    }
    place_release(&place);
    return err;
}
