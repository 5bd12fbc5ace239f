/*
 * empty.c - removing what was taken out of sight, with all below it.
 */
#include "empty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/arena.h"
#include "facts.h"
#include "history_private.h"
#include "idrecord.h"
#include "part.h"
#include "propset.h"
#include "quota_private.h"

/* A member of the folder that is being emptied. */
struct victim {
    char *name;
    bool is_known; /* statx has it */
    struct statx statx;
    unsigned char id[ID_LEN]; /* zeroes where nothing is recorded */
};

struct batch {
    struct arena arena;
    struct victim list[EMPTY_BATCH];
    unsigned count;
};

void emptying_add(struct emptying *emptying, const char *name)
{
    struct entry *entry = xcalloc(1, sizeof(*entry));

    snprintf(entry->name, sizeof(entry->name), "%s", name);
    list_append(&emptying->entries, &entry->link);
}

static void entry_free(struct entry *entry)
{
    list_remove(&entry->link);
    if (entry->list)
        closedir(entry->list);
    free(entry);
}

void emptying_release(struct emptying *emptying)
{
    while (!list_is_empty(&emptying->entries))
        entry_free(CONTAINER(emptying->entries.next, struct entry, link));
}

/* The id in a name of ours; zeroes if there is none. */
static void id_of_name(const char *name, unsigned char id[ID_LEN])
{
    const char *dot = strrchr(name, '.');

    memset(id, 0, ID_LEN);
    if (dot && dot - name >= 2 * ID_LEN && !hex_decode(slice_of(dot - 2 * ID_LEN, 2 * ID_LEN), id, ID_LEN))
        memset(id, 0, ID_LEN);
}

/* ---- records ---- */

static bool is_key(const struct store *store, const struct statx *at)
{
    return store->has_btime && makedev(at->stx_dev_major, at->stx_dev_minor) == store->root_dev;
}

static void drop_id(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], bool is_folder,
                    struct changes *changes)
{
    char key[QUOTA_KEY_LEN];

    propset_drop(store, meta, id, changes);
    history_drop(store, meta, id, changes);
    if (is_folder)
        changes_drop(changes, quota_key(key, id));
}

static void drop_victim(struct store *store, struct meta *meta, struct changes *changes,
                        const unsigned char parent[ID_LEN], struct victim *victim)
{
    static const unsigned char nobody[ID_LEN];
    struct inode_record by_inode;
    struct name_record by_name;
    bool is_last = S_ISDIR(victim->statx.stx_mode) || victim->statx.stx_nlink <= 1;
    bool has_name = name_record_get(meta, parent, slice_str(victim->name), &by_name) == ERR_NONE;

    if (is_key(store, &victim->statx) &&
        inode_record_get(meta, inode_of(store, &victim->statx), &by_inode) == ERR_NONE) {
        memcpy(victim->id, by_inode.id, ID_LEN);
        if (is_last)
            changes_drop_inode(changes, inode_of(store, &victim->statx));
    } else if (has_name)
        memcpy(victim->id, by_name.id, ID_LEN);
    if (has_name)
        changes_drop_name(changes, parent, slice_str(victim->name));
    if (is_last && memcmp(victim->id, nobody, ID_LEN) != 0)
        drop_id(store, meta, victim->id, S_ISDIR(victim->statx.stx_mode), changes);
}

/* A full disk may not take the records, and nothing else would make room: what they name can never come again. */
static void commit_drops(struct meta *meta, struct changes *changes)
{
    if (changes_commit(changes, meta) != ERR_NONE)
        changes_queue(changes, meta);
}

static void drop_batch(struct store *store, const unsigned char parent[ID_LEN], struct batch *batch)
{
    struct meta *meta = records_find(store);
    struct changes changes = {0};

    if (!meta)
        return;
    for (unsigned i = 0; i < batch->count; i++)
        if (batch->list[i].is_known)
            drop_victim(store, meta, &changes, parent, &batch->list[i]);
    commit_drops(meta, &changes);
    changes_release(&changes);
}

