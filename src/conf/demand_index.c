/*
 * demand_index.c - which demands hold at a path.
 *
 * Every folder in which a demand's path begins, or its pattern's wildcards, is in one hash table, and so is every
 * folder on the way there. A path is walked from the root; the first folder that is not in the table ends the walk, so
 * most paths cost one or two looks, however many demands there are. A pattern that may begin anywhere and ends in a
 * name without wildcards is found by that name. What is left, patterns with wildcards in the first and the last
 * segment, is tried one by one at every path.
 *
 * Paths that people write and paths of requests meet here, so both are brought to normal form first where the site does
 * that with names: the store would find the file by either spelling.
 */
#include "demand_index.h"

#include "base/glob.h"

/* A path or pattern of a demand. */
struct entry {
    struct entry *next;
    unsigned demand;
    struct slice pattern; /* "": all at the node and below */
    struct slice below;   /* a pattern for all below what the pattern fits */
};

/* A folder, or a name. */
struct node {
    uint64_t hash;
    struct slice path;
    struct entry *entries;
    bool is_used, has_below;
};

struct table {
    struct node *nodes;
    unsigned count, room; /* room: a power of two, at most half in use; 0 before the first one */
};

struct demand_index {
    struct table folders; /* by their path */
    struct table leaves;  /* by the name in which patterns end */
    bool knows_countries, has_patterns;
};

/* ---- tables ---- */

/* FNV-1a, since it goes on from segment to segment. Only who writes the register chooses what is in the tables. */
#define HASH_START 0xcbf29ce484222325u

static uint64_t hash_more(uint64_t hash, const char *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)ptr[i]) * 0x100000001b3u;
    return hash;
}

/* The node, or the free one where it would be. */
static struct node *node_at(const struct table *table, uint64_t hash, struct slice path)
{
    unsigned at = (unsigned)(hash ^ hash >> 32);

    for (;; at++) {
        struct node *node = &table->nodes[at & (table->room - 1)];

        if (!node->is_used || (node->hash == hash && slice_eq(node->path, path)))
            return node;
    }
}

static const struct node *node_find(const struct table *table, uint64_t hash, struct slice path)
{
    const struct node *node = table->room ? node_at(table, hash, path) : NULL;

    return node && node->is_used ? node : NULL;
}

static void table_grow(struct table *table, struct arena *arena)
{
    struct table more = {.room = table->room ? 2 * table->room : 64, .count = table->count};

    more.nodes = arena_alloc(arena, more.room * sizeof(*more.nodes));
    for (unsigned i = 0; i < table->room; i++)
        if (table->nodes[i].is_used)
            *node_at(&more, table->nodes[i].hash, table->nodes[i].path) = table->nodes[i];
    *table = more;
}

static struct node *node_get(struct table *table, struct arena *arena, struct slice path)
{
    struct node *node;
    uint64_t hash = hash_more(HASH_START, path.ptr, path.len);

    if (2 * table->count >= table->room)
        table_grow(table, arena);
    node = node_at(table, hash, path);
    table->count += !node->is_used;
    node->is_used = true;
    node->hash = hash;
    node->path = path;
    return node;
}

/* ---- making it ---- */

/* The folders above it know that there is something below. */
static void way_there(struct demand_index *index, struct arena *arena, struct slice path)
{
    while (path.len) {
        struct node *above;

        path = rpath_parent((struct rpath){.text = path}).text;
        above = node_get(&index->folders, arena, path);
        if (above->has_below)
            return;
        above->has_below = true;
    }
}

/* The folder in which the first wildcard is. */
static struct slice folder_before_wildcards(struct slice pattern)
{
    struct slice literal = glob_literal(pattern);

    while (literal.len && literal.ptr[literal.len - 1] != '/')
        literal.len--;
    return slice_upto(literal, literal.len ? literal.len - 1 : 0);
}

static void add(struct demand_index *index, struct arena *arena, unsigned demand, struct slice path)
{
    struct entry *entry = arena_alloc(arena, sizeof(*entry));
    struct slice folder = path, leaf = rpath_leaf((struct rpath){.text = path});
    struct node *node;

    entry->demand = demand;
    if (glob_is_pattern(path)) {
        index->has_patterns = true;
        entry->pattern = path;
        entry->below = arena_printf(arena, "%.*s/**", SLICE_FMT(path));
        folder = folder_before_wildcards(path);
    }
    if (entry->pattern.len && !folder.len && leaf.len && !glob_is_pattern(leaf)) {
        node = node_get(&index->leaves, arena, leaf);
    } else {
        way_there(index, arena, folder);
        node = node_get(&index->folders, arena, folder);
    }
    entry->next = node->entries;
    node->entries = entry;
}

struct demand_index *demand_index_new(struct arena *arena, struct site *site)
{
    struct demand_index *index;
    char room[CONF_PATH_ROOM];

    if (!site->demand_count)
        return NULL;
    index = arena_alloc(arena, sizeof(*index));
    for (unsigned i = 0; i < site->demand_count; i++) {
        const struct demand *demand = &site->demands[i];

        index->knows_countries |= demand->country_count > 0;
        for (unsigned j = 0; j < demand->path_count; j++) {
            demand->paths[j] = arena_slice(arena, conf_path(site, demand->paths[j], room));
            add(index, arena, i, demand->paths[j]);
        }
    }
    return index;
}

