/*
 * identity.c - which id stands at a place, and what is recorded of it when.
 *
 * A path is looked up from the root down, since a name record is found by its parent's id. On each step
 * the first row that fits decides (storage rules, "Identity"):
 *
 *     1  inode record                   that id; the name record follows the file (renamed by others)
 *     2  name record of the same kind   adopted: the file was replaced by others, or restored
 *     3  name record of another kind    derived; the record is dropped
 *     4  nothing                        derived
 *
 * What a look finds to be corrected is queued and not awaited: losing it costs the same look again.
 * Where births are unknown or unstable, and on other volumes, inodes are no keys: names are all there is,
 * and an id is recorded before it is shown.
 *
 * Known limit: an adopted file's former inode keeps a small record for ever, even if that file is gone.
 */
#include "identity.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "base/arena.h"
#include "facts.h"
#include "forward_private.h"
#include "idrecord.h"

enum { STEPS_MAX = 1024 };

struct step {
    struct step *up; /* NULL: the root is the parent */
    const unsigned char *parent;
    struct slice name;
    struct inode inode;
    enum kind kind;
    uint32_t nlink;
    bool is_by_name; /* the inode is no key */
    bool has_name;   /* a name record with this id is there, or queued */
    unsigned char id[ID_LEN];
};

struct look {
    struct store *store;
    struct meta *meta;
    struct changes changes;
    struct arena arena;
    bool must_commit; /* before the id is shown */
    bool is_reading;  /* the id is not shown, so none is made up */
    bool is_unknown;  /* then: the last step has none */
};

static void mark_uuid(unsigned char id[ID_LEN], unsigned version)
{
    id[6] = (unsigned char)((id[6] & 0x0f) | version << 4);
    id[8] = (unsigned char)((id[8] & 0x3f) | 0x80);
}

/* RFC 9562 §5.8: version 8, made of what only this site can know. */
static void derive(const struct store *store, struct inode inode, unsigned char id[ID_LEN])
{
    uint64_t of[2] = {inode.ino, (uint64_t)inode.btime_ns};
    struct hash128 hash = hash128(&store->salt, slice_of((const char *)of, sizeof(of)));

    memcpy(id, hash.bytes, ID_LEN);
    mark_uuid(id, 8);
}

void identity_fresh(unsigned char id[ID_LEN])
{
    random_bytes(id, ID_LEN);
    mark_uuid(id, 4);
}

static bool same_id(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, ID_LEN) == 0;
}

static bool same_inode(struct inode a, struct inode b)
{
    return a.ino == b.ino && a.btime_ns == b.btime_ns;
}

/* The name records of a step and of all above it. */
static void record_names(struct look *look, struct step *step)
{
    for (; step && !step->has_name; step = step->up) {
        struct name_record record = {.kind = (uint8_t)step->kind, .last = step->inode};

        memcpy(record.id, step->id, ID_LEN);
        changes_put_name(&look->changes, step->parent, step->name, &record);
        step->has_name = true;
    }
}

/* Row 1: the inode says who it is; a name record that says otherwise is put right. */
static void follow_inode(struct look *look, struct step *step, const struct inode_record *record, bool is_named_here)
{
    bool is_where_it_was = same_id(record->parent, step->parent) && slice_eq(slice_str(record->name), step->name);
    struct name_record old;

    step->has_name = is_named_here;
    if (is_named_here || step->nlink > 1) /* one file under several names: none of them is the wrong one */
        return;
    if (record->name[0] == '\0') /* retired: nobody asked for its name yet */
        return;
    if (!is_where_it_was && name_record_get(look->meta, record->parent, slice_str(record->name), &old) == ERR_NONE &&
        same_id(old.id, step->id))
        changes_drop_name(&look->changes, record->parent, slice_str(record->name));
    record_names(look, step);
    changes_put_inode(&look->changes, step->inode, step->id, step->parent, step->name);
}

/* An inode that others may still have, whose derived or recorded id belongs to another one now. */
static void retire(struct look *look, struct inode inode)
{
    unsigned char fresh[ID_LEN];

    identity_fresh(fresh);
    changes_put_inode(&look->changes, inode, fresh, NULL, SLICE_NONE);
}

