/*
 * since_rows.c - the rows of what was told last, their sequence, and what our own changes add.
 *
 * Every change of a row gets the next sequence of the site, under one mutex and in one commit with the site's record,
 * so a row with a sequence up to one that was told never appears later. A removal is remembered by its row, and by its
 * sequence beside it, so that the oldest can be forgotten without looking through all. A mark from before what is
 * remembered is refused.
 *
 * While two processes share the folder both count on from what is recorded; in that time two rows may get one sequence,
 * which at worst is told twice.
 */
#include "bindings.h"
#include "since_rows.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"

enum { ROW_LEN = 18, SITE_LEN = 4 + 8 + 8 + 8, GONE_LEN = 8 };

/* rows */

struct slice row_key(char key[ROW_KEY_MAX], const unsigned char folder[ID_LEN], struct slice name)
{
    key[0] = 'y';
    memcpy(key + 1, folder, ID_LEN);
    if (name.len)
        memcpy(key + 1 + ID_LEN, name.ptr, name.len);
    return slice_of(key, 1 + ID_LEN + name.len);
}

bool row_read(struct slice value, struct row *out)
{
    *out = (struct row){0};
    if (value.len != ROW_LEN && value.len != ROW_LEN + ID_LEN)
        return false;
    out->sequence = get_u64(value.ptr);
    out->hash = get_u64(value.ptr + 8);
    out->kind = value.ptr[16] ? KIND_FOLDER : KIND_FILE;
    out->flags = (uint8_t)value.ptr[17];
    if (value.len > ROW_LEN)
        memcpy(out->id, value.ptr + ROW_LEN, ID_LEN);
    return true;
}

bool row_get(struct meta *meta, const unsigned char folder[ID_LEN], struct slice name, struct row *out)
{
    char key[ROW_KEY_MAX];
    struct buf value = BUF_INIT(64);
    bool has = meta_get(meta, row_key(key, folder, name), &value) == ERR_NONE && row_read(buf_slice(&value), out);

    buf_release(&value);
    return has;
}

static void row_put(struct changes *changes, struct slice key, const struct row *row)
{
    char value[ROW_LEN + ID_LEN];

    put_u64(value, row->sequence);
    put_u64(value + 8, row->hash);
    value[16] = row->kind == KIND_FOLDER;
    value[17] = (char)row->flags;
    memcpy(value + ROW_LEN, row->id, ID_LEN);
    changes_put(changes, key, slice_of(value, row->kind == KIND_FOLDER ? sizeof(value) : ROW_LEN));
}

static bool scan_more(struct row_scan *scan)
{
    char prefix[ROW_KEY_MAX], after_room[META_KEY_MAX];
    struct slice after = SLICE_NONE;

    if (scan->is_begun && (!scan->batch.has_more || !scan->batch.count))
        return false;
    if (scan->is_begun) {
        const struct slice *last = &scan->batch.entries[scan->batch.count - 1].key;

        memcpy(after_room, last->ptr, last->len);
        after = slice_of(after_room, last->len);
    }
    meta_batch_release(&scan->batch);
    scan->is_begun = true;
    scan->at = 0;
    scan->err = meta_scan(scan->meta, row_key(prefix, scan->folder, SLICE_NONE), after, scan->batch_max, &scan->batch);
    return scan->err == ERR_NONE;
}

bool row_scan_next(struct row_scan *scan, struct slice *name, struct row *row)
{
    while (scan->err == ERR_NONE) {
        if (scan->at == scan->batch.count && !scan_more(scan))
            return false;
        if (scan->at < scan->batch.count) {
            const struct meta_entry *entry = &scan->batch.entries[scan->at++];

            *name = slice_from(entry->key, 1 + ID_LEN);
            if (name->len && name->len < NAME_ROOM && row_read(entry->value, row))
                return true;
        } else if (!scan->batch.has_more)
            return false;
    }
    return false;
}

void row_scan_release(struct row_scan *scan)
{
    meta_batch_release(&scan->batch);
}

/* the site */