/* ---- looking ---- */

struct search {
    const struct site *site;
    struct slice path;
    struct slice country;
    bool any_country; /* whether it is one that holds in some countries only is the question */
    const struct demand *found;
};

static bool holds(const struct search *search, const struct demand *demand)
{
    if (search->any_country)
        return demand->country_count > 0;
    if (slice_eq(search->country, COUNTRY_HIDDEN))
        return true;
    for (unsigned i = 0; i < demand->country_count; i++)
        if (slice_eq(demand->countries[i], search->country))
            return true;
    return demand->country_count == 0;
}

/* What everybody is told goes before what only some are; then the register's order counts. */
static bool is_better(const struct demand *demand, const struct demand *than)
{
    if (!than)
        return true;
    return demand->is_public != than->is_public ? demand->is_public : demand < than;
}

static void consider(struct search *search, const struct node *node)
{
    for (const struct entry *entry = node ? node->entries : NULL; entry; entry = entry->next) {
        const struct demand *demand = &search->site->demands[entry->demand];

        if (!holds(search, demand) || !is_better(demand, search->found))
            continue;
        if (!entry->pattern.len || glob_match(entry->pattern, search->path, NULL) ||
            glob_match(entry->below, search->path, NULL))
            search->found = demand;
    }
}

static void search_folders(const struct demand_index *index, struct search *search)
{
    struct slice path = search->path;
    const struct node *node = node_find(&index->folders, HASH_START, SLICE(""));
    uint64_t hash = HASH_START;
    size_t done = 0;

    consider(search, node);
    while (node && done < path.len) {
        size_t end = done + (done > 0); /* past the slash */

        end += slice_index(slice_from(path, end), '/');
        hash = hash_more(hash, path.ptr + done, end - done);
        node = node_find(&index->folders, hash, slice_upto(path, end));
        consider(search, node);
        done = end;
    }
}

static void search_leaves(const struct demand_index *index, struct search *search)
{
    if (!index->leaves.count)
        return;
    for (struct slice rest = search->path, name; rpath_next(&rest, &name);)
        consider(search, node_find(&index->leaves, hash_more(HASH_START, name.ptr, name.len), name));
}

static const struct demand *find(struct search *search)
{
    const struct demand_index *index = search->site->demand_index;
    char room[CONF_PATH_ROOM];

    if (!index)
        return NULL;
    search->path = conf_path(search->site, search->path, room);
    search_folders(index, search);
    search_leaves(index, search);
    return search->found;
}

const struct demand *conf_demand(const struct site *site, struct slice path, struct slice country)
{
    return find(&(struct search){.site = site, .path = path, .country = country});
}

bool conf_knows_countries(const struct site *site)
{
    return site->demand_index && site->demand_index->knows_countries;
}

const struct demand *conf_demand_elsewhere(const struct site *site, struct slice path)
{
    return conf_knows_countries(site) ? find(&(struct search){.site = site, .path = path, .any_country = true}) : NULL;
}

bool conf_depends_on_country(const struct site *site, struct slice path)
{
    return conf_demand_elsewhere(site, path);
}

/* ---- what is below a folder ---- */

bool conf_demand_below(const struct site *site, struct slice folder, struct demand_step *step, struct slice *below)
{
    char room[CONF_PATH_ROOM];

    folder = conf_path(site, folder, room);
    for (; step->demand < site->demand_count; step->demand++, step->path = 0)
        while (step->path < site->demands[step->demand].path_count) {
            struct slice path = site->demands[step->demand].paths[step->path++];

            if (path.len <= folder.len || glob_is_pattern(path) || !rpath_is_within(path, folder))
                continue;
            *below = slice_from(path, folder.len ? folder.len + 1 : 0);
            return true;
        }
    return false;
}

static bool has_patterns(const struct node *node)
{
    for (const struct entry *entry = node->entries; entry; entry = entry->next)
        if (entry->pattern.len)
            return true;
    return false;
}

/* A pattern begins in it or above it; where patterns begin below it, the node knows that something does. */
static bool patterns_reach(const struct demand_index *index, struct slice folder)
{
    if (index->leaves.count)
        return true;
    for (;; folder = rpath_parent((struct rpath){.text = folder}).text) {
        const struct node *node = node_find(&index->folders, hash_more(HASH_START, folder.ptr, folder.len), folder);

        if (node && has_patterns(node))
            return true;
        if (!folder.len)
            return false;
    }
}

static bool has_below(const struct demand_index *index, struct slice folder)
{
    const struct node *node = node_find(&index->folders, hash_more(HASH_START, folder.ptr, folder.len), folder);

    return node && node->has_below;
}

bool demand_index_differs_below(const struct site *site, struct slice folder)
{
    const struct demand_index *index = site->demand_index;
    char room[CONF_PATH_ROOM];

    if (!index)
        return false;
    folder = conf_path(site, folder, room);
    return has_below(index, folder) || patterns_reach(index, folder);
}

bool conf_demand_fits_below(const struct site *site, struct slice folder)
{
    const struct demand_index *index = site->demand_index;
    char room[CONF_PATH_ROOM];

    if (!index || !index->has_patterns)
        return false;
    folder = conf_path(site, folder, room);
    return has_below(index, folder) || patterns_reach(index, folder);
}
