/*
 * cache.c - claims that were found true lately.
 *
 * Only true ones: a wrong password costs its sender the full price every time, and no flood of guesses can
 * push a user's entry out. The hash is taken outside of the mutex.
 */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "keyed.h"
#include "users.h"

struct entry {
    struct keyed_hash claim;
    uint64_t until_ms; /* CLOCK_MONOTONIC; 0: free */
};

struct auth_cache {
    unsigned char key[KEYED_BYTES];
    pthread_mutex_t mutex;
    struct entry entries[CACHE_SETS][CACHE_WAYS];
};

struct auth_cache *auth_cache_new(void)
{
    struct auth_cache *cache = xcalloc(1, sizeof(*cache));

    random_bytes(cache->key, sizeof(cache->key));
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void auth_cache_free(struct auth_cache *cache)
{
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->mutex);
    explicit_bzero(cache, sizeof(*cache));
    free(cache);
}

/* Longer than credentials_parse lets through: never true, and no room for it in a hash. */
static bool is_sized(struct slice name, struct slice password)
{
    return name.len <= AUTH_NAME_BYTES_MAX && password.len <= AUTH_PASSWORD_BYTES_MAX;
}

static struct entry *find_set(struct auth_cache *cache, const struct keyed_hash *claim)
{
    return cache->entries[claim->bytes[0] % CACHE_SETS];
}

static struct entry *find_entry(struct entry *set, const struct keyed_hash *claim)
{
    for (int i = 0; i < CACHE_WAYS; i++) {
        if (set[i].until_ms != 0 && keyed_eq(&set[i].claim, claim))
            return &set[i];
    }
    return NULL;
}

/* The one that ends first; a free one ends at 0. */
static struct entry *find_oldest(struct entry *set)
{
    struct entry *oldest = set;

    for (int i = 1; i < CACHE_WAYS; i++) {
        if (set[i].until_ms < oldest->until_ms)
            oldest = &set[i];
    }
    return oldest;
}

bool auth_cache_has_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms)
{
    struct keyed_hash claim;
    struct entry *entry;
    bool has;

    if (!is_sized(name, password))
        return false;
    claim = keyed_claim(cache->key, users_generation(users), name, password);
    pthread_mutex_lock(&cache->mutex);
    entry = find_entry(find_set(cache, &claim), &claim);
    has = entry && now_ms < entry->until_ms;
    pthread_mutex_unlock(&cache->mutex);
    return has;
}

void auth_cache_add_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms)
{
    struct keyed_hash claim;
    struct entry *set, *entry;

    if (!is_sized(name, password))
        return;
    claim = keyed_claim(cache->key, users_generation(users), name, password);
    pthread_mutex_lock(&cache->mutex);
    set = find_set(cache, &claim);
    entry = find_entry(set, &claim);
    if (!entry)
        entry = find_oldest(set);
    *entry = (struct entry){claim, now_ms + CACHE_LIFE_MS};
    pthread_mutex_unlock(&cache->mutex);
}

bool auth_cache_has(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password)
{
    return auth_cache_has_at(cache, users, name, password, clock_mono_ms());
}

void auth_cache_add(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password)
{
    auth_cache_add_at(cache, users, name, password, clock_mono_ms());
}
