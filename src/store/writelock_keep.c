/*
 * writelock_keep.c - changes of the table of write locks: one at a time over all processes, and written down.
 *
 * Without locks_durable an entry of the journal is written while the table is held: it costs about as much as a system
 * call does. With it, the change is a record that is committed after the table was given back, so that many are
 * committed together and nobody who judges waits for the disk; only while two servers share the folder it is committed
 * before, since the other one reads what is committed only.
 */
#include "writelock_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "meta.h"
#include "sync.h"

enum { KEY_LEN = 1 + TOKEN_BYTES, POLL_US = 1000 };

static const char key_letter = 'l';

static struct slice key_of(char key[KEY_LEN], const unsigned char token[TOKEN_BYTES])
{
    key[0] = key_letter;
    memcpy(key + 1, token, TOKEN_BYTES);
    return slice_of(key, KEY_LEN);
}

/* ---- reading what others wrote ---- */

static void read_records(struct store *store, struct meta *meta)
{
    char after[KEY_LEN];
    struct slice last = SLICE_NONE;
    bool has_more = true;

    while (has_more) {
        struct meta_batch batch;
        struct held *held;

        if (meta_scan(meta, slice_of(&key_letter, 1), last, META_BATCH_MAX, &batch) != ERR_NONE)
            batch.count = 0;
        for (unsigned i = 0; i < batch.count; i++)
            if ((held = held_decode(store->writelocks, batch.entries[i].value)))
                writelocks_add(store->writelocks, held);
        has_more = batch.count && batch.has_more && batch.entries[batch.count - 1].key.len == KEY_LEN;
        if (has_more) {
            memcpy(after, batch.entries[batch.count - 1].key.ptr, KEY_LEN);
            last = slice_of(after, KEY_LEN);
        }
        meta_batch_release(&batch);
    }
}

static void read_journal(struct store *store)
{
    struct writelocks *w = store->writelocks;
    unsigned file = atomic_load(&store->share.page->lock_file);

    if (w->fd < 0 || w->file_seen != file) {
        writelocks_clear(w);
        w->file_seen = file;
        if (state_need(store) != ERR_NONE || journal_open(store) != ERR_NONE)
            return;
    }
    journal_read(store);
}

/* With the byte of the page held. */
static void catch_up(struct store *store)
{
    struct writelocks *w = store->writelocks;
    uint64_t changes = atomic_load(&store->share.page->lock_changes);
    struct meta *meta;

    if (w->seen == changes)
        return;
    if (store->options.locks_durable) {
        writelocks_clear(w);
        if ((meta = records_find(store)))
            read_records(store, meta);
    } else
        read_journal(store);
    w->seen = changes;
}

/* ---- taking the table ---- */

static void drop_record(struct store *store, const unsigned char token[TOKEN_BYTES])
{
    char key[KEY_LEN];
    struct meta_change change = {.key = key_of(key, token), .is_drop = true};
    struct meta *meta = records_find(store);

    if (meta)
        meta_queue(meta, &change, 1);
}

/* What has ended is as if it had never been; the journal says itself when that was. */
static void purge(struct store *store)
{
    struct writelocks *w = store->writelocks;
    int64_t now = writelocks_boot_ms(w);
    struct link *at, *following;

    if (now < w->next_due_ms)
        return;
    w->next_due_ms = INT64_MAX;
    LIST_EACH (&w->all, at, following) {
        struct held *held = CONTAINER(at, struct held, link);

        if (held->due_ms > now) {
            if (held->due_ms < w->next_due_ms)
                w->next_due_ms = held->due_ms;
            continue;
        }
        if (store->options.locks_durable)
            drop_record(store, held->token);
        writelocks_remove(w, held);
    }
}

struct writelocks *writelocks_begin(struct store *store)
{
    struct writelocks *w = store->writelocks;

    pthread_rwlock_wrlock(&w->lock);
    w->holds_page = atomic_load(&store->share.is_shared);
    if (w->holds_page)
        share_hold(&store->share, true);
    catch_up(store);
    purge(store);
    return w;
}

void writelocks_end(struct store *store)
{
    struct writelocks *w = store->writelocks;

    atomic_store(&store->share.page->locks, w->count);
    if (w->holds_page)
        share_hold(&store->share, false);
    pthread_rwlock_unlock(&w->lock);
}

struct writelocks *writelocks_look(struct store *store)
{
    struct writelocks *w = store->writelocks;

    for (;;) {
        pthread_rwlock_rdlock(&w->lock);
        if (w->seen == atomic_load(&store->share.page->lock_changes) && writelocks_boot_ms(w) < w->next_due_ms)
            return w;
        pthread_rwlock_unlock(&w->lock);
        writelocks_begin(store);
        writelocks_end(store);
    }
}

/* ---- writing ---- */

static enum err commit(struct store *store, const struct lock_change *change)
{
    char key[KEY_LEN];
    struct meta_change one = {.key = key_of(key, change->token),
                              .value = buf_slice(&change->record),
                              .is_drop = change->kind == JOURNAL_DROP};
    struct meta *meta;
    enum err err = records_need(store, &meta);

