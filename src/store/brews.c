/*
 * brews.c - the records of pots.
 *
 *     'c', the pot's name   -> the pots' own
 */
#include "store/brews.h"

#include <stdlib.h>

#include "core.h"
#include "meta.h"

static struct slice key_of(struct slice name, char key[1 + BREW_NAME_MAX])
{
    size_t len = name.len < BREW_NAME_MAX ? name.len : BREW_NAME_MAX;

    key[0] = 'c';
    memcpy(key + 1, name.ptr, len);
    return slice_of(key, 1 + len);
}

enum err store_brew_keep(struct store *store, struct slice name, struct slice value)
{
    char key[1 + BREW_NAME_MAX];
    struct meta_change change = {.key = key_of(name, key), .value = value, .is_drop = !value.len};
    struct meta *meta;
    enum err err = store_is_read_only(store) ? ERR_READ_ONLY : records_need(store, &meta);

    return err ? err : meta_commit(meta, &change, 1);
}

enum err store_brew(struct store *store, struct slice name, struct buf *value)
{
    struct meta *meta = records_find(store);
    char key[1 + BREW_NAME_MAX];

    return meta ? meta_get(meta, key_of(name, key), value) : ERR_MISSING;
}

struct brew_held {
    struct lock lock;
    char name[BREW_NAME_MAX];
};

/* Pots are in no folder: this is no inode's number. */
enum { NO_FOLDER = 0 };

struct brew_held *store_brew_hold(struct store *store, struct slice name)
{
    struct brew_held *held = xcalloc(1, sizeof(*held));
    size_t len = name.len < BREW_NAME_MAX ? name.len : BREW_NAME_MAX;

    memcpy(held->name, name.ptr, len);
    lock_take(&store->brew_locks, &held->lock, NO_FOLDER, NO_FOLDER, slice_of(held->name, len));
    return held;
}

void store_brew_let_go(struct brew_held *held)
{
    lock_give(&held->lock);
    free(held);
}
