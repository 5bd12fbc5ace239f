/*
 * vcdiff_address.h - addresses of copies: absolute, from here back, or by the two caches (RFC 3284 §5.1 to §5.4).
 *
 * An address is a place in the source segment followed by the target window. Both caches start zeroed in each window,
 * and encoder and decoder tell them every COPY's address.
 */
#ifndef DELTA_VCDIFF_ADDRESS_H
#define DELTA_VCDIFF_ADDRESS_H

#include "vcdiff_code.h"

enum { MODE_SELF = 0, MODE_HERE = 1, MODE_NEAR = 2, NEAR_SLOTS = 4, MODE_SAME_FIRST = 6, SAME_SLOTS = 3 * 256 };

struct vcdiff_cache {
    uint64_t near[NEAR_SLOTS];
    uint64_t same[SAME_SLOTS];
    unsigned next; /* near slot that is written next */
};

void vcdiff_cache_clear(struct vcdiff_cache *cache);

static inline void vcdiff_cache_update(struct vcdiff_cache *cache, uint64_t address)
{
    cache->near[cache->next] = address;
    cache->next = (cache->next + 1) % NEAR_SLOTS;
    cache->same[address % SAME_SLOTS] = address;
}

/* The mode of fewest octets; writes them at *at, which moves on. Updates the cache. */
unsigned vcdiff_address_write(struct vcdiff_cache *cache, uint64_t address, uint64_t here, char **at);

/* False: the octets end, or the address is not before `here`. Updates the cache. */
bool vcdiff_address_read(struct vcdiff_cache *cache, unsigned mode, uint64_t here, struct vcdiff_reader *reader,
                         uint64_t *address);

#endif
