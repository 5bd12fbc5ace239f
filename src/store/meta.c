/*
 * meta.c - what both implementations of the records share: the queue, its writer, the overlay, the format.
 *
 * A task waits in the queue, and what it changes in the overlay (where that is known before it runs). The
 * writer takes the whole queue, merges its changes into one table in their order and has them committed as
 * one transaction; then the overlay forgets what it knew up to there.
 */
#include "meta.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/role.h"
#include "merge.h"
#include "table.h"

enum { VALUE_MAX = 1 << 20 }; /* larger ones are files beside the records */

static const char format_key[] = "format"; /* record keys start with one letter and binary: no clash */

struct task {
    struct link link;
    struct table changes; /* of an unconditional task */
    enum err (*apply)(struct meta_txn *, void *);
    void *arg;
    bool is_awaited; /* then it lives on its caller's stack; else the writer frees it */
    bool is_done;
    enum err result;
    uint64_t sequence;
    uint64_t due_ms;
};

struct meta {
    struct meta_back back;
    pthread_mutex_t mutex; /* protects all below */
    pthread_cond_t work;   /* there is a task, or the end */
    pthread_cond_t done;   /* tasks are done */
    struct link queue;
    unsigned awaited; /* tasks in the queue that somebody waits for */
    struct table overlay;
    uint64_t sequence;
    pthread_t writer;
    bool has_writer, is_closing;
    bool waits;          /* nothing is queued for later */
    const char *letters; /* of keys that generation is about; NULL: nobody wants to know */
    atomic_uint_least64_t *generation;
};

/* What the tasks of one batch change: `made` by earlier ones, `own` by the running one. */
struct meta_txn {
    struct meta *meta;
    struct table *made;
    struct table own;
};

static enum err from_entry(const struct table_entry *entry, struct buf *value)
{
    if (entry->is_drop)
        return ERR_MISSING;
    buf_add(value, entry->value);
    return ERR_NONE;
}

enum err meta_get_durable(struct meta *meta, struct slice key, struct buf *value)
{
    enum err err;

    buf_clear(value);
    err = meta->back.ops->get(meta->back.arg, key, value);
    return err == ERR_NONE && value->overflown ? ERR_TOO_LARGE : err;
}

enum err meta_get(struct meta *meta, struct slice key, struct buf *value)
{
    const struct table_entry *entry;
    enum err err = ERR_NONE;

    buf_clear(value);
    pthread_mutex_lock(&meta->mutex);
    entry = table_find(&meta->overlay, key);
    if (entry)
        err = from_entry(entry, value);
    pthread_mutex_unlock(&meta->mutex);
    /* what left the overlay meanwhile is committed, so nothing is missed in between */
    return entry ? err : meta_get_durable(meta, key, value);
}

enum err meta_scan(struct meta *meta, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out)
{
    struct meta_batch base;
    size_t at;
    enum err err;

    assert(max > 0 && max <= META_BATCH_MAX);
    batch_init(&base, max);
    batch_init(out, max);
    pthread_mutex_lock(&meta->mutex); /* held over the reading, or a commit in between would be missed */
    err = meta->back.ops->scan(meta->back.arg, prefix, after, max, &base);
    at = table_lower(&meta->overlay, after.len ? after : prefix);
    if (after.len && at < meta->overlay.count && slice_eq(meta->overlay.entries[at]->key, after))
        at++;
    if (err == ERR_NONE)
        batch_merge(&meta->overlay, at, prefix, max, &base, out);
    pthread_mutex_unlock(&meta->mutex);
    if (err == ERR_NONE && out->count == 0 && out->has_more) { /* all that was read is queued to be dropped */
        meta_batch_release(out);
        err = meta_scan(meta, prefix, base.entries[base.count - 1].key, max, out);
    }
    meta_batch_release(&base);
    return err;
}

/* transactions */

enum err meta_txn_get(struct meta_txn *txn, struct slice key, struct buf *value)
{
    const struct table_entry *entry = table_find(&txn->own, key);

    buf_clear(value);
    if (!entry)
        entry = table_find(txn->made, key);
    return entry ? from_entry(entry, value) : meta_get_durable(txn->meta, key, value);
}

void meta_txn_put(struct meta_txn *txn, struct slice key, struct slice value)
{
    assert(key.len && key.len <= META_KEY_MAX && value.len <= VALUE_MAX);
    table_set(&txn->own, key, value, false, 0);
}

void meta_txn_drop(struct meta_txn *txn, struct slice key)
{
    table_set(&txn->own, key, SLICE_NONE, true, 0);
}

static void add_all(struct table *to, const struct table *from, uint64_t sequence)
{
    for (size_t i = 0; i < from->count; i++)
        table_set(to, from->entries[i]->key, from->entries[i]->value, from->entries[i]->is_drop, sequence);
}

/* A task that fails by itself leaves nothing behind and does not disturb the others. */
static void run_task(struct meta *meta, struct task *task, struct table *made)
{
    struct meta_txn txn = {.meta = meta, .made = made};

    task->result = ERR_NONE;
    if (task->apply)
        task->result = task->apply(&txn, task->arg);
    if (task->result == ERR_NONE)
        add_all(made, task->apply ? &txn.own : &task->changes, 0);
    table_release(&txn.own);
}

