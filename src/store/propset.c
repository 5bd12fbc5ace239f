/*
 * propset.c - properties as records: read, edited, copied, dropped.
 *
 * A property's key has a hash of its name, since names may be longer than keys; a scan gives them in the order of
 * those hashes, so what is read is sorted. The hash is keyed by the site's salt, which is recorded too: nobody can
 * make two names meet.
 */
#include "propset.h"

#include <stdlib.h>

enum {
    HASH_LEN = 16,
    KEY_LEN = 1 + ID_LEN + HASH_LEN,
    HEAD_LEN = 4,   /* of a value: two lengths */
    FEW = 16,       /* most resources have no more: then one small batch is all */
    DROP_BATCH = 64 /* values up to PROP_VALUE_MAX are in memory for a batch */
};

static struct slice set_key(char key[1 + ID_LEN], char kind, const unsigned char id[ID_LEN])
{
    key[0] = kind;
    memcpy(key + 1, id, ID_LEN);
    return slice_of(key, 1 + ID_LEN);
}

static struct slice prop_key(const struct store *store, char key[KEY_LEN], const unsigned char id[ID_LEN],
                             struct slice space, struct slice local)
{
    struct buf name = BUF_INIT(PROP_NAME_MAX + 1);
    struct hash128 hash;

    buf_add(&name, space);
    buf_add_char(&name, '\0');
    buf_add(&name, local);
    hash = hash128(&store->salt, buf_slice(&name));
    buf_release(&name);
    set_key(key, 'p', id);
    memcpy(key + 1 + ID_LEN, hash.bytes, HASH_LEN);
    return slice_of(key, KEY_LEN);
}

static bool prop_parse(struct slice value, struct property *out)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;
    size_t space, local;

    if (value.len < HEAD_LEN)
        return false;
    space = (size_t)(bytes[0] << 8 | bytes[1]);
    local = (size_t)(bytes[2] << 8 | bytes[3]);
    if (space + local > value.len - HEAD_LEN)
        return false;
    out->space = slice_of(value.ptr + HEAD_LEN, space);
    out->local = slice_of(value.ptr + HEAD_LEN + space, local);
    out->xml = slice_from(value, HEAD_LEN + space + local);
    return true;
}

static void prop_put(struct slice key, const struct prop_edit *edit, struct changes *changes)
{
    char head[HEAD_LEN] = {(char)(edit->space.len >> 8), (char)edit->space.len, (char)(edit->local.len >> 8),
                           (char)edit->local.len};
    struct buf value = BUF_INIT(HEAD_LEN + PROP_NAME_MAX + PROP_VALUE_MAX);

    buf_add(&value, slice_of(head, sizeof(head)));
    buf_add(&value, edit->space);
    buf_add(&value, edit->local);
    buf_add(&value, edit->xml);
    changes_put(changes, key, buf_slice(&value));
    buf_release(&value);
}

/* Whether any key begins so; a failure says yes, so that whoever looks finds it. */
static bool is_any(struct meta *meta, struct slice prefix)
{
    struct meta_batch batch;
    bool any = meta_scan(meta, prefix, SLICE_NONE, 1, &batch) != ERR_NONE || batch.count > 0;

    meta_batch_release(&batch);
    return any;
}

