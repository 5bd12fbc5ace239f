/*
 * snapshot.c - a folder's facts and its members', looked at once.
 *
 * Names lie in one piece of memory, members in another, and a table of their numbers finds one by its name. A folder
 * among the members is opened, watched and only then looked at; a file's changes are told to the watch of the folder
 * that is taken, which was there before the first look. Records have a number that moves on with each change of any.
 */
#include "store/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "facts.h"
#include "list.h"
#include "refuse.h"
#include "resolve.h"
#include "store/members.h"
#include "watch.h"

enum {
    ENTRIES_BYTES = 32 << 10,
    MEMBERS_FIRST = 16,
    NAMES_MAX = SNAPSHOT_MEMBERS_MAX * NAME_ROOM,
};

struct snapshot {
    atomic_uint refs;
    struct snapshot_member self;
    struct snapshot_member *members; /* while it is made, each name's ptr is its offset in `names` */
    unsigned count;
    struct buf names;
    uint32_t *table; /* of numbers of members, plus one; 0: free */
    uint32_t mask;
    struct arena records; /* what members point to beside their names */
    bool has_records;
    uint64_t generation; /* of the store's records, before these were read */
};

/* ---- making one ---- */

struct taking {
    struct store *store;
    struct snapshot *made;
    struct watching watching;
    struct slice path;
    int folder;
    unsigned room, folders;
};

/* A folder's time changes with what is done in it, so it is watched, and looked at again afterwards. */
static enum err watch_member(struct taking *taking, const char *name, struct facts *facts)
{
    FD_GUARD fd = open_beneath(taking->folder, name, O_PATH | O_DIRECTORY);
    uint64_t ino = facts->ino;
    enum err err;

    if (fd < 0)
        return ERR_CHANGED;
    if (taking->folders++ == SNAPSHOT_FOLDERS_MAX)
        return ERR_TOO_LARGE;
    err = watch_add(&taking->watching, fd, FOLDER_EVENTS);
    if (err == ERR_NONE)
        err = facts_of_fd(taking->store, fd, facts);
    return err == ERR_NONE && facts->ino != ino ? ERR_CHANGED : err;
}

static enum err judge(const struct taking *taking, const struct member *member)
{
    const struct facts *facts = &member->facts;

    if (member->is_broken || facts->through_symlink || facts->is_bound || facts->dev != taking->made->self.facts.dev)
        return ERR_UNSUPPORTED;
    if (facts->kind == KIND_FILE && facts->nlink != 1)
        return ERR_UNSUPPORTED; /* a write by another name is told elsewhere */
    return facts->is_weak ? ERR_CHANGED : ERR_NONE;
}

static enum err take_member(struct taking *taking, const char *name)
{
    struct snapshot *made = taking->made;
    struct member member;
    enum err err;

    role_assert_worker();
    if (!member_look(taking->store, taking->folder, taking->path, name, DT_UNKNOWN, &member))
        return ERR_NONE;
    err = judge(taking, &member);
    if (err == ERR_NONE && member.facts.kind == KIND_FOLDER)
        err = watch_member(taking, name, &member.facts);
    if (err != ERR_NONE)
        return err;
    if (made->count == SNAPSHOT_MEMBERS_MAX)
        return ERR_TOO_LARGE;
    if (made->count == taking->room) {
        taking->room = taking->room ? 2 * taking->room : MEMBERS_FIRST;
        made->members = xrealloc(made->members, taking->room * sizeof(*made->members));
    }
    made->members[made->count++] = (struct snapshot_member){.name = {NULL, member.name.len}, .facts = member.facts};
    buf_add(&made->names, member.name);
    return ERR_NONE;
}

static enum err take_members(struct taking *taking)
{
    char *entries = xmalloc(ENTRIES_BYTES);
    enum err err = ERR_NONE;
    long len = 0;

    while (err == ERR_NONE && (len = syscall(SYS_getdents64, taking->folder, entries, ENTRIES_BYTES)) > 0)
        for (long at = 0; at < len && err == ERR_NONE;) {
            const struct dirent64 *entry = (const void *)(entries + at);

            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                err = take_member(taking, entry->d_name);
        }
    if (err == ERR_NONE && len < 0)
        err = err_from_errno(errno);
    free(entries);
    return err;
}

static uint32_t slot_of(const struct snapshot *snapshot, struct slice name)
{
    return (uint32_t)hash64(hash_process_key(), name) & snapshot->mask;
}

/* Nothing grows any more: names get their places, and the table is at most half full. */
static void finish(struct snapshot *made)
{
    const char *at = made->names.ptr;
    uint32_t slots = 2;

    while (slots < 2 * made->count)
        slots *= 2;
    made->mask = slots - 1;
    made->table = xcalloc(slots, sizeof(*made->table));
    for (unsigned i = 0; i < made->count; i++) {
        struct snapshot_member *member = &made->members[i];
        uint32_t slot;

        member->name.ptr = at;
        at += member->name.len;
        for (slot = slot_of(made, member->name); made->table[slot]; slot = (slot + 1) & made->mask)
            ;
        made->table[slot] = i + 1;
    }
}

/* ---- what is recorded of them ---- */

