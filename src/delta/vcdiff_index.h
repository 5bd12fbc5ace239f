/*
 * vcdiff_index.h - where in the base eight octets are: a hash table over every step-th place of it.
 *
 * A match of step + 7 octets anywhere in the base has a place in it that the index knows, unless its bucket was full.
 * An entry is the number of the place with as many bits of the hash beside it as 32 leave, so that few places have to
 * be looked at in vain.
 */
#ifndef DELTA_VCDIFF_INDEX_H
#define DELTA_VCDIFF_INDEX_H

#include <endian.h>
#include <string.h>

#include "vcdiff_base.h"

enum { INDEX_KEY = 8, INDEX_WAYS = 4 };

struct vcdiff_index {
    uint32_t *slots;
    size_t buckets;
    uint64_t step;
    unsigned number_bits;
};

/* How many slots a base has use for at this step. */
size_t vcdiff_index_slots(uint64_t base_size, uint64_t step);
/* Reads the whole base. ERR_AGAIN: is_enough() said so. */
enum err vcdiff_index_make(struct vcdiff_index *index, struct vcdiff_base *base, size_t slots, uint64_t step,
                           const struct delta_limits *limits);
void vcdiff_index_release(struct vcdiff_index *index);

static inline uint64_t vcdiff_load64(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word); /* the same delta on every machine */
}

/* All bits depend on all octets: the upper half chooses the bucket, the lower is kept beside the place. */
static inline uint64_t vcdiff_index_hash(const char *at)
{
    uint64_t hash = vcdiff_load64(at) * 0x9e3779b97f4a7c15ull;

    return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9ull;
}

static inline uint32_t *vcdiff_index_bucket(const struct vcdiff_index *index, uint64_t hash)
{
    return index->slots + INDEX_WAYS * (size_t)(((hash >> 32) * index->buckets) >> 32);
}

static inline void vcdiff_index_prefetch(const struct vcdiff_index *index, uint64_t hash)
{
    __builtin_prefetch(vcdiff_index_bucket(index, hash));
}

/* Places whose eight octets may have this hash; gives how many. */
static inline unsigned vcdiff_index_find(const struct vcdiff_index *index, uint64_t hash, uint64_t places[INDEX_WAYS])
{
    const uint32_t *bucket = vcdiff_index_bucket(index, hash);
    uint32_t number_mask = ((uint32_t)1 << index->number_bits) - 1, tag = (uint32_t)hash & ~number_mask;
    unsigned count = 0;

    for (unsigned i = 0; i < INDEX_WAYS; i++)
        if (bucket[i] && (bucket[i] & ~number_mask) == tag)
            places[count++] = (uint64_t)((bucket[i] & number_mask) - 1) * index->step;
    return count;
}

#endif
