/*
 * identity_look.c - which id stands at a place.
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
#include "identity_look.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "bound.h"
#include "facts.h"
#include "identity.h"

enum { STEPS_MAX = 1024 };

static void mark_uuid(unsigned char id[ID_LEN], unsigned version)
{
    id[6] = (unsigned char)((id[6] & 0x0f) | version << 4);
    id[8] = (unsigned char)((id[8] & 0x3f) | 0x80);
}

void id_derive(const struct store *store, struct inode inode, unsigned char id[ID_LEN])
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

bool id_same(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, ID_LEN) == 0;
}

static bool same_inode(struct inode a, struct inode b)
{
    return a.ino == b.ino && a.btime_ns == b.btime_ns;
}

void step_record_names(struct look *look, struct step *step)
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
    bool is_where_it_was = id_same(record->parent, step->parent) && slice_eq(slice_str(record->name), step->name);
    struct name_record old;

    step->has_name = is_named_here;
    if (is_named_here || step->nlink > 1) /* one file under several names: none of them is the wrong one */
        return;
    if (record->name[0] == '\0') /* retired: nobody asked for its name yet */
        return;
    if (!is_where_it_was && name_record_get(look->meta, record->parent, slice_str(record->name), &old) == ERR_NONE &&
        id_same(old.id, step->id))
        changes_drop_name(&look->changes, record->parent, slice_str(record->name));
    step_record_names(look, step);
    changes_put_inode(&look->changes, step->inode, step->id, step->parent, step->name);
}

void look_retire(struct look *look, struct inode inode)
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
        look_retire(look, record->last);
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
        follow_inode(look, step, &by_inode, has_name && id_same(by_name.id, step->id));
    } else if (has_name && by_name.kind == step->kind) {
        adopt(look, step, &by_name);
    } else if (step->is_by_name && look->is_reading) {
        id_derive(look->store, step->inode, step->id);
        look->is_unknown = true;
    } else if (step->is_by_name && look->meta) {
        identity_fresh(step->id);
        step_record_names(look, step);
        look->must_commit = true;
    } else {
        id_derive(look->store, step->inode, step->id);
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
    fd = open_beneath(look->is_in_bound ? look->store->state.bound : look->store->root, path + begin,
                      O_PATH | O_NOFOLLOW);
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

/* A bound resource is who its name says (bound.h): nothing is looked up, and nothing is to be corrected. */
static struct step *step_new_bound(struct look *look, struct step *up, struct slice name, const struct statx *at)
{
    struct step *step = arena_alloc(&look->arena, sizeof(*step));

    *step = (struct step){.up = up,
                          .parent = bound_folder_id,
                          .name = name,
                          .inode = inode_of(look->store, at),
                          .kind = S_ISDIR(at->stx_mode) ? KIND_FOLDER : KIND_FILE,
                          .nlink = 1,
                          .is_bound = true,
                          .has_name = true};
    if (name.len != BOUND_NAME_LEN || !hex_decode(name, step->id, ID_LEN))
        id_derive(look->store, step->inode, step->id);
    look->is_unknown = false;
    return step;
}

const unsigned char *look_id(const struct look *look, const struct step *folder)
{
    if (folder)
        return folder->id;
    return look->is_in_bound ? bound_folder_id : look->store->site_id;
}

struct step *step_new(struct look *look, struct step *up, struct slice name, const struct statx *at)
{
    const struct store *store = look->store;
    struct step *step;

    if (!up && look->is_in_bound)
        return step_new_bound(look, NULL, name, at);
    step = arena_alloc(&look->arena, sizeof(*step));
    *step = (struct step){.up = up};
    step->parent = look_id(look, up);
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

/* The path below the folder that the steps begin in, which is that of bound resources for what is bound. */
static struct slice begin(struct look *look, const char *folder, int *base)
{
    struct slice path = slice_str(folder);

    look->is_in_bound = rpath_is_within(path, SLICE(BOUND_FOLDER));
    *base = look->is_in_bound ? look->store->state.bound : look->store->root;
    return look->is_in_bound ? slice_from(path, sizeof(BOUND_FOLDER)) : path;
}

/* The folder that a name leads to: itself, or what it is a binding of. */
static int step_open(const struct look *look, int folder, const char *name, char bound[BOUND_NAME_LEN + 1])
{
    int fd = open_beneath(folder, name, O_PATH | O_DIRECTORY);
    unsigned char id[ID_LEN];

    bound[0] = '\0';
    if (fd >= 0 || (errno != ELOOP && errno != ENOTDIR) || !bound_is_name(look->store, folder, name, id, NULL))
        return fd;
    bound_name(id, bound);
    return open_beneath(look->store->state.bound, bound, O_PATH | O_DIRECTORY);
}

enum err look_up_folder(struct look *look, const struct place *place, struct step **out)
{
    char bound[BOUND_NAME_LEN + 1];
    struct slice segment;
    int root;
    struct slice rest = begin(look, place->parent, &root);
    FD_GUARD at = -1; /* the root */
    unsigned steps = 0;

    *out = NULL;
    while (rpath_next(&rest, &segment)) {
        struct statx got;
        char *name = arena_str(&look->arena, segment);
        int next = step_open(look, at < 0 ? root : at, name, bound);

        fd_close(&at);
        at = next;
        if (at < 0 || statx(at, "", AT_EMPTY_PATH, FACTS_MASK, &got) < 0)
            return errno == EMFILE || errno == ENFILE ? ERR_TOO_MANY : ERR_CHANGED;
        if (++steps > STEPS_MAX)
            return ERR_TOO_LONG;
        *out = bound[0] ? step_new_bound(look, *out, arena_slice(&look->arena, slice_str(bound)), &got)
                        : step_new(look, *out, slice_str(name), &got);
    }
    return is_folder_of(place, at < 0 ? root : at) ? ERR_NONE : ERR_CHANGED;
}

void look_release(struct look *look)
{
    changes_release(&look->changes);
    arena_release(&look->arena);
}

void identity_set(struct identity *identity, const struct step *step, bool is_recorded)
{
    memcpy(identity->id, step->id, ID_LEN);
    memcpy(identity->parent, step->parent, ID_LEN);
    identity->is_recorded = is_recorded;
}

enum err look_commit(struct look *look)
{
    enum err err = changes_commit(&look->changes, look->meta);

    return err == ERR_DAMAGED ? store_fail(look->store, "the records can no longer be written") : err;
}

enum err look_settle(struct look *look)
{
    if (store_is_read_only(look->store) || !look->meta)
        return ERR_NONE;
    if (look->must_commit)
        return look_commit(look);
    changes_queue(&look->changes, look->meta);
    return ERR_NONE;
}

enum err look_init(struct look *look, struct store *store, const struct statx *at)
{
    bool is_by_name = !store->has_btime || makedev(at->stx_dev_major, at->stx_dev_minor) != store->root_dev;

    *look = (struct look){.store = store, .meta = records_find(store)};
    if (!look->meta && is_by_name && !store_is_read_only(store))
        return records_need(store, &look->meta);
    return ERR_NONE;
}

enum err look_up_place(struct look *look, const struct place *place, const struct statx *at, struct identity *identity)
{
    struct step *folder;
    enum err err = look_up_folder(look, place, &folder);

    if (err == ERR_NONE) {
        const struct step *step = step_new(look, folder, slice_str(place->name), at);

        identity_set(identity, step, !look->is_unknown);
        err = look_settle(look);
    }
    return err;
}
