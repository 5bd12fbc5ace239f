/*
 * identity_path.c - the ids on the way to a place: for locks, quotas and whoever asks for one path's.
 */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/arena.h"
#include "facts.h"
#include "identity_look.h"
#include "idrecord.h"

/* The ids of the folder's steps, from the top down. */
static void path_fill(const struct look *look, const struct step *folder, struct id_path *path)
{
    const struct step *step;
    unsigned count = 1;

    for (step = folder; step; step = step->up)
        count++;
    path->ids = arena_alloc(path->arena, (count + 1) * ID_LEN);
    path->count = count;
    memcpy(path->ids[0], look->store->site_id, ID_LEN);
    for (step = folder; step; step = step->up)
        memcpy(path->ids[--count], step->id, ID_LEN);
}

static enum err path_outside(struct store *store, const struct place *place, const struct statx *at,
                             struct id_path *path)
{
    struct statx folder;

    if (statx(place->folder, "", AT_EMPTY_PATH, FACTS_MASK, &folder) < 0)
        return err_from_errno(errno);
    path->ids = arena_alloc(path->arena, 3 * (size_t)ID_LEN);
    memcpy(path->ids[0], store->site_id, ID_LEN);
    id_derive(store, inode_of(store, &folder), path->ids[1]);
    path->count = 2;
    if (at)
        id_derive(store, inode_of(store, at), path->ids[path->count++]);
    return ERR_NONE;
}

enum err identity_path(struct store *store, const struct place *place, const struct statx *at, bool is_kept,
                       struct id_path *path)
{
    struct look look = {.store = store, .meta = records_find(store)};
    struct step *folder, *step;
    enum err err;

    if (place->is_outside)
        return path_outside(store, place, at, path);
    if (!look.meta && (is_kept || !store->has_btime) && !store_is_read_only(store))
        records_need(store, &look.meta); /* without them, ids are those that follow from the inodes */
    err = look_up_folder(&look, place, &folder);
    if (err == ERR_NONE) {
        path_fill(&look, folder, path);
        if (at) {
            step = step_new(&look, folder, slice_str(place->name), at);
            memcpy(path->ids[path->count++], step->id, ID_LEN);
            if (is_kept && look.meta && !step->has_name) {
                step_record_names(&look, step);
                if (!step->is_by_name)
                    changes_put_inode(&look.changes, step->inode, step->id, step->parent, step->name);
            }
        }
        err = look_settle(&look);
    }
    look_release(&look);
    return err;
}

/* As many as there are segments. */
static enum err tell_steps(const struct store *store, const struct step *step, unsigned char (*ids)[ID_LEN],
                           unsigned room, unsigned *count)
{
    unsigned depth = 1;

    for (const struct step *at = step; at; at = at->up)
        depth++;
    if (depth > room)
        return ERR_TOO_LONG;
    *count = depth;
    for (; step; step = step->up)
        memcpy(ids[--depth], step->id, ID_LEN);
    memcpy(ids[0], store->site_id, ID_LEN);
    return ERR_NONE;
}

enum err identity_folders(struct store *store, const char *folder, unsigned char (*ids)[ID_LEN], unsigned room,
                          unsigned *count, uint64_t *ino)
{
    struct look look = {.store = store, .meta = records_find(store)};
    struct step *step = NULL;
    struct place inside = {.folder = -1};
    enum err err;

    snprintf(inside.parent, sizeof(inside.parent), "%s", folder);
    err = look_up_folder(&look, &inside, &step);
    if (err == ERR_NONE)
        err = tell_steps(store, step, ids, room, count);
    if (err == ERR_NONE && ino)
        *ino = step ? step->inode.ino : store->root_ino;
    if (err == ERR_NONE)
        err = look_settle(&look);
    look_release(&look);
    return err;
}

enum err store_id(struct store *store, struct rpath path, unsigned char id[16])
{
    struct identity identity;
    struct place place;
    struct statx at;
    enum err err = resolve_place(store, path.text, &place);

    if (err == ERR_IS_FOLDER) { /* the root itself */
        memcpy(id, store->site_id, ID_LEN);
        return ERR_NONE;
    }
    if (err != ERR_NONE)
        return err;
    if (statx(place.folder, place.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
    else if (!S_ISDIR(at.stx_mode) && !S_ISREG(at.stx_mode))
        err = ERR_MISSING;
    else
        err = identity_of(store, &place, &at, &identity);
    place_release(&place);
    if (err == ERR_NONE)
        memcpy(id, identity.id, ID_LEN);
    return err;
}
