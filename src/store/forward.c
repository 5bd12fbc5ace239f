/*
 * forward.c - forwarding addresses: their records, and where they lead.
 *
 *     'w' hash of the folder's path, name   -> when it was made, the path it stands at, the path it leads to
 *
 * Paths are those of URLs, in normal form where the site's names are. An address is durable before the name is moved
 * away: a crash in between leaves one at a path where something still is, and there it does not count.
 *
 * A look-up ends: each step follows one record, and there is a most of them. (A circle would take two addresses that
 * each were made when something moved to the other's place; whatever is put at a place takes its address away.)
 */
#include "forward_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/names.h"
#include "meta.h"

enum {
    STEPS_MAX = 64, /* records looked at for one path: a chain of moves, and folders above that moved too */
    KEY_ROOM = 1 + 16 + NAME_ROOM,
    VALUE_ROOM = 16 + 2 * PATH_ROOM,
};

/* The hash only spreads records over folders; who chooses names gains nothing where two share one. */
static const struct hash_key folder_key = {0x666f7277617264, 0x61646472657373};

/* ---- records ---- */

/* In the site's form of names; points into room, or is the path itself. */
static struct slice normal(const struct store *store, struct slice path, char room[PATH_ROOM])
{
    if (store->options.names == NAMES_NFC)
        names_nfc(&path, room, PATH_ROOM);
    return path;
}

static struct slice folder_prefix(struct slice folder, char key[KEY_ROOM])
{
    struct hash128 hash = hash128(&folder_key, folder);

    key[0] = 'w';
    memcpy(key + 1, hash.bytes, sizeof(hash.bytes));
    return slice_of(key, 1 + sizeof(hash.bytes));
}

/* ERR_TOO_LONG: no file system has such a name. */
static enum err key_of(struct slice path, char key[KEY_ROOM], struct slice *out)
{
    struct slice name = rpath_leaf((struct rpath){.text = path});

    *out = folder_prefix(rpath_parent((struct rpath){.text = path}).text, key);
    if (name.len >= NAME_ROOM)
        return ERR_TOO_LONG;
    memcpy(key + out->len, name.ptr, name.len);
    out->len += name.len;
    return ERR_NONE;
}

static struct slice value_of(struct slice from, struct slice to, char value[VALUE_ROOM])
{
    put_u64(value, (uint64_t)clock_real_s());
    put_u64(value + 8, from.len);
    memcpy(value + 16, from.ptr, from.len);
    memcpy(value + 16 + from.len, to.ptr, to.len);
    return slice_of(value, 16 + from.len + to.len);
}

/* Texts point into the value. False: it is none of ours. */
static bool value_read(struct slice value, struct forward *out)
{
    uint64_t from_len = value.len >= 16 ? get_u64(value.ptr + 8) : UINT64_MAX;

    if (from_len > value.len - 16)
        return false;
    out->made_s = (int64_t)get_u64(value.ptr);
    out->from = slice_of(value.ptr + 16, from_len);
    out->to = slice_from(value, 16 + from_len);
    return true;
}

/* The address at this very path; its texts live in `value`. */
static enum err forward_get(struct store *store, struct slice path, struct buf *value, struct forward *out)
{
    struct meta *meta = records_find(store);
    char key[KEY_ROOM];
    struct slice text;
    enum err err = key_of(path, key, &text);

    if (!meta || err == ERR_TOO_LONG)
        return ERR_MISSING;
    err = meta_get(meta, text, value);
    if (err == ERR_NONE && (!value_read(buf_slice(value), out) || !slice_eq(out->from, path)))
        err = ERR_MISSING;
    return err;
}

bool store_has_forwards(const struct store *store)
{
    return atomic_load_explicit(&store->kinds.forwards, memory_order_relaxed) || atomic_load(&store->share.is_shared);
}

enum err forward_leave(struct store *store, struct slice from, struct slice to)
{
    char from_room[PATH_ROOM], to_room[PATH_ROOM], key[KEY_ROOM], value[VALUE_ROOM];
    struct meta_change change = {{0}};
    struct meta *meta = NULL;
    enum err err;

    from = normal(store, from, from_room);
    to = normal(store, to, to_room);
    if (from.len >= PATH_ROOM || to.len >= PATH_ROOM)
        return ERR_TOO_LONG;
    err = key_of(from, key, &change.key);
    if (err == ERR_NONE)
        err = records_need(store, &meta);
    if (err != ERR_NONE)
        return err;
    atomic_store(&store->kinds.forwards, true);
    change.value = value_of(from, to, value);
    return meta_commit(meta, &change, 1);
}

void forward_forget(struct store *store, struct slice path)
{
    struct meta *meta = records_find(store);
    char room[PATH_ROOM], key[KEY_ROOM];
    struct buf value = BUF_INIT(VALUE_ROOM);
    struct meta_change change = {.is_drop = true};
    struct forward found;

    path = normal(store, path, room);
    if (meta && store_has_forwards(store) && forward_get(store, path, &value, &found) == ERR_NONE &&
        key_of(path, key, &change.key) == ERR_NONE)
        meta_queue(meta, &change, 1);
    buf_release(&value);
}

void forward_replaced(struct store *store, const struct place *place)
{
    char path[2 * PATH_ROOM];
    int len;

    if (!store_has_forwards(store) || place->is_outside)
        return;
    len = snprintf(path, sizeof(path), "%s%s%s", place->parent, place->parent[0] ? "/" : "", place->name);
    if (len > 0 && (size_t)len < sizeof(path))
        forward_forget(store, slice_of(path, (size_t)len));
}

