/*
 * transfer.c - the two sides of MOVE and COPY: where they are, what stands there, whether it may be.
 */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>

#include "bindings.h"
#include "facts.h"
#include "guard.h"
#include "propset.h"
#include "since_private.h"
#include "writelock_private.h"

/* ---- places ---- */

static void path_of_place(const struct place *place, struct buf *out)
{
    buf_printf(out, "%s%s%s", place->parent, place->parent[0] ? "/" : "", place->name);
}

/* One is strictly above the other, and may not be. */
static bool escapes(const struct carriage *carriage, bool is_move)
{
    struct buf from = BUF_INIT(2 * PATH_ROOM), to = BUF_INIT(2 * PATH_ROOM);
    bool is_into, is_over;

    path_of_place(&carriage->from.place, &from);
    path_of_place(&carriage->to.place, &to);
    is_into = from.len < to.len && rpath_is_within(buf_slice(&to), buf_slice(&from));
    is_over = to.len < from.len && rpath_is_within(buf_slice(&from), buf_slice(&to));
    buf_release(&from);
    buf_release(&to);
    return carriage->from.place.is_outside == carriage->to.place.is_outside && (is_over || (is_move && is_into));
}

/* What is copied to a binding updates what it is of, if that is of the same kind (RFC 5842 §2.3). */
static enum err follow_binding(struct store *store, struct slice path, struct carriage *carriage)
{
    struct place *from = &carriage->from.place, *to = &carriage->to.place;
    unsigned char id[ID_LEN];
    struct facts facts;
    struct stat got;
    enum err err = bound_read(store, to->folder, to->name, id, &facts);

