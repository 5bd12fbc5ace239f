/*
 * digest_place.c - where contents were that clients have as dictionaries.
 *
 *     'd' digest -> the path, as a request has it
 *
 * A hint: the file may have moved or changed since. It is dropped by who finds it wrong, and where there are too many,
 * any go: nobody is told of contents that are gone, so else each that ever was sent would stay.
 */
#include "core.h"
#include "derived_private.h"
#include "idrecord.h"
#include "meta.h"
#include "store/digest.h"

enum {
    KEY_LEN = 1 + SHA256_LEN,
    PATH_MOST = 4096,
    PLACES_MOST = 16384, /* some megabytes of records, and more files than a site has for that */
    EIGHTH = 8,          /* of the most go at once, and come before they are counted again */
};

void dictionary_places_init(struct store *store)
{
    store->dictionaries.most = PLACES_MOST;
}

static struct slice digest_key(const unsigned char digest[SHA256_LEN], char key[KEY_LEN])
{
    key[0] = 'd';
    memcpy(key + 1, digest, SHA256_LEN);
    return slice_of(key, KEY_LEN);
}

/* ---- too many ---- */

static unsigned count(struct meta *meta)
{
    struct meta_batch batch;
    char after[KEY_LEN];
    size_t after_len = 0;
    unsigned sum = 0;
    bool has_more = true;

    while (has_more && meta_scan(meta, SLICE("d"), slice_of(after, after_len), META_BATCH_MAX, &batch) == ERR_NONE) {
        sum += batch.count;
        has_more = batch.has_more && batch.entries[batch.count - 1].key.len == KEY_LEN;
        if (has_more)
            memcpy(after, batch.entries[batch.count - 1].key.ptr, after_len = KEY_LEN);
        meta_batch_release(&batch);
    }
    return sum;
}

/* Those whose digest is next to this one: as good as drawn by lot. */
static void drop_some(struct meta *meta, struct slice key, unsigned many, struct changes *changes)
{
    struct slice from[] = {key, SLICE_NONE}; /* to the end, then from the beginning */
    struct meta_batch batch;

    for (unsigned i = 0; i < 2 && many; i++) {
        unsigned most = many < META_BATCH_MAX ? many : META_BATCH_MAX;

        if (meta_scan(meta, SLICE("d"), from[i], most, &batch) != ERR_NONE)
            return;
        for (unsigned k = 0; k < batch.count; k++)
            changes_drop(changes, batch.entries[k].key);
        many -= batch.count;
        meta_batch_release(&batch);
    }
}

/* At the first in a run, and then once for so many as went the last time. */
static void make_room(struct store *store, struct meta *meta, struct slice key, struct changes *changes)
{
    unsigned most = store->dictionaries.most, some = most / EIGHTH, there;

    if (atomic_fetch_add(&store->dictionaries.noted, 1) % some != 0)
        return;
    there = count(meta);
    if (there + some > most)
        drop_some(meta, key, there + some - most, changes);
}

/* ---- the door ---- */

void store_dictionary_note(struct store *store, const unsigned char digest[SHA256_LEN], struct rpath path)
{
    struct buf known = BUF_INIT(PATH_MOST);
    struct changes changes = {0};
    char key[KEY_LEN];
    struct meta *meta;
    enum err err;

    if (store_is_read_only(store) || path.text.len > PATH_MOST || records_need(store, &meta) != ERR_NONE)
        return;
    err = meta_get(meta, digest_key(digest, key), &known);
    if (err == ERR_MISSING)
        make_room(store, meta, slice_of(key, KEY_LEN), &changes);
    if (err != ERR_NONE || !slice_eq(buf_slice(&known), path.text)) {
        changes_put(&changes, digest_key(digest, key), path.text);
        changes_queue(&changes, meta);
    }
    changes_release(&changes);
    buf_release(&known);
}

enum err store_dictionary_find(struct store *store, const unsigned char digest[SHA256_LEN], struct arena *arena,
                               struct rpath *out)
{
    struct meta *meta = records_find(store);
    struct buf known = BUF_INIT(PATH_MOST);
    char key[KEY_LEN];
    enum err err = meta ? meta_get(meta, digest_key(digest, key), &known) : ERR_MISSING;

    if (err == ERR_NONE)
        *out = (struct rpath){.text = arena_slice(arena, buf_slice(&known))};
    buf_release(&known);
    return err;
}

void store_dictionary_forget(struct store *store, const unsigned char digest[SHA256_LEN])
{
    struct meta *meta = records_find(store);
    struct changes changes = {0};
    char key[KEY_LEN];

    if (!meta || store_is_read_only(store))
        return;
    changes_drop(&changes, digest_key(digest, key));
    changes_queue(&changes, meta);
    changes_release(&changes);
}
