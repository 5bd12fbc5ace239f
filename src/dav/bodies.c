/*
 * bodies.c - what the bodies of requests ask (RFC 4918 §14, RFC 5689 §5, RFC 5842 §4, RFC 6578 §6).
 *
 * Elements and attributes that are not known are passed over with all in them (RFC 4918 §17), and order matters only
 * among the instructions of PROPPATCH and MKCOL. Nothing here looks at what is on the disk.
 */
#include "dav/dav.h"

#include <limits.h>

/*
 * Names that one PROPFIND or REPORT may ask for, and instructions of one PROPPATCH: twice what a resource can keep, so
 * that each can be removed and set. Each name is answered for each member of a folder.
 */
enum { NAMES_MAX = 2 * PROPS_COUNT_MAX };

static struct verdict senseless(const char *sentence)
{
    return (struct verdict){.status = 422, .detail = slice_str(sentence)};
}

/* The document's element; whatever it is called. */
static struct verdict read_root(struct slice body, struct arena *arena, struct xml_node **root)
{
    struct verdict verdict = {0};

    if (slice_is_empty(body))
        return VERDICT(400, "There is no content; this method needs XML that says what is wanted.");
    switch (xml_parse(body, &XML_LIMITS_DEFAULT, arena, root, &verdict.detail)) {
    case XML_OK:
        return GO_ON;
    case XML_EXTERNAL:
        verdict.status = 403;
        verdict.condition = SLICE("no-external-entities");
        break;
    case XML_LIMIT:
        verdict.status = 413;
        break;
    case XML_MALFORMED:
        verdict.status = 400;
        break;
    }
    return verdict;
}

static struct verdict read_root_named(struct slice body, struct arena *arena, struct slice local,
                                      struct xml_node **root)
{
    struct verdict verdict = read_root(body, arena, root);

    if (!verdict.status && !xml_is(*root, XML_DAV, local)) {
        verdict.status = 422;
        verdict.detail =
            arena_printf(arena, "The body's element has to be %.*s in the namespace DAV:.", SLICE_FMT(local));
    }
    return verdict;
}

static struct xml_node *child(const struct xml_node *node, struct slice local)
{
    return xml_child(node, XML_DAV, local);
}

/* ---- names ---- */

static unsigned children_of(const struct xml_node *node)
{
    unsigned count = 0;

    for (struct xml_node *at = xml_first(node); at; at = xml_next(at))
        count++;
    return count;
}

static bool has_name(const struct propfind_body *body, const struct xml_node *node)
{
    for (unsigned i = 0; i < body->count; i++)
        if (slice_eq(body->names[i].local, node->local) && slice_eq(body->names[i].space, node->space))
            return true;
    return false;
}

/* The names of the elements in `list`, each once. */
static struct verdict take_names(const struct xml_node *list, struct arena *arena, struct propfind_body *out)
{
    unsigned room = children_of(list);

    room = room < NAMES_MAX ? room : NAMES_MAX;
    out->names = arena_alloc(arena, room * sizeof(*out->names));
    for (struct xml_node *at = xml_first(list); at; at = xml_next(at)) {
        if (has_name(out, at))
            continue;
        if (out->count == room)
            return VERDICT(413, "The body names too many properties.");
        out->names[out->count++] = (struct prop_name){at->space, at->local};
    }
    return GO_ON;
}

struct verdict dav_read_propfind(struct slice body, struct arena *arena, struct propfind_body *out)
{
    struct xml_node *root, *prop, *include;
    struct verdict verdict;
    bool is_all, is_names;

    *out = (struct propfind_body){.kind = PROPFIND_ALL};
    if (body.len == 0)
        return GO_ON; /* RFC 4918 §9.1 */
    verdict = read_root_named(body, arena, SLICE("propfind"), &root);
    if (verdict.status)
        return verdict;
    prop = child(root, SLICE("prop"));
    is_all = child(root, SLICE("allprop"));
    is_names = child(root, SLICE("propname"));
    if ((prop != NULL) + is_all + is_names != 1)
        return senseless("A PROPFIND asks for one of prop, allprop and propname.");
    out->kind = prop ? PROPFIND_SOME : is_all ? PROPFIND_ALL : PROPFIND_NAMES;
    include = is_all ? child(root, SLICE("include")) : NULL;
    return prop || include ? take_names(prop ? prop : include, arena, out) : GO_ON;
}