/*
 * Of an entry itself: most is gone since its DELETE, but after a crash it may not be, and what was never finished still
 * has all of it. Its id, if the name does not tell.
 */
static void drop_entry(struct store *store, const struct statx *at, unsigned char id[ID_LEN])
{
    static const unsigned char nobody[ID_LEN];
    struct meta *meta = records_find(store);
    struct changes changes = {0};
    struct inode_record by_inode;
    struct name_record by_name;

    if (!meta || (!S_ISDIR(at->stx_mode) && at->stx_nlink > 1))
        return;
    if (is_key(store, at) && inode_record_get(meta, inode_of(store, at), &by_inode) == ERR_NONE) {
        memcpy(id, by_inode.id, ID_LEN);
        changes_drop_inode(&changes, inode_of(store, at));
        if (name_record_get(meta, by_inode.parent, slice_str(by_inode.name), &by_name) == ERR_NONE &&
            memcmp(by_name.id, id, ID_LEN) == 0)
            changes_drop_name(&changes, by_inode.parent, slice_str(by_inode.name));
    }
    if (memcmp(id, nobody, ID_LEN) != 0)
        drop_id(store, meta, id, S_ISDIR(at->stx_mode), &changes);
    commit_drops(meta, &changes);
    changes_release(&changes);
}

/* A file that others removed, or moved to where nobody has looked yet: then its inode still says who it is. */
static void drop_orphan(struct store *store, struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
                        struct changes *changes)
{
    struct inode_record by_inode;
    struct name_record by_name;

    if (name_record_get(meta, parent, name, &by_name) == ERR_NONE &&
        inode_record_get(meta, by_name.last, &by_inode) == ERR_MISSING)
        drop_id(store, meta, by_name.id, by_name.kind == KIND_FOLDER, changes);
    changes_drop_name(changes, parent, name);
}

/* What was recorded of names in a folder that is gone: files that others had removed before. */
static void drop_orphans(struct store *store, const unsigned char parent[ID_LEN])
{
    static const unsigned char nobody[ID_LEN];
    struct meta *meta = records_find(store);
    char prefix[1 + ID_LEN] = "n";
    bool more = meta && memcmp(parent, nobody, ID_LEN) != 0;

    memcpy(prefix + 1, parent, ID_LEN);
    while (more) {
        struct meta_batch found = {0};
        struct changes changes = {0};

        more = meta_scan(meta, slice_of(prefix, sizeof(prefix)), SLICE_NONE, META_BATCH_MAX, &found) == ERR_NONE &&
               found.has_more;
        for (unsigned i = 0; i < found.count; i++)
            drop_orphan(store, meta, parent, slice_from(found.entries[i].key, sizeof(prefix)), &changes);
        commit_drops(meta, &changes);
        changes_release(&changes);
        meta_batch_release(&found);
    }
}

/* ---- unlinking ---- */