/* Row 2. */
static void adopt(struct look *look, struct step *step, const struct name_record *record)
{
    struct name_record now = *record;

    memcpy(step->id, record->id, ID_LEN);
    step->has_name = true;
    if (step->is_by_name)
        return;
    if (!same_inode(record->last, step->inode)) {
        retire(look, record->last);
        now.last = step->inode;
        changes_put_name(&look->changes, step->parent, step->name, &now);
    }
    changes_put_inode(&look->changes, step->inode, step->id, step->parent, step->name);
}

static void look_up(struct look *look, struct step *step)
{
    struct inode_record by_inode;
    struct name_record by_name;
    bool has_inode =
        look->meta && !step->is_by_name && inode_record_get(look->meta, step->inode, &by_inode) == ERR_NONE;
    bool has_name = look->meta && name_record_get(look->meta, step->parent, step->name, &by_name) == ERR_NONE;

    look->is_unknown = false;
    if (has_inode) {
        memcpy(step->id, by_inode.id, ID_LEN);
        follow_inode(look, step, &by_inode, has_name && same_id(by_name.id, step->id));
    } else if (has_name && by_name.kind == step->kind) {
        adopt(look, step, &by_name);
    } else if (step->is_by_name && look->is_reading) {
        derive(look->store, step->inode, step->id);
        look->is_unknown = true;
    } else if (step->is_by_name && look->meta) {
        identity_fresh(step->id);
        record_names(look, step);
        look->must_commit = true;
    } else {
        derive(look->store, step->inode, step->id);
        if (has_name)
            changes_drop_name(&look->changes, step->parent, step->name);
    }
}

/* The step's path leads to what it was seen to lead to. */
static bool is_still_there(struct look *look, const struct step *step)
{
    char path[PATH_ROOM];
    size_t begin = sizeof(path) - 1;
    struct statx got;
    FD_GUARD fd = -1;

    assert(step);
    path[begin] = '\0';
    for (const struct step *at = step; at; at = at->up) {
        if (at->name.len + 1 > begin)
            return false;
        if (path[begin])
            path[--begin] = '/';
        begin -= at->name.len;
        memcpy(path + begin, at->name.ptr, at->name.len);
    }
    fd = open_beneath(look->store->root, path + begin, O_PATH | O_NOFOLLOW);
    return fd >= 0 && statx(fd, "", AT_EMPTY_PATH, FACTS_MASK, &got) == 0 &&
           same_inode(inode_of(look->store, &got), step->inode);
}

/*
 * Who looks need not hold the resource's lock: between the look at the file and that at its records a change of ours
 * may have gone by. Then the records are newer than the inode that was seen, and correcting them by it would give the
 * new content's id away. So corrections count only if the same inode still is there after the records were read.
 */
static void look_up_safely(struct look *look, struct step *step)
{
    size_t before = look->changes.count;

    look_up(look, step);
    if (look->changes.count > before && !step->is_by_name && !is_still_there(look, step))
        look->changes.count = before;
}

static struct step *step_new(struct look *look, struct step *up, struct slice name, const struct statx *at)
{
    const struct store *store = look->store;
    struct step *step = arena_alloc(&look->arena, sizeof(*step));

    step->up = up;
    step->parent = up ? up->id : store->site_id;
    step->name = name;
    step->inode = inode_of(store, at);
    step->kind = S_ISDIR(at->stx_mode) ? KIND_FOLDER : KIND_FILE;
    step->nlink = S_ISDIR(at->stx_mode) ? 1 : at->stx_nlink;
    step->is_by_name = !store->has_btime || makedev(at->stx_dev_major, at->stx_dev_minor) != store->root_dev;
    look_up_safely(look, step);
    return step;
}

/*
 * Others move folders: what its path leads to now may be another one, with other locks and records. A place without
 * the folder itself stands for whatever is at the path.
 */
static bool is_folder_of(const struct place *place, int fd)
{
    struct stat got;

    return place->folder < 0 ||
           (fd >= 0 && fstat(fd, &got) == 0 && got.st_ino == place->ino && got.st_dev == place->dev);
}

