/*
 * id_set.c - a set of ids. Ids are random or hashed, so some of their octets are as good as a hash of them.
 */
#include "id_set.h"

#include <stdlib.h>

#include "base/arena.h"

enum { ROOM_FIRST = 16 };

static const unsigned char nothing[ID_LEN];

/* Where it is, or would be. */
static size_t slot_of(const struct id_set *set, const unsigned char id[ID_LEN])
{
    size_t at;

    memcpy(&at, id + ID_LEN - sizeof(at), sizeof(at));
    for (at &= set->room - 1; memcmp(set->slots[at], nothing, ID_LEN) != 0; at = (at + 1) & (set->room - 1))
        if (memcmp(set->slots[at], id, ID_LEN) == 0)
            break;
    return at;
}

bool id_set_has(const struct id_set *set, const unsigned char id[ID_LEN])
{
    return set->room && memcmp(set->slots[slot_of(set, id)], id, ID_LEN) == 0;
}

static void grow(struct id_set *set)
{
    struct id_set larger = {.room = set->room ? 2 * set->room : ROOM_FIRST, .count = set->count};

    larger.slots = xcalloc(larger.room, sizeof(larger.slots[0]));
    for (size_t i = 0; i < set->room; i++)
        if (memcmp(set->slots[i], nothing, ID_LEN) != 0)
            memcpy(larger.slots[slot_of(&larger, set->slots[i])], set->slots[i], ID_LEN);
    free(set->slots);
    *set = larger;
}

bool id_set_add(struct id_set *set, const unsigned char id[ID_LEN])
{
    size_t slot;

    if (2 * set->count >= set->room)
        grow(set);
    slot = slot_of(set, id);
    if (memcmp(set->slots[slot], id, ID_LEN) == 0)
        return false;
    memcpy(set->slots[slot], id, ID_LEN);
    set->count++;
    return true;
}

void id_set_release(struct id_set *set)
{
    free(set->slots);
    *set = (struct id_set){0};
}
