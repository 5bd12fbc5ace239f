/*
 * meta_mem.c - records in memory, gone with the process: for file systems that cannot keep them, and tests.
 */
#include "meta.h"

#include <pthread.h>
#include <stdlib.h>

#include "table.h"

struct mem {
    pthread_rwlock_t lock; /* protects the table */
    struct table table;
};

static enum err mem_get(void *back, struct slice key, struct buf *value)
{
    struct mem *mem = back;
    const struct table_entry *entry;

    pthread_rwlock_rdlock(&mem->lock);
    entry = table_find(&mem->table, key);
    if (entry)
        buf_add(value, entry->value);
    pthread_rwlock_unlock(&mem->lock);
    return entry ? ERR_NONE : ERR_MISSING;
}

static enum err mem_scan(void *back, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out)
{
    struct mem *mem = back;
    size_t at;

    pthread_rwlock_rdlock(&mem->lock);
    at = table_lower(&mem->table, after.len ? after : prefix);
    if (after.len && at < mem->table.count && slice_eq(mem->table.entries[at]->key, after))
        at++;
    for (; at < mem->table.count && slice_starts(mem->table.entries[at]->key, prefix); at++) {
        const struct table_entry *entry = mem->table.entries[at];

        if (out->count == max) {
            out->has_more = true;
            break;
        }
        out->entries[out->count++] =
            (struct meta_entry){arena_slice(&out->arena, entry->key), arena_slice(&out->arena, entry->value)};
    }
    pthread_rwlock_unlock(&mem->lock);
    return ERR_NONE;
}

static enum err mem_commit(void *back, const struct meta_change *changes, size_t count)
{
    struct mem *mem = back;

    pthread_rwlock_wrlock(&mem->lock);
    for (size_t i = 0; i < count; i++)
        if (changes[i].is_drop)
            table_remove(&mem->table, changes[i].key);
        else
            table_set(&mem->table, changes[i].key, changes[i].value, false, 0);
    pthread_rwlock_unlock(&mem->lock);
    return ERR_NONE;
}

static void mem_close(void *back)
{
    struct mem *mem = back;

    table_release(&mem->table);
    pthread_rwlock_destroy(&mem->lock);
    free(mem);
}

struct meta_back meta_mem_open(void)
{
    static const struct meta_ops ops = {mem_get, mem_scan, mem_commit, mem_close};
    struct mem *mem = xcalloc(1, sizeof(*mem));

    pthread_rwlock_init(&mem->lock, NULL);
    return (struct meta_back){&ops, mem};
}
