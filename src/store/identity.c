/*
 * identity.c - who a resource is: its id shown, kept over a replacement, passed on, let go of.
 *
 * Which id stands at a place is found by identity_look.c; here is what is recorded of it, and when.
 */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "base/arena.h"
#include "facts.h"
#include "forward_private.h"
#include "identity_look.h"
#include "idrecord.h"

enum err identity_of(struct store *store, const struct place *place, const struct statx *at, struct identity *identity)
{
    struct look look;
    enum err err;

    *identity = (struct identity){.is_recorded = false};
    id_derive(store, inode_of(store, at), identity->id);
    if (place->is_outside)
        return ERR_NONE;
    err = look_init(&look, store, at);
    if (err != ERR_NONE || !look.meta)
        return err;
    err = look_up_place(&look, place, at, identity);
    look_release(&look);
    return err;
}

enum err identity_find(struct store *store, const struct place *place, const struct statx *at,
                       struct identity *identity)
{
    struct look look = {.store = store, .meta = records_find(store), .is_reading = true};
    enum err err = ERR_NONE;

    *identity = (struct identity){.is_recorded = false};
    id_derive(store, inode_of(store, at), identity->id);
    if (!place->is_outside && look.meta)
        err = look_up_place(&look, place, at, identity);
    look_release(&look);
    return err;
}

enum err identity_find_folder(struct store *store, const char *folder, unsigned char id[ID_LEN])
{
    struct look look = {.store = store, .meta = records_find(store), .is_reading = true};
    struct place inside = {.folder = -1};
    struct step *step = NULL;
    enum err err;

    snprintf(inside.parent, sizeof(inside.parent), "%s", folder);
    err = look_up_folder(&look, &inside, &step);
    if (err == ERR_NONE) {
        memcpy(id, look_id(&look, step), ID_LEN);
        err = look_settle(&look);
    }
    look_release(&look);
    return err;
}

/* Names and inode among the changes, unless they are durable: then false. */
static bool record(struct look *look, struct step *step)
{
    struct name_record durable;

    if (step->has_name && name_record_get_durable(look->meta, step->parent, step->name, &durable) == ERR_NONE &&
        id_same(durable.id, step->id))
        return false;
    step->has_name = false; /* it may be queued only: then this commit comes after it */
    step_record_names(look, step);
    if (!step->is_by_name)
        changes_put_inode(&look->changes, step->inode, step->id, step->parent, step->name);
    return true;
}

/* must_commit: what was gathered is more than corrections. */
static enum err look_gather(struct look *look, const struct place *place, const struct statx *at,
                            struct identity *identity)
{
    struct step *folder, *step;
    enum err err;

    *identity = (struct identity){.is_recorded = false};
    id_derive(look->store, inode_of(look->store, at), identity->id);
    err = place->is_outside ? ERR_NONE : records_need(look->store, &look->meta);
    if (err == ERR_NONE && look->meta)
        err = look_up_folder(look, place, &folder);
    if (err != ERR_NONE || !look->meta)
        return err;
    step = step_new(look, folder, slice_str(place->name), at);
    identity_set(identity, step, true);
    look->must_commit = record(look, step);
    return ERR_NONE;
}

enum err identity_keep(struct store *store, const struct place *place, const struct statx *old,
                       struct identity *identity)
{
    struct look look = {.store = store};
    enum err err = look_gather(&look, place, old, identity);

    if (err == ERR_NONE && look.must_commit)
        err = look_commit(&look);
    else if (err == ERR_NONE && look.meta)
        changes_queue(&look.changes, look.meta);
    look_release(&look);
    return err;
}

enum err identity_gather(struct store *store, const struct place *place, const struct statx *at,
                         struct identity *identity, struct changes *changes)
{
    struct look look = {.store = store};
    enum err err = look_gather(&look, place, at, identity);

    if (err == ERR_NONE) {
        *changes = look.changes;
        look.changes = (struct changes){0};
    }
    look_release(&look);
    return err;
}

enum peek identity_peek(const struct store *store, struct meta *meta, const unsigned char parent[ID_LEN],
                        bool has_names, struct slice name, const struct facts *facts, unsigned char id[ID_LEN])
{
    dev_t dev = makedev((unsigned)(facts->dev >> 32), (unsigned)facts->dev);
    struct inode inode = {.ino = facts->ino, .btime_ns = facts->born_ns};
    struct inode_record by_inode;
    struct name_record by_name;

    if (!store->has_btime || dev != store->root_dev) {
        if (!meta || !has_names || name_record_get(meta, parent, name, &by_name) != ERR_NONE)
            return PEEK_NONE;
        memcpy(id, by_name.id, ID_LEN);
        return by_name.kind == facts->kind ? PEEK_RECORDED : PEEK_NONE;
    }
    if (meta && inode_record_get(meta, inode, &by_inode) == ERR_NONE) {
        bool is_here = id_same(by_inode.parent, parent) && slice_eq(slice_str(by_inode.name), name);

        memcpy(id, by_inode.id, ID_LEN);
        return is_here || by_inode.name[0] == '\0' || (facts->kind == KIND_FILE && facts->nlink > 1) ? PEEK_RECORDED
                                                                                                     : PEEK_UNSURE;
    }
    if (meta && has_names && name_record_get(meta, parent, name, &by_name) == ERR_NONE)
        return PEEK_UNSURE;
    id_derive(store, inode, id);
    return PEEK_DERIVED;
}

