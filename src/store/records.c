/*
 * records.c - opening the records, and the record of the site itself.
 *
 * Keys: 's' the site; 'i' inode; 'n' name (identity.c); 'p', 't', 'm' (propset.h); 'w' whither (forward.c); 'h', 'H'
 * earlier contents (history_private.h); 'd' dictionaries (digest_place.c); 'g' a portal's (guests.c); 'c' what pots
 * brew (brews.c). The site's record keeps the salt that tags and derived ids are made with, so they survive a restored
 * tree whose root is another inode; then all inode records are worthless (their numbers belong to other files now) and
 * names decide.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bindings.h"
#include "history_private.h"
#include "meta.h"
#include "propset.h"
#include "sync.h"

struct site_record {
    struct hash_key salt;
    unsigned char id[16];
    uint64_t ino;
    int64_t btime_ns;
};

static const struct meta_format format = {.number = RECORDS_FORM};

static enum err write_site(struct store *store, struct meta *meta)
{
    struct site_record record = {
        .salt = store->salt, .ino = store->root_inode.ino, .btime_ns = store->root_inode.btime_ns};
    struct meta_change change = {.key = SLICE("s"), .value = {(const char *)&record, sizeof(record)}};

    memcpy(record.id, store->site_id, sizeof(record.id));
    return meta_commit_first(meta, &change, 1);
}

/* Another root inode under the same records: the tree was restored or copied. */
static enum err forget_inodes(struct store *store, struct meta *meta)
{
    enum err err = ERR_NONE;
    bool has_more = true;

    store_notice(store, "%s: the folder was restored: resources are known by their names again", store->root_path);
    while (err == ERR_NONE && has_more) {
        struct meta_batch batch;
        struct meta_change *changes;

        err = meta_scan(meta, SLICE("i"), SLICE_NONE, META_BATCH_MAX, &batch);
        changes = xcalloc(batch.count + 1, sizeof(*changes));
        for (unsigned i = 0; i < batch.count; i++)
            changes[i] = (struct meta_change){.key = batch.entries[i].key, .is_drop = true};
        if (err == ERR_NONE && batch.count)
            err = meta_commit_first(meta, changes, batch.count);
        has_more = batch.has_more;
        free(changes);
        meta_batch_release(&batch);
    }
    return err == ERR_NONE ? write_site(store, meta) : err;
}

/* While we run, what we gave out already decides: nobody else may have written records then. */
static enum err read_site(struct store *store, struct meta *meta, bool is_running)
{
    struct buf value = BUF_INIT(256);
    struct site_record record;
    enum err err = meta_get(meta, SLICE("s"), &value);

    if (err == ERR_NONE && value.len != sizeof(record))
        err = ERR_DAMAGED;
    if (err == ERR_NONE)
        memcpy(&record, value.ptr, sizeof(record));
    buf_release(&value);
    if (err == ERR_MISSING || (err == ERR_NONE && is_running))
        return store_is_read_only(store) ? ERR_NONE : write_site(store, meta);
    if (err != ERR_NONE)
        return err;
    store->salt = record.salt;
    memcpy(store->site_id, record.id, sizeof(store->site_id));
    if (record.ino == store->root_inode.ino && record.btime_ns == store->root_inode.btime_ns)
        return ERR_NONE;
    return store_is_read_only(store) ? ERR_NONE : forget_inodes(store, meta);
}

static enum err open_back(struct store *store, bool make, struct meta_back *back, struct buf *why)
{
    char path[2 * PATH_ROOM];
    struct stat got;

    if (store_is_lacking(store, MISSING_RECORDS)) {
        *back = meta_mem_open();
        return ERR_NONE;
    }
    snprintf(path, sizeof(path), "%s/meta", store->state.path);
    if (make && mkdirat(store->state.folder, "meta", 0700) < 0 && errno != EEXIST)
        return err_from_errno(errno);
    if (stat(path, &got) < 0)
        return err_from_errno(errno);
    return meta_lmdb_open(path, store_is_read_only(store), back, why);
}