static WORKER_SIDE enum err look_at_records(struct walk *walk, struct snapshot *made, struct snapshot_member *member)
{
    struct property *dead;
    struct traits traits;
    enum err err = walk_look(walk, &made->records, &dead, &member->dead_count, &traits, NULL);

    if (err != ERR_NONE)
        return err == ERR_MISSING ? ERR_CHANGED : err; /* gone meanwhile: that is not the walk's end */
    member->dead = dead;
    if (traits.type.len || traits.language.len || traits.checksums.len || traits.floor_s) {
        struct traits *kept = arena_alloc(&made->records, sizeof(*kept));

        *kept = traits;
        member->traits = kept;
    }
    return made->records.total > SNAPSHOT_RECORDS_MAX ? ERR_TOO_LARGE : ERR_NONE;
}

/* By a walk like any other, since that is how they are found without a snapshot. */
static WORKER_SIDE enum err walk_records(struct store *store, struct slice path, struct snapshot *made)
{
    struct walk_entry entry;
    struct walk *walk;
    enum err err = store_walk(store, (struct rpath){.text = path}, 1, &walk);

    if (err != ERR_NONE)
        return err;
    while (err == ERR_NONE && (err = walk_next(walk, &entry)) == ERR_NONE) {
        struct snapshot_member *member =
            entry.depth ? (struct snapshot_member *)snapshot_find(made, entry.name) : &made->self;

        if (member) /* else it came just now, which is told */
            err = look_at_records(walk, made, member);
    }
    walk_close(walk);
    return err == ERR_MISSING ? ERR_NONE : err;
}

static WORKER_SIDE void take_records(struct store *store, struct slice path, struct snapshot *made)
{
    made->has_records = true;
    if (store_has_props(store) || store_has_traits(store))
        made->has_records = walk_records(store, path, made) == ERR_NONE;
}

/* ---- all of it ---- */

/* The folder that was watched, if it is the one that a request for it would find. */
static enum err open_folder(struct taking *taking, const struct stat *watched)
{
    enum err err = resolve_open(taking->store, taking->path, O_RDONLY | O_DIRECTORY, &taking->folder, NULL);

    if (err == ERR_NONE)
        err = facts_of_fd(taking->store, taking->folder, &taking->made->self.facts);
    return err == ERR_NONE && taking->made->self.facts.ino != watched->st_ino ? ERR_CHANGED : err;
}

enum err store_snapshot(struct store *store, struct rpath folder, int inotify_fd, struct snapshot_watches *watches,
                        struct snapshot **out)
{
    struct taking taking = {
        .store = store, .watching = {inotify_fd, watches->list, watches->max, 0}, .path = folder.text, .folder = -1};
    struct stat watched;
    enum err err;

    *out = NULL;
    watches->count = watches->way = 0;
    if (!store->reports_changes)
        return ERR_UNSUPPORTED;
    if (path_is_reserved(folder.text))
        return ERR_MISSING;
    taking.made = xcalloc(1, sizeof(*taking.made));
    taking.made->names = BUF_INIT(NAMES_MAX);
    taking.made->self.name = SLICE("");
    taking.made->generation = atomic_load(&store->kinds.generation);
    atomic_init(&taking.made->refs, 1);
    err = watch_way(store, folder.text, MEMBERS_EVENTS, &taking.watching, &watched);
    watches->way = taking.watching.count;
    if (err == ERR_NONE)
        err = open_folder(&taking, &watched);
    if (err == ERR_NONE)
        err = take_members(&taking);
    watches->count = taking.watching.count;
    fd_close(&taking.folder);
    if (err != ERR_NONE) {
        snapshot_unref(taking.made);
        return err;
    }
    finish(taking.made);
    take_records(store, folder.text, taking.made);
    *out = taking.made;
    return ERR_NONE;
}

/* ---- having one ---- */

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) > 1)
        return;
    free(snapshot->members);
    free(snapshot->table);
    buf_release(&snapshot->names);
    arena_release(&snapshot->records);
    free(snapshot);
}

const struct snapshot_member *snapshot_self(const struct snapshot *snapshot)
{
    return &snapshot->self;
}

bool snapshot_has_records(const struct snapshot *snapshot, const struct store *store)
{
    return snapshot->has_records && !atomic_load(&store->share.is_shared) &&
           snapshot->generation == atomic_load(&store->kinds.generation);
}

const struct snapshot_member *snapshot_members(const struct snapshot *snapshot, unsigned *count)
{
    *count = snapshot->count;
    return snapshot->members;
}

const struct snapshot_member *snapshot_find(const struct snapshot *snapshot, struct slice name)
{
    for (uint32_t slot = slot_of(snapshot, name); snapshot->table[slot]; slot = (slot + 1) & snapshot->mask) {
        const struct snapshot_member *member = &snapshot->members[snapshot->table[slot] - 1];

        if (slice_eq(member->name, name))
            return member;
    }
    return NULL;
}

size_t snapshot_bytes(const struct snapshot *snapshot)
{
    return sizeof(*snapshot) + snapshot->count * sizeof(*snapshot->members) + snapshot->names.room +
           (snapshot->mask + 1) * sizeof(*snapshot->table) + snapshot->records.total;
}

size_t snapshot_names_len(const struct snapshot *snapshot)
{
    return snapshot->names.len;
}

size_t snapshot_records_len(const struct snapshot *snapshot)
{
    return snapshot->records.total;
}
