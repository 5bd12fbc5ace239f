/*
 * history_keep.c - earlier contents come, grow too many or too old, and go.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "facts.h"
#include "history_private.h"
#include "history_record.h"
#include "propset.h"

enum { LOOK_MS = 3600 * 1000 }; /* for what is too old; budgets are looked at when they are passed */

void history_init(struct store *store)
{
    atomic_store(&store->history.is_due, true); /* what earlier runs left */
    store->history.began_ns = (uint64_t)clock_real_ns();
}

void history_probe(struct store *store, struct meta *meta)
{
    struct meta_batch found = {0};

    if (meta_scan(meta, SLICE("H"), SLICE_NONE, 1, &found) != ERR_NONE || found.count)
        atomic_store(&store->history.has_any, true);
    meta_batch_release(&found);
}

/* ---- one goes ---- */

static void drop_one(struct store *store, const unsigned char id[ID_LEN], uint64_t number, uint64_t size,
                     struct changes *changes)
{
    char key[VERSION_KEY_LEN], name[VERSION_FILE_ROOM];

    changes_drop(changes, version_key(id, number, key));
    changes_drop(changes, version_age_key(id, number, key));
    version_file(id, number, name);
    if (unlinkat(history_folder(store), name, 0) == 0 && atomic_load(&store->history.is_counted))
        atomic_fetch_sub(&store->history.bytes, size);
}

/* While the folder is shared another one may have kept some. */
static bool has_any(struct store *store)
{
    return atomic_load(&store->history.has_any) || atomic_load(&store->share.is_shared);
}

void history_drop(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct changes *changes)
{
    struct meta_batch found = {0};
    struct version version;
    int64_t until_s;

    if (!has_any(store) || versions_scan(meta, id, &found) != ERR_NONE)
        return;
    for (unsigned i = 0; i < found.count; i++)
        if (version_read(&found.entries[i], &version, &until_s))
            drop_one(store, id, version.number, version.size, changes);
    meta_batch_release(&found);
}

/* ---- one comes ---- */

void part_history(struct part *part, const struct history_limits *limits)
{
    part->history = *limits;
}

bool history_wants(const struct part *part, const struct standing *old)
{
    const struct history_limits *limits = &part->history;

    return (limits->count || limits->bytes || limits->seconds) && old->statx.stx_nlink == 1 && !part->owns_aside &&
           !old->facts.through_symlink && (!limits->bytes || old->statx.stx_size <= limits->bytes);
}

/* What is known of the content, before the next one's records take its place. */
static void look_up_digest(struct store *store, struct meta *meta, const struct identity *identity,
                           struct version *version)
{
    struct arena arena = {0};
    struct traits traits;

    if (!version->is_weak &&
        traits_read(store, meta, identity->id, slice_of(version->tag, version->tag_len), &arena, &traits) == ERR_NONE)
        version->has_sha256 = checksums_sha256(traits.checksums, version->sha256);
    arena_release(&arena);
}

static struct version version_of(struct store *store, const struct facts *old)
{
    struct version version = {.number = (uint64_t)stamp_next(store),
                              .size = old->size,
                              .modified_ns = old->modified_ns,
                              .replaced_s = clock_real_s(),
                              .tag_len = old->tag_len,
                              .is_weak = old->is_weak};

    memcpy(version.tag, old->tag, old->tag_len);
    return version;
}

/* The oldest go until one more of this size fits. */
static void make_room(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                      const struct history_limits *limits, uint64_t size, struct changes *changes)
{
    uint32_t most = limits->count && limits->count < VERSIONS_MAX ? limits->count : VERSIONS_MAX;
    struct meta_batch found = {0};
    struct version version;
    int64_t until_s;
    uint64_t bytes = size;
    unsigned count = 1;

    if (versions_scan(meta, id, &found) != ERR_NONE)
        return;
    for (unsigned i = found.count; i-- > 0;) { /* the newest first: from the first that is too much on, all go */
        if (!version_read(&found.entries[i], &version, &until_s))
            continue;
        bytes += version.size;
        count++;
        if (count > most || (limits->bytes && bytes > limits->bytes) || (until_s && until_s <= clock_real_s()))
            drop_one(store, id, version.number, version.size, changes);
    }
    meta_batch_release(&found);
}

static void put_record(const unsigned char id[ID_LEN], const struct version *version, int64_t until_s,
                       struct changes *changes)
{
    char key[VERSION_KEY_LEN], value[VERSION_VALUE_ROOM], short_value[16];

    changes_put(changes, version_key(id, version->number, key), version_value(version, until_s, value));
    put_u64(short_value, version->size);
    put_u64(short_value + 8, (uint64_t)until_s);
    changes_put(changes, version_age_key(id, version->number, key), slice_of(short_value, sizeof(short_value)));
}

/* The most that all versions may take. */
static uint64_t budget(const struct store *store)
{
    struct statvfs got;

    if (store->options.history_bytes)
        return store->options.history_bytes;
    if (fstatvfs(store->root_held, &got) < 0)
        return UINT64_MAX;
    return got.f_blocks / 100 * got.f_frsize * HISTORY_PERCENT;
}

static void count_one(struct store *store, uint64_t size)
{
    uint64_t bytes = atomic_fetch_add(&store->history.bytes, size) + size;

    atomic_store(&store->history.has_any, true);
    if (atomic_load(&store->history.is_counted) && bytes <= budget(store))
        return;
    atomic_store(&store->history.is_due, true);
    keeper_trash(&store->keeper);
}

