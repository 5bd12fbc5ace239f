/*
 * token_cache.c - tokens that were found true.
 *
 * Only those, as in cache.c: what is wrong pushes nobody out. Names are kept as octets with their length before them.
 */
#include "token_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "keyed.h"

enum { SETS = 256, WAYS = 4 };

/* Whom a token named: his name, then his groups; before each its length, which AUTH_NAME_BYTES_MAX lets fit an octet.
 */
struct whom {
    size_t len;
    unsigned group_count;
    unsigned char octets[];
};

struct entry {
    struct keyed_hash claim;
    int64_t until_s;
    struct whom *whom; /* NULL: free */
};

struct token_cache {
    unsigned char key[KEYED_BYTES];
    pthread_mutex_t mutex;
    struct entry entries[SETS][WAYS];
};

struct token_cache *token_cache_new(void)
{
    struct token_cache *cache = xcalloc(1, sizeof(*cache));

    random_bytes(cache->key, sizeof(cache->key));
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void token_cache_free(struct token_cache *cache)
{
    if (!cache)
        return;
    for (unsigned i = 0; i < SETS * WAYS; i++)
        free(cache->entries[i / WAYS][i % WAYS].whom);
    pthread_mutex_destroy(&cache->mutex);
    explicit_bzero(cache, sizeof(*cache));
    free(cache);
}

static struct keyed_hash claim_of(const struct token_cache *cache, struct slice token)
{
    struct keyed_hash digest = keyed_digest(token);

    return keyed_claim(cache->key, 0, SLICE_NONE, slice_of((char *)digest.bytes, sizeof(digest.bytes)));
}

/* ---- names as octets ---- */

static unsigned char *put(unsigned char *at, struct slice name)
{
    *at++ = (unsigned char)name.len;
    memcpy(at, name.ptr, name.len);
    return at + name.len;
}

static struct whom *pack(const struct login *login)
{
    size_t len = 1 + login->name.len;
    struct whom *whom;
    unsigned char *at;

    for (unsigned i = 0; i < login->group_count; i++)
        len += 1 + login->groups[i].len;
    whom = xmalloc(sizeof(*whom) + len);
    whom->len = len;
    whom->group_count = login->group_count;
    at = put(whom->octets, login->name);
    for (unsigned i = 0; i < login->group_count; i++)
        at = put(at, login->groups[i]);
    return whom;
}

static const unsigned char *take(const unsigned char *at, struct slice *out)
{
    *out = slice_of((const char *)at + 1, *at);
    return at + 1 + out->len;
}

static void unpack(const struct whom *whom, struct arena *arena, struct login *out)
{
    struct slice *groups = arena_alloc(arena, (whom->group_count + 1) * sizeof(*groups));
    const unsigned char *at = take(whom->octets, &out->name);

    for (unsigned i = 0; i < whom->group_count; i++)
        at = take(at, &groups[i]);
    out->groups = groups;
    out->group_count = whom->group_count;
}

/* ---- the table ---- */

static struct entry *find(struct token_cache *cache, const struct keyed_hash *claim)
{
    struct entry *set = cache->entries[claim->bytes[0] % SETS];

    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].whom && keyed_eq(&set[i].claim, claim))
            return &set[i];
    }
    return NULL;
}

/* A free one, else the one that ends first. */
static struct entry *find_room(struct token_cache *cache, const struct keyed_hash *claim)
{
    struct entry *set = cache->entries[claim->bytes[0] % SETS], *found = set;

    for (unsigned i = 0; i < WAYS; i++) {
        if (!set[i].whom)
            return &set[i];
        if (set[i].until_s < found->until_s)
            found = &set[i];
    }
    return found;
}

bool token_cache_find(struct token_cache *cache, struct slice token, int64_t now_s, struct arena *arena,
                      struct login *out)
{
    struct keyed_hash claim = claim_of(cache, token);
    struct whom *copy = NULL;
    struct entry *entry;

    pthread_mutex_lock(&cache->mutex);
    entry = find(cache, &claim);
    if (entry && now_s < entry->until_s) {
        size_t size = sizeof(*copy) + entry->whom->len;

        copy = arena_alloc(arena, size);
        memcpy(copy, entry->whom, size);
    }
    pthread_mutex_unlock(&cache->mutex);
    if (copy)
        unpack(copy, arena, out);
    return copy != NULL;
}

void token_cache_add(struct token_cache *cache, struct slice token, int64_t until_s, const struct login *login)
{
    struct keyed_hash claim = claim_of(cache, token);
    struct whom *whom = pack(login);
    struct entry *entry;

    pthread_mutex_lock(&cache->mutex);
    entry = find(cache, &claim);
    if (!entry)
        entry = find_room(cache, &claim);
    free(entry->whom);
    *entry = (struct entry){claim, until_s, whom};
    pthread_mutex_unlock(&cache->mutex);
}