static uint64_t root_hash(const struct store *store)
{
    uint64_t of[2] = {store->root_inode.ino, (uint64_t)store->root_inode.btime_ns};

    return hash64(&store->salt, slice_of((const char *)of, sizeof(of)));
}

static void site_put(struct store *store, struct changes *changes)
{
    const struct sinces *sinces = store->sinces;
    char value[SITE_LEN];

    for (int i = 0; i < 4; i++)
        value[i] = (char)(sinces->epoch >> (24 - 8 * i));
    put_u64(value + 4, sinces->last);
    put_u64(value + 12, sinces->floor);
    put_u64(value + 20, root_hash(store));
    changes_put(changes, SLICE("Y"), slice_of(value, sizeof(value)));
}

/* A restored tree may have been given sequences before that it gives again: another epoch. */
static void new_epoch(struct sinces *sinces)
{
    random_bytes(&sinces->epoch, sizeof(sinces->epoch));
}

static bool site_get(struct store *store, struct meta *meta)
{
    struct sinces *sinces = store->sinces;
    struct buf value = BUF_INIT(64);
    bool has = meta_get(meta, SLICE("Y"), &value) == ERR_NONE && value.len == SITE_LEN;

    if (has) {
        sinces->epoch = 0;
        for (int i = 0; i < 4; i++)
            sinces->epoch = sinces->epoch << 8 | (unsigned char)value.ptr[i];
        sinces->last = get_u64(value.ptr + 4);
        sinces->floor = get_u64(value.ptr + 12);
        if (get_u64(value.ptr + 20) != root_hash(store))
            new_epoch(sinces);
    }
    buf_release(&value);
    return has;
}

static uint64_t gone_count(struct meta *meta)
{
    char after_room[META_KEY_MAX];
    struct slice after = SLICE_NONE;
    uint64_t count = 0;
    bool has_more = true;

    while (has_more) {
        struct meta_batch batch;

        if (meta_scan(meta, SLICE("z"), after, META_BATCH_MAX, &batch) != ERR_NONE)
            break;
        count += batch.count;
        has_more = batch.has_more && batch.count;
        if (has_more) {
            after = slice_of(after_room, batch.entries[batch.count - 1].key.len);
            memcpy(after_room, batch.entries[batch.count - 1].key.ptr, after.len);
        }
        meta_batch_release(&batch);
    }
    return count;
}

/* With the mutex held. */
static enum err load(struct store *store, struct meta *meta, bool make)
{
    struct sinces *sinces = store->sinces;
    struct changes changes = {0};
    enum err err = ERR_NONE;

    if (!sinces->is_loaded || atomic_load(&store->share.is_shared)) {
        sinces->has_any = site_get(store, meta);
        if (sinces->has_any && !sinces->is_loaded)
            sinces->gone = gone_count(meta);
        sinces->is_loaded = true;
    }
    if (sinces->has_any || !make)
        return sinces->has_any ? ERR_NONE : ERR_MISSING;
    new_epoch(sinces);
    site_put(store, &changes);
    err = changes_commit(&changes, meta);
    changes_release(&changes);
    sinces->has_any = err == ERR_NONE;
    return err;
}

enum err since_load(struct store *store, struct meta *meta, bool make)
{
    enum err err;

    pthread_mutex_lock(&store->sinces->mutex);
    err = load(store, meta, make);
    pthread_mutex_unlock(&store->sinces->mutex);
    return err;
}

/* removals */

static struct slice gone_key(char key[9], uint64_t sequence)
{
    key[0] = 'z';
    put_u64(key + 1, sequence);
    return slice_of(key, 9);
}

/* With the mutex held. */
static void gone_add(struct store *store, struct changes *changes, uint64_t sequence, struct slice row_at)
{
    char key[9], value[GONE_LEN + ROW_KEY_MAX];

    put_u64(value, (uint64_t)clock_real_s());
    memcpy(value + GONE_LEN, row_at.ptr, row_at.len);
    changes_put(changes, gone_key(key, sequence), slice_of(value, GONE_LEN + row_at.len));
    store->sinces->gone++;
}