/* A folder of ours that its owner made unwritable is still ours to remove. */
static void make_writable(int at, const char *name)
{
    struct stat got;

    if (fstatat(at, name, &got, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(got.st_mode) && (got.st_mode & 0700) != 0700 &&
        got.st_uid == geteuid())
        (void)!fchmodat(at, name, 0700, 0);
}

/* To be an entry of its own; emptied next. */
static bool move_up(struct emptying *emptying, int folder, const struct victim *victim)
{
    struct entry *entry;
    char name[64];

    entry = xcalloc(1, sizeof(*entry));
    aside_name(emptying->store, victim->id, name, sizeof(name));
    snprintf(entry->name, sizeof(entry->name), "%s%s", emptying->prefix, name);
    if (renameat(folder, victim->name, emptying->base, entry->name) < 0) {
        make_writable(folder, victim->name);
        if (renameat(folder, victim->name, emptying->base, entry->name) < 0) {
            free(entry);
            return false;
        }
    }
    list_add_after(emptying->entries.next, &entry->link); /* behind the one at work, so few wait at a time */
    return true;
}

static bool remove_victim(struct emptying *emptying, int folder, const struct victim *victim)
{
    if (!victim->is_known || !S_ISDIR(victim->statx.stx_mode))
        return unlinkat(folder, victim->name, 0) == 0 || errno == ENOENT;
    if (unlinkat(folder, victim->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    return (errno == ENOTEMPTY || errno == EEXIST || errno == EACCES) && move_up(emptying, folder, victim);
}

static void batch_fill(struct batch *batch, DIR *list)
{
    for (struct dirent *at; batch->count < EMPTY_BATCH && (at = readdir(list));) {
        struct victim *victim = &batch->list[batch->count];

        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
            continue;
        victim->name = arena_str(&batch->arena, slice_str(at->d_name));
        memset(victim->id, 0, ID_LEN);
        victim->is_known = statx(dirfd(list), at->d_name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &victim->statx) == 0;
        batch->count++;
    }
}

/* ---- an entry ---- */

/* Only where the entry itself is on the volume: a mount that others put there is theirs. */
static DIR *open_entry(const struct emptying *emptying, const char *name)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
    struct stat base, got;
    FD_GUARD fd = -1;
    DIR *list;

    make_writable(emptying->base, name);
    fd = (int)syscall(SYS_openat2, emptying->base, name, &how, sizeof(how));
    if (fd < 0 || fstat(fd, &got) < 0 || fstat(emptying->base, &base) < 0 || got.st_dev != base.st_dev)
        return NULL;
    list = fdopendir(fd);
    if (list)
        fd_take(&fd);
    return list;
}

/* The folder has been read to its end: true if there is more to do in it. */
static bool finish_folder(struct emptying *emptying, struct entry *entry)
{
    drop_orphans(emptying->store, entry->id);
    if (unlinkat(emptying->base, entry->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return false;
    if (errno == ENOTEMPTY && entry->removed > 0) { /* others still put something into it, or the reading missed some */
        rewinddir(entry->list);
        entry->removed = 0;
        return true;
    }
    emptying->stuck++;
    return false;
}

/* True if there is more to do in it. */
static bool work_on_folder(struct emptying *emptying, struct entry *entry)
{
    struct batch *batch = xcalloc(1, sizeof(*batch));
    bool has_more;

    batch_fill(batch, entry->list);
    drop_batch(emptying->store, entry->id, batch);
    for (unsigned i = 0; i < batch->count; i++)
        entry->removed += remove_victim(emptying, dirfd(entry->list), &batch->list[i]);
    has_more = batch->count == EMPTY_BATCH || finish_folder(emptying, entry);
    arena_release(&batch->arena);
    free(batch);
    return has_more;
}

static bool begin(struct emptying *emptying, struct entry *entry)
{
    struct statx got;

    if (statx(emptying->base, entry->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &got) < 0)
        return false;
    id_of_name(entry->name, entry->id);
    drop_entry(emptying->store, &got, entry->id);
    if (S_ISDIR(got.stx_mode))
        entry->list = open_entry(emptying, entry->name);
    else if (unlinkat(emptying->base, entry->name, 0) == 0)
        return false;
    emptying->stuck += !entry->list;
    return entry->list != NULL;
}

bool emptying_work(struct emptying *emptying)
{
    struct entry *entry;

    if (list_is_empty(&emptying->entries))
        return false;
    entry = CONTAINER(emptying->entries.next, struct entry, link);
    if (!(entry->list ? work_on_folder(emptying, entry) : begin(emptying, entry)))
        entry_free(entry);
    return !list_is_empty(&emptying->entries);
}

void empty_beside(struct store *store, int folder, const char *name)
{
    struct emptying emptying = {.store = store, .base = folder, .prefix = ASIDE_PREFIX};

    list_init(&emptying.entries);
    emptying_add(&emptying, name);
    while (emptying_work(&emptying))
        continue;
    emptying_release(&emptying);
}
