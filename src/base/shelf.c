/*
 * shelf.c - sets of eight entries, a lock for every stripe of sets.
 */
#include "shelf.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum { WAYS = 8, STRIPES = 64 };

struct stripe {
    _Alignas(64) pthread_mutex_t lock; /* on a cache line of its own */
};

struct shelf {
    struct stripe stripes[STRIPES];
    size_t sets; /* a power of two, at least STRIPES */
    struct shelf_entry *entries;
};

struct shelf *shelf_new(unsigned entries)
{
    struct shelf *shelf = aligned_alloc(64, sizeof(*shelf));

    if (!shelf)
        abort();
    for (unsigned i = 0; i < STRIPES; i++)
        pthread_mutex_init(&shelf->stripes[i].lock, NULL);
    shelf->sets = STRIPES;
    while (shelf->sets * WAYS < entries)
        shelf->sets *= 2;
    shelf->entries = xcalloc(shelf->sets * WAYS, sizeof(*shelf->entries));
    return shelf;
}

void shelf_free(struct shelf *shelf)
{
    if (!shelf)
        return;
    for (unsigned i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&shelf->stripes[i].lock);
    free(shelf->entries);
    free(shelf);
}

static struct stripe *stripe_of(struct shelf *shelf, const struct shelf_entry *entry)
{
    return &shelf->stripes[(size_t)(entry - shelf->entries) / WAYS % STRIPES];
}

/* The key's own entry, else the one that may go. */
static struct shelf_entry *pick(struct shelf_entry *set, uint64_t key)
{
    struct shelf_entry *least = set;

    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].order && set[i].key == key)
            return &set[i];
        if (set[i].order < least->order)
            least = &set[i];
    }
    *least = (struct shelf_entry){.key = key};
    return least;
}

struct shelf_entry *shelf_begin(struct shelf *shelf, uint64_t key)
{
    struct shelf_entry *set = &shelf->entries[(key & (shelf->sets - 1)) * WAYS];

    pthread_mutex_lock(&stripe_of(shelf, set)->lock);
    return pick(set, key);
}

void shelf_end(struct shelf *shelf, struct shelf_entry *entry)
{
    pthread_mutex_unlock(&stripe_of(shelf, entry)->lock);
}
