/*
 * census.c - counting connections.
 */
#include "census.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/hash.h"

enum {
    BUCKETS = 1024,
    RESERVED = 256, /* descriptors for files, the store and the loops themselves */
};

struct tally {
    struct link link;
    unsigned char key[16];
    unsigned key_len, count;
};

struct census {
    pthread_mutex_t lock;
    unsigned count, most;
    struct link buckets[BUCKETS];
};

struct census *census_new(void)
{
    struct census *census = xcalloc(1, sizeof(*census));
    struct rlimit files;

    pthread_mutex_init(&census->lock, NULL);
    for (unsigned i = 0; i < BUCKETS; i++)
        list_init(&census->buckets[i]);
    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == RLIM_INFINITY || files.rlim_cur > 1u << 30)
        files.rlim_cur = 1u << 30;
    census->most = files.rlim_cur > 2 * RESERVED ? (unsigned)files.rlim_cur - RESERVED : (unsigned)files.rlim_cur / 2;
    return census;
}

void census_free(struct census *census)
{
    if (!census)
        return;
    pthread_mutex_destroy(&census->lock);
    free(census);
}

static struct tally *tally_of(struct census *census, const struct peer *peer, bool make)
{
    unsigned len = peer->family == AF_INET ? 4 : peer->family == AF_INET6 ? 8 : 0;
    struct slice key = slice_of((const char *)peer->addr, len);
    struct link *bucket = &census->buckets[hash64(hash_process_key(), key) % BUCKETS], *link, *next;
    struct tally *tally;

    LIST_EACH (bucket, link, next) {
        tally = CONTAINER(link, struct tally, link);
        if (tally->key_len == len && memcmp(tally->key, peer->addr, len) == 0)
            return tally;
    }
    if (!make)
        return NULL;
    tally = xcalloc(1, sizeof(*tally));
    tally->key_len = len;
    memcpy(tally->key, peer->addr, len);
    list_push(bucket, &tally->link);
    return tally;
}

static void tally_leave(struct tally *tally)
{
    if (--tally->count)
        return;
    list_remove(&tally->link);
    free(tally);
}

bool census_enter(struct census *census, const struct peer *peer, const struct limits *limits)
{
    unsigned most =
        limits->connections_max && limits->connections_max < census->most ? limits->connections_max : census->most;
    unsigned most_each = limits->connections_per_address_max;
    struct tally *tally;
    bool may;

    pthread_mutex_lock(&census->lock);
    tally = tally_of(census, peer, true);
    tally->count++;
    census->count++;
    may = census->count <= most && (!most_each || peer->family == AF_UNIX || tally->count <= most_each);
    if (!may) {
        tally_leave(tally);
        census->count--;
    }
    pthread_mutex_unlock(&census->lock);
    return may;
}

void census_leave(struct census *census, const struct peer *peer)
{
    struct tally *tally;

    pthread_mutex_lock(&census->lock);
    tally = tally_of(census, peer, false);
    if (tally)
        tally_leave(tally);
    census->count--;
    pthread_mutex_unlock(&census->lock);
}