enum err store_forward_remove(struct store *store, struct rpath path)
{
    char room[PATH_ROOM], key[KEY_ROOM];
    struct buf value = BUF_INIT(VALUE_ROOM);
    struct meta_change change = {.is_drop = true};
    struct slice at = normal(store, path.text, room);
    struct forward found;
    enum err err = forward_get(store, at, &value, &found);

    buf_release(&value);
    if (err == ERR_NONE)
        err = key_of(at, key, &change.key);
    return err == ERR_NONE ? meta_commit(records_find(store), &change, 1) : err;
}

/* ---- where it leads ---- */

struct search {
    struct store *store;
    struct arena *arena;
    unsigned steps;
    struct rpath found;
};

static WORKER_SIDE bool is_there(struct search *search, struct slice path)
{
    struct facts facts;

    if (store_find(search->store, (struct rpath){.text = path}, &facts) != ERR_NONE)
        return false;
    search->found = (struct rpath){.text = path, .has_slash = facts.kind == KIND_FOLDER};
    return true;
}

/* Where the address at `at` leads for `path`, which is at or below it. ERR_MISSING: there is none. */
static enum err step_from(struct search *search, struct slice at, struct slice path, struct slice *out)
{
    struct buf value = BUF_INIT(VALUE_ROOM);
    struct slice rest = slice_from(path, at.len);
    struct forward found;
    enum err err = forward_get(search->store, at, &value, &found);

    if (err == ERR_NONE)
        *out = arena_printf(search->arena, "%.*s%.*s", SLICE_FMT(found.to), SLICE_FMT(rest));
    buf_release(&value);
    return err == ERR_NONE && out->len >= PATH_ROOM ? ERR_MISSING : err;
}

/* The nearest address first, then those of the folders above: each may lead to where something is. */
static WORKER_SIDE bool search_from(struct search *search, struct slice path)
{
    for (struct slice at = path, next; at.len; at = rpath_parent((struct rpath){.text = at}).text) {
        if (search->steps++ == STEPS_MAX)
            return false;
        if (step_from(search, at, path, &next) != ERR_NONE)
            continue;
        if (is_there(search, next) || search_from(search, next))
            return true;
        if (search->steps > STEPS_MAX)
            return false;
    }
    return false;
}

enum err store_forward_find(struct store *store, struct rpath path, struct arena *arena, struct rpath *to)
{
    struct search search = {.store = store, .arena = arena};
    char room[PATH_ROOM];
    struct slice at = normal(store, path.text, room);

    if (!at.len || is_there(&search, path.text))
        return ERR_EXISTS;
    if (!search_from(&search, at))
        return ERR_MISSING;
    *to = search.found;
    return ERR_NONE;
}

/* ---- lists ---- */

static void list_add(struct forward_list *list, struct arena *arena, unsigned *room, const struct forward *forward)
{
    if (list->count == *room) {
        struct forward *more = arena_alloc(arena, 2 * (*room + 32) * sizeof(*more));

        if (list->count)
            memcpy(more, list->list, list->count * sizeof(*more));
        list->list = more;
        *room = 2 * (*room + 32);
    }
    list->list[list->count++] = (struct forward){
        .from = arena_slice(arena, forward->from), .to = arena_slice(arena, forward->to), .made_s = forward->made_s};
}

static int by_path(const void *a, const void *b)
{
    return slice_cmp(((const struct forward *)a)->from, ((const struct forward *)b)->from);
}

/* Which of them. */
struct wanted {
    struct slice prefix, after; /* of keys */
    const struct slice *folder; /* that their names are in; NULL: any */
    unsigned most;
};

static enum err scan(struct store *store, const struct wanted *wanted, struct arena *arena, struct forward_list *out)
{
    struct meta *meta = records_find(store);
    char after_room[META_KEY_MAX];
    struct slice after = wanted->after;
    unsigned at_once = wanted->most < META_BATCH_MAX ? wanted->most + 1 : META_BATCH_MAX;
    enum err err = ERR_NONE;
    bool has_more = meta != NULL;
    unsigned room = 0;

    *out = (struct forward_list){0};
    while (err == ERR_NONE && has_more && !out->is_cut) {
        struct meta_batch batch;
        struct forward found;

        err = meta_scan(meta, wanted->prefix, after, at_once, &batch);
        for (unsigned i = 0; err == ERR_NONE && i < batch.count && !out->is_cut; i++) {
            if (!value_read(batch.entries[i].value, &found) ||
                (wanted->folder && !slice_eq(rpath_parent((struct rpath){.text = found.from}).text, *wanted->folder)))
                continue;
            out->is_cut = out->count == wanted->most;
            if (!out->is_cut)
                list_add(out, arena, &room, &found);
        }
        has_more = err == ERR_NONE && batch.has_more && batch.count;
        if (has_more) {
            after = batch.entries[batch.count - 1].key;
            memcpy(after_room, after.ptr, after.len);
            after.ptr = after_room;
        }
        meta_batch_release(&batch);
    }
    if (out->count)
        qsort(out->list, out->count, sizeof(*out->list), by_path);
    return err;
}

enum err store_forwards(struct store *store, struct arena *arena, struct forward_list *out)
{
    struct wanted wanted = {.prefix = SLICE("w"), .most = FORWARDS_LISTED_MAX};

    return scan(store, &wanted, arena, out);
}

enum err store_forwards_in(struct store *store, struct rpath folder, struct slice after, struct arena *arena,
                           struct forward_list *out)
{
    char prefix[KEY_ROOM], last[KEY_ROOM], room[PATH_ROOM];
    struct slice at = normal(store, folder.text, room);
    struct wanted wanted = {.prefix = folder_prefix(at, prefix), .folder = &at, .most = FORWARDS_AT_ONCE};

    if (after.len && key_of(after, last, &wanted.after) != ERR_NONE)
        return ERR_INVALID;
    return scan(store, &wanted, arena, out);
}
