/*
 * move.c - MOVE: one rename, whatever is in it.
 *
 * Where anything is recorded of the resource, its records are moved durably first: a crash before the rename finds it
 * by its inode at its old name. Onto a free name the rename overwrites nothing. Over something else the two names are
 * exchanged, so no reader finds nothing at the target and a crash loses neither; the loser, which has the source's name
 * for a moment, then goes to the trash. Should a crash come in between, a note in up/ tells the next start to finish
 * it. What came out on either side is compared with what was judged.
 *
 * A link of users' moves itself, never what it shows; its text stays as it is. To another volume: copied, then deleted.
 *
 * Limit: without RENAME_EXCHANGE the target is missing for a moment, and after a crash then stays in the trash.
 */
#include "transfer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "facts.h"
#include "forward_private.h"
#include "move.h"
#include "propset.h"
#include "since_private.h"
#include "writelock_private.h"

/* ---- records first ---- */

static bool is_key(const struct store *store, const struct statx *at)
{
    return store->has_btime && makedev(at->stx_dev_major, at->stx_dev_minor) == store->root_dev;
}

static bool has_record(struct store *store, struct meta *meta, const struct side *from)
{
    struct inode_record by_inode;
    struct name_record by_name;

    if (from->is_link || from->place.is_outside)
        return false;
    if (is_key(store, &from->standing.statx) &&
        inode_record_get(meta, inode_of(store, &from->standing.statx), &by_inode) == ERR_NONE)
        return true;
    return name_record_get(meta, from->identity.parent, slice_str(from->place.name), &by_name) == ERR_NONE;
}

/*
 * Over something else, where inodes are known, the new name is recorded only when the names were exchanged: else a
 * crash before that, or a rename that fails, would leave the loser with the records of what was on its way, since what
 * is known by its name alone is adopted. In between the inode says who it is.
 */
static bool is_name_later(const struct carriage *carriage)
{
    return carriage->to.standing.is_there && is_key(carriage->store, &carriage->from.standing.statx);
}

static struct name_record record_of(const struct carriage *carriage)
{
    const struct side *from = &carriage->from;
    struct name_record record = {.kind = (uint8_t)from->standing.facts.kind,
                                 .last = inode_of(carriage->store, &from->standing.statx)};

    memcpy(record.id, from->identity.id, ID_LEN);
    return record;
}

/* From one name to the other, with the folders above the new one. */
static void move_records(struct carriage *carriage, struct meta *meta, const unsigned char parent[ID_LEN],
                         struct changes *changes)
{
    struct side *from = &carriage->from;
    struct slice name = slice_str(carriage->to.place.name);
    struct name_record record = record_of(carriage), old;

    if (name_record_get(meta, from->identity.parent, slice_str(from->place.name), &old) == ERR_NONE &&
        memcmp(old.id, record.id, ID_LEN) == 0)
        changes_drop_name(changes, from->identity.parent, slice_str(from->place.name));
    if (!is_name_later(carriage))
        changes_put_name(changes, parent, name, &record);
    if (is_key(carriage->store, &from->standing.statx))
        changes_put_inode(changes, record.last, record.id, parent, name);
}

/* Not awaited: who looks would find by the inode that it is due. */
static void record_name_after(struct carriage *carriage)
{
    struct store *store = carriage->store;
    struct meta *meta = records_find(store);
    struct name_record record = record_of(carriage);
    struct changes changes = {0};
    unsigned char parent[ID_LEN];

    if (!meta || carriage->to.place.is_outside || !is_name_later(carriage) || !has_record(store, meta, &carriage->from))
        return;
    if (place_folder_id(store, &carriage->to.place, &changes, parent) == ERR_NONE) {
        changes_put_name(&changes, parent, slice_str(carriage->to.place.name), &record);
        changes_queue(&changes, meta);
    }
    changes_release(&changes);
}

static enum err record_first(struct carriage *carriage)
{
    struct store *store = carriage->store;
    struct meta *meta = records_find(store);
    bool needs_floor = side_needs_floor(store, &carriage->to, &carriage->from.standing.facts);
    bool is_recorded = meta && has_record(store, meta, &carriage->from);
    struct changes changes = {0};
    unsigned char parent[ID_LEN];
    enum err err = identity_forget_name(store, &carriage->to.place);

    if (err == ERR_NONE && (is_recorded || needs_floor) && !carriage->to.place.is_outside) {
        err = records_need(store, &meta);
        if (err == ERR_NONE)
            err = place_folder_id(store, &carriage->to.place, &changes, parent);
        if (err == ERR_NONE && is_recorded)
            move_records(carriage, meta, parent, &changes);
        if (err == ERR_NONE && needs_floor)
            side_keep_floor(store, &carriage->to, parent, &carriage->from.standing.facts, &changes);
        if (err == ERR_NONE)
            err = changes_commit(&changes, meta);
        changes_release(&changes);
    }
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

/* Room for it where it goes; what is there now makes some. */
static enum err claim(struct carriage *carriage)
{
    struct side *from = &carriage->from, *to = &carriage->to;
    enum err err = side_measure(carriage, from, &to->place);
    uint64_t freed;