/* Its files' names must not be lost with a power cut when what is in them is not. */
static void settle_new(struct store *store)
{
    int fd = openat(store->state.folder, "meta", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && sync_fd(fd) == 0)
        sync_fd(store->state.folder);
    fd_close(&fd);
}

static enum err open_records(struct store *store, bool make, bool is_running, struct meta **out, struct buf *why)
{
    struct meta_back back = {0};
    enum err err = make ? state_need(store) : ERR_NONE;

    if (err == ERR_NONE)
        err = open_back(store, make, &back, why);
    if (err == ERR_NONE)
        err = meta_open(back, &format, out, why);
    if (err == ERR_NONE && (err = read_site(store, *out, is_running)) != ERR_NONE) {
        meta_close(*out);
        *out = NULL;
    }
    if (err == ERR_NONE && make)
        settle_new(store);
    if (err == ERR_NONE)
        propset_probe(store, *out);
    if (err == ERR_NONE)
        bindings_probe(store, *out);
    if (err == ERR_NONE)
        history_probe(store, *out);
    if (err == ERR_NONE) {
        meta_await(*out, atomic_load(&store->share.is_shared));
        meta_count_changes(*out, "inptm", &store->kinds.generation); /* all that walk_look() looks at */
    }
    return err;
}

enum err records_start(struct store *store, struct buf *why)
{
    struct meta *meta = NULL;
    enum err err = open_records(store, false, false, &meta, why);

    if (err == ERR_NONE)
        atomic_store(&store->meta, meta);
    else if (err != ERR_MISSING && why->len == 0)
        buf_printf(why, "the records in %s/meta cannot be used: %s", store->state.path, err_text(err));
    return err == ERR_MISSING ? ERR_NONE : err;
}

enum err records_need(struct store *store, struct meta **out)
{
    struct buf why = BUF_INIT(1024);
    struct meta *meta = atomic_load(&store->meta);
    enum err err = ERR_NONE;

    if (!meta) {
        pthread_mutex_lock(&store->meta_mutex);
        meta = atomic_load(&store->meta);
        if (!meta) {
            err = open_records(store, true, true, &meta, &why);
            if (err == ERR_NONE)
                atomic_store(&store->meta, meta);
            else if (why.len)
                store_notice(store, "%s", buf_str(&why));
        }
        pthread_mutex_unlock(&store->meta_mutex);
    }
    buf_release(&why);
    *out = meta;
    return err;
}

/* While we share, another one may have made them since; what we gave out so far is what it gives out, too. */
struct meta *records_find(struct store *store)
{
    struct meta *meta = atomic_load(&store->meta);
    struct buf why = BUF_INIT(1024);

    if (meta || !atomic_load(&store->share.is_shared))
        return meta;
    pthread_mutex_lock(&store->meta_mutex);
    meta = atomic_load(&store->meta);
    if (!meta && open_records(store, false, true, &meta, &why) == ERR_NONE)
        atomic_store(&store->meta, meta);
    pthread_mutex_unlock(&store->meta_mutex);
    buf_release(&why);
    return atomic_load(&store->meta);
}

/* Whoever takes a resource's lock next must find what the one before him changed, whichever process he is. */
void records_share(struct store *store, bool is_shared)
{
    struct meta *meta;

    atomic_fetch_add(&store->kinds.generation, 1); /* what others change while we share was not counted */
    if (!is_shared)
        records_find(store); /* they may have made the first ones just before they ended */
    pthread_mutex_lock(&store->meta_mutex);
    meta = atomic_load(&store->meta);
    if (meta)
        meta_await(meta, is_shared);
    if (meta && !is_shared) {
        propset_probe(store, meta);
        bindings_probe(store, meta);
        history_probe(store, meta);
    }
    if (meta && is_shared && !store_is_read_only(store))
        meta_flush(meta);
    pthread_mutex_unlock(&store->meta_mutex);
}

void records_stop(struct store *store)
{
    meta_close(atomic_exchange(&store->meta, NULL));
}
