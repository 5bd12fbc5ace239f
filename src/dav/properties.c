/*
 * properties.c - what a PROPFIND asks, resolved once, and a resource's answer to it (RFC 4918 §9.1).
 *
 * A plan knows for each name that was asked for its row in the table of live properties, or that it may be a dead one,
 * and how its empty element is written; so each of a million members is told of without looking anything up.
 */
#include "live.h"

struct prop_item {
    const struct live *live; /* NULL: a dead property, if any */
    struct slice space, local;
    struct slice empty; /* its element without content */
};

/* ---- the plan ---- */

static struct slice empty_of(const struct prop_item *item, struct buf *room)
{
    struct xml_out xml = {.out = room, .depth = 1}; /* somewhere inside */

    if (item->live)
        return item->live->empty;
    buf_clear(room);
    xml_named(&xml, item->space, item->local);
    return buf_slice(room);
}

static void plan_item(struct prop_plan *plan, const struct prop_name *name, struct prop_item *item)
{
    *item = (struct prop_item){.live = live_find(name->space, name->local), .space = name->space, .local = name->local};
    plan->wants_dead |= !item->live;
    plan->wants_traits |= item->live && item->live->needs_traits;
    plan->wants_locks |= item->live && item->live->needs_locks;
    plan->wants_store |= item->live && item->live->needs_store;
    plan->wants_id |= item->live && item->live->needs_id;
}

struct verdict dav_plan(const struct propfind_body *body, bool is_minimal, struct arena *arena, struct prop_plan *out)
{
    struct buf room = BUF_INIT(PROP_COST_MAX);
    size_t cost = 0;

    *out = (struct prop_plan){.kind = body->kind, .is_minimal = is_minimal, .count = body->count};
    out->items = arena_alloc(arena, body->count * sizeof(*out->items));
    out->missing = arena_alloc(arena, body->count * sizeof(*out->missing));
    for (unsigned i = 0; i < body->count; i++) {
        struct prop_item *item = &out->items[i];
        struct slice empty;

        plan_item(out, &body->names[i], item);
        empty = empty_of(item, &room);
        cost += empty.len;
        if (room.overflown || cost > PROP_COST_MAX) {
            buf_release(&room);
            return VERDICT(413, "This asks for too many properties at once.");
        }
        item->empty = item->live ? empty : arena_slice(arena, empty);
    }
    buf_release(&room);
    out->cost = cost;
    if (body->kind != PROPFIND_SOME)
        out->wants_dead = out->wants_traits = true;
    out->wants_locks |= body->kind == PROPFIND_ALL;
    return GO_ON;
}

bool dav_plan_is_known(const struct prop_plan *plan, const struct store *store, const struct snapshot *snapshot)
{
    if (plan->wants_store)
        return false;
    if ((plan->wants_dead && store_has_props(store)) || (plan->wants_traits && store_has_traits(store)))
        return snapshot_has_records(snapshot, store);
    return true;
}

bool dav_plan_needs_locks(const struct prop_plan *plan, const struct store *store)
{
    return plan->wants_locks && store_has_locks(store);
}

/* ---- one resource ---- */

static void open_propstat(struct buf *out)
{
    buf_add(out, SLICE("<D:propstat><D:prop>"));
}

static void close_found(struct buf *out, const struct prop_view *view)
{
    buf_add(out, view->is_again ? SLICE("</D:prop><D:status>HTTP/1.1 208 Already Reported</D:status></D:propstat>")
                                : SLICE("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"));
}

static const struct property *dead_find(const struct prop_view *view, struct slice space, struct slice local)
{
    unsigned low = 0, high = view->dead_count;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const struct property *at = &view->dead[middle];
        int order = slice_cmp(space, at->space);

        if (order == 0)
            order = slice_cmp(local, at->local);
        if (order == 0)
            return at;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* False: there is no such property. */
static bool write_item(struct xml_out *xml, const struct prop_view *view, const struct prop_item *item)
{
    const struct property *dead;

    if (item->live)
        return live_write(item->live, xml, view);
    dead = dead_find(view, item->space, item->local);
    if (dead)
        xml_add(xml, dead->xml);
    return dead != NULL;
}

/* All live ones of RFC 4918 and their like, and all dead ones. */
static void write_all(struct xml_out *xml, const struct prop_view *view)
{
    for (unsigned i = 0; i < live_count; i++)
        if (live_table[i].in_allprop)
            live_write(&live_table[i], xml, view);
    for (unsigned i = 0; i < view->dead_count; i++)
        xml_add(xml, view->dead[i].xml);
}

/* What DAV:include names was written with all others, if it is there and belongs to them (DAV-041). */
static bool is_among_all(const struct prop_view *view, const struct prop_item *item)
{
    if (!item->live)
        return dead_find(view, item->space, item->local) != NULL;
    return item->live->in_allprop && live_exists(item->live, view);
}

static void write_names(struct xml_out *xml, const struct prop_view *view)
{
    open_propstat(xml->out);
    for (unsigned i = 0; i < live_count; i++)
        if (live_exists(&live_table[i], view))
            buf_add(xml->out, live_table[i].empty);
    for (unsigned i = 0; i < view->dead_count; i++)
        xml_named(xml, view->dead[i].space, view->dead[i].local);
    close_found(xml->out, view);
}

void dav_propstats(struct xml_out *xml, const struct prop_view *view, const struct prop_plan *plan)
{
    struct buf *out = xml->out;
    size_t start = out->len, inside;
    unsigned missing = 0;

    if (plan->kind == PROPFIND_NAMES) {
        write_names(xml, view);
        return;
    }
    open_propstat(out);
    inside = out->len;
    if (plan->kind == PROPFIND_ALL)
        write_all(xml, view);
    for (unsigned i = 0; i < plan->count; i++) {
        if (plan->kind == PROPFIND_ALL && is_among_all(view, &plan->items[i]))
            continue;
        if (!write_item(xml, view, &plan->items[i]))
            plan->missing[missing++] = i;
    }
    if (plan->is_minimal)
        missing = 0;
    if (out->len > inside || !missing || view->is_again) /* DAV-C8, DAV-174, BND-50: an empty one rather than none */
        close_found(out, view);
    else
        out->len = start;
    if (!missing)
        return;
    open_propstat(out);
    for (unsigned i = 0; i < missing; i++)
        buf_add(out, plan->items[plan->missing[i]].empty);
    buf_add(out, SLICE("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"));
}