/* The steps of the folder; *out is NULL for the root. ERR_CHANGED: it is not there any more. */
static enum err walk_folder(struct look *look, const struct place *place, struct step **out)
{
    struct slice rest = slice_str(place->parent), segment;
    int root = look->store->root;
    FD_GUARD at = -1; /* the root */
    unsigned steps = 0;

    *out = NULL;
    while (rpath_next(&rest, &segment)) {
        struct statx got;
        char *name = arena_str(&look->arena, segment);
        int next = open_beneath(at < 0 ? root : at, name, O_PATH | O_DIRECTORY);

        fd_close(&at);
        at = next;
        if (at < 0 || statx(at, "", AT_EMPTY_PATH, FACTS_MASK, &got) < 0)
            return errno == EMFILE || errno == ENFILE ? ERR_TOO_MANY : ERR_CHANGED;
        if (++steps > STEPS_MAX)
            return ERR_TOO_LONG;
        *out = step_new(look, *out, slice_str(name), &got);
    }
    return is_folder_of(place, at < 0 ? root : at) ? ERR_NONE : ERR_CHANGED;
}

static void look_release(struct look *look)
{
    changes_release(&look->changes);
    arena_release(&look->arena);
}

static void identity_set(struct identity *identity, const struct step *step, bool is_recorded)
{
    memcpy(identity->id, step->id, ID_LEN);
    memcpy(identity->parent, step->parent, ID_LEN);
    identity->is_recorded = is_recorded;
}

/* Records that can no longer be written are like a folder that can no longer be synced. */
static enum err commit(struct look *look)
{
    enum err err = changes_commit(&look->changes, look->meta);

    return err == ERR_DAMAGED ? store_fail(look->store, "the records can no longer be written") : err;
}

static enum err settle(struct look *look)
{
    if (store_is_read_only(look->store) || !look->meta)
        return ERR_NONE;
    if (look->must_commit)
        return commit(look);
    changes_queue(&look->changes, look->meta);
    return ERR_NONE;
}

/* Records are only made where an id cannot be derived. */
static enum err look_init(struct look *look, struct store *store, const struct statx *at)
{
    bool is_by_name = !store->has_btime || makedev(at->stx_dev_major, at->stx_dev_minor) != store->root_dev;

    *look = (struct look){.store = store, .meta = records_find(store)};
    if (!look->meta && is_by_name && !store_is_read_only(store))
        return records_need(store, &look->meta);
    return ERR_NONE;
}

static enum err look_of(struct look *look, const struct place *place, const struct statx *at, struct identity *identity)
{
    struct step *folder;
    enum err err = walk_folder(look, place, &folder);

    if (err == ERR_NONE) {
        const struct step *step = step_new(look, folder, slice_str(place->name), at);

        identity_set(identity, step, !look->is_unknown);
        err = settle(look);
    }
    return err;
}

enum err identity_of(struct store *store, const struct place *place, const struct statx *at, struct identity *identity)
{
    struct look look;
    enum err err;

    *identity = (struct identity){.is_recorded = false};
    derive(store, inode_of(store, at), identity->id);
    if (place->is_outside)
        return ERR_NONE;
    err = look_init(&look, store, at);
    if (err != ERR_NONE || !look.meta)
        return err;
    err = look_of(&look, place, at, identity);
    look_release(&look);
    return err;
}

enum err identity_find(struct store *store, const struct place *place, const struct statx *at,
                       struct identity *identity)
{
    struct look look = {.store = store, .meta = records_find(store), .is_reading = true};
    enum err err = ERR_NONE;

    *identity = (struct identity){.is_recorded = false};
    derive(store, inode_of(store, at), identity->id);
    if (!place->is_outside && look.meta)
        err = look_of(&look, place, at, identity);
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
    err = walk_folder(&look, &inside, &step);
    if (err == ERR_NONE) {
        memcpy(id, step ? step->id : store->site_id, ID_LEN);
        err = settle(&look);
    }
    look_release(&look);
    return err;
}

