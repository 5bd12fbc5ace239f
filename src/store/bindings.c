/*
 * bindings.c - the records of bindings (bindings.h).
 */
#include "bindings.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "identity_look.h"

enum {
    BINDING_KEY_ROOM = 1 + 2 * ID_LEN + NAME_ROOM,
    WAY_ROOM = ID_LEN + NAME_ROOM,
    VALUE_LEN = 9,
    SCAN_BATCH = 500,
};

static struct slice binding_key(char key[BINDING_KEY_ROOM], const unsigned char id[ID_LEN],
                                const unsigned char parent[ID_LEN], struct slice name)
{
    key[0] = 'b';
    memcpy(key + 1, id, ID_LEN);
    memcpy(key + 1 + ID_LEN, parent, ID_LEN);
    memcpy(key + 1 + 2 * ID_LEN, name.ptr, name.len);
    return slice_of(key, 1 + 2 * ID_LEN + name.len);
}

static bool record_read(struct slice key, struct slice value, struct binding_record *out)
{
    size_t name_len = key.len - 1 - 2 * ID_LEN;

    if (key.len <= 1 + 2 * ID_LEN || name_len >= NAME_ROOM || value.len != VALUE_LEN)
        return false;
    *out =
        (struct binding_record){.made_ns = (int64_t)get_u64(value.ptr), .kind = value.ptr[8] ? KIND_FOLDER : KIND_FILE};
    memcpy(out->id, key.ptr + 1, ID_LEN);
    memcpy(out->parent, key.ptr + 1 + ID_LEN, ID_LEN);
    memcpy(out->name, key.ptr + 1 + 2 * ID_LEN, name_len);
    return true;
}

bool binding_get(struct meta *meta, const unsigned char id[ID_LEN], const unsigned char parent[ID_LEN],
                 struct slice name, struct binding_record *out)
{
    char key[BINDING_KEY_ROOM];
    struct buf value = BUF_INIT(64);
    struct slice at = binding_key(key, id, parent, name);
    bool has = meta_get(meta, at, &value) == ERR_NONE && record_read(at, buf_slice(&value), out);

    buf_release(&value);
    return has;
}