void history_take(struct part *part, const struct identity *identity, const struct standing *old)
{
    struct store *store = part->store;
    struct version version = version_of(store, &old->facts);
    int64_t until_s = part->history.seconds ? version.replaced_s + (int64_t)part->history.seconds : 0;
    struct changes changes = {0};
    struct meta *meta = records_find(store);
    char name[VERSION_FILE_ROOM];

    version_file(identity->id, version.number, name);
    if (!meta || !identity->is_recorded || renameat(part->aside, part->temporary, store->state.history, name) < 0)
        return; /* it still has its name aside, and goes with that */
    part->is_named = false;
    look_up_digest(store, meta, identity, &version);
    make_room(store, meta, identity->id, &part->history, version.size, &changes);
    put_record(identity->id, &version, until_s, &changes);
    changes_queue(&changes, meta);
    changes_release(&changes);
    count_one(store, version.size);
}

/* ---- the keeper's chore ---- */

/* An entry under 'H'. False: it is none of ours. */
static bool age_read(const struct meta_entry *entry, unsigned char id[ID_LEN], uint64_t *number, uint64_t *size,
                     int64_t *until_s)
{
    if (entry->key.len != VERSION_KEY_LEN || entry->value.len != 16)
        return false;
    *number = get_u64(entry->key.ptr + 1);
    memcpy(id, entry->key.ptr + 9, ID_LEN);
    *size = get_u64(entry->value.ptr);
    *until_s = (int64_t)get_u64(entry->value.ptr + 8);
    return true;
}

/* Counts all there are, and drops what is too old and, of the oldest, as much as `excess` says. */
static void walk_ages(struct store *store, struct meta *meta, uint64_t excess, uint64_t *total)
{
    char after[VERSION_KEY_LEN];
    size_t after_len = 0;
    bool has_more = true;

    *total = 0;
    while (has_more) {
        struct changes changes = {0};
        struct meta_batch found = {0};

        has_more = meta_scan(meta, SLICE("H"), slice_of(after, after_len), META_BATCH_MAX, &found) == ERR_NONE &&
                   found.has_more;
        for (unsigned i = 0; i < found.count; i++) {
            unsigned char id[ID_LEN];
            uint64_t number, size;
            int64_t until_s;

            if (!age_read(&found.entries[i], id, &number, &size, &until_s))
                continue;
            *total += size;
            if (excess == 0 && (until_s == 0 || until_s > clock_real_s()))
                continue;
            excess -= excess < size ? excess : size;
            *total -= size;
            drop_one(store, id, number, size, &changes);
        }
        if (found.count) {
            after_len = found.entries[found.count - 1].key.len;
            memcpy(after, found.entries[found.count - 1].key.ptr, after_len);
        }
        changes_queue(&changes, meta);
        changes_release(&changes);
        meta_batch_release(&found);
    }
}

/* A file of an earlier run that no record names: a crash came between the two. */
static bool is_nobodys(struct store *store, struct meta *meta, const char *name)
{
    struct buf value = BUF_INIT(VERSION_VALUE_ROOM);
    char key[VERSION_KEY_LEN];
    unsigned char id[ID_LEN];
    struct slice hex, rest;
    uint64_t number;
    bool is_known;

    if (!slice_cut(slice_str(name), '.', &hex, &rest) || hex.len != 2 * ID_LEN || !hex_decode(hex, id, ID_LEN) ||
        !slice_u64(rest, &number) || number >= store->history.began_ns)
        return false;
    is_known = meta && meta_get(meta, version_key(id, number, key), &value) != ERR_MISSING;
    buf_release(&value);
    return !is_known;
}

static void sweep_files(struct store *store, struct meta *meta)
{
    int copy = openat(store->state.history, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);

    for (struct dirent *at; list && (at = readdir(list));)
        if (is_nobodys(store, meta, at->d_name))
            unlinkat(store->state.history, at->d_name, 0);
    if (list)
        closedir(list);
    else
        fd_close(&copy);
}

static void count_all(struct store *store, struct meta *meta)
{
    uint64_t total;

    if (!atomic_load(&store->share.is_shared)) /* another may be between the file and its record */
        sweep_files(store, meta);
    walk_ages(store, meta, 0, &total);
    atomic_store(&store->history.bytes, total); /* what came meanwhile may count twice, until the next start */
    atomic_store(&store->history.has_any, total > 0 || atomic_load(&store->history.has_any));
    atomic_store(&store->history.is_counted, true);
}

void history_own(struct store *store)
{
    atomic_store(&store->history.is_counted, false);
    atomic_store(&store->history.is_due, true);
    keeper_trash(&store->keeper);
}

bool history_trim_some(struct store *store)
{
    struct history *history = &store->history;
    struct meta *meta = records_find(store);
    uint64_t now_ms = clock_mono_ms(), bytes, most, total;
    bool is_time = history->again_ms && history->again_ms <= now_ms;

    if (store_is_read_only(store) || !atomic_load(&store->state.is_made) || !meta ||
        (!atomic_exchange(&history->is_due, false) && !is_time))
        return false;
    if (!atomic_load(&history->is_counted))
        count_all(store, meta);
    bytes = atomic_load(&history->bytes);
    most = budget(store);
    if (bytes > most || is_time) {
        walk_ages(store, meta, bytes > most ? bytes - most : 0, &total);
        atomic_store(&history->bytes, total); /* what was counted while others came and went is put right */
    }
    history->again_ms = now_ms + LOOK_MS;
    if (atomic_load(&history->has_any))
        keeper_trash_in(&store->keeper, LOOK_MS);
    return false;
}