void propset_probe(struct store *store, struct meta *meta)
{
    struct {
        atomic_bool *is_there;
        struct slice prefix;
    } kinds[] = {{&store->kinds.props, SLICE("p")},
                 {&store->kinds.traits, SLICE("t")},
                 {&store->kinds.floors, SLICE("m")},
                 {&store->kinds.forwards, SLICE("w")}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (is_any(meta, kinds[i].prefix)) /* never false again: others may be about to make some */
            atomic_store(kinds[i].is_there, true);
}

bool propset_has_props(const struct store *store)
{
    return atomic_load(&store->kinds.props) || atomic_load(&store->share.is_shared);
}

bool store_has_props(const struct store *store)
{
    return propset_has_props(store);
}

/* Calls each() for all records under a prefix, batch by batch. */
static enum err each_record(struct meta *meta, struct slice prefix, unsigned batch_max,
                            void (*each)(const struct meta_entry *, void *), void *arg)
{
    char after_room[META_KEY_MAX];
    struct slice after = SLICE_NONE;
    bool has_more = true;
    enum err err = ERR_NONE;

    while (err == ERR_NONE && has_more) {
        struct meta_batch batch;

        err = meta_scan(meta, prefix, after, batch_max, &batch);
        for (unsigned i = 0; err == ERR_NONE && i < batch.count; i++)
            each(&batch.entries[i], arg);
        has_more = err == ERR_NONE && batch.has_more && batch.count;
        if (has_more) {
            after = batch.entries[batch.count - 1].key;
            memcpy(after_room, after.ptr, after.len);
            after.ptr = after_room;
        }
        meta_batch_release(&batch);
    }
    return err;
}

/* reading */

struct reading {
    struct arena *arena;
    struct property *list; /* on the heap while it grows */
    unsigned count, room;
};

static void read_one(const struct meta_entry *entry, void *arg)
{
    struct reading *reading = arg;
    struct property property;

    if (!prop_parse(entry->value, &property)) /* damaged: one property less is better than none at all */
        return;
    if (reading->count == reading->room) {
        reading->room = reading->room ? 2 * reading->room : FEW;
        reading->list = xrealloc(reading->list, reading->room * sizeof(reading->list[0]));
    }
    prop_parse(arena_slice(reading->arena, entry->value), &reading->list[reading->count++]);
}

static int by_name(const void *a, const void *b)
{
    const struct property *one = a, *other = b;
    int order = slice_cmp(one->space, other->space);

    return order ? order : slice_cmp(one->local, other->local);
}

enum err propset_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct arena *arena,
                      struct property **out, unsigned *count)
{
    struct reading reading = {.arena = arena};
    char key[1 + ID_LEN];
    enum err err = ERR_NONE;

    if (propset_has_props(store))
        err = each_record(meta, set_key(key, 'p', id), FEW, read_one, &reading);
    *count = err == ERR_NONE ? reading.count : 0;
    *out = NULL;
    if (*count) {
        *out = arena_alloc(arena, *count * sizeof(**out));
        memcpy(*out, reading.list, *count * sizeof(**out));
        qsort(*out, *count, sizeof(**out), by_name);
    }
    free(reading.list);
    return err;
}

/* editing */

/* What there will be, as far as limits go: one entry a property. */
struct measure {
    struct measured {
        char hash[HASH_LEN];
        uint32_t size; /* 0: not there */
    } * list;
    unsigned entries, room;
    unsigned count;
    uint64_t bytes;
};

static void measure_set(struct measure *measure, const char *hash, uint32_t size)
{
    unsigned i = 0;

    while (i < measure->entries && memcmp(measure->list[i].hash, hash, HASH_LEN) != 0)
        i++;
    if (i == measure->room) {
        measure->room = measure->room ? 2 * measure->room : FEW;
        measure->list = xrealloc(measure->list, measure->room * sizeof(measure->list[0]));
    }
    if (i == measure->entries) {
        measure->list[i].size = 0;
        memcpy(measure->list[i].hash, hash, HASH_LEN);
        measure->entries++;
    }
    measure->count = measure->count - (measure->list[i].size > 0) + (size > 0);
    measure->bytes = measure->bytes - measure->list[i].size + size;
    measure->list[i].size = size;
}

static bool measure_has(const struct measure *measure, const char *hash)
{
    for (unsigned i = 0; i < measure->entries; i++)
        if (memcmp(measure->list[i].hash, hash, HASH_LEN) == 0)
            return measure->list[i].size > 0;
    return false;
}

static void measure_one(const struct meta_entry *entry, void *arg)
{
    if (entry->key.len == KEY_LEN)
        measure_set(arg, entry->key.ptr + 1 + ID_LEN, (uint32_t)entry->value.len);
}

static enum err measure_read(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                             struct measure *measure)
{
    char key[1 + ID_LEN];

