/*
 * lock.h - one lock a resource, by its parent's inode and its name.
 *
 * Held around judging and committing, so that of two conditional changes of one resource exactly one is
 * made. Exact (two resources never share a lock, so a slow commit delays only its own name) and without
 * allocation: a held lock is a link on its holder's stack. Who needs two (MOVE, COPY) takes them by lock_take_two(),
 * in an order that is the same for all, and nobody takes a further one.
 *
 * While another server works in the same folder (share.h) each lock is also held on a byte of the page that both
 * have: the number of the byte is a keyed hash of the resource, which both make with the same key.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <pthread.h>
#include <sys/types.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/slice.h"

/* Offsets in the page: resources below, the byte of those that live and that of the table of write locks above. */
#define LOCK_ALIVE ((off_t)1 << 62)
#define LOCK_WRITE_LOCKS (LOCK_ALIVE + 1)

struct lock_bucket {
    pthread_mutex_t mutex; /* protects held and shared_fd */
    pthread_cond_t freed;
    struct link held;
    uint64_t sequence; /* of those that were taken */
    int shared_fd;     /* -1: nobody else works here */
};

struct lock_table {
    struct lock_bucket *buckets;
    unsigned count;
    struct hash_key key; /* of the bytes' numbers */
};

struct lock {
    struct link link;
    struct lock_bucket *bucket; /* NULL: not held */
    uint64_t sequence;
    uint64_t dev, ino; /* of the folder */
    struct slice name;
    int shared_fd; /* -1: only ours */
    off_t byte;
};

void lock_table_init(struct lock_table *table, unsigned count);
void lock_table_release(struct lock_table *table);
/* From now on locks are also held on `fd`; waits until those are given that are not. -1: alone again. */
void lock_table_share(struct lock_table *table, int fd);

/* Waits until it is free. `lock` and what `name` points to stay where they are until lock_give(). */
void lock_take(struct lock_table *table, struct lock *lock, uint64_t dev, uint64_t ino, struct slice name);
/*
 * Waits until all that are held now, by this process, were given back, but no longer than this: whatever is judged
 * afterwards sees what the caller has made true before. Not with a lock held.
 */
void lock_table_settle(struct lock_table *table, unsigned ms_max);
/* Whether anything in this folder is held by this process: what changed there may not have been told to all yet. */
bool lock_table_has_in(struct lock_table *table, uint64_t dev, uint64_t ino);
/* Two resources: names as above. If they are one resource, only the first lock is held. */
struct lock_of {
    struct lock *lock;
    uint64_t dev, ino;
    struct slice name;
};
void lock_take_two(struct lock_table *table, struct lock_of first, struct lock_of second);
/* Giving what is not held is fine. */
void lock_give(struct lock *lock);

#define LOCK_GUARD __attribute__((cleanup(lock_give))) struct lock

#endif