    if (err != ERR_NONE)
        return err == ERR_MISSING ? ERR_NONE : err;
    if (fstatat(from->folder, from->name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        return err_from_errno(errno);
    if (S_ISDIR(got.st_mode) != (facts.kind == KIND_FOLDER))
        return ERR_NONE;
    place_release(to);
    return resolve_place(store, path, to);
}

enum err carriage_open(struct store *store, const struct transfer *transfer, bool is_move, struct carriage *out)
{
    enum err err;

    *out = (struct carriage){.store = store, .transfer = transfer};
    out->from.place.folder = out->to.place.folder = out->from.standing.fd = out->to.standing.fd = -1;
    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    /* COPY reads what a link shows, as GET does; MOVE takes the link itself */
    err = (is_move ? resolve_name : resolve_place)(store, transfer->from.text, &out->from.place);
    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_DENIED : err == ERR_PARENT ? ERR_MISSING : err;
    err = resolve_name(store, transfer->to.text, &out->to.place);
    if (err == ERR_NONE && !is_move)
        err = follow_binding(store, transfer->to.text, out);
    if (err == ERR_IS_FOLDER || (err == ERR_NONE && escapes(out, is_move)))
        err = ERR_ESCAPES; /* the root is above everything */
    if (err != ERR_NONE)
        carriage_close(out);
    return err;
}

void carriage_close(struct carriage *carriage)
{
    place_release(&carriage->from.place);
    place_release(&carriage->to.place);
}

/* ---- what stands there ---- */

/* A link: what it shows is judged, and told of where it shows anything that may be seen. */
static enum err look_at_link(struct store *store, struct slice path, struct side *side)
{
    FD_GUARD fd = -1;
    enum err err;

    if (statx(side->place.folder, side->place.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &side->standing.statx) < 0)
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    if (!S_ISLNK(side->standing.statx.stx_mode))
        return ERR_CHANGED;
    side->is_link = side->standing.is_there = true;
    err = bound_read(store, side->place.folder, side->place.name, side->standing.facts.bound_id, &side->standing.facts);
    side->is_binding = err == ERR_NONE;
    if (err != ERR_MISSING)
        return err;
    err = resolve_open(store, path, O_PATH, &fd, NULL);
    if (err == ERR_NONE)
        err = facts_of_fd(store, fd, &side->standing.facts);
    side->standing.facts.through_symlink = true;
    return err;
}

static enum err look(struct store *store, struct slice path, struct side *side)
{
    struct stat got;
    enum err err;

    if (fstatat(side->place.folder, side->place.name, &got, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISLNK(got.st_mode))
            return look_at_link(store, path, side);
    } else if (errno != ENOENT)
        return err_from_errno(errno);
    err = standing_any(store, &side->place, &side->standing);
    if (err == ERR_NONE && side->standing.is_there)
        err = identity_of(store, &side->place, &side->standing.statx, &side->identity);
    return err;
}

static bool same_file(const struct facts *a, const struct facts *b)
{
    return a->ino == b->ino && a->dev == b->dev;
}

static bool same_place(const struct place *a, const struct place *b)
{
    return a->ino == b->ino && a->dev == b->dev && strcmp(a->name, b->name) == 0;
}

/* Of one resource's bindings any may take the place of another one. */
static bool is_same(const struct carriage *carriage)
{
    const struct side *from = &carriage->from, *to = &carriage->to;

    if (from->is_binding && to->is_binding)
        return same_place(&from->place, &to->place);
    return !carriage->is_bind && same_file(&from->standing.facts, &to->standing.facts);
}

static enum err judge_source(struct carriage *carriage, bool is_move)
{
    struct side *from = &carriage->from;
    enum err err = look(carriage->store, carriage->transfer->from.text, from);

    if (err == ERR_DENIED && from->standing.fd < 0)
        err = ERR_MISSING; /* a socket, a device: not ours to show */
    if (err == ERR_NONE && !from->standing.is_there)
        err = ERR_MISSING;
    if (err == ERR_NONE && carriage->transfer->from.has_slash && from->standing.facts.kind == KIND_FILE)
        err = ERR_NOT_FOLDER;
    if (err == ERR_NONE && !guard_admits(carriage->store, carriage->transfer->source, &from->place,
                                         is_move ? CHANGE_REMOVE : CHANGE_CONTENT, &from->standing.facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE && is_move && !from->is_link && from->standing.facts.kind == KIND_FOLDER &&
        place_holds_refused(carriage->store, &from->place))
        err = ERR_DENIED;
    return err;
}

/* What is to be replaced has to be something that we may remove. */
static enum err may_replace(struct carriage *carriage)
{
    struct side *to = &carriage->to;
    struct arena arena = {0};
    struct slice *mounts;
    enum err err = ERR_NONE;

    if (to->is_link || to->standing.facts.kind != KIND_FOLDER)
        return ERR_NONE;
    if (place_holds_refused(carriage->store, &to->place))
        err = ERR_DENIED;
    else if (place_mounts(carriage->store, &to->place, &arena, &mounts) > 0)
        err = ERR_BUSY;
    arena_release(&arena);
    return err;
}

enum err carriage_judge_target(struct carriage *carriage)
{
    struct side *to = &carriage->to;
    enum err err = look(carriage->store, carriage->transfer->to.text, to);
    bool is_there = to->standing.is_there;

    if (to->is_link && (err == ERR_MISSING || err == ERR_PARENT || err == ERR_LOOP))
        err = ERR_NONE; /* it shows nothing, and can be replaced all the same */
    if (err != ERR_NONE)
        return err;
    if (is_there && is_same(carriage))
        return ERR_INVALID; /* perhaps under another name */
    if (is_there && carriage->transfer->no_overwrite)
        return ERR_EXISTS;
    if (!guard_admits(carriage->store, carriage->transfer->target, &to->place,
                      is_there ? CHANGE_REMOVE : CHANGE_CONTENT, is_there ? &to->standing.facts : NULL))
        return ERR_REFUSED;
    return is_there ? may_replace(carriage) : ERR_NONE;
}

enum err carriage_judge(struct carriage *carriage, bool is_move)
{
    enum err err = judge_source(carriage, is_move);

    return err == ERR_NONE ? carriage_judge_target(carriage) : err;
}

void side_forget(struct store *store, struct side *side)
{
    standing_release(store, &side->standing);
    side->standing = (struct standing){.fd = -1};
    side->is_link = side->is_binding = false;
}

void carriage_forget(struct carriage *carriage)
{
    quota_claim_release(&carriage->claim);
    carriage->claim = (struct quota_claim){.store = NULL};
    side_forget(carriage->store, &carriage->from);
    side_forget(carriage->store, &carriage->to);
}

/* ---- what goes ---- */

enum err side_take_out(struct store *store, const struct side *side, const struct place *at, struct removed *removed)
{
    static const unsigned char nobody[ID_LEN];

    return tree_take_out(store, at, &side->standing, side->is_link ? nobody : side->identity.id, removed);
}

static bool is_folder(const struct side *side)
{
    return !side->is_link && side->standing.facts.kind == KIND_FOLDER;
}

enum err side_measure(struct carriage *carriage, struct side *side, const struct place *to)
{
    side->is_measured = true;
    side->total = (struct quota_total){.bytes = side->is_link ? 0 : side->standing.facts.size, .files = !side->is_link};
    if (!side->standing.is_there || !is_folder(side))
        return ERR_NONE;
    return quota_folder_total(carriage->store, &side->place, side->identity.id, to, carriage->transfer->progress,
                              &side->total, &side->is_measured);
}

void side_uncount(struct store *store, const struct side *side)
{
    if (is_folder(side))
        quota_folder_left(store, &side->place, side->identity.id, &side->total);
    else if (!side->is_link)
        quota_file_changed(store, &side->place, -(int64_t)side->total.bytes, -1, NULL);
}

void side_count(struct store *store, const struct side *side, const struct place *at, struct quota_claim *claim)
{
    if (is_folder(side))
        quota_folder_came(store, at, side->is_measured ? &side->total : NULL, claim);
    else if (!side->is_link)
        quota_file_changed(store, at, (int64_t)side->total.bytes, 1, claim);
}

void side_gone(struct store *store, const struct side *side)
{
    enum kind kind = side->is_link ? KIND_FILE : side->standing.facts.kind;

    side_uncount(store, side);
    if (!side->is_link)
        tree_gone(store, &side->place, &side->identity, &side->standing.statx);
    write_locks_drop(store, &side->place, side->is_link ? NULL : side->identity.id);
    since_removed(store, &side->place, kind);
    if (side->is_binding)
        binding_gone(store, &side->place, side->standing.facts.bound_id);
    else if (is_folder(side))
        bindings_gone_with(store, side->identity.id, side->standing.fd, -1);
}

/* ---- records ---- */

enum err place_folder_id(struct store *store, const struct place *place, struct changes *changes,
                         unsigned char id[ID_LEN])
{
    struct rpath parent = {.text = slice_str(place->parent)};
    struct place above = {.folder = -1, .is_outside = place->is_outside, .dev = place->dev};
    struct slice folder = rpath_parent(parent).text, leaf = rpath_leaf(parent);
    struct identity identity;
    struct statx at;
    enum err err;

    memcpy(id, store->site_id, ID_LEN);
    if (parent.text.len == 0)
        return ERR_NONE;
    if (place_is_bound(place)) {
        memcpy(id, bound_folder_id, ID_LEN);
        return ERR_NONE;
    }
    memcpy(above.parent, folder.ptr, folder.len);
    memcpy(above.name, leaf.ptr, leaf.len);
    if (statx(place->folder, "", AT_EMPTY_PATH, FACTS_MASK, &at) < 0)
        return err_from_errno(errno);
    err = identity_gather(store, &above, &at, &identity, changes);
    memcpy(id, identity.id, ID_LEN);
    return err;
}

static int64_t seconds_of(const struct facts *facts)
{
    return facts->modified_ns / 1000000000;
}

static bool has_file(const struct side *to)
{
    return to->standing.is_there && to->standing.facts.kind == KIND_FILE;
}

bool side_needs_floor(struct store *store, const struct side *to, const struct facts *now)
{
    if (now->kind != KIND_FILE || to->place.is_outside)
        return false;
    return propset_has_traits(store) || (has_file(to) && seconds_of(now) <= seconds_of(&to->standing.facts));
}

void side_keep_floor(struct store *store, const struct side *to, const unsigned char parent[ID_LEN],
                     const struct facts *now, struct changes *changes)
{
    struct meta *meta = records_find(store);
    struct slice name = slice_str(to->place.name);
    int64_t shown_s = has_file(to) ? seconds_of(&to->standing.facts) : -1, floor_s;

    if (!meta)
        return;
    floor_s = floor_get(store, meta, parent, name);
    if (floor_s - 1 > shown_s)
        shown_s = has_file(to) ? floor_s : floor_s - 1;
    if (shown_s >= 0)
        floor_set(store, meta, parent, name, shown_s, seconds_of(now), changes);
}