/* Names and inode among the changes, unless they are durable: then false. */
static bool record(struct look *look, struct step *step)
{
    struct name_record durable;

    if (step->has_name && name_record_get_durable(look->meta, step->parent, step->name, &durable) == ERR_NONE &&
        same_id(durable.id, step->id))
        return false;
    step->has_name = false; /* it may be queued only: then this commit comes after it */
    record_names(look, step);
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
    derive(look->store, inode_of(look->store, at), identity->id);
    err = place->is_outside ? ERR_NONE : records_need(look->store, &look->meta);
    if (err == ERR_NONE && look->meta)
        err = walk_folder(look, place, &folder);
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
        err = commit(&look);
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
        bool is_here = same_id(by_inode.parent, parent) && slice_eq(slice_str(by_inode.name), name);

        memcpy(id, by_inode.id, ID_LEN);
        return is_here || by_inode.name[0] == '\0' || (facts->kind == KIND_FILE && facts->nlink > 1) ? PEEK_RECORDED
                                                                                                     : PEEK_UNSURE;
    }
    if (meta && has_names && name_record_get(meta, parent, name, &by_name) == ERR_NONE)
        return PEEK_UNSURE;
    derive(store, inode, id);
    return PEEK_DERIVED;
}

/* lives_on: the old inode has another name, and is another resource there. */
static void pass_on(struct look *look, const struct place *place, const struct identity *identity,
                    const struct statx *old, const struct statx *now, bool lives_on)
{
    const struct store *store = look->store;
    struct name_record record = {.kind = KIND_FILE, .last = inode_of(store, now)};

    memcpy(record.id, identity->id, ID_LEN);
    changes_put_name(&look->changes, identity->parent, slice_str(place->name), &record);
    if (!store->has_btime || place->dev != store->root_dev)
        return;
    if (lives_on)
        retire(look, inode_of(store, old));
    else
        changes_drop_inode(&look->changes, inode_of(store, old));
    changes_put_inode(&look->changes, record.last, identity->id, identity->parent, slice_str(place->name));
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
        err = commit(&look);
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
        retire(&look, inode_of(store, at));
        err = commit(&look);
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
    err = walk_folder(&look, place, &folder);
    if (err == ERR_NONE) {
        parent = folder ? folder->id : store->site_id;
        if (name_record_get(look.meta, parent, slice_str(place->name), &queued) == ERR_NONE ||
            name_record_get_durable(look.meta, parent, slice_str(place->name), &durable) == ERR_NONE) {
            changes_drop_name(&look.changes, parent, slice_str(place->name));
            err = commit(&look);
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
        same_id(record.id, identity->id))
        changes_drop_name(&look.changes, identity->parent, slice_str(place->name));
    if (old->stx_nlink <= 1 && store->has_btime && place->dev == store->root_dev)
        changes_drop_inode(&look.changes, inode_of(store, old));
    changes_queue(&look.changes, look.meta);
    look_release(&look);
}

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
    derive(store, inode_of(store, &folder), path->ids[1]);
    path->count = 2;
    if (at)
        derive(store, inode_of(store, at), path->ids[path->count++]);
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
    err = walk_folder(&look, place, &folder);
    if (err == ERR_NONE) {
        path_fill(&look, folder, path);
        if (at) {
            step = step_new(&look, folder, slice_str(place->name), at);
            memcpy(path->ids[path->count++], step->id, ID_LEN);
            if (is_kept && look.meta && !step->has_name) {
                record_names(&look, step);
                if (!step->is_by_name)
                    changes_put_inode(&look.changes, step->inode, step->id, step->parent, step->name);
            }
        }
        err = settle(&look);
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
                          unsigned *count)
{
    struct look look = {.store = store, .meta = records_find(store)};
    struct step *step = NULL;
    struct place inside = {.folder = -1};
    enum err err;

    snprintf(inside.parent, sizeof(inside.parent), "%s", folder);
    err = walk_folder(&look, &inside, &step);
    if (err == ERR_NONE)
        err = tell_steps(store, step, ids, room, count);
    if (err == ERR_NONE)
        err = settle(&look);
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