static enum err commit_table(struct meta *meta, const struct table *made)
{
    struct meta_change *changes = xcalloc(made->count + 1, sizeof(*changes));
    enum err err = ERR_NONE;

    for (size_t i = 0; i < made->count; i++)
        changes[i] = (struct meta_change){made->entries[i]->key, made->entries[i]->value, made->entries[i]->is_drop};
    if (made->count)
        err = meta->back.ops->commit(meta->back.arg, changes, made->count);
    free(changes);
    return err;
}

/* generations */

static bool has_letter(const struct meta *meta, const struct table *changes)
{
    for (size_t i = 0; meta->letters && i < changes->count; i++)
        if (strchr(meta->letters, changes->entries[i]->key.ptr[0]))
            return true;
    return false;
}

void meta_count_changes(struct meta *meta, const char *letters, atomic_uint_least64_t *generation)
{
    pthread_mutex_lock(&meta->mutex);
    meta->letters = letters;
    meta->generation = generation;
    pthread_mutex_unlock(&meta->mutex);
}

/* the writer */

static void finish(struct meta *meta, struct link *batch, enum err err)
{
    for (struct link *at; (at = list_shift(batch));) {
        struct task *task = CONTAINER(at, struct task, link);

        table_forget(&meta->overlay, task->sequence); /* in order, so all of the earlier ones too */
        table_release(&task->changes);
        if (task->result == ERR_NONE)
            task->result = err;
        task->is_done = true;
        if (!task->is_awaited)
            free(task);
    }
    pthread_cond_broadcast(&meta->done);
}

/* With the mutex held; gives it up while it works. */
static void run_queue(struct meta *meta)
{
    struct link batch, *at, *following;
    struct table made = {0};
    bool counts;
    enum err err;

    list_init(&batch);
    while ((at = list_shift(&meta->queue)))
        list_append(&batch, at);
    meta->awaited = 0;
    pthread_mutex_unlock(&meta->mutex);
    LIST_EACH (&batch, at, following)
        run_task(meta, CONTAINER(at, struct task, link), &made);
    err = commit_table(meta, &made);
    counts = has_letter(meta, &made);
    table_release(&made);
    pthread_mutex_lock(&meta->mutex);
    finish(meta, &batch, err);
    if (counts) /* after what failed is out of the overlay; nobody who waits goes on before we give the mutex up */
        atomic_fetch_add(meta->generation, 1);
}

static void wait_for_more(struct meta *meta)
{
    uint64_t due = CONTAINER(meta->queue.next, struct task, link)->due_ms;
    struct timespec until = {.tv_sec = (time_t)(due / 1000), .tv_nsec = (long)(due % 1000) * 1000000};

    pthread_cond_timedwait(&meta->work, &meta->mutex, &until);
}

static bool is_due(const struct meta *meta)
{
    return meta->awaited || meta->is_closing ||
           CONTAINER(meta->queue.next, struct task, link)->due_ms <= clock_mono_ms();
}

static void *writer_run(void *arg)
{
    struct meta *meta = arg;

    role_take(ROLE_WORKER, "store-records");
    pthread_mutex_lock(&meta->mutex);
    while (!(meta->is_closing && list_is_empty(&meta->queue))) {
        if (list_is_empty(&meta->queue))
            pthread_cond_wait(&meta->work, &meta->mutex);
        else if (is_due(meta))
            run_queue(meta);
        else
            wait_for_more(meta);
    }
    pthread_mutex_unlock(&meta->mutex);
    return NULL;
}

/* With the mutex held. */
static void enqueue(struct meta *meta, struct task *task)
{
    task->sequence = ++meta->sequence;
    task->due_ms = clock_mono_ms() + META_LINGER_MS;
    meta->awaited += task->is_awaited;
    if (task->is_awaited || list_is_empty(&meta->queue)) /* else it has a time to wake already */
        pthread_cond_signal(&meta->work);
    list_append(&meta->queue, &task->link);
    if (!task->is_awaited) /* what is awaited may still fail, and is seen when it is true */
        add_all(&meta->overlay, &task->changes, task->sequence);
    if (!task->is_awaited && has_letter(meta, &task->changes))
        atomic_fetch_add(meta->generation, 1);
    if (!meta->has_writer)
        meta->has_writer = pthread_create(&meta->writer, NULL, writer_run, meta) == 0;
}

static void take_changes(struct task *task, const struct meta_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert(changes[i].key.len && changes[i].key.len <= META_KEY_MAX && changes[i].value.len <= VALUE_MAX);
        table_set(&task->changes, changes[i].key, changes[i].value, changes[i].is_drop, 0);
    }
}

/* With the mutex held. */
static void await(struct meta *meta, struct task *task)
{
    task->is_awaited = true;
    enqueue(meta, task);
    while (!task->is_done)
        if (meta->has_writer)
            pthread_cond_wait(&meta->done, &meta->mutex);
        else
            run_queue(meta); /* no thread to be had: then everybody waits here, one batch after the other */
}

