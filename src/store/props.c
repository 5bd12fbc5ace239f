/*
 * props.c - reading and editing what belongs to a resource.
 *
 * A change is judged and committed with the resource's lock held: what identity has to record and all edits are one
 * commit of the records, so a crash leaves all of them or none. The x bit is the file system's: it is set before, and
 * set back when the commit fails; a crash in between leaves a bit that was asked for and not acknowledged.
 *
 * Places outside of the root (symlinks = anywhere) keep their properties by inode alone.
 */
#include "propset.h"

#include <errno.h>
#include <fcntl.h>

#include "facts.h"
#include "guard.h"
#include "part.h"
#include "since_private.h"
#include "sync.h"

enum {
    JUDGE_MAX = 16,
    PLACES_MAX = 8, /* the same for folders above that others move */
};

/* What a path stands for */

static enum err root_find(struct store *store, struct owner *owner)
{
    owner->is_root = true;
    owner->identity.is_recorded = true;
    memcpy(owner->identity.id, store->site_id, ID_LEN);
    return facts_of_fd(store, store->root, &owner->facts);
}

enum err owner_find(struct store *store, struct rpath path, bool shows_id, struct owner *owner)
{
    struct statx at;
    enum err err;

    *owner = (struct owner){.place.folder = -1};
    err = resolve_place(store, path.text, &owner->place);
    if (err == ERR_IS_FOLDER)
        return root_find(store, owner);
    if (err != ERR_NONE)
        return err;
    if (statx(owner->place.folder, owner->place.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    else
        err = facts_fill(store, &at, &owner->facts);
    if (err == ERR_NONE && path.has_slash && owner->facts.kind == KIND_FILE)
        err = ERR_NOT_FOLDER;
    if (err == ERR_NONE)
        err = shows_id ? identity_of(store, &owner->place, &at, &owner->identity)
                       : identity_find(store, &owner->place, &at, &owner->identity);
    if (err != ERR_NONE)
        owner_release(owner);
    return err;
}

void owner_release(struct owner *owner)
{
    place_release(&owner->place);
}

bool owner_has_records(const struct owner *owner)
{
    return owner->identity.is_recorded || owner->place.is_outside;
}

enum err store_props(struct store *store, struct rpath path, struct arena *arena, struct property **out,
                     unsigned *count)
{
    struct meta *meta = records_find(store);
    struct owner owner;
    enum err err;

    *out = NULL;
    *count = 0;
    err = owner_find(store, path, false, &owner);
    if (err != ERR_NONE)
        return err;
    if (meta && owner_has_records(&owner))
        err = propset_read(store, meta, owner.identity.id, arena, out, count);
    owner_release(&owner);
    return err;
}

enum err store_traits(struct store *store, struct rpath path, const struct facts *facts, struct arena *arena,
                      struct traits *out)
{
    struct meta *meta = records_find(store);
    struct owner owner;
    enum err err;

    *out = (struct traits){0};
    if (!meta || !propset_has_traits(store))
        return ERR_NONE;
    err = owner_find(store, path, false, &owner);
    if (err != ERR_NONE)
        return err;
    if (owner_has_records(&owner))
        err = traits_read(store, meta, owner.identity.id, facts_tag(facts), arena, out);
    if (err == ERR_NONE && !owner.is_root && !owner.place.is_outside && owner.identity.is_recorded)
        out->floor_s = floor_get(store, meta, owner.identity.parent, slice_str(owner.place.name));
    owner_release(&owner);
    return err;
}

/* The x bit */

/* Who may read may execute; without the bit nobody may. */
static mode_t mode_with(mode_t mode, bool executable)
{
    return executable ? mode | S_IXUSR | (mode & (S_IRGRP | S_IROTH)) >> 2
                      : mode & ~(mode_t)(S_IXUSR | S_IXGRP | S_IXOTH);
}

static enum err set_mode(struct store *store, const struct place *place, const struct statx *at, mode_t mode)
{
    FD_GUARD fd = open_beneath(place->folder, place->name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat got;

    if (fd < 0 || fstat(fd, &got) < 0)
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    if (got.st_ino != at->stx_ino)
        return ERR_CHANGED;
    if (fchmod(fd, mode) < 0)
        return err_from_errno(errno);
    if (store->options.durability == DURABILITY_FULL && sync_fd(fd) < 0)
        return store_fail(store, "a file's mode could not be synced");
    return ERR_NONE;
}

/* *old gets the mode to go back to, or stays -1. A folder's x bit is not what the property means. */
static enum err set_executable(struct store *store, const struct place *place, const struct standing *now,
                               const struct trait_edits *traits, int *old)
{
    mode_t mode = now->statx.stx_mode & 07777, wanted;
    enum err err;

    *old = -1;
    if (!traits || traits->executable < 0)
        return ERR_NONE;
    if (now->facts.kind != KIND_FILE)
        return ERR_INVALID;
    wanted = mode_with(mode, traits->executable);
    if (wanted == mode)
        return ERR_NONE;
    err = set_mode(store, place, &now->statx, wanted);
    if (err == ERR_NONE)
        *old = (int)mode;
    return err;
}

/* Editing */

struct patch {
    struct store *store;
    const struct prop_edit *edits;
    unsigned count;
    const struct trait_edits *traits;
    struct guard guard;
};

/* With `changes` as identity left them: adds the edits and commits. Nothing to edit: nothing is recorded either. */
static enum err commit_edits(const struct patch *patch, struct meta *meta, const unsigned char id[ID_LEN],
                             struct changes *changes)
{
    size_t before = changes->count;
    enum err err = propset_edit(patch->store, meta, id, patch->edits, patch->count, changes);

    if (err == ERR_NONE && patch->traits)
        err = traits_edit(patch->store, meta, id, patch->traits, changes);
    if (err == ERR_NONE && changes->count > before)
        err = changes_commit(changes, meta);
    return err == ERR_DAMAGED ? store_fail(patch->store, "the records can no longer be written") : err;
}

static enum err patch_records(const struct patch *patch, const struct place *place, const struct statx *at)
{
    struct changes changes = {0};
    struct identity identity;
    struct meta *meta;
    enum err err = records_need(patch->store, &meta);

    if (err == ERR_NONE)
        err = identity_gather(patch->store, place, at, &identity, &changes);
    if (err == ERR_NONE)
        err = commit_edits(patch, meta, identity.id, &changes);
    changes_release(&changes);
    return err;
}

/* standing_look() for folders, too. ERR_MISSING for all that is neither. */
static enum err look(struct store *store, const struct place *place, struct standing *now)
{
    *now = (struct standing){.fd = open_beneath(place->folder, place->name, O_PATH)};
    if (now->fd < 0 || statx(now->fd, "", AT_EMPTY_PATH, FACTS_MASK, &now->statx) < 0)
        return err_from_errno(errno);
    if (S_ISLNK(now->statx.stx_mode))
        return ERR_CHANGED;
    if (facts_fill(store, &now->statx, &now->facts) != ERR_NONE)
        return ERR_MISSING;
    now->is_there = true;
    now->facts.through_symlink = place->through_symlink;
    floor_apply_at(store, place, &now->facts);
    return ERR_NONE;
}

/* Once, with the lock held. ERR_CHANGED: others were quicker. */
static enum err patch_once(const struct patch *patch, const struct place *place, bool wants_folder)
{
    struct standing now;
    enum err err = look(patch->store, place, &now);
    int old_mode = -1;

    if (err == ERR_NONE && wants_folder && now.facts.kind == KIND_FILE)
        err = ERR_NOT_FOLDER;
    if (err == ERR_NONE && !guard_admits(patch->store, patch->guard, place, CHANGE_CONTENT, &now.facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = set_executable(patch->store, place, &now, patch->traits, &old_mode);
    if (err == ERR_NONE) {
        err = patch_records(patch, place, &now.statx);
        if (err != ERR_NONE && old_mode >= 0)
            set_mode(patch->store, place, &now.statx, (mode_t)old_mode);
    }
    standing_release(patch->store, &now);
    return err;
}

static enum err patch_place(const struct patch *patch, const struct place *place, bool wants_folder, struct facts *now)
{
    enum err err = ERR_CHANGED;
    struct statx at;
    LOCK_GUARD lock = {0};

    lock_take(&patch->store->locks, &lock, place->dev, place->ino, slice_str(place->name));
    for (int i = 0; i < JUDGE_MAX && err == ERR_CHANGED; i++)
        err = patch_once(patch, place, wants_folder);
    if (err == ERR_NONE && patch->traits && (patch->traits->type || patch->traits->language))
        traits_poke(patch->store, place);
    if (err != ERR_NONE || !now)
        return err;
    if (statx(place->folder, place->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        return err_from_errno(errno);
    err = facts_fill(patch->store, &at, now);
    now->through_symlink = place->through_symlink;
    return err;
}

/* The root has no name: its lock is that of no name in itself. */
static enum err patch_root(const struct patch *patch, struct facts *now)
{
    struct store *store = patch->store;
    struct changes changes = {0};
    struct facts facts;
    struct meta *meta;
    enum err err;
    LOCK_GUARD lock = {0};

    lock_take(&store->locks, &lock, store->root_dev, store->root_ino, SLICE_NONE);
    err = facts_of_fd(store, store->root, &facts);
    if (err == ERR_NONE && !guard_admits(store, patch->guard, NULL, CHANGE_CONTENT, &facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE && patch->traits && patch->traits->executable >= 0)
        err = ERR_INVALID;
    if (err == ERR_NONE)
        err = records_need(store, &meta);
    if (err == ERR_NONE)
        err = commit_edits(patch, meta, store->site_id, &changes);
    changes_release(&changes);
    if (now)
        *now = facts;
    return err;
}

/* With the place as it is now; ERR_CHANGED: it is no longer. */
static WORKER_SIDE enum err patch_path(const struct patch *patch, struct rpath path, struct facts *now)
{
    struct place place;
    enum err err = resolve_place(patch->store, path.text, &place);

    if (err == ERR_IS_FOLDER)
        return patch_root(patch, now);
    if (err != ERR_NONE)
        return err;
    err = patch_place(patch, &place, path.has_slash, now);
    if (err == ERR_NONE)
        since_touched(patch->store, &place);
    place_release(&place);
    return err;
}

enum err store_patch(struct store *store, struct rpath path, const struct prop_edit *edits, unsigned count,
                     const struct trait_edits *traits, struct guard guard, struct facts *now)
{
    struct patch patch = {store, edits, count, traits, guard};
    enum err err = ERR_CHANGED;

    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    for (int i = 0; i < PLACES_MAX && err == ERR_CHANGED; i++)
        err = patch_path(&patch, path, now);
    return err;
}
