/*
 * memory.c - what is remembered of claims, made and freed.
 */
#include "memory.h"

#include <stdlib.h>

#include "cache.h"
#include "guess.h"
#include "nonce.h"

struct auth_memory *auth_memory_new(void)
{
    struct auth_memory *memory = xcalloc(1, sizeof(*memory));

    memory->cache = auth_cache_new();
    memory->nonces = nonces_new();
    memory->guesses = guesses_new();
    return memory;
}

void auth_memory_free(struct auth_memory *memory)
{
    if (!memory)
        return;
    auth_cache_free(memory->cache);
    nonces_free(memory->nonces);
    guesses_free(memory->guesses);
    free(memory);
}