static enum err run_awaited(struct meta *meta, struct task *task)
{
    pthread_mutex_lock(&meta->mutex);
    await(meta, task);
    pthread_mutex_unlock(&meta->mutex);
    return task->result;
}

void meta_await(struct meta *meta, bool waits)
{
    pthread_mutex_lock(&meta->mutex);
    meta->waits = waits;
    pthread_mutex_unlock(&meta->mutex);
}

void meta_queue(struct meta *meta, const struct meta_change *changes, size_t count)
{
    struct task *task = xcalloc(1, sizeof(*task));

    take_changes(task, changes, count);
    pthread_mutex_lock(&meta->mutex);
    if (meta->waits) {
        await(meta, task); /* what cannot be committed is lost, as it would be later */
        free(task);
    } else {
        enqueue(meta, task);
        if (!meta->has_writer)
            run_queue(meta);
    }
    pthread_mutex_unlock(&meta->mutex);
}

enum err meta_commit(struct meta *meta, const struct meta_change *changes, size_t count)
{
    struct task task = {0};

    take_changes(&task, changes, count);
    return run_awaited(meta, &task);
}

enum err meta_update(struct meta *meta, enum err (*apply)(struct meta_txn *txn, void *arg), void *arg)
{
    struct task task = {.apply = apply, .arg = arg};

    return run_awaited(meta, &task);
}

enum err meta_flush(struct meta *meta)
{
    struct task task = {0};

    return run_awaited(meta, &task);
}

/* the format */

static uint32_t format_of(struct slice value)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;

    return value.len == 4 ? (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3]
                          : UINT32_MAX;
}

static enum err upgrade_step(const struct meta_format *format, uint32_t from, struct meta_txn *txn)
{
    for (size_t i = 0; i < format->upgrade_count; i++)
        if (format->upgrades[i].from == from)
            return format->upgrades[i].apply(txn);
    return ERR_UNSUPPORTED;
}

/* All steps and the new number in one transaction, on this thread: there is no other yet. */
static enum err upgrade(struct meta *meta, const struct meta_format *format, uint32_t found)
{
    unsigned char number[4] = {(unsigned char)(format->number >> 24), (unsigned char)(format->number >> 16),
                               (unsigned char)(format->number >> 8), (unsigned char)format->number};
    struct table none = {0};
    struct meta_txn txn = {.meta = meta, .made = &none};
    enum err err = ERR_NONE;

    for (; found < format->number && err == ERR_NONE; found++)
        err = upgrade_step(format, found, &txn);
    if (err == ERR_NONE) {
        meta_txn_put(&txn, slice_str(format_key), slice_of((const char *)number, sizeof(number)));
        err = commit_table(meta, &txn.own);
    }
    table_release(&txn.own);
    return err;
}

static enum err check_format(struct meta *meta, const struct meta_format *format, struct buf *why)
{
    struct buf value = BUF_INIT(64);
    enum err err = meta_get_durable(meta, slice_str(format_key), &value);
    uint32_t found = err == ERR_MISSING ? format->number : format_of(buf_slice(&value));

    buf_release(&value);
    if (err == ERR_MISSING) { /* new and empty */
        err = upgrade(meta, format, found);
        return err == ERR_READ_ONLY ? ERR_NONE : err;
    }
    if (err != ERR_NONE || found == format->number)
        return err;
    if (found > format->number) {
        buf_printf(why, "the records were written by a newer Samovar (format %u, this one knows %u): use that one",
                   found, format->number);
        return ERR_UNSUPPORTED;
    }
    err = upgrade(meta, format, found);
    if (err != ERR_NONE)
        buf_printf(why, "the records could not be brought from format %u to %u: %s", found, format->number,
                   err_text(err));
    return err;
}

enum err meta_open(struct meta_back back, const struct meta_format *format, struct meta **out, struct buf *why)
{
    struct meta *meta = xcalloc(1, sizeof(*meta));
    pthread_condattr_t monotonic;
    enum err err;

    meta->back = back;
    list_init(&meta->queue);
    pthread_mutex_init(&meta->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&meta->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&meta->done, NULL);
    err = check_format(meta, format, why);
    if (err == ERR_NONE)
        *out = meta;
    else
        meta_close(meta);
    return err;
}

enum err meta_commit_first(struct meta *meta, const struct meta_change *changes, size_t count)
{
    assert(!meta->has_writer);
    return meta->back.ops->commit(meta->back.arg, changes, count);
}

void meta_close(struct meta *meta)
{
    if (!meta)
        return;
    pthread_mutex_lock(&meta->mutex);
    meta->is_closing = true;
    pthread_cond_signal(&meta->work);
    if (!meta->has_writer && !list_is_empty(&meta->queue))
        run_queue(meta);
    pthread_mutex_unlock(&meta->mutex);
    if (meta->has_writer)
        pthread_join(meta->writer, NULL);
    table_release(&meta->overlay);
    pthread_cond_destroy(&meta->work);
    pthread_cond_destroy(&meta->done);
    pthread_mutex_destroy(&meta->mutex);
    meta->back.ops->close(meta->back.arg);
    free(meta);
}
