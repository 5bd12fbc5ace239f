/*
 * ways.c - see ways.h. Depth first, a bound folder is done with before it can be met again, since none is below itself:
 * so by then it is known what it adds.
 */
#include "ways.h"

#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"

/* What is met by going into a bound folder, itself included. */
struct known {
    unsigned char id[16];
    uint64_t met; /* 0: this place is free */
};

/* One that the walk is in. */
struct inside {
    unsigned char id[16];
    unsigned depth;
    uint64_t before; /* what was met until it came */
};

struct ways {
    struct known *known; /* room is a power of two; ids are random */
    size_t known_count, known_room;
    struct inside *inside;
    size_t inside_count, inside_room;
    uint64_t met, again;
};

static struct known *place_of(const struct ways *ways, const unsigned char id[16])
{
    uint64_t at;

    memcpy(&at, id, sizeof(at));
    for (;; at++) {
        struct known *known = &ways->known[at & (ways->known_room - 1)];

        if (!known->met || memcmp(known->id, id, sizeof(known->id)) == 0)
            return known;
    }
}

static void make_room(struct ways *ways)
{
    struct ways wider = {.known_room = ways->known_room ? 2 * ways->known_room : 64};

    if (2 * (ways->known_count + 1) < ways->known_room)
        return;
    wider.known = xcalloc(wider.known_room, sizeof(*wider.known));
    for (size_t i = 0; i < ways->known_room; i++)
        if (ways->known[i].met)
            *place_of(&wider, ways->known[i].id) = ways->known[i];
    free(ways->known);
    ways->known = wider.known;
    ways->known_room = wider.known_room;
}

static void know(struct ways *ways, const struct inside *inside)
{
    struct known *known;

    make_room(ways);
    known = place_of(ways, inside->id);
    memcpy(known->id, inside->id, sizeof(known->id));
    known->met = ways->met - inside->before;
    ways->known_count++;
}

static void enter(struct ways *ways, const struct walk_entry *entry)
{
    struct inside *inside;

    if (ways->inside_count == ways->inside_room) {
        ways->inside_room = ways->inside_room ? 2 * ways->inside_room : 16;
        ways->inside = xrealloc(ways->inside, ways->inside_room * sizeof(*ways->inside));
    }
    inside = &ways->inside[ways->inside_count++];
    *inside = (struct inside){.depth = entry->depth, .before = ways->met};
    memcpy(inside->id, entry->facts.bound_id, sizeof(inside->id));
}

/* What it adds that was met already; of a folder that went meanwhile only the name. */
static uint64_t met_again(const struct ways *ways, const struct walk_entry *entry)
{
    uint64_t met = ways->known_room ? place_of(ways, entry->facts.bound_id)->met : 0;

    return met ? met : 1;
}

static void count(struct ways *ways, const struct walk_entry *entry)
{
    while (ways->inside_count && ways->inside[ways->inside_count - 1].depth >= entry->depth)
        know(ways, &ways->inside[--ways->inside_count]);
    if (entry->is_again) {
        ways->met += met_again(ways, entry);
        ways->again += met_again(ways, entry);
        return;
    }
    if (!entry->is_broken && entry->facts.kind == KIND_FOLDER && entry->facts.is_bound)
        enter(ways, entry);
    ways->met++;
}

uint64_t ways_count(struct store *store, struct rpath path, uint64_t most, const atomic_bool *left)
{
    struct walk_entry entry;
    struct ways ways = {.met = 0};
    struct walk *walk;

    if (store_walk(store, path, WALK_DEEP, &walk))
        return 0; /* whoever walks next will say why */
    walk_once(walk);
    while (ways.again <= most && walk_next(walk, &entry) == ERR_NONE && !exchange_is_left(left))
        count(&ways, &entry);
    walk_close(walk);
    free(ways.known);
    free(ways.inside);
    return ways.again;
}
