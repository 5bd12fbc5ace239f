/*
 * lock.c - one lock a resource.
 */
#include "lock.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

void lock_table_init(struct lock_table *table, unsigned count)
{
    table->buckets = xcalloc(count, sizeof(*table->buckets));
    table->count = count;
    for (unsigned i = 0; i < count; i++) {
        pthread_mutex_init(&table->buckets[i].mutex, NULL);
        pthread_cond_init(&table->buckets[i].freed, NULL);
        list_init(&table->buckets[i].held);
    }
}

void lock_table_release(struct lock_table *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        pthread_mutex_destroy(&table->buckets[i].mutex);
        pthread_cond_destroy(&table->buckets[i].freed);
    }
    free(table->buckets);
    *table = (struct lock_table){0};
}

static bool is_held(const struct lock_bucket *bucket, const struct lock *wanted)
{
    struct link *at, *following;

    LIST_EACH (&bucket->held, at, following) {
        const struct lock *held = CONTAINER(at, struct lock, link);

        if (held->dev == wanted->dev && held->ino == wanted->ino && slice_eq(held->name, wanted->name))
            return true;
    }
    return false;
}

void lock_take(struct lock_table *table, struct lock *lock, uint64_t dev, uint64_t ino, struct slice name)
{
    uint64_t hash = hash64(hash_process_key(), name) ^ ino * 0x9e3779b97f4a7c15u ^ dev;
    struct lock_bucket *bucket = &table->buckets[hash % table->count];

    *lock = (struct lock){.bucket = bucket, .dev = dev, .ino = ino, .name = name};
    pthread_mutex_lock(&bucket->mutex);
    while (is_held(bucket, lock))
        pthread_cond_wait(&bucket->freed, &bucket->mutex);
    list_append(&bucket->held, &lock->link);
    pthread_mutex_unlock(&bucket->mutex);
}

void lock_give(struct lock *lock)
{
    struct lock_bucket *bucket = lock->bucket;

    if (!bucket)
        return;
    lock->bucket = NULL;
    pthread_mutex_lock(&bucket->mutex);
    list_remove(&lock->link);
    pthread_cond_broadcast(&bucket->freed);
    pthread_mutex_unlock(&bucket->mutex);
}
