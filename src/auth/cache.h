/*
 * cache.h - the cache with its clock in the caller's hand, for tests. Private to auth/.
 */
#ifndef AUTH_CACHE_H
#define AUTH_CACHE_H

#include "auth/auth.h"

/* 256 sets of four: a claim's hash chooses the set, so one lookup compares four entries. */
enum { CACHE_SETS = 256, CACHE_WAYS = 4 };
/* A password taken from the file counts that long at most, if nobody reloads. */
#define CACHE_LIFE_MS (10u * 60u * 1000u)

bool auth_cache_has_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms);
void auth_cache_add_at(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password,
                       uint64_t now_ms);

#endif
