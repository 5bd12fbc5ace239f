/*
 * lock.c - one lock a resource.
 */
#include "lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

enum { RETRY_US = 1000 };

void lock_table_init(struct lock_table *table, unsigned count)
{
    table->buckets = xcalloc(count, sizeof(*table->buckets));
    table->count = count;
    for (unsigned i = 0; i < count; i++) {
        pthread_mutex_init(&table->buckets[i].mutex, NULL);
        pthread_cond_init(&table->buckets[i].freed, NULL);
        list_init(&table->buckets[i].held);
        table->buckets[i].shared_fd = -1;
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

/* ---- among servers ---- */

static off_t byte_of(const struct lock_table *table, uint64_t dev, uint64_t ino, struct slice name)
{
    uint64_t of[3] = {dev, ino, hash64(&table->key, name)};

    return (off_t)(hash64(&table->key, slice_of((const char *)of, sizeof(of))) >> 2);
}

static void set_byte(const struct lock *lock, short type)
{
    struct flock byte = {.l_type = type, .l_whence = SEEK_SET, .l_start = lock->byte, .l_len = 1};

    while (fcntl(lock->shared_fd, F_OFD_SETLKW, &byte) < 0) {
        assert(errno == EINTR || errno == ENOLCK || errno == ENOMEM);
        usleep(RETRY_US); /* no memory for it: nothing may be changed without it, so we wait */
    }
}

static bool has_unshared(const struct lock_bucket *bucket)
{
    struct link *at, *following;

    LIST_EACH (&bucket->held, at, following)
        if (CONTAINER(at, struct lock, link)->shared_fd < 0)
            return true;
    return false;
}

void lock_table_share(struct lock_table *table, int fd)
{
    for (unsigned i = 0; i < table->count; i++) {
        struct lock_bucket *bucket = &table->buckets[i];

        pthread_mutex_lock(&bucket->mutex);
        bucket->shared_fd = fd;
        while (fd >= 0 && has_unshared(bucket))
            pthread_cond_wait(&bucket->freed, &bucket->mutex);
        pthread_mutex_unlock(&bucket->mutex);
    }
}

/* ---- taking and giving ---- */

void lock_take(struct lock_table *table, struct lock *lock, uint64_t dev, uint64_t ino, struct slice name)
{
    uint64_t hash = hash64(hash_process_key(), name) ^ ino * 0x9e3779b97f4a7c15u ^ dev;
    struct lock_bucket *bucket = &table->buckets[hash % table->count];

    *lock = (struct lock){.bucket = bucket, .dev = dev, .ino = ino, .name = name};
    pthread_mutex_lock(&bucket->mutex);
    while (is_held(bucket, lock))
        pthread_cond_wait(&bucket->freed, &bucket->mutex);
    list_append(&bucket->held, &lock->link);
    lock->sequence = ++bucket->sequence;
    lock->shared_fd = bucket->shared_fd;
    pthread_mutex_unlock(&bucket->mutex);
    if (lock->shared_fd < 0)
        return;
    lock->byte = byte_of(table, dev, ino, name);
    set_byte(lock, F_WRLCK);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* The order in which all take two: by volume, folder, name. */
static int compare(const struct lock_of *a, const struct lock_of *b)
{
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = compare_u64(a->dev, b->dev);

    if (order == 0)
        order = compare_u64(a->ino, b->ino);
    if (order == 0 && len > 0)
        order = memcmp(a->name.ptr, b->name.ptr, len);
    return order ? order : compare_u64(a->name.len, b->name.len);
}

void lock_take_two(struct lock_table *table, struct lock_of first, struct lock_of second)
{
    int order = compare(&first, &second);

    if (order > 0)
        lock_take(table, second.lock, second.dev, second.ino, second.name);
    lock_take(table, first.lock, first.dev, first.ino, first.name);
    if (order < 0)
        lock_take(table, second.lock, second.dev, second.ino, second.name);
}

void lock_give(struct lock *lock)
{
    struct lock_bucket *bucket = lock->bucket;

    if (!bucket)
        return;
    lock->bucket = NULL;
    if (lock->shared_fd >= 0)
        set_byte(lock, F_UNLCK);
    pthread_mutex_lock(&bucket->mutex);
    list_remove(&lock->link);
    pthread_cond_broadcast(&bucket->freed);
    pthread_mutex_unlock(&bucket->mutex);
}

/* With the bucket's mutex: those that were there when we came are at the front. */
static bool has_older(const struct lock_bucket *bucket, uint64_t sequence)
{
    return !list_is_empty(&bucket->held) && CONTAINER(bucket->held.next, struct lock, link)->sequence <= sequence;
}

void lock_table_settle(struct lock_table *table, unsigned ms_max)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until); /* a clock that is set makes this wait longer or shorter, no more */
    until.tv_sec += ms_max / 1000;
    for (unsigned i = 0; i < table->count; i++) {
        struct lock_bucket *bucket = &table->buckets[i];
        uint64_t sequence;
        int late = 0;

        pthread_mutex_lock(&bucket->mutex);
        sequence = bucket->sequence;
        while (!late && has_older(bucket, sequence))
            late = pthread_cond_timedwait(&bucket->freed, &bucket->mutex, &until);
        pthread_mutex_unlock(&bucket->mutex);
    }
}

static bool has_in(const struct lock_bucket *bucket, uint64_t dev, uint64_t ino)
{
    struct link *at, *following;

    LIST_EACH (&bucket->held, at, following) {
        const struct lock *held = CONTAINER(at, struct lock, link);

        if (held->dev == dev && held->ino == ino)
            return true;
    }
    return false;
}

bool lock_table_has_in(struct lock_table *table, uint64_t dev, uint64_t ino)
{
    bool has = false;

    for (unsigned i = 0; i < table->count && !has; i++) {
        pthread_mutex_lock(&table->buckets[i].mutex);
        has = has_in(&table->buckets[i], dev, ino);
        pthread_mutex_unlock(&table->buckets[i].mutex);
    }
    return has;
}
