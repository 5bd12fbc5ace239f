/*
 * pairs.c - random pairs.
 */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

uint32_t pair_random(struct pair *pair, uint32_t end)
{
    pair->state ^= pair->state << 13;
    pair->state ^= pair->state >> 7;
    pair->state ^= pair->state << 17;
    return end ? (uint32_t)((pair->state >> 32) * end >> 32) : 0;
}

/* Content of one of several kinds, in pieces. */
static void fill(struct pair *pair, char *at, size_t len)
{
    uint32_t kind = pair_random(pair, 5), letters = 1 + pair_random(pair, 30);

    while (len) {
        size_t piece = 1 + pair_random(pair, kind == 0 ? 300 : 12);
        char octet = (char)pair_random(pair, 256);

        if (piece > len)
            piece = len;
        if (kind == 0)
            memset(at, octet, piece);
        else
            for (size_t i = 0; i < piece; i++)
                at[i] = kind == 1 ? (char)pair_random(pair, 256) : (char)('a' + pair_random(pair, letters));
        at += piece;
        len -= piece;
    }
}

/* A piece of the base, of the target so far, or of something new. */
static size_t append(struct pair *pair, size_t room, size_t *base_at)
{
    size_t piece = pair_random(pair, 8) ? 1 + pair_random(pair, 600) : 1 + pair_random(pair, 9), from;
    char *to = pair->target + pair->target_len;

    if (piece > room)
        piece = room;
    switch (pair_random(pair, 8)) {
    case 0:
        fill(pair, to, piece);
        return piece;
    case 1: /* repeats what is there, over its own end too */
        if (pair->target_len == 0)
            return 0;
        from = pair->target_len - 1 - pair_random(pair, (uint32_t)pair->target_len);
        for (size_t i = 0; i < piece; i++)
            to[i] = pair->target[from + i];
        return piece;
    case 2: /* elsewhere in the base from now on */
        *base_at = pair_random(pair, (uint32_t)pair->base_len + 1);
        break;
    case 3: /* some of the base is gone, or a few octets are other */
        *base_at += pair_random(pair, 20);
        break;
    default:
        break;
    }
    if (*base_at >= pair->base_len)
        *base_at = 0;
    if (piece > pair->base_len - *base_at)
        piece = pair->base_len - *base_at;
    memcpy(to, pair->base + *base_at, piece);
    *base_at += piece;
    return piece;
}

void pair_make(struct pair *pair, uint64_t seed, size_t size)
{
    size_t base_at = 0, target_size;

    *pair = (struct pair){.state = seed * 0x9e3779b97f4a7c15ull + 1};
    pair_random(pair, 1);
    pair->base_len = pair_random(pair, 30) ? pair_random(pair, (uint32_t)size + 1) : 0;
    target_size = pair_random(pair, 30) ? pair_random(pair, (uint32_t)size + 1) : 0;
    pair->base = xmalloc(pair->base_len + 1);
    pair->target = xmalloc(target_size + 1);
    fill(pair, pair->base, pair->base_len);
    for (size_t tries = 0; pair->target_len < target_size && tries < size; tries++)
        pair->target_len += append(pair, target_size - pair->target_len, &base_at);
}

void pair_release(struct pair *pair)
{
    free(pair->base);
    free(pair->target);
    *pair = (struct pair){0};
}
