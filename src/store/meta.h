/*
 * meta.h - records: an ordered key-value store with transactions.
 *
 * Two implementations behind one interface: meta_lmdb.c (durable) and meta_mem.c (until the process ends).
 * What they share is here: one writer thread that takes all that is queued, commits it as one transaction
 * and wakes everybody (group commit); and an overlay in which readers see what is queued and not yet
 * committed. The thread starts with the first write, so never before the sandbox.
 *
 * A reader never outlives its call: values are copied out, scans come in batches. (A read transaction that
 * stays open makes the file grow without end.)
 *
 * Any worker thread, at any time; nothing here may be called on a loop: all of it waits for the disk.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    META_KEY_MAX = 511, /* LMDB's limit as it is commonly built */
    META_BATCH_MAX = 1000,
    META_LINGER_MS = 50, /* a change nobody waits for is committed within this */
};

struct meta;
struct meta_txn;

/* One change. A drop of what is not there is fine. */
struct meta_change {
    struct slice key, value;
    bool is_drop;
};

/* Numbers in keys and values are big-endian, so that keys sort. */
static inline void put_u64(char *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(value >> (56 - 8 * i));
}

static inline uint64_t get_u64(const char *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

struct meta_entry {
    struct slice key, value;
};

/* What a scan gives: copies in its own arena. */
struct meta_batch {
    struct arena arena;
    struct meta_entry *entries;
    unsigned count;
    bool has_more; /* scan on after entries[count-1].key */
};

void meta_batch_release(struct meta_batch *batch);

/* value (cleared first) gets the value; ERR_MISSING. Sees what is queued. */
enum err meta_get(struct meta *meta, struct slice key, struct buf *value);
/* The same, of what is committed only: it would outlive a power cut. */
enum err meta_get_durable(struct meta *meta, struct slice key, struct buf *value);
/* Up to `max` (META_BATCH_MAX) entries whose keys start with `prefix` and are above `after`, in key order. */
enum err meta_scan(struct meta *meta, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out);

/* Queues the changes, all or none of them, and returns at once. What cannot be committed later is lost. */
void meta_queue(struct meta *meta, const struct meta_change *changes, size_t count);
/* The same and waits until they are durable. ERR_NO_SPACE: nothing of it was done. */
enum err meta_commit(struct meta *meta, const struct meta_change *changes, size_t count);
/*
 * Read, modify, write: apply() runs on the writer thread and sees everything before it; its changes are
 * durable when ERR_NONE comes back. When it returns anything else none are made. It must not wait.
 */
enum err meta_update(struct meta *meta, enum err (*apply)(struct meta_txn *txn, void *arg), void *arg);
enum err meta_txn_get(struct meta_txn *txn, struct slice key, struct buf *value);
void meta_txn_put(struct meta_txn *txn, struct slice key, struct slice value);
void meta_txn_drop(struct meta_txn *txn, struct slice key);
/* From now on meta_queue() waits as well, since other processes read what is committed only; false: no longer. */
void meta_await(struct meta *meta, bool waits);
/*
 * From now on *generation moves on whenever something under one of these first letters of keys was changed or could not
 * be: when a reader sees it, and before whoever waits for it is told.
 */
void meta_count_changes(struct meta *meta, const char *letters, atomic_uint_least64_t *generation);
/* Waits until all that was queued before is durable. */
enum err meta_flush(struct meta *meta);

/* An implementation. One thread at a time commits; get and scan come from many. */
struct meta_ops {
    enum err (*get)(void *back, struct slice key, struct buf *value);
    enum err (*scan)(void *back, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out);
    enum err (*commit)(void *back, const struct meta_change *changes, size_t count); /* all or none; durable */
    void (*close)(void *back);
};
struct meta_back {
    const struct meta_ops *ops;
    void *arg;
};

/* `path`: a folder that exists. ERR_READ_ONLY comes from every write when is_read_only. why: for people. */
enum err meta_lmdb_open(const char *path, bool is_read_only, struct meta_back *out, struct buf *why);
struct meta_back meta_mem_open(void);

/* The form of the records. An upgrade changes format `from` to from + 1. */
struct meta_format {
    uint32_t number;
    const struct meta_upgrade {
        uint32_t from;
        enum err (*apply)(struct meta_txn *txn);
    } * upgrades;
    size_t upgrade_count;
};

/*
 * Takes the implementation over (also on failure). Older records are upgraded in one transaction; newer
 * ones are refused with ERR_UNSUPPORTED, and `why` says so. Starts no thread.
 */
enum err meta_open(struct meta_back back, const struct meta_format *format, struct meta **out, struct buf *why);
/* Durable changes before anybody else uses it: on this thread, without the writer. */
enum err meta_commit_first(struct meta *meta, const struct meta_change *changes, size_t count);
/* Commits what is queued. */
void meta_close(struct meta *meta);

#endif
