/*
 * digest_place.c - where contents were that clients have as dictionaries.
 *
 *     'd' digest -> the path, as a request has it
 *
 * A hint: the file may have moved or changed since. It is dropped by who finds it wrong.
 */
#include "core.h"
#include "idrecord.h"
#include "meta.h"
#include "store/digest.h"

enum { KEY_LEN = 1 + SHA256_LEN, PATH_MOST = 4096 };

static struct slice digest_key(const unsigned char digest[SHA256_LEN], char key[KEY_LEN])
{
    key[0] = 'd';
    memcpy(key + 1, digest, SHA256_LEN);
    return slice_of(key, KEY_LEN);
}

void store_dictionary_note(struct store *store, const unsigned char digest[SHA256_LEN], struct rpath path)
{
    struct buf known = BUF_INIT(PATH_MOST);
    struct changes changes = {0};
    char key[KEY_LEN];
    struct meta *meta;

    if (store_is_read_only(store) || path.text.len > PATH_MOST || records_need(store, &meta) != ERR_NONE)
        return;
    if (meta_get(meta, digest_key(digest, key), &known) != ERR_NONE || !slice_eq(buf_slice(&known), path.text)) {
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