    if (err == ERR_NONE)
        err = side_measure(carriage, to, NULL);
    if (err != ERR_NONE)
        return err;
    freed = to->standing.is_there ? to->total.bytes : 0;
    quota_claim_open_move(carriage->store, &from->place, &to->place, &carriage->claim);
    return quota_claim_set(&carriage->claim, from->total.bytes > freed ? from->total.bytes - freed : 0);
}

/* ---- then the names ---- */

static enum err err_of_rename(int code)
{
    switch (code) {
    case EEXIST:
    case ENOTEMPTY:
    case ENOENT:
        return ERR_CHANGED;
    case EINVAL:
        return ERR_ESCAPES; /* into its own subtree, through a link or a mount */
    case EXDEV:
        return ERR_UNSUPPORTED;
    case EPERM:
        return ERR_DENIED;
    default:
        return err_from_errno(code);
    }
}

/* Without an exclusive rename: nothing was there when we looked. */
static int rename_free(struct store *store, const struct place *from, const struct place *to)
{
    if (!store_is_lacking(store, MISSING_NOREPLACE)) {
        if (renameat2(from->folder, from->name, to->folder, to->name, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != ENOSYS && (errno != EINVAL || from->dev == store->root_dev))
            return -1;
        store_lacks(store, MISSING_NOREPLACE);
    }
    return renameat(from->folder, from->name, to->folder, to->name);
}

/* ERR_CHANGED: something is there now, or it was another source, which is back. */
static enum err move_to_free(struct carriage *carriage)
{
    struct place *from = &carriage->from.place, *to = &carriage->to.place;
    enum err err;

    if (rename_free(carriage->store, from, to) < 0)
        return err_of_rename(errno);
    err = came_out_any(carriage->store, to->folder, to->name, &carriage->from.standing);
    if (err != ERR_NONE)
        renameat2(to->folder, to->name, from->folder, from->name, RENAME_NOREPLACE);
    return err;
}

/* The names change places. ERR_CHANGED: what came out on either side was not what was judged. All is as before. */
static enum err exchange(struct carriage *carriage)
{
    struct place *from = &carriage->from.place, *to = &carriage->to.place;
    enum err err;

    if (renameat2(from->folder, from->name, to->folder, to->name, RENAME_EXCHANGE) < 0)
        return errno == ENOSYS ? ERR_ESCAPES : err_of_rename(errno);
    err = came_out_any(carriage->store, to->folder, to->name, &carriage->from.standing);
    if (err == ERR_NONE)
        err = came_out_any(carriage->store, from->folder, from->name, &carriage->to.standing);
    if (err != ERR_NONE)
        renameat2(from->folder, from->name, to->folder, to->name, RENAME_EXCHANGE);
    return err;
}

/* Without an exchange of names. */
static enum err move_after(struct carriage *carriage, struct removed *loser)
{
    struct store *store = carriage->store;
    struct place *to = &carriage->to.place;
    enum err err = side_take_out(store, &carriage->to, to, loser);

    if (err != ERR_NONE)
        return err;
    carriage->loser_at = to;
    err = move_to_free(carriage);
    if (err != ERR_NONE)
        renameat(loser->is_beside ? to->folder : store->state.trash, loser->name, to->folder, to->name);
    return err;
}

static enum err move_over(struct carriage *carriage, struct removed *loser)
{
    struct place *from = &carriage->from.place, *to = &carriage->to.place;
    struct aside note;
    enum err err;

    if (store_is_lacking(carriage->store, MISSING_EXCHANGE))
        return move_after(carriage, loser);
    carriage->loser_at = from;
    move_note_write(carriage, &note);
    err = exchange(carriage);
    if (err == ERR_NONE) {
        err = side_take_out(carriage->store, &carriage->to, from, loser);
        if (err != ERR_NONE)
            renameat2(from->folder, from->name, to->folder, to->name, RENAME_EXCHANGE);
    }
    move_note_remove(&note);
    if (err == ERR_ESCAPES) /* EINVAL: a file system's way to say that it never exchanges, too */
        err = move_after(carriage, loser);
    return err;
}

static enum err settle(struct carriage *carriage)
{
    struct side *from = &carriage->from, *to = &carriage->to;
    int witness = from->standing.fd >= 0 ? from->standing.fd : carriage->store->root_held;
    enum err err = folder_settle(carriage->store, to->place.folder, witness); /* first: a name too many loses nothing */

    if (err == ERR_NONE && (from->place.ino != to->place.ino || from->place.dev != to->place.dev))
        err = folder_settle(carriage->store, from->place.folder, witness);
    return err;
}

/* ---- and what others have to hear ---- */

static void tell_moved(struct carriage *carriage)
{
    struct side *from = &carriage->from;

    side_uncount(carriage->store, from);
    side_count(carriage->store, from, &carriage->to.place, &carriage->claim);
    write_locks_drop(carriage->store, &from->place, from->is_link ? NULL : from->identity.id);
    since_removed(carriage->store, &from->place, from->is_link ? KIND_FILE : from->standing.facts.kind);
}

/*
 * Before the name goes: a crash between leaves an address where something is, and there it does not count. Not where a
 * link of users' is on the path: what is put there later, by whichever path, would not be known to take its place.
 */
static enum err leave_forwarding(struct store *store, const struct transfer *transfer, const struct place *from)
{
    if (!transfer->leave_forwarding || from->through_symlink || from->is_outside)
        return ERR_NONE;
    return forward_leave(store, transfer->from.text, transfer->to.text);
}

static enum err leave_forwarding_behind(struct store *store, const struct transfer *transfer)
{
    struct place from;
    enum err err = resolve_name(store, transfer->from.text, &from);

    if (err == ERR_NONE)
        err = leave_forwarding(store, transfer, &from);
    place_release(&from);
    return err;
}

static enum err move_once(struct carriage *carriage, struct removed *loser, struct transferred *out)
{
    enum err err = carriage_judge(carriage, true);

    if (err == ERR_NONE)
        err = claim(carriage);
    if (err == ERR_NONE)
        err = move_may_loop(carriage);
    if (err == ERR_NONE)
        err = record_first(carriage);
    if (err == ERR_NONE && carriage->from.is_binding)
        err = move_binding_first(carriage);
    if (err == ERR_NONE)
        err = leave_forwarding(carriage->store, carriage->transfer, &carriage->from.place);
    if (err == ERR_NONE) {
        err = carriage->to.standing.is_there ? move_over(carriage, loser) : move_to_free(carriage);
        if (err != ERR_NONE && carriage->transfer->leave_forwarding)
            forward_forget(carriage->store, carriage->transfer->from.text);
        if (err != ERR_NONE && carriage->from.is_binding)
            move_binding_undo(carriage);
    }
    if (err == ERR_NONE)
        err = settle(carriage);
    if (err == ERR_NONE) {
        out->created = !carriage->to.standing.is_there;
        out->facts = carriage->from.standing.facts;
        out->facts.through_symlink |= carriage->to.place.through_symlink;
        move_bindings_after(carriage); /* before what goes is looked at: this may be what leads to it */
        if (!out->created)
            side_gone(carriage->store, &carriage->to);
        record_name_after(carriage);
        tell_moved(carriage);
    }
    carriage_forget(carriage);
    return err;
}

static enum err move_locked(struct carriage *carriage, struct removed *loser, struct transferred *out)
{
    struct side *from = &carriage->from, *to = &carriage->to;
    enum err err = ERR_CHANGED;

    lock_take_two(&carriage->store->locks,
                  (struct lock_of){&from->lock, from->place.dev, from->place.ino, slice_str(from->place.name)},
                  (struct lock_of){&to->lock, to->place.dev, to->place.ino, slice_str(to->place.name)});
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++)
        err = move_once(carriage, loser, out);
    lock_give(&from->lock);
    lock_give(&to->lock);
    return err;
}

/* Over to another volume. What was copied is deleted with the source's own guard judged anew. */
static WORKER_SIDE enum err move_by_copy(struct store *store, const struct transfer *transfer,
                                         struct casualties *casualties, struct transferred *out)
{
    unsigned before = casualties ? casualties->count : 0;
    enum err err = store_copy(store, transfer, casualties, out);

