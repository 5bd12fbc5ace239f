/*
 * copy.c - COPY: built aside, and there by one rename.
 *
 * Everything is made out of sight, made durable with its properties, and appears whole: onto a free name by a rename
 * that overwrites nothing, over something else by an exchange of names, after which the old one goes to the trash. So
 * until then nothing changes at the target, and nothing is left of a COPY that fails, stops or meets a crash. A copy
 * into itself cannot meet itself either. The target's lock is held only for the landing.
 *
 * Limit: without RENAME_EXCHANGE the target is missing for a moment.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bindings.h"
#include "facts.h"
#include "identity_look.h"
#include "propset.h"
#include "since_private.h"
#include "trash.h"
#include "update_note.h"
#include "writelock_private.h"

enum { BUILDS_MAX = 4 }; /* of sources that others replace, below folders that others move */

/* ---- building ---- */

/* An unnamed file of the target's own folder wears what new files there wear; it gets a name when it is whole. */
static enum err open_aside_file(struct copying *copying, mode_t mode, int *to, bool *is_named)
{
    struct store *store = copying->carriage->store;
    const struct place *place = &copying->carriage->to.place;

    *is_named = store_is_lacking(store, MISSING_TMPFILE);
    *to = *is_named ? -1 : openat(place->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (*to < 0 && !*is_named && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return err_from_errno(errno);
    if (*to < 0) {
        *is_named = true;
        *to = openat(copying->aside.folder, copying->aside.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     mode);
    }
    return *to < 0 ? err_from_errno(errno) : ERR_NONE;
}

static enum err build_file(struct copying *copying, int from, struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    enum err err = aside_open(carriage->store, &carriage->to.place, &copying->aside);
    struct facts old = carriage->from.standing.facts;
    FD_GUARD to = -1;
    struct statx at;
    struct copied copied = {carriage->from.identity.id, &old, now, &at, NULL, slice_str(carriage->to.place.name), NULL};
    bool is_named = false;

    copying->bytes = old.size;
    if (err == ERR_NONE)
        err = quota_claim_set(&carriage->claim, old.size > copying->freed ? old.size - copying->freed : 0);
    if (err == ERR_NONE)
        err = open_aside_file(copying, old.mode & 0777, &to, &is_named);
    if (err == ERR_NONE)
        err = copy_file(copying, from, to, &old, now);
    if (err == ERR_NONE && statx(to, "", AT_EMPTY_PATH, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE)
        err = copy_records(copying, &copied, copying->top_id);
    if (err == ERR_NONE && !is_named && fd_link(to, copying->aside.folder, copying->aside.name) < 0)
        err = err_from_errno(errno);
    return err == ERR_NONE ? copy_sync(copying, fd_take(&to)) : err;
}

static enum err build_folder(struct copying *copying, int from, struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    enum err err = aside_make_folder(carriage->store, &carriage->to.place, &copying->aside);
    struct statx at;
    struct copied copied = {carriage->from.identity.id,
                            &carriage->from.standing.facts,
                            now,
                            &at,
                            NULL,
                            slice_str(carriage->to.place.name),
                            NULL};

    if (err != ERR_NONE)
        copying->aside.folder = -1;
    else if (statx(copying->aside.folder, copying->aside.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE)
        err = facts_fill(carriage->store, &at, now);
    if (err == ERR_NONE)
        err = copy_records(copying, &copied, copying->top_id);
    if (err == ERR_NONE)
        err = copy_tree(copying, from, !carriage->transfer->is_shallow, carriage->from.identity.id, copying->top_id);
    return err;
}

static enum err build(struct copying *copying, struct facts *now)
{
    struct side *side = &copying->carriage->from;
    bool is_folder = side->standing.facts.kind == KIND_FOLDER;
    FD_GUARD from = open_beneath(side->place.folder, side->place.name,
                                 O_RDONLY | O_NONBLOCK | O_NOCTTY | (is_folder ? O_DIRECTORY : 0));
    struct stat got;
    enum err err;

    if (from < 0 || fstat(from, &got) < 0)
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    if (got.st_ino != side->standing.facts.ino)
        return ERR_CHANGED; /* another one than was judged */
    err = is_folder ? build_folder(copying, from, now) : build_file(copying, from, now);
    if (err == ERR_NONE)
        err = copy_sync(copying, -1);
    return err == ERR_NONE ? copy_commit(copying) : err;
}

/* ---- landing ---- */

/* What stands at the target is updated: it stays the resource that it is (RFC 5842 §2.3, §2.7). */
static bool is_update(const struct copying *copying, const struct facts *now)
{
    const struct side *to = &copying->carriage->to;

    return to->standing.is_there && !to->is_link && to->standing.facts.kind == now->kind && !to->place.is_outside &&
           copying->carriage->store->has_btime && to->place.dev == copying->carriage->store->root_dev &&
           !store_is_lacking(copying->carriage->store, MISSING_EXCHANGE);
}

/*
 * Until the records say who it is, what lands is known by its inode, with its own properties: a crash in between must
 * not give it those of what it replaced.
 */
static void name_by_inode(const struct copying *copying, struct changes *changes)
{
    static const unsigned char none[ID_LEN];
    const struct aside *aside = &copying->aside;
    struct statx at;

    if (!id_same(copying->top_id, none) &&
        statx(aside->folder, aside->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, FACTS_MASK, &at) == 0)
        changes_put_inode(changes, inode_of(copying->carriage->store, &at), copying->top_id, NULL, SLICE_NONE);
}

/*
 * What is updated is recorded, so that its id outlives its inode; else a new resource is nobody's successor. parent:
 * the id of the folder, where that is needed.
 */
static enum err record_who(struct copying *copying, bool needs_parent, struct changes *changes,
                           unsigned char parent[ID_LEN])
{
    struct carriage *carriage = copying->carriage;
    struct store *store = carriage->store;
    struct side *to = &carriage->to;
    enum err err;

    if (!carriage->is_update) {
        err = identity_forget_name(store, &to->place);
        return err == ERR_NONE && needs_parent ? place_folder_id(store, &to->place, changes, parent) : err;
    }
    err = identity_gather(store, &to->place, &to->standing.statx, &to->identity, changes);
    if (err == ERR_NONE) {
        memcpy(parent, to->identity.parent, ID_LEN);
        name_by_inode(copying, changes);
    }
    return err;
}

/* In both cases Last-Modified does not go back. */
static enum err record_first(struct copying *copying, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    struct store *store = carriage->store;
    struct side *to = &carriage->to;
    bool has_name = copying->has_top && !carriage->is_update, needs_floor = side_needs_floor(store, to, now);
    struct changes changes = {0};
    unsigned char parent[ID_LEN];
    struct meta *meta;
    enum err err = record_who(copying, has_name || needs_floor, &changes, parent);

    if (err == ERR_NONE && (has_name || needs_floor || changes.count > 0)) {
        err = records_need(store, &meta);
        if (err == ERR_NONE && has_name)
            changes_put_name(&changes, parent, slice_str(to->place.name), &copying->top);
        if (err == ERR_NONE && needs_floor)
            side_keep_floor(store, to, parent, now, &changes);
        if (err == ERR_NONE)
            err = changes_commit(&changes, meta);
    }
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

/* What was recorded of the copy while it was built is the resource's, instead of what was. */
static enum err pass_records(struct copying *copying, struct meta *meta, const struct facts *now,
                             struct changes *changes)
{
    struct side *to = &copying->carriage->to;
    struct store *store = copying->carriage->store;
    const unsigned char *id = to->identity.id;
    char key[QUOTA_KEY_LEN];
    enum err err = propset_drop(store, meta, id, changes);

    if (err == ERR_NONE)
        err = propset_copy(store, meta, copying->top_id, id, facts_tag(now), facts_tag(now), changes);
    if (err == ERR_NONE)
        err = propset_drop(store, meta, copying->top_id, changes);
    if (now->kind == KIND_FOLDER)
        changes_drop(changes, quota_key(key, id));
    if (err == ERR_NONE && now->kind == KIND_FOLDER)
        err = name_records_drop(meta, id, changes); /* or its new members were taken for the former ones */
    return err;
}

static enum err pass_identity(struct copying *copying, const struct facts *now)
{
    struct side *to = &copying->carriage->to;
    struct store *store = copying->carriage->store;
    struct changes changes = {0};
    struct statx at;
    struct meta *meta;
    enum err err = records_need(store, &meta);

    if (statx(to->place.folder, to->place.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        return errno == ENOENT ? ERR_NONE /* others took it away */ : err_from_errno(errno);
    if (err == ERR_NONE)
        err = pass_records(copying, meta, now, &changes);
    identity_pass_on(store, &to->place, &to->identity, &to->standing.statx, &at, &changes);
    if (err == ERR_NONE)
        err = changes_commit(&changes, meta);
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

/* With the same id as what is gone. */
static void settle_update(struct copying *copying, const struct facts *now)
{
    struct side *to = &copying->carriage->to;
    struct store *store = copying->carriage->store;
    FD_GUARD folder = -1;

    side_uncount(store, to);
    if (place_is_bound(&to->place))
        write_locks_drop_below(store, &to->place);
    else
        write_locks_drop(store, &to->place, to->identity.id);
    since_removed(store, &to->place, now->kind);
    if (now->kind == KIND_FOLDER) {
        folder = open_beneath(to->place.folder, to->place.name, O_PATH | O_DIRECTORY);
        bindings_gone_with(store, to->identity.id, to->standing.fd, folder);
    }
}

/* The records take part in the change, or it is taken back. */
static enum err land_update(struct copying *copying, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    enum err err = pass_identity(copying, now);

    if (err == ERR_NONE || !carriage_take_back(carriage, &copying->aside))
        settle_update(copying, now);
    else
        folder_settle(carriage->store, carriage->to.place.folder, carriage->store->root_held);
    update_note_remove(carriage->store, &copying->aside);
    return err;
}

/* What was there is gone, or is what it was with other content. */
static enum err settle_over(struct copying *copying, struct removed *loser, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    enum err err = carriage->is_update ? land_update(copying, now) : ERR_NONE;

    if (err != ERR_NONE)
        return err;
    carriage_part(carriage, &copying->aside, loser);
    if (!carriage->is_update)
        side_gone(carriage->store, &carriage->to);
    return ERR_NONE;
}

static enum err land_once(struct copying *copying, struct removed *loser, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    struct store *store = carriage->store;
    bool is_over;
    enum err err;

    side_forget(store, &carriage->to);
    err = carriage_judge_target(carriage);
    is_over = carriage->to.standing.is_there;
    carriage->is_update = is_over && is_update(copying, now) && !products_top(copying);
    if (err == ERR_NONE)
        err = record_first(copying, now);
    if (err == ERR_NONE && is_over)
        err = side_measure(carriage, &carriage->to, NULL);
    if (err == ERR_NONE && carriage->is_update)
        update_note_write(store, &carriage->to.place, &carriage->to.standing.statx, carriage->to.identity.id,
                          &copying->aside);
    if (err == ERR_NONE)
        err = carriage_land(carriage, &copying->aside, loser);
    if (err != ERR_NONE) {
        update_note_remove(store, &copying->aside);
        return err;
    }
    err = folder_settle(store, carriage->to.place.folder, store->root_held);
    if (err != ERR_NONE && carriage->is_update)
        copying->aside.name[0] = '\0'; /* it stays in up/: the next start knows what the disk has */
    else if (err != ERR_NONE && is_over)
        carriage_part(carriage, &copying->aside, loser);
    return err == ERR_NONE && is_over ? settle_over(copying, loser, now) : err;
}

static void tell_copied(struct copying *copying, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;

    if (now->kind == KIND_FOLDER)
        quota_folder_came(carriage->store, &carriage->to.place, NULL, &carriage->claim);
    else
        quota_file_changed(carriage->store, &carriage->to.place, (int64_t)now->size, 1, &carriage->claim);
}

static enum err land(struct copying *copying, const struct facts *now, struct transferred *out)
{
    struct carriage *carriage = copying->carriage;
    struct place *to = &carriage->to.place;
    struct removed loser = {.name = ""};
    enum err err = ERR_CHANGED;

    lock_take(&carriage->store->locks, &carriage->to.lock, to->dev, to->ino, slice_str(to->name));
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++)
        err = land_once(copying, &loser, now);
    products_settle(copying, err == ERR_NONE); /* then what has several names has a home, where it counts */
    if (err == ERR_NONE)
        tell_copied(copying, now);
    lock_give(&carriage->to.lock);
    if (err != ERR_NONE)
        return err;
    out->created = !carriage->to.standing.is_there;
    out->facts = *now;
    out->facts.through_symlink = to->through_symlink;
    bound_mark_at(&out->facts, to);
    if (loser.name[0])
        tree_let_go(carriage->store, to, &loser);
    return ERR_NONE;
}

/* ---- */

/* Room for it; what is there now makes some, since it will be gone. */
static enum err claim(struct copying *copying)
{
    struct carriage *carriage = copying->carriage;
    enum err err = ERR_NONE;

    if (carriage->to.standing.is_there)
        err = side_measure(carriage, &carriage->to, NULL);
    copying->freed = carriage->to.standing.is_there ? carriage->to.total.bytes : 0;
    quota_claim_open(carriage->store, &carriage->to.place, &carriage->claim);
    return err;
}

static enum err copy_once(struct carriage *carriage, struct casualties *casualties, struct transferred *out)
{
    struct copying copying = {.carriage = carriage, .casualties = casualties, .aside = {.folder = -1}};
    enum err err = carriage_judge(carriage, false);
    struct facts now = {0};

    if (err == ERR_NONE)
        err = claim(&copying);
    products_init(&copying);
    if (err == ERR_NONE)
        err = build(&copying, &now);
    if (err == ERR_NONE)
        err = products_land(&copying);
    if (err == ERR_NONE)
        err = land(&copying, &now, out);
    else
        products_settle(&copying, false);
    for (unsigned i = 0; i < copying.unsynced_count; i++)
        close(copying.unsynced[i]);
    changes_release(&copying.changes);
    if (copying.aside.name[0])
        aside_drop(carriage->store, &copying.aside);
    aside_release(&copying.aside);
    products_release(&copying);
    carriage_forget(carriage);
    return err;
}

/* With the places as they are now. */
static enum err copy_places(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                            struct transferred *out)
{
    struct carriage carriage;
    enum err err = carriage_open(store, transfer, false, &carriage);

    if (err != ERR_NONE)
        return err;
    err = copy_once(&carriage, casualties, out);
    carriage_close(&carriage);
    return err;
}

enum err store_copy(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out)
{
    struct casualties before = casualties ? *casualties : (struct casualties){0};
    enum err err = ERR_CHANGED;

    *out = (struct transferred){.created = false};
    for (int i = 0; i < BUILDS_MAX && err == ERR_CHANGED; i++) {
        if (casualties)
            *casualties = before; /* those of a copy that came to nothing are none */
        err = copy_places(store, transfer, casualties, out);
    }
    return err;
}