/* A name that came back, and perhaps went again, has a later sequence: then only this entry goes. */
static void forget(struct store *store, struct meta *meta, const struct meta_entry *entry, struct changes *changes)
{
    struct slice key = slice_from(entry->value, GONE_LEN);
    struct buf value = BUF_INIT(64);
    uint64_t sequence = get_u64(entry->key.ptr + 1);
    struct row row;

    if (meta_get(meta, key, &value) == ERR_NONE && row_read(buf_slice(&value), &row) && row.flags & ROW_REMOVED &&
        row.sequence == sequence)
        changes_drop(changes, key);
    changes_drop(changes, entry->key);
    store->sinces->floor = sequence;
    store->sinces->gone -= store->sinces->gone > 0;
    buf_release(&value);
}

static bool is_due(const struct sinces *sinces, const struct meta_entry *entry)
{
    return entry->key.len == 9 && entry->value.len > GONE_LEN &&
           (sinces->gone > GONE_MAX || (int64_t)get_u64(entry->value.ptr) + GONE_MAX_S < clock_real_s());
}

void since_prune(struct store *store, struct meta *meta)
{
    struct changes changes = {0};
    struct meta_batch batch;

    pthread_mutex_lock(&store->sinces->mutex);
    if (meta_scan(meta, SLICE("z"), SLICE_NONE, ROW_BATCH, &batch) == ERR_NONE) {
        for (unsigned i = 0; i < batch.count && is_due(store->sinces, &batch.entries[i]); i++)
            forget(store, meta, &batch.entries[i], &changes);
        if (changes.count)
            site_put(store, &changes);
        changes_queue(&changes, meta);
        meta_batch_release(&batch);
    }
    pthread_mutex_unlock(&store->sinces->mutex);
    changes_release(&changes);
}

/* batches */

void row_batch_add(struct row_batch *batch, const unsigned char folder[ID_LEN], struct slice name,
                   const struct row *row, bool is_new)
{
    struct row_change *item;

    if (!batch->items)
        batch->items = xcalloc(ROW_BATCH, sizeof(batch->items[0]));
    item = &batch->items[batch->count++];
    *item = (struct row_change){.name = arena_slice(&batch->arena, name), .row = *row, .is_new = is_new};
    memcpy(item->folder, folder, ID_LEN);
}

/* With the mutex held. */
static void gather(struct store *store, struct row_batch *batch, struct changes *changes)
{
    for (unsigned i = 0; i < batch->count; i++) {
        struct row_change *item = &batch->items[i];
        char key[ROW_KEY_MAX];
        struct slice at = row_key(key, item->folder, item->name);

        if (item->is_new)
            item->row.sequence = ++store->sinces->last;
        if (item->is_new && item->row.flags & ROW_REMOVED)
            gone_add(store, changes, item->row.sequence, at);
        row_put(changes, at, &item->row);
    }
    site_put(store, changes);
}

void row_batch_write(struct store *store, struct meta *meta, struct row_batch *batch)
{
    struct changes changes = {0};

    if (batch->count) {
        pthread_mutex_lock(&store->sinces->mutex);
        gather(store, batch, &changes);
        changes_queue(&changes, meta);
        pthread_mutex_unlock(&store->sinces->mutex);
        changes_release(&changes);
    }
    row_batch_release(batch);
}

void row_batch_release(struct row_batch *batch)
{
    arena_release(&batch->arena);
    free(batch->items);
    *batch = (struct row_batch){0};
}

/* our own changes */

/* The id of the place's folder, if anybody asked for a report here, ever. */
static struct meta *followed(struct store *store, const struct place *place, unsigned char folder[ID_LEN])
{
    enum { STEPS_MAX = 1025 };
    struct meta *meta = records_find(store);
    unsigned char(*ids)[ID_LEN];
    unsigned count = 0;

