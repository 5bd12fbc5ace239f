/*
 * cache.h - claims that were found true lately. Private to auth/.
 *
 * At most 1024, each for ten minutes, then judged anew. It holds HMAC-SHA-256 values under a random key of the
 * process, never a password. Shared by all threads; each call takes one mutex for less than a microsecond's work
 * on 4 entries. The calls that end in _at have the clock in the caller's hand, for tests.
 */
#ifndef AUTH_CACHE_H
#define AUTH_CACHE_H

#include "auth/auth.h"

/* 256 sets of four: a claim's hash chooses the set, so one lookup compares four entries. */
enum { CACHE_SETS = 256, CACHE_WAYS = 4 };
/* A password taken from the file counts that long at most, if nobody reloads. */
#define CACHE_LIFE_MS (10u * 60u * 1000u)

struct auth_cache;

struct auth_cache *auth_cache_new(void);
void auth_cache_free(struct auth_cache *cache); /* NULL is fine */

/*
 * Past AUTH_NAME_BYTES_MAX or AUTH_PASSWORD_BYTES_MAX nothing is there. What is longer, a token, is asked for by its
 * SHA-256 as the password of the name "", which no user has.
 */
bool auth_cache_has(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password);
void auth_cache_add(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password);

bool auth_cache_has_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms);
void auth_cache_add_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms);

#endif