/* lives_on: the old inode has another name, and is another resource there. */
static void pass_on(struct look *look, const struct place *place, const struct identity *identity,
                    const struct statx *old, const struct statx *now, bool lives_on)
{
    const struct store *store = look->store;
    struct name_record record = {.kind = S_ISDIR(now->stx_mode) ? KIND_FOLDER : KIND_FILE,
                                 .last = inode_of(store, now)};

    memcpy(record.id, identity->id, ID_LEN);
    changes_put_name(&look->changes, identity->parent, slice_str(place->name), &record);
    if (!store->has_btime || place->dev != store->root_dev)
        return;
    if (lives_on)
        look_retire(look, inode_of(store, old));
    else
        changes_drop_inode(&look->changes, inode_of(store, old));
    changes_put_inode(&look->changes, record.last, identity->id, identity->parent, slice_str(place->name));
}

void identity_pass_on(struct store *store, const struct place *place, const struct identity *identity,
                      const struct statx *old, const struct statx *now, struct changes *changes)
{
    struct look look = {.store = store, .changes = *changes};

    pass_on(&look, place, identity, old, now, S_ISREG(old->stx_mode) && old->stx_nlink > 1);
    *changes = look.changes;
}

void identity_passed_on(struct store *store, const struct place *place, const struct identity *identity,
                        const struct statx *old, const struct statx *now)
{
    struct look look = {.store = store, .meta = records_find(store)};

    if (!identity->is_recorded || !look.meta)
        return;
    pass_on(&look, place, identity, old, now, old->stx_nlink > 1);
    changes_queue(&look.changes, look.meta);
    look_release(&look);
}

enum err identity_parted(struct store *store, const struct place *place, const struct identity *identity,
                         const struct statx *old, const struct statx *now)
{
    struct look look = {.store = store, .meta = records_find(store)};
    enum err err = ERR_NONE;

    if (identity->is_recorded && look.meta) {
        pass_on(&look, place, identity, old, now, true);
        err = look_commit(&look);
        if (err != ERR_NONE && err != ERR_IO) { /* no room now: the content is in its place all the same */
            changes_queue(&look.changes, look.meta);
            err = ERR_NONE;
        }
    }
    look_release(&look);
    return err;
}

enum err identity_part(struct store *store, const struct statx *at)
{
    struct look look = {.store = store, .meta = records_find(store)};
    enum err err = ERR_NONE;

    if (look.meta && store->has_btime) {
        look_retire(&look, inode_of(store, at));
        err = look_commit(&look);
    }
    look_release(&look);
    return err;
}

enum err identity_forget_name(struct store *store, const struct place *place)
{
    struct look look = {.store = store, .meta = records_find(store)};
    struct name_record queued, durable;
    const unsigned char *parent;
    struct step *folder;
    enum err err;

    if (!look.meta || place->is_outside)
        return ERR_NONE;
    forward_replaced(store, place);
    err = look_up_folder(&look, place, &folder);
    if (err == ERR_NONE) {
        parent = look_id(&look, folder);
        if (name_record_get(look.meta, parent, slice_str(place->name), &queued) == ERR_NONE ||
            name_record_get_durable(look.meta, parent, slice_str(place->name), &durable) == ERR_NONE) {
            changes_drop_name(&look.changes, parent, slice_str(place->name));
            err = look_commit(&look);
        } else
            changes_queue(&look.changes, look.meta);
    }
    look_release(&look);
    return err;
}

void identity_gone(struct store *store, const struct place *place, const struct identity *identity,
                   const struct statx *old)
{
    struct look look = {.store = store, .meta = records_find(store)};
    struct name_record record;

    if (!identity->is_recorded || !look.meta)
        return;
    if (name_record_get(look.meta, identity->parent, slice_str(place->name), &record) == ERR_NONE &&
        id_same(record.id, identity->id))
        changes_drop_name(&look.changes, identity->parent, slice_str(place->name));
    if (old->stx_nlink <= 1 && store->has_btime && place->dev == store->root_dev)
        changes_drop_inode(&look.changes, inode_of(store, old));
    changes_queue(&look.changes, look.meta);
    look_release(&look);
}