    if (err != ERR_NONE || (casualties && casualties->count > before))
        return err; /* what could not be copied stays, and so does the rest of its tree */
    err = leave_forwarding_behind(store, transfer);
    if (err != ERR_NONE)
        return err; /* the source stays, too */
    err = store_delete(store, transfer->from, transfer->source, transfer->progress, casualties);
    if (err != ERR_NONE && transfer->leave_forwarding)
        forward_forget(store, transfer->from.text);
    return err;
}

/* With the places as they are now; ERR_CHANGED: they are no longer. ERR_UNSUPPORTED: to another volume. */
static enum err move_places(struct store *store, const struct transfer *transfer, struct transferred *out)
{
    struct removed loser = {.name = ""};
    struct carriage carriage;
    enum err err = carriage_open(store, transfer, true, &carriage);
    bool is_across = false;

    if (err != ERR_NONE)
        return err;
    is_across = carriage.from.place.dev != carriage.to.place.dev;
    err = is_across ? ERR_UNSUPPORTED : move_locked(&carriage, &loser, out);
    if (err == ERR_NONE && loser.name[0])
        tree_let_go(store, carriage.loser_at, &loser);
    carriage_close(&carriage);
    return err;
}

enum err store_move(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out)
{
    enum err err = ERR_CHANGED;

    *out = (struct transferred){.created = false};
    for (int i = 0; i < TREE_PLACES_MAX && err == ERR_CHANGED; i++)
        err = move_places(store, transfer, out);
    if (err == ERR_ESCAPES && transfer->takes_above && rpath_is_within(transfer->from.text, transfer->to.text))
        return move_over_above(store, transfer, out);
    return err == ERR_UNSUPPORTED ? move_by_copy(store, transfer, casualties, out) : err;
}