    if (!meta || place->is_outside || place_is_bound(place) || since_load(store, meta, false) != ERR_NONE)
        return NULL;
    ids = xmalloc(STEPS_MAX * sizeof(ids[0]));
    if (identity_folders(store, place->parent, ids, STEPS_MAX, &count, NULL) != ERR_NONE)
        meta = NULL;
    else
        memcpy(folder, ids[count - 1], ID_LEN);
    free(ids);
    return meta;
}

/* One row with the next sequence. What a comparison would find as well need not be awaited. */
static void write_row(struct store *store, struct meta *meta, struct slice key, struct row *row, bool is_awaited)
{
    struct changes changes = {0};

    pthread_mutex_lock(&store->sinces->mutex);
    row->sequence = ++store->sinces->last;
    row_put(&changes, key, row);
    if (row->flags & ROW_REMOVED)
        gone_add(store, &changes, row->sequence, key);
    site_put(store, &changes);
    if (is_awaited)
        changes_commit(&changes, meta); /* records that cannot be written were told by what came before */
    else
        changes_queue(&changes, meta);
    pthread_mutex_unlock(&store->sinces->mutex);
    changes_release(&changes);
}

void since_removed(struct store *store, const struct place *place, enum kind kind)
{
    unsigned char folder[ID_LEN];
    char key[ROW_KEY_MAX];
    struct meta *meta = followed(store, place, folder);
    struct row row = {0};
    bool is_known, is_crowded;
    uint8_t id[ID_LEN] = {0};

    if (!meta)
        return;
    is_known = row_get(meta, folder, slice_str(place->name), &row);
    if (is_known && row.flags & ROW_REMOVED)
        is_known = false; /* it came back, unseen, and went again */
    if (row.kind == KIND_FOLDER)
        memcpy(id, row.id, ID_LEN);
    row = (struct row){.kind = kind, .flags = ROW_REMOVED};
    memcpy(row.id, id, ID_LEN); /* what was told of it, should another one come here */
    write_row(store, meta, row_key(key, folder, slice_str(place->name)), &row, !is_known);
    pthread_mutex_lock(&store->sinces->mutex);
    is_crowded = store->sinces->gone > GONE_MAX + ROW_BATCH;
    pthread_mutex_unlock(&store->sinces->mutex);
    if (is_crowded)
        since_prune(store, meta);
}

/* Told of under each of its names (DAV-188). */
static void touched_bound(struct store *store, const struct place *place)
{
    struct meta *meta = records_find(store);
    struct binding_records names = {.count = 0};
    struct facts facts;
    struct arena arena = {0};
    char key[ROW_KEY_MAX];
    struct row row;

    bound_mark_at(&facts, place);
    if (meta && since_load(store, meta, false) == ERR_NONE)
        bindings_of(meta, facts.bound_id, &arena, &names);
    for (unsigned i = 0; i < names.count; i++) {
        struct slice name = slice_str(names.list[i].name);

        assert(names.list);
        if (row_get(meta, names.list[i].parent, name, &row) && !(row.flags & ROW_REMOVED))
            write_row(store, meta, row_key(key, names.list[i].parent, name), &row, true);
    }
    arena_release(&arena);
}

void since_touched(struct store *store, const struct place *place)
{
    unsigned char folder[ID_LEN];
    char key[ROW_KEY_MAX];
    struct meta *meta = followed(store, place, folder);
    struct row row;

    if (place_is_bound(place))
        touched_bound(store, place);
    if (meta && row_get(meta, folder, slice_str(place->name), &row) && !(row.flags & ROW_REMOVED))
        write_row(store, meta, row_key(key, folder, slice_str(place->name)), &row, true);
}

void since_init(struct store *store)
{
    store->sinces = xcalloc(1, sizeof(*store->sinces));
    pthread_mutex_init(&store->sinces->mutex, NULL);
    pthread_mutex_init(&store->sinces->look_mutex, NULL);
}

void since_stop(struct store *store)
{
    if (!store->sinces)
        return;
    pthread_mutex_destroy(&store->sinces->mutex);
    pthread_mutex_destroy(&store->sinces->look_mutex);
    free(store->sinces);
    store->sinces = NULL;
}
