/*
 * ledger.c - what the server remembers of its clients, and how many requests of each are under way.
 *
 * A count that is not zero must never be forgotten, so these are in a table of their own that holds nothing else: an
 * entry for each key that some request counts under, gone with the last of them.
 */
#include "ledger.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum {
    BUCKETS = 1 << 17, /* 3 MiB: so many clients may be slowed down at one time; what is unused takes no memory */
    SEEN = 1 << 16,    /* 1.5 MiB: versions that clients fetched */
    STRIPES = 64,
    CHAINS = 16, /* of a stripe */
};

struct count {
    struct count *next;
    uint64_t key;
    uint32_t now;
};

struct stripe {
    _Alignas(64) pthread_mutex_t lock;
    struct count *chains[CHAINS];
};

struct under_way {
    struct stripe stripes[STRIPES];
};

/* ---- requests under way ---- */

struct under_way *under_way_new(void)
{
    struct under_way *table = aligned_alloc(64, sizeof(*table));

    if (!table)
        abort();
    *table = (struct under_way){0};
    for (unsigned i = 0; i < STRIPES; i++)
        pthread_mutex_init(&table->stripes[i].lock, NULL);
    return table;
}

void under_way_free(struct under_way *table)
{
    if (!table)
        return;
    for (unsigned i = 0; i < STRIPES; i++) {
        for (unsigned k = 0; k < CHAINS; k++)
            while (table->stripes[i].chains[k]) {
                struct count *count = table->stripes[i].chains[k];

                table->stripes[i].chains[k] = count->next;
                free(count);
            }
        pthread_mutex_destroy(&table->stripes[i].lock);
    }
    free(table);
}

static struct stripe *stripe_of(struct under_way *table, uint64_t key)
{
    return &table->stripes[key % STRIPES];
}

/* The key's place in its chain, or the chain's end. Under the stripe's lock. */
static struct count **place_of(struct stripe *stripe, uint64_t key)
{
    struct count **at = &stripe->chains[key / STRIPES % CHAINS];

    while (*at && (*at)->key != key)
        at = &(*at)->next;
    return at;
}

bool under_way_enter(struct under_way *table, uint64_t key, uint32_t most)
{
    struct stripe *stripe = stripe_of(table, key);
    struct count **place;
    bool has_room;

    pthread_mutex_lock(&stripe->lock);
    place = place_of(stripe, key);
    has_room = !*place || (*place)->now < most;
    if (!*place) {
        *place = xcalloc(1, sizeof(**place));
        (*place)->key = key;
    }
    (*place)->now += has_room;
    pthread_mutex_unlock(&stripe->lock);
    return has_room;
}

void under_way_leave(struct under_way *table, uint64_t key)
{
    struct stripe *stripe = stripe_of(table, key);
    struct count **place, *over = NULL;

    pthread_mutex_lock(&stripe->lock);
    place = place_of(stripe, key);
    assert(*place && (*place)->now);
    if (--(*place)->now == 0) {
        over = *place;
        *place = over->next;
    }
    pthread_mutex_unlock(&stripe->lock);
    free(over);
}

bool under_way_is_full(struct under_way *table, uint64_t key, uint32_t most)
{
    struct stripe *stripe = stripe_of(table, key);
    struct count *count;
    bool is_full;

    pthread_mutex_lock(&stripe->lock);
    count = *place_of(stripe, key);
    is_full = count && count->now >= most;
    pthread_mutex_unlock(&stripe->lock);
    return is_full;
}

/* ---- the ledger ---- */

struct ledger *ledger_new(void)
{
    struct ledger *ledger = xcalloc(1, sizeof(*ledger));

    ledger->buckets = shelf_new(BUCKETS);
    ledger->seen = shelf_new(SEEN);
    ledger->under_way = under_way_new();
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    shelf_free(ledger->buckets);
    shelf_free(ledger->seen);
    under_way_free(ledger->under_way);
    free(ledger);
}
