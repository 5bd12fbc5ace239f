/*
 * token_cache.h - tokens that were found true, until they expire. Private to auth/.
 *
 * It belongs to one set of users, so that a reload of the keys forgets them all. Of a token it has a keyed hash, and
 * whom it named: no token can be read out of it. 1024 of them, 8 KiB each at most; another set of four is chosen by the
 * hash's first octet. Shared by all threads; a mutex is held while some hundred octets are copied.
 */
#ifndef AUTH_TOKEN_CACHE_H
#define AUTH_TOKEN_CACHE_H

#include "auth/auth.h"

struct token_cache;

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache); /* NULL is fine */

/* True: `out` has name and groups, in the arena. `now_s`: wall clock, as tokens count. */
bool token_cache_find(struct token_cache *cache, struct slice token, int64_t now_s, struct arena *arena,
                      struct login *out);
void token_cache_add(struct token_cache *cache, struct slice token, int64_t until_s, const struct login *login);

#endif