    if (err == ERR_NONE)
        err = meta_commit(meta, &one, 1);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

enum err change_write(struct store *store, struct lock_change *change, enum journal_kind kind, const struct held *held)
{
    struct writelocks *w = store->writelocks;
    enum err err = ERR_NONE;

    change->kind = kind;
    memcpy(change->token, held->token, TOKEN_BYTES);
    change->record = BUF_INIT(1 << 20);
    if (!store->options.locks_durable)
        err = journal_add(store, kind, held);
    else {
        if (kind != JOURNAL_DROP)
            held_encode(held, &change->record);
        change->is_open = !w->holds_page;
        if (change->is_open)
            atomic_fetch_add(&w->pending, 1);
        else
            err = commit(store, change);
    }
    if (err == ERR_NONE)
        w->seen = atomic_fetch_add(&store->share.page->lock_changes, 1) + 1;
    return err;
}

enum err change_settle(struct store *store, struct lock_change *change)
{
    enum err err = ERR_NONE;

    if (change->is_open) {
        err = commit(store, change);
        atomic_fetch_sub(&store->writelocks->pending, 1);
    }
    change->is_open = false;
    buf_release(&change->record);
    return err;
}

void change_leave(struct store *store, struct lock_change *change)
{
    if (change->is_open) {
        drop_record(store, change->token);
        atomic_fetch_sub(&store->writelocks->pending, 1);
    }
    buf_release(&change->record);
}

/* ---- start and end ---- */

static void read_boot(struct writelocks *w)
{
    FD_GUARD fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, w->boot, sizeof(w->boot) - 1) != (ssize_t)sizeof(w->boot) - 1)
        w->boot[0] = '\0';
}

/* Locks that were made durable, while they need not be from now on: they go where the others are. */
static void leave_records(struct store *store, struct meta *meta)
{
    struct link *at, *following;

    LIST_EACH (&store->writelocks->all, at, following) {
        char key[KEY_LEN];
        struct meta_change change = {.key = key_of(key, CONTAINER(at, struct held, link)->token), .is_drop = true};

        meta_commit_first(meta, &change, 1);
    }
}

/* And the other way. */
static void leave_journal(struct store *store)
{
    struct link *at, *following;
    struct meta *meta;
    bool is_good = records_need(store, &meta) == ERR_NONE;

    LIST_EACH (&store->writelocks->all, at, following) {
        const struct held *held = CONTAINER(at, struct held, link);
        struct buf record = BUF_INIT(1 << 20);
        char key[KEY_LEN];
        struct meta_change change = {.key = key_of(key, held->token)};

        held_encode(held, &record);
        change.value = buf_slice(&record);
        is_good = is_good && meta_commit_first(meta, &change, 1) == ERR_NONE;
        buf_release(&record);
    }
    if (!is_good)
        return;
    journal_remove(store);
    sync_fd(store->state.folder); /* it may say of itself that it can be believed */
}

/* Alone: what an earlier run left becomes ours, in one place, as nobody's last word. */
static void start_alone(struct store *store)
{
    struct writelocks *w = store->writelocks;
    struct meta *meta = atomic_load(&store->meta);
    bool has_journal = journal_open(store) == ERR_NONE, has_records;

    if (meta)
        read_records(store, meta);
    has_records = w->count != 0;
    if (has_journal)
        journal_read(store);
    if (store->options.locks_durable) {
        if (has_journal)
            leave_journal(store);
    } else if (w->count || has_journal) {
        if (journal_rewrite(store, false) == ERR_NONE) {
            sync_fd(w->fd);
            sync_fd(store->state.folder);
            if (has_records && meta)
                leave_records(store, meta);
        }
    } else
        journal_remove(store);
    w->seen = atomic_fetch_add(&store->share.page->lock_changes, 1) + 1;
    atomic_store(&store->share.page->locks, w->count);
}

void writelocks_start(struct store *store)
{
    read_boot(store->writelocks);
    if (store_is_read_only(store))
        return;
    if (atomic_load(&store->share.is_shared)) {
        writelocks_begin(store);
        writelocks_end(store);
    } else if (atomic_load(&store->state.is_made))
        start_alone(store);
}

void writelocks_stop(struct store *store)
{
    struct writelocks *w = store->writelocks;

    if (!w || w->fd < 0 || (atomic_load(&store->share.is_shared) && share_has_others(&store->share)))
        return;
    writelocks_begin(store);
    if (w->count == 0)
        journal_remove(store);
    else if (journal_rewrite(store, true) == ERR_NONE)
        sync_fd(store->state.folder);
    writelocks_end(store);
}

void writelocks_share(struct store *store)
{
    struct writelocks *w = store->writelocks;

    pthread_rwlock_wrlock(&w->lock); /* a change that is under way may not have seen that we share */
    pthread_rwlock_unlock(&w->lock);
    while (atomic_load(&w->pending))
        usleep(POLL_US);
}
