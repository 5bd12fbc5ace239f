/*
 * pairs.h - pairs of a base and a target that is made of it by edits, from a seed.
 *
 * Contents are of few letters, words, runs or noise; edits replace, insert, delete, move, repeat. Some pairs have
 * nothing in common, some an empty side, some are equal. Also for test/fuzz, which brings the seed's octets.
 */
#ifndef TEST_PAIRS_H
#define TEST_PAIRS_H

#include <stddef.h>
#include <stdint.h>

struct pair {
    char *base, *target;
    size_t base_len, target_len;
    uint64_t state;
};

/* The next number, below `end`. */
uint32_t pair_random(struct pair *pair, uint32_t end);
/* Both contents are about so long; free with pair_release(). */
void pair_make(struct pair *pair, uint64_t seed, size_t size);
void pair_release(struct pair *pair);

#endif
