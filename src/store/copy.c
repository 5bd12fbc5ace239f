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

#include "facts.h"
#include "propset.h"
#include "trash.h"

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
    struct copied copied = {carriage->from.identity.id, &old, now, &at, NULL, slice_str(carriage->to.place.name)};
    unsigned char id[ID_LEN];
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
        err = copy_records(copying, &copied, id);
    if (err == ERR_NONE && !is_named && fd_link(to, copying->aside.folder, copying->aside.name) < 0)
        err = err_from_errno(errno);
    return err == ERR_NONE ? copy_sync(copying, fd_take(&to)) : err;
}

static enum err build_folder(struct copying *copying, int from, struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    enum err err = aside_make_folder(carriage->store, &carriage->to.place, &copying->aside);
    struct statx at;
    struct copied copied = {carriage->from.identity.id,        &carriage->from.standing.facts, now, &at, NULL,
                            slice_str(carriage->to.place.name)};
    unsigned char id[ID_LEN];

    if (err != ERR_NONE)
        copying->aside.folder = -1;
    else if (statx(copying->aside.folder, copying->aside.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE)
        err = facts_fill(carriage->store, &at, now);
    if (err == ERR_NONE)
        err = copy_records(copying, &copied, id);
    if (err == ERR_NONE)
        err = copy_tree(copying, from, !carriage->transfer->is_shallow, carriage->from.identity.id, id);
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

static enum err land_free(struct copying *copying)
{
    const struct place *to = &copying->carriage->to.place;

    if (renameat2(copying->aside.folder, copying->aside.name, to->folder, to->name, RENAME_NOREPLACE) == 0)
        return ERR_NONE;
    if ((errno == EINVAL || errno == ENOSYS) &&
        renameat(copying->aside.folder, copying->aside.name, to->folder, to->name) == 0)
        return ERR_NONE;
    return errno == EEXIST ? ERR_CHANGED : errno == ENOENT ? ERR_PARENT : err_from_errno(errno);
}

/* Without an exchange of names the target is missing for a moment. */
static enum err land_after(struct copying *copying, struct removed *loser)
{
    struct store *store = copying->carriage->store;
    struct side *to = &copying->carriage->to;
    enum err err = side_take_out(store, to, &to->place, loser);

    if (err != ERR_NONE)
        return err;
    err = land_free(copying);
    if (err != ERR_NONE)
        renameat(loser->is_beside ? to->place.folder : store->state.trash, loser->name, to->place.folder,
                 to->place.name);
    return err;
}

/* What came out lies where the copy lay, and belongs to the trash. */
static void take_loser(struct copying *copying, struct removed *loser)
{
    struct store *store = copying->carriage->store;
    static const unsigned char nobody[ID_LEN];
    struct side *to = &copying->carriage->to;

    loser->is_beside = slice_starts(slice_str(copying->aside.name), SLICE(ASIDE_PREFIX));
    snprintf(loser->name, sizeof(loser->name), "%s", copying->aside.name);
    if (loser->is_beside)
        return;
    aside_name(store, to->is_link ? nobody : to->identity.id, loser->name, sizeof(loser->name));
    if (renameat(copying->aside.folder, copying->aside.name, store->state.trash, loser->name) < 0)
        loser->name[0] = '\0'; /* the next start finds it in up/ */
}

static enum err replace(struct copying *copying, struct removed *loser)
{
    struct carriage *carriage = copying->carriage;
    const struct place *to = &carriage->to.place;
    enum err err;

    if (store_is_lacking(carriage->store, MISSING_EXCHANGE))
        return land_after(copying, loser);
    if (renameat2(copying->aside.folder, copying->aside.name, to->folder, to->name, RENAME_EXCHANGE) < 0) {
        if (errno == EINVAL || errno == ENOSYS)
            return land_after(copying, loser);
        return errno == ENOENT ? ERR_CHANGED : errno == EPERM ? ERR_DENIED : err_from_errno(errno);
    }
    err = came_out_any(carriage->store, copying->aside.folder, copying->aside.name, &carriage->to.standing);
    if (err != ERR_NONE)
        renameat2(copying->aside.folder, copying->aside.name, to->folder, to->name, RENAME_EXCHANGE);
    if (err == ERR_NONE)
        take_loser(copying, loser);
    return err;
}

/* A new resource is nobody's successor, and Last-Modified does not go back. */
static enum err record_first(struct copying *copying, const struct facts *now)
{
    struct carriage *carriage = copying->carriage;
    struct store *store = carriage->store;
    enum err err = identity_forget_name(store, &carriage->to.place);
    struct changes changes = {0};
    unsigned char parent[ID_LEN];
    struct meta *meta;

    if (err != ERR_NONE || (!copying->has_top && !side_needs_floor(store, &carriage->to, now)))
        return err;
    err = records_need(store, &meta);
    if (err == ERR_NONE)
        err = place_folder_id(store, &carriage->to.place, &changes, parent);
    if (err == ERR_NONE && copying->has_top)
        changes_put_name(&changes, parent, slice_str(carriage->to.place.name), &copying->top);
    if (err == ERR_NONE && side_needs_floor(store, &carriage->to, now))
        side_keep_floor(store, &carriage->to, parent, now, &changes);
    if (err == ERR_NONE)
        err = changes_commit(&changes, meta);
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
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
    if (err == ERR_NONE)
        err = record_first(copying, now);
    if (err == ERR_NONE && is_over)
        err = side_measure(carriage, &carriage->to, NULL);
    if (err == ERR_NONE)
        err = is_over ? replace(copying, loser) : land_free(copying);
    if (err == ERR_NONE) {
        copying->aside.name[0] = '\0';
        err = folder_settle(store, carriage->to.place.folder, store->root_held);
    }
    if (err == ERR_NONE && is_over)
        side_gone(store, &carriage->to);
    return err;
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
    if (err == ERR_NONE)
        tell_copied(copying, now);
    lock_give(&carriage->to.lock);
    if (err != ERR_NONE)
        return err;
    out->created = !carriage->to.standing.is_there;
    out->facts = *now;
    out->facts.through_symlink = to->through_symlink;
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
    if (err == ERR_NONE)
        err = build(&copying, &now);
    if (err == ERR_NONE)
        err = land(&copying, &now, out);
    for (unsigned i = 0; i < copying.unsynced_count; i++)
        close(copying.unsynced[i]);
    changes_release(&copying.changes);
    if (copying.aside.name[0])
        aside_drop(carriage->store, &copying.aside);
    aside_release(&copying.aside);
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
