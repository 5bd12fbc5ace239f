/*
 * binding_below.c - which bound folders a walk of a tree would meet twice, or never leave (RFC 5842 §7.1).
 *
 * Nothing is walked: bindings of folders are few, and each is recorded with the folder that it is in. From these
 * records follows which bound folder has which one in it, however deep.
 */
#include "bindings.h"

#include <stdlib.h>

#include "identity_look.h"

enum { CLIMB_MAX = 1024 };

/* A binding of a folder: from the bound folder (or the top) that it is in, to what it is of. */
struct edge {
    unsigned char from[ID_LEN], to[ID_LEN];
};

struct graph {
    struct store *store;
    struct meta *meta;
    unsigned char top[ID_LEN];
    struct edge *edges;
    size_t count, room;
    /* the folder asked last and where it is, since many names are in one folder */
    unsigned char last[ID_LEN], last_owner[ID_LEN];
};

/* The bound folder, or the top, that a folder is in. */
static void owner_of(struct graph *graph, const unsigned char folder[ID_LEN], unsigned char owner[ID_LEN])
{
    struct way_record way;

    if (id_same(folder, graph->last)) {
        memcpy(owner, graph->last_owner, ID_LEN);
        return;
    }
    memcpy(owner, folder, ID_LEN);
    for (unsigned i = 0; i < CLIMB_MAX && !id_same(owner, graph->top) && way_get(graph->meta, owner, &way) == ERR_NONE;
         i++)
        memcpy(owner, way.parent, ID_LEN);
    memcpy(graph->last, folder, ID_LEN);
    memcpy(graph->last_owner, owner, ID_LEN);
}

static bool add_edge(const struct binding_record *record, void *arg)
{
    struct graph *graph = arg;
    struct edge *edge;

    if (record->kind != KIND_FOLDER)
        return true;
    if (graph->count == graph->room) {
        graph->room = graph->room ? 2 * graph->room : 64;
        graph->edges = xrealloc(graph->edges, graph->room * sizeof(*graph->edges));
    }
    edge = &graph->edges[graph->count++];
    owner_of(graph, record->parent, edge->from);
    memcpy(edge->to, record->id, ID_LEN);
    return true;
}

static int by_from(const void *a, const void *b)
{
    return memcmp(((const struct edge *)a)->from, ((const struct edge *)b)->from, ID_LEN);
}

/* The first edge from a folder on. */
static size_t first_from(const struct graph *graph, const unsigned char from[ID_LEN])
{
    size_t low = 0, high = graph->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(graph->edges[middle].from, from, ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A folder, and how far we are with it. */
struct visit {
    unsigned char id[ID_LEN];
    size_t next; /* of its edges */
    enum { UNSEEN, ON_THE_WAY, DONE } state;
};

struct visits {
    struct visit *list; /* by id */
    size_t count;
    struct visit **way; /* down from the top */
    size_t depth;
};

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct visit *)a)->id, ((const struct visit *)b)->id, ID_LEN);
}

static struct visit *visit_of(const struct visits *visits, const unsigned char id[ID_LEN])
{
    struct visit key = {.next = 0};

    memcpy(key.id, id, ID_LEN);
    return bsearch(&key, visits->list, visits->count, sizeof(key), by_id);
}

/* The top, and all that are bound; one that is there more than once is always found at the same place. */
static void visits_fill(struct visits *visits, const struct graph *graph)
{
    visits->list = xcalloc(graph->count + 1, sizeof(*visits->list));
    visits->way = xcalloc(graph->count + 1, sizeof(struct visit *));
    visits->count = graph->count + 1;
    for (size_t i = 0; i < graph->count; i++)
        memcpy(visits->list[i].id, graph->edges[i].to, ID_LEN);
    memcpy(visits->list[graph->count].id, graph->top, ID_LEN);
    qsort(visits->list, visits->count, sizeof(*visits->list), by_id);
}

static void visit_begin(struct visits *visits, const struct graph *graph, struct visit *visit)
{
    visit->next = first_from(graph, visit->id);
    visit->state = ON_THE_WAY;
    visits->way[visits->depth++] = visit;
}

static void visit_next(struct visits *visits, const struct graph *graph, struct bound_below *out)
{
    struct visit *at = visits->way[visits->depth - 1], *child;

    if (at->next == graph->count || !id_same(graph->edges[at->next].from, at->id)) {
        at->state = DONE;
        visits->depth--;
        return;
    }
    child = visit_of(visits, graph->edges[at->next++].to);
    if (child->state == UNSEEN) {
        visit_begin(visits, graph, child);
        return;
    }
    out->repeats = true;
    out->loops = child->state == ON_THE_WAY;
}

static void visit_all(const struct graph *graph, struct bound_below *out)
{
    struct visits visits = {.depth = 0};

    visits_fill(&visits, graph);
    visit_begin(&visits, graph, visit_of(&visits, graph->top));
    while (visits.depth && !out->loops)
        visit_next(&visits, graph, out);
    free(visits.list);
    free(visits.way);
}

enum err store_bound_below(struct store *store, struct rpath path, struct bound_below *out)
{
    struct graph graph = {.store = store, .meta = records_find(store)};
    enum err err;

    *out = (struct bound_below){.loops = false};
    if (!graph.meta || !atomic_load(&store->kinds.bound_folders))
        return ERR_NONE;
    err = store_id(store, path, graph.top);
    if (err == ERR_NONE)
        err = bindings_each(graph.meta, add_edge, &graph);
    if (err == ERR_NONE && graph.count) {
        qsort(graph.edges, graph.count, sizeof(*graph.edges), by_from);
        visit_all(&graph, out);
    }
    free(graph.edges);
    return err;
}
