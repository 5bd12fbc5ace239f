/*
 * lock.h - one lock a resource, by its parent's inode and its name.
 *
 * Held around judging and committing, so that of two conditional changes of one resource exactly one is
 * made. Exact (two resources never share a lock, so a slow commit delays only its own name) and without
 * allocation: a held lock is a link on its holder's stack. Nobody holds two.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <pthread.h>

#include "base/list.h"
#include "base/slice.h"

struct lock_bucket {
    pthread_mutex_t mutex; /* protects held */
    pthread_cond_t freed;
    struct link held;
};

struct lock_table {
    struct lock_bucket *buckets;
    unsigned count;
};

struct lock {
    struct link link;
    struct lock_bucket *bucket; /* NULL: not held */
    uint64_t dev, ino;          /* of the folder */
    struct slice name;
};

void lock_table_init(struct lock_table *table, unsigned count);
void lock_table_release(struct lock_table *table);

/* Waits until it is free. `lock` and what `name` points to stay where they are until lock_give(). */
void lock_take(struct lock_table *table, struct lock *lock, uint64_t dev, uint64_t ino, struct slice name);
/* Giving what is not held is fine. */
void lock_give(struct lock *lock);

#define LOCK_GUARD __attribute__((cleanup(lock_give))) struct lock

#endif