/* Records under a prefix, batch by batch. */
static enum err scan(struct meta *meta, struct slice prefix, bool (*each)(const struct binding_record *, void *),
                     void *arg)
{
    char after[BINDING_KEY_ROOM];
    struct slice from = SLICE_NONE;
    bool has_more = true;

    while (has_more) {
        struct meta_batch batch;
        enum err err = meta_scan(meta, prefix, from, SCAN_BATCH, &batch);
        struct binding_record record;

        has_more = err == ERR_NONE && batch.has_more;
        for (unsigned i = 0; err == ERR_NONE && i < batch.count; i++) {
            if (record_read(batch.entries[i].key, batch.entries[i].value, &record) && !each(&record, arg)) {
                meta_batch_release(&batch);
                return ERR_NONE;
            }
        }
        if (has_more) {
            struct slice last = batch.entries[batch.count - 1].key;

            memcpy(after, last.ptr, last.len);
            from = slice_of(after, last.len);
        }
        meta_batch_release(&batch);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

enum err bindings_each(struct meta *meta, bool (*each)(const struct binding_record *, void *), void *arg)
{
    return scan(meta, SLICE("b"), each, arg);
}

struct gathering {
    struct arena *arena;
    struct binding_records *out;
    unsigned room;
};

static bool gather(const struct binding_record *record, void *arg)
{
    struct gathering *gathering = arg;
    struct binding_records *out = gathering->out;

    if (out->count == gathering->room) {
        unsigned room = gathering->room ? 2 * gathering->room : 4;
        struct binding_record *list = arena_alloc(gathering->arena, room * sizeof(*list));

        if (out->count)
            memcpy(list, out->list, out->count * sizeof(*list));
        out->list = list;
        gathering->room = room;
    }
    out->list[out->count++] = *record;
    return true;
}

static int by_age(const void *a, const void *b)
{
    const struct binding_record *one = a, *other = b;

    return one->made_ns == other->made_ns ? 0 : one->made_ns < other->made_ns ? -1 : 1;
}

enum err bindings_of(struct meta *meta, const unsigned char id[ID_LEN], struct arena *arena,
                     struct binding_records *out)
{
    struct gathering gathering = {.arena = arena, .out = out};
    char prefix[1 + ID_LEN] = "b";
    enum err err;

    *out = (struct binding_records){.count = 0};
    memcpy(prefix + 1, id, ID_LEN);
    err = scan(meta, slice_of(prefix, sizeof(prefix)), gather, &gathering);
    if (out->count)
        qsort(out->list, out->count, sizeof(*out->list), by_age);
    return err;
}

void changes_put_binding(struct changes *changes, const struct binding_record *record)
{
    char key[BINDING_KEY_ROOM], value[VALUE_LEN];

    put_u64(value, (uint64_t)record->made_ns);
    value[8] = record->kind == KIND_FOLDER;
    changes_put(changes, binding_key(key, record->id, record->parent, slice_str(record->name)),
                slice_of(value, sizeof(value)));
}

void changes_drop_binding(struct changes *changes, const struct binding_record *record)
{
    char key[BINDING_KEY_ROOM];

    changes_drop(changes, binding_key(key, record->id, record->parent, slice_str(record->name)));
}

/* ---- where folders are ---- */

static struct slice way_key(char key[1 + ID_LEN], const unsigned char folder[ID_LEN])
{
    key[0] = 'u';
    memcpy(key + 1, folder, ID_LEN);
    return slice_of(key, 1 + ID_LEN);
}

enum err way_get(struct meta *meta, const unsigned char folder[ID_LEN], struct way_record *out)
{
    char key[1 + ID_LEN];
    struct buf value = BUF_INIT(WAY_ROOM);
    enum err err = meta_get(meta, way_key(key, folder), &value);

    if (err == ERR_NONE && (value.len <= ID_LEN || value.len - ID_LEN >= NAME_ROOM))
        err = ERR_MISSING;
    if (err == ERR_NONE) {
        memcpy(out->parent, value.ptr, ID_LEN);
        memcpy(out->name, value.ptr + ID_LEN, value.len - ID_LEN);
        out->name[value.len - ID_LEN] = '\0';
    }
    buf_release(&value);
    return err;
}

void changes_put_way(struct changes *changes, const unsigned char folder[ID_LEN], const unsigned char parent[ID_LEN],
                     struct slice name)
{
    char key[1 + ID_LEN], value[WAY_ROOM];

    memcpy(value, parent, ID_LEN);
    memcpy(value + ID_LEN, name.ptr, name.len);
    changes_put(changes, way_key(key, folder), slice_of(value, ID_LEN + name.len));
}

void changes_drop_way(struct changes *changes, const unsigned char folder[ID_LEN])
{
    char key[1 + ID_LEN];

    changes_drop(changes, way_key(key, folder));
}

/* What is there already as it should be is not written again. */
static void put_step(struct look *look, const struct step *step)
{
    struct way_record known;

    if (step->is_bound || (way_get(look->meta, step->id, &known) == ERR_NONE && id_same(known.parent, step->parent) &&
                           slice_eq(slice_str(known.name), step->name)))
        return;
    changes_put_way(&look->changes, step->id, step->parent, step->name);
    if (!step->is_by_name)
        changes_put_inode(&look->changes, step->inode, step->id, step->parent, step->name);
}

enum err way_gather(struct store *store, const struct place *place, struct changes *changes,
                    unsigned char parent[ID_LEN])
{
    struct look look = {.store = store};
    struct step *folder = NULL;
    enum err err = records_need(store, &look.meta);

    if (err == ERR_NONE)
        err = look_up_folder(&look, place, &folder);
    if (err == ERR_NONE) {
        memcpy(parent, look_id(&look, folder), ID_LEN);
        step_record_names(&look, folder);
        for (const struct step *step = folder; step; step = step->up)
            put_step(&look, step);
        *changes = look.changes;
        look.changes = (struct changes){0};
    }
    look_release(&look);
    return err;
}

void binding_enter(struct store *store, const struct place *name, const unsigned char id[ID_LEN])
{
    struct binding_record record = {.made_ns = clock_real_ns()}, known;
    struct facts facts;
    struct changes changes = {0};
    struct meta *meta;

    if (name->is_outside || store_is_read_only(store) || bound_find(store, id, &facts) != ERR_NONE ||
        records_need(store, &meta) != ERR_NONE || way_gather(store, name, &changes, record.parent) != ERR_NONE)
        return;
    memcpy(record.id, id, ID_LEN);
    memcpy(record.name, name->name, NAME_ROOM);
    record.kind = facts.kind;
    if (!binding_get(meta, id, record.parent, slice_str(record.name), &known))
        changes_put_binding(&changes, &record);
    bindings_note(store, record.kind);
    changes_queue(&changes, meta);
    changes_release(&changes);
}

void bindings_note(struct store *store, enum kind kind)
{
    atomic_store(&store->kinds.bindings, true);
    if (kind == KIND_FOLDER)
        atomic_store(&store->kinds.bound_folders, true);
}

static bool note_one(const struct binding_record *record, void *arg)
{
    struct store *store = arg;

    bindings_note(store, record->kind);
    return !atomic_load(&store->kinds.bound_folders);
}

void bindings_probe(struct store *store, struct meta *meta)
{
    bindings_each(meta, note_one, store);
}
