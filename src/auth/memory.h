/*
 * memory.h - the parts of what is remembered of claims. Private to auth/.
 */
#ifndef AUTH_MEMORY_H
#define AUTH_MEMORY_H

#include "auth/auth.h"

struct auth_memory {
    struct auth_cache *cache; /* claims found true lately: cache.h */
    struct nonces *nonces;    /* of Digest: nonce.h */
    struct guesses *guesses;  /* wrong ones: guess.h */
};

#endif