/* ---- instructions ---- */

struct ordering {
    struct arena *arena;
    struct propertyupdate_body *out;
    struct buf text; /* of one element after the other */
    size_t total;    /* of all of them */
    unsigned room;
};

static struct verdict add_order(struct ordering *ordering, const struct xml_node *node, bool is_removal)
{
    struct prop_order *order;

    if (ordering->out->count == ordering->room)
        return VERDICT(413, "The body has too many instructions.");
    order = &ordering->out->orders[ordering->out->count++];
    *order = (struct prop_order){.name = {node->space, node->local}, .is_removal = is_removal};
    if (is_removal)
        return GO_ON;
    order->value = node;
    buf_clear(&ordering->text);
    /* what the store would not take together is not even written: namespaces in scope make much of a short body */
    order->is_too_long = ordering->total > PROPS_TOTAL_MAX || node->space.len + node->local.len > PROP_NAME_MAX ||
                         !xml_serialize(node, &ordering->text);
    ordering->total += ordering->text.len;
    if (!order->is_too_long)
        order->xml = arena_slice(ordering->arena, buf_slice(&ordering->text));
    return GO_ON;
}

/* One DAV:set or DAV:remove: an order for each element in each DAV:prop. */
static struct verdict add_instruction(struct ordering *ordering, const struct xml_node *instruction, bool is_removal)
{
    for (struct xml_node *prop = xml_first(instruction); prop; prop = xml_next(prop)) {
        if (!xml_is(prop, XML_DAV, SLICE("prop")))
            continue;
        for (struct xml_node *at = xml_first(prop); at; at = xml_next(at)) {
            struct verdict verdict = add_order(ordering, at, is_removal);

            if (verdict.status)
                return verdict;
        }
    }
    return GO_ON;
}

static unsigned orders_in(const struct xml_node *root)
{
    unsigned count = 0;

    for (struct xml_node *at = xml_first(root); at; at = xml_next(at))
        for (struct xml_node *prop = xml_first(at); prop; prop = xml_next(prop))
            count += children_of(prop);
    return count < NAMES_MAX ? count : NAMES_MAX;
}

static struct verdict read_orders(struct slice body, struct arena *arena, struct slice local, bool takes_removals,
                                  struct propertyupdate_body *out)
{
    struct ordering ordering = {arena, out, BUF_INIT(PROP_VALUE_MAX), 0, 0};
    bool has_instruction = false;
    struct xml_node *root;
    struct verdict verdict;

    *out = (struct propertyupdate_body){0};
    verdict = read_root_named(body, arena, local, &root);
    if (verdict.status)
        return verdict;
    ordering.room = orders_in(root);
    out->orders = arena_alloc(arena, ordering.room * sizeof(*out->orders));
    for (struct xml_node *at = xml_first(root); at && !verdict.status; at = xml_next(at)) {
        bool is_removal = takes_removals && xml_is(at, XML_DAV, SLICE("remove"));

        if (!is_removal && !xml_is(at, XML_DAV, SLICE("set")))
            continue;
        has_instruction |= child(at, SLICE("prop")) != NULL;
        verdict = add_instruction(&ordering, at, is_removal);
    }
    buf_release(&ordering.text);
    if (!verdict.status && !has_instruction)
        return senseless("The body has no instruction.");
    return verdict;
}

struct verdict dav_read_propertyupdate(struct slice body, struct arena *arena, struct propertyupdate_body *out)
{
    return read_orders(body, arena, SLICE("propertyupdate"), true, out);
}

struct verdict dav_read_mkcol(struct slice body, struct arena *arena, struct propertyupdate_body *out)
{
    return read_orders(body, arena, SLICE("mkcol"), false, out);
}

/* ---- LOCK ---- */

static struct verdict take_owner(const struct xml_node *owner, struct arena *arena, struct slice *out)
{
    struct buf text = BUF_INIT(LOCK_OWNER_MAX);
    bool fits = xml_serialize(owner, &text);

