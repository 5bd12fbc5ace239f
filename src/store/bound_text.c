/*
 * bound_text.c - the texts of links, put right after they or a folder above them were moved.
 *
 * The server reads only their end; in front of it is what leads other programs there. A link that moves itself is put
 * right at once; those in a folder that moves, in the background, found by what is recorded of them. Best effort: what
 * is missed leads other programs nowhere, and `samovar check --mend` finds it.
 */
#include "bindings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "part.h"

static bool is_right(const struct place *name, const char *text)
{
    char now[PATH_ROOM];
    ssize_t len = readlinkat(name->folder, name->name, now, sizeof(now));

    return len >= 0 && slice_eq(slice_of(now, (size_t)len), slice_str(text));
}

void bound_retext(struct store *store, const struct place *name, const unsigned char id[ID_LEN])
{
    unsigned char is[ID_LEN];
    char text[PATH_ROOM], aside[96];

    bound_text(name->parent, id, text);
    if (is_right(name, text) || !bound_is_name(store, name->folder, name->name, is, NULL) ||
        memcmp(is, id, ID_LEN) != 0)
        return;
    aside_name(store, id, aside, sizeof(aside));
    if (symlinkat(text, store->state.up, aside) == 0 && renameat(store->state.up, aside, name->folder, name->name) < 0)
        unlinkat(store->state.up, aside, 0);
}

static WORKER_SIDE void retext(struct store *store, struct slice path, const unsigned char id[ID_LEN])
{
    struct place name;
    LOCK_GUARD lock = {0};

    if (resolve_name(store, path, &name) != ERR_NONE)
        return;
    lock_take(&store->locks, &lock, name.dev, name.ino, slice_str(name.name));
    bound_retext(store, &name, id);
    lock_give(&lock);
    place_release(&name);
}

struct retexting {
    struct store *store;
    struct meta *meta;
    const unsigned char *folder;
};

static bool is_in(const struct retexting *retexting, const unsigned char folder[ID_LEN])
{
    unsigned char at[ID_LEN];
    struct way_record way;

    memcpy(at, folder, ID_LEN);
    for (int i = 0; i < 1024 && memcmp(at, retexting->folder, ID_LEN) != 0; i++) {
        if (way_get(retexting->meta, at, &way) != ERR_NONE)
            return false;
        memcpy(at, way.parent, ID_LEN);
    }
    return memcmp(at, retexting->folder, ID_LEN) == 0;
}

static bool retext_one(const struct binding_record *record, void *arg)
{
    struct retexting *retexting = arg;
    struct buf path = BUF_INIT(2 * PATH_ROOM);

    role_assert_worker();
    if (is_in(retexting, record->parent) && folder_home(retexting->store, record->parent, &path) == ERR_NONE) {
        if (path.len)
            buf_add_char(&path, '/');
        buf_add_str(&path, record->name);
        retext(retexting->store, buf_slice(&path), record->id);
    }
    buf_release(&path);
    return true;
}

static bool pop(struct store *store, unsigned char folder[ID_LEN])
{
    bool has_any;

    pthread_mutex_lock(&store->bindings_mutex);
    has_any = store->retexts.count > 0;
    if (has_any)
        memcpy(folder, store->retexts.folders[--store->retexts.count], ID_LEN);
    pthread_mutex_unlock(&store->bindings_mutex);
    return has_any;
}

bool bound_retext_some(struct store *store)
{
    unsigned char folder[ID_LEN];
    struct retexting retexting = {.store = store, .meta = records_find(store), .folder = folder};

    if (!retexting.meta || !pop(store, folder))
        return false;
    bindings_each(retexting.meta, retext_one, &retexting);
    return true;
}

void bound_retext_later(struct store *store, const unsigned char folder[ID_LEN])
{
    pthread_mutex_lock(&store->bindings_mutex);
    if (store->retexts.count < RETEXTS_MAX)
        memcpy(store->retexts.folders[store->retexts.count++], folder, ID_LEN);
    pthread_mutex_unlock(&store->bindings_mutex);
    keeper_trash(&store->keeper);
}