    if (!propset_has_props(store))
        return ERR_NONE;
    return each_record(meta, set_key(key, 'p', id), DROP_BATCH, measure_one, measure);
}

enum err propset_size(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], unsigned *count,
                      uint64_t *bytes)
{
    struct measure measure = {0};
    enum err err = measure_read(store, meta, id, &measure);

    *count = measure.count;
    *bytes = measure.bytes;
    free(measure.list);
    return err;
}

static enum err edit_one(struct store *store, const unsigned char id[ID_LEN], const struct prop_edit *edit,
                         struct measure *measure, struct changes *changes)
{
    char room[KEY_LEN];
    struct slice key;
    const char *hash = room + 1 + ID_LEN;

    if (edit->space.len + edit->local.len > PROP_NAME_MAX)
        return edit->is_removal ? ERR_NONE : ERR_TOO_LARGE;
    key = prop_key(store, room, id, edit->space, edit->local);
    if (edit->is_removal) {
        if (measure_has(measure, hash)) {
            changes_drop(changes, key);
            measure_set(measure, hash, 0);
        }
        return ERR_NONE;
    }
    if (edit->xml.len > PROP_VALUE_MAX)
        return ERR_TOO_LARGE;
    measure_set(measure, hash, (uint32_t)(HEAD_LEN + edit->space.len + edit->local.len + edit->xml.len));
    /* memory as well: what is gathered is not above twice the limit, however often one property is set */
    if (measure->count > PROPS_COUNT_MAX || measure->bytes > PROPS_TOTAL_MAX ||
        changes->arena.total > 2 * (size_t)PROPS_TOTAL_MAX)
        return ERR_TOO_LARGE;
    prop_put(key, edit, changes);
    return ERR_NONE;
}

enum err propset_edit(struct store *store, struct meta *meta, const unsigned char id[ID_LEN],
                      const struct prop_edit *edits, unsigned count, struct changes *changes)
{
    struct measure measure = {0};
    enum err err = count ? measure_read(store, meta, id, &measure) : ERR_NONE;

    for (unsigned i = 0; i < count && err == ERR_NONE; i++) {
        err = edit_one(store, id, &edits[i], &measure, changes);
        if (!edits[i].is_removal)
            atomic_store(&store->kinds.props, true);
    }
    free(measure.list);
    return err;
}

/* copying and dropping */

struct copying {
    const unsigned char *to;
    struct changes *changes;
};

static void copy_one(const struct meta_entry *entry, void *arg)
{
    const struct copying *copying = arg;
    char key[META_KEY_MAX];

    memcpy(key, entry->key.ptr, entry->key.len);
    memcpy(key + 1, copying->to, ID_LEN);
    changes_put(copying->changes, slice_of(key, entry->key.len), entry->value);
}

enum err propset_copy(struct store *store, struct meta *meta, const unsigned char from[ID_LEN],
                      const unsigned char to[ID_LEN], struct slice tag, struct slice copy_tag, struct changes *changes)
{
    struct copying copying = {to, changes};
    char key[1 + ID_LEN];
    enum err err = ERR_NONE;

    if (propset_has_props(store))
        err = each_record(meta, set_key(key, 'p', from), DROP_BATCH, copy_one, &copying);
    return err == ERR_NONE ? traits_copy(store, meta, from, to, tag, copy_tag, changes) : err;
}

static void drop_one(const struct meta_entry *entry, void *arg)
{
    changes_drop(arg, entry->key);
}

enum err propset_drop(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct changes *changes)
{
    char key[1 + ID_LEN];
    enum err err = ERR_NONE;

    if (propset_has_props(store))
        err = each_record(meta, set_key(key, 'p', id), DROP_BATCH, drop_one, changes);
    if (err == ERR_NONE && propset_has_traits(store))
        err = each_record(meta, set_key(key, 't', id), 1, drop_one, changes);
    if (err == ERR_NONE && propset_has_traits(store))
        err = each_record(meta, set_key(key, 'm', id), DROP_BATCH, drop_one, changes);
    return err;
}