    if (fits)
        *out = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return fits ? GO_ON : VERDICT(413, "The lock's owner is too long.");
}

struct verdict dav_read_lockinfo(struct slice body, struct arena *arena, struct lockinfo_body *out)
{
    struct xml_node *root, *scope, *type, *owner;
    struct verdict verdict;

    *out = (struct lockinfo_body){.owner = SLICE("")};
    verdict = read_root_named(body, arena, SLICE("lockinfo"), &root);
    if (verdict.status)
        return verdict;
    scope = child(root, SLICE("lockscope"));
    type = child(root, SLICE("locktype"));
    if (!scope || !child(scope, SLICE("exclusive")) == !child(scope, SLICE("shared")))
        return senseless("A lock is either exclusive or shared.");
    if (!type || !child(type, SLICE("write")))
        return senseless("Only write locks are known.");
    out->is_exclusive = child(scope, SLICE("exclusive"));
    owner = child(root, SLICE("owner"));
    return owner ? take_owner(owner, arena, &out->owner) : GO_ON;
}

/* ---- BIND, UNBIND, REBIND ---- */

struct verdict dav_read_binding(struct slice body, struct slice kind, struct arena *arena, struct binding_body *out)
{
    bool has_href = !slice_eq(kind, SLICE("unbind"));
    struct xml_node *root, *segment, *href;
    struct verdict verdict;

    *out = (struct binding_body){.segment = SLICE("")};
    verdict = read_root_named(body, arena, kind, &root);
    if (verdict.status)
        return verdict;
    segment = child(root, SLICE("segment"));
    href = child(root, SLICE("href"));
    if (!segment)
        return senseless("The body names no segment: the name in the folder.");
    if (has_href && !href)
        return senseless("The body has no href: what is to have that name.");
    out->segment = xml_text_of(segment, arena);
    if (has_href)
        out->href = xml_text_of(href, arena);
    return GO_ON;
}

/* ---- REPORT ---- */

static struct verdict take_limit(const struct xml_node *limit, struct arena *arena, struct report_body *out)
{
    const struct xml_node *count = child(limit, SLICE("nresults"));
    uint64_t value;

    if (!count)
        return GO_ON;
    if (!slice_u64(xml_text_of(count, arena), &value) || value == 0)
        return senseless("The limit is no number above zero.");
    out->has_limit = true;
    out->limit = value < UINT_MAX ? (unsigned)value : UINT_MAX;
    return GO_ON;
}

static struct verdict read_sync(const struct xml_node *root, struct arena *arena, struct report_body *out)
{
    const struct xml_node *token = child(root, SLICE("sync-token")), *level = child(root, SLICE("sync-level"));
    const struct xml_node *limit = child(root, SLICE("limit")), *prop = child(root, SLICE("prop"));
    /* the drafts before RFC 6578 had no level, and one was meant */
    struct slice depth = level ? xml_text_of(level, arena) : SLICE("1");
    struct verdict verdict;

    if (!token)
        return senseless("A sync-collection report needs a sync-token, empty the first time.");
    out->token = xml_text_of(token, arena);
    out->is_deep = slice_eq_nocase(depth, SLICE("infinite")) || slice_eq_nocase(depth, SLICE("infinity"));
    if (!out->is_deep && !slice_eq(depth, SLICE("1")))
        return senseless("The sync-level is neither 1 nor infinite.");
    verdict = limit ? take_limit(limit, arena, out) : GO_ON;
    return verdict.status || !prop ? verdict : take_names(prop, arena, &out->prop);
}

struct verdict dav_read_report(struct slice body, struct arena *arena, struct report_body *out)
{
    struct xml_node *root;
    struct verdict verdict;

    *out = (struct report_body){.token = SLICE(""), .prop = {.kind = PROPFIND_SOME}};
    verdict = read_root(body, arena, &root);
    if (verdict.status)
        return verdict;
    out->kind = (struct prop_name){root->space, root->local};
    out->is_sync = xml_is(root, XML_DAV, SLICE("sync-collection"));
    return out->is_sync ? read_sync(root, arena, out) : GO_ON;
}
