/*
 * vcdiff_index.c - filling the index, from the base's start to its end.
 */
#include "vcdiff_index.h"

#include <stdlib.h>

#include "vcdiff_memory.h"

/* So many octets between two questions whether it is enough, and what is hashed before the buckets are touched. */
enum { ASK_EVERY = 4 << 20, AT_ONCE = 16, PLACES_MAX = 1 << 26 };

static uint64_t count_places(uint64_t base_size, uint64_t step)
{
    return base_size < INDEX_KEY ? 0 : (base_size - INDEX_KEY) / step + 1;
}

/* A quarter more than places, since buckets fill unevenly. */
size_t vcdiff_index_slots(uint64_t base_size, uint64_t step)
{
    uint64_t places = count_places(base_size, step);

    /* past this the number leaves too few bits of the hash: as if no memory were enough */
    if (places > PLACES_MAX)
        return SIZE_MAX;
    return (size_t)(places + places / 4) / INDEX_WAYS * INDEX_WAYS + INDEX_WAYS;
}

/*
 * What is there often (zeros, blanks) does not fill its bucket: of equal hashes the first and the last place stay.
 * Where different ones are too many, they take each other's slot in turn.
 */
static void insert(struct vcdiff_index *index, uint64_t hash, uint32_t number)
{
    uint32_t *bucket = vcdiff_index_bucket(index, hash), *equal = NULL;
    uint32_t mask = ((uint32_t)1 << index->number_bits) - 1, tag = (uint32_t)hash & ~mask;
    unsigned equals = 0;

    for (unsigned i = 0; i < INDEX_WAYS; i++) {
        if (bucket[i] == 0) {
            if (equals < 2)
                equal = &bucket[i];
            break;
        }
        if ((bucket[i] & ~mask) == tag) {
            equal = &bucket[i];
            equals++;
        }
    }
    if (!equal)
        equal = &bucket[number % INDEX_WAYS];
    *equal = tag | (number + 1);
}

/* Hashes first, then buckets: memory is asked for ahead. */
static uint64_t insert_some(struct vcdiff_index *index, struct vcdiff_base *base, uint64_t number, uint64_t end)
{
    uint64_t hashes[AT_ONCE];
    unsigned count = 0;

    for (; count < AT_ONCE && number + count < end; count++) {
        const char *octets = vcdiff_base_word(base, (number + count) * index->step);

        if (!octets)
            return end;
        hashes[count] = vcdiff_index_hash(octets);
        vcdiff_index_prefetch(index, hashes[count]);
    }
    for (unsigned i = 0; i < count; i++)
        insert(index, hashes[i], (uint32_t)(number + i));
    return number + count;
}

enum err vcdiff_index_make(struct vcdiff_index *index, struct vcdiff_base *base, size_t slots, uint64_t step,
                           const struct delta_limits *limits)
{
    uint64_t places = count_places(base->size, step), asked = 0;

    *index = (struct vcdiff_index){.buckets = slots / INDEX_WAYS, .step = step};
    index->slots = vcdiff_memory_new(slots * sizeof(*index->slots));
    while (places >> index->number_bits)
        index->number_bits++;
    for (uint64_t number = 0; number < places;) {
        number = insert_some(index, base, number, places);
        if (base->err != ERR_NONE)
            return base->err;
        if ((number - asked) * step < ASK_EVERY)
            continue;
        asked = number;
        if (limits->is_enough && limits->is_enough(limits->arg))
            return ERR_AGAIN;
    }
    return ERR_NONE;
}

void vcdiff_index_release(struct vcdiff_index *index)
{
    free(index->slots);
    *index = (struct vcdiff_index){0};
}
