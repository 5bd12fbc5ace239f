/*
 * place_index.c - finding the longest place above a path, and what holds there.
 *
 * In the order of a tree a folder is followed by all that is below it, as if '/' came before every other octet. So all
 * places between an ancestor of a path and the path itself are below that ancestor, and the one just before the path is
 * on the way to it or a cousin: from there it is a few steps up. What holds at each place is made beforehand, from what
 * holds at the one above it.
 */
#include "place_index.h"

#include <stdlib.h>

#include "table.h"

struct item {
    struct slice path;
    const struct place *place;
    unsigned above;     /* the nearest place that it is below; of the first one, "", itself */
    struct rules rules; /* with what the places above say */
};

struct place_index {
    struct item *items; /* the first is "" */
    unsigned count;
};

static int octet_order(char c)
{
    return c == '/' ? 0 : 1 + (unsigned char)c;
}

static int tree_order(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < len; i++)
        if (a.ptr[i] != b.ptr[i])
            return octet_order(a.ptr[i]) - octet_order(b.ptr[i]);
    return a.len < b.len ? -1 : a.len > b.len;
}

static int by_tree(const void *a, const void *b)
{
    return tree_order(((const struct item *)a)->path, ((const struct item *)b)->path);
}

/* What `place` sets is so from here on; the rest is as above. */
static void rules_take(struct rules *rules, const struct place *place)
{
    const struct rules *own = &place->rules;

    if (place->set & SET_ALLOW) {
        rules->allows = own->allows;
        rules->allow_count = own->allow_count;
        rules->has_allow = true;
    }
    if (place->set & SET_HIDDEN)
        rules->hidden = own->hidden;
    if (place->set & SET_UNTRUSTED)
        rules->untrusted = own->untrusted;
    if (place->set & SET_INDEX)
        rules->index = own->index;
    if (place->set & SET_INFINITY)
        rules->propfind_infinity = own->propfind_infinity;
    if (place->set & SET_MATCH)
        rules->require_match = own->require_match;
    if (place->set & SET_FORWARDING)
        rules->leave_forwarding = own->leave_forwarding;
    if (place->set & SET_HISTORY)
        rules->history = own->history;
    if (place->set & SET_FEEDS)
        rules->feeds = own->feeds;
    if (place->set & SET_DICTIONARY)
        rules->dictionary = own->dictionary;
    if (place->set & SET_FRESH)
        rules->fresh_s = own->fresh_s;
    if (place->set & SET_DIGEST)
        rules->digest = own->digest;
    if (place->set & SET_DELTA_AHEAD)
        rules->delta_ahead = own->delta_ahead;
    if (place->set & SET_PARTIAL_PUT)
        rules->partial_put = own->partial_put;
    if (place->set & SET_BIND_LOOPS)
        rules->bind_loops = own->bind_loops;
    if (place->set & SET_NEGOTIATE)
        rules->negotiate = own->negotiate;
    if (place->set & SET_LANGUAGES) {
        rules->languages = own->languages;
        rules->language_count = own->language_count;
    }
    if (place->set & SET_COMPRESS)
        rules->compress = own->compress;
    if (place->set & SET_EXTENSION)
        rules->extension = own->extension;
}

/* The last item, of those before `count`, that is not after the path. There is one: "". */
static unsigned last_before(const struct place_index *index, unsigned count, struct slice path)
{
    unsigned low = 0, high = count;

    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;

        if (tree_order(index->items[middle].path, path) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The longest of them that the path is at or below. */
static unsigned nearest(const struct place_index *index, unsigned count, struct slice path)
{
    unsigned at = last_before(index, count, path);

    while (!rpath_is_within(path, index->items[at].path))
        at = index->items[at].above;
    return at;
}

void place_index_make(struct arena *arena, struct site *site)
{
    struct place_index *index = arena_alloc(arena, sizeof(*index));

    index->count = site->place_count;
    index->items = arena_alloc(arena, index->count * sizeof(*index->items));
    for (unsigned i = 0; i < index->count; i++) {
        struct place *place = &site->places[i];
        char room[CONF_PATH_ROOM];

        place->path = arena_slice(arena, conf_path(site, place->path, room));
        index->items[i] = (struct item){.path = place->path, .place = place};
    }
    qsort(index->items, index->count, sizeof(*index->items), by_tree);
    for (unsigned i = 0; i < index->count; i++) {
        struct item *item = &index->items[i];

        item->above = i ? nearest(index, i, item->path) : 0;
        item->rules = i ? index->items[item->above].rules : (struct rules){0};
        rules_take(&item->rules, item->place);
    }
    site->place_index = index;
}

const struct rules *place_index_rules(const struct site *site, struct slice path)
{
    const struct place_index *index = site->place_index;
    char room[CONF_PATH_ROOM];

    return &index->items[nearest(index, index->count, conf_path(site, path, room))].rules;
}

bool place_index_names(const struct site *site, struct slice path)
{
    const struct place_index *index = site->place_index;
    char room[CONF_PATH_ROOM];

    path = conf_path(site, path, room);
    return slice_eq(index->items[last_before(index, index->count, path)].path, path);
}

bool place_index_has_below(const struct site *site, struct slice folder)
{
    const struct place_index *index = site->place_index;
    char room[CONF_PATH_ROOM];
    unsigned next;

    folder = conf_path(site, folder, room);
    next = last_before(index, index->count, folder) + 1;
    return next < index->count && rpath_is_within(index->items[next].path, folder);
}
