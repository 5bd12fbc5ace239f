/*
 * multistatus.c - 207s that came, read with limits.
 */
#include "multistatus.h"

#include "http/uri.h"

struct xml_node *xml_of(const struct probe *probe, struct arena *arena, struct slice *why)
{
    struct xml_limits limits = XML_LIMITS_DEFAULT;
    struct xml_node *root = NULL;

    if (!probe || !probe->body.len) {
        *why = SLICE("it is empty");
        return NULL;
    }
    limits.bytes = PROBE_CONTENT_MAX;
    limits.nodes = 100000;
    return xml_parse(probe->body, &limits, arena, &root, why) == XML_OK ? root : NULL;
}

const struct xml_node *xml_find(const struct xml_node *node, struct slice local)
{
    const struct xml_node *found;

    if (!node || node->is_text)
        return NULL;
    if (xml_is(node, XML_DAV, local))
        return node;
    for (const struct xml_node *child = xml_first(node); child; child = xml_next(child))
        if ((found = xml_find(child, local)))
            return found;
    return NULL;
}

int status_line_code(struct slice text)
{
    struct slice version, rest;
    uint64_t code;

    if (!slice_cut(text, ' ', &version, &rest) || !slice_starts(version, SLICE("HTTP/")) ||
        !slice_u64(slice_upto(rest, 3), &code) || code < 100 || code > 599 || (rest.len > 3 && rest.ptr[3] != ' '))
        return 0;
    return (int)code;
}

static bool fault(struct multistatus *out, const char *why)
{
    out->why = slice_str(why);
    return false;
}

static bool propstat_read(const struct xml_node *node, struct arena *arena, struct response *out)
{
    const struct xml_node *status = xml_child(node, XML_DAV, SLICE("status"));
    struct propstat *propstat;

    if (out->propstat_count == PROPSTATS_MAX)
        return false;
    propstat = &out->propstats[out->propstat_count++];
    propstat->prop = xml_child(node, XML_DAV, SLICE("prop"));
    propstat->status = status ? status_line_code(xml_text_of(status, arena)) : 0;
    return propstat->prop && propstat->status;
}

static bool response_read(struct xml_node *node, struct arena *arena, struct response *out)
{
    *out = (struct response){.node = node};
    for (const struct xml_node *child = xml_first(node); child; child = xml_next(child)) {
        if (xml_is(child, XML_DAV, SLICE("href")) && out->hrefs++ == 0)
            out->href = xml_text_of(child, arena);
        if (xml_is(child, XML_DAV, SLICE("status")) && !(out->status = status_line_code(xml_text_of(child, arena))))
            return false;
        if (xml_is(child, XML_DAV, SLICE("propstat")) && !propstat_read(child, arena, out))
            return false;
    }
    return out->href.len > 0 && (out->status ? out->propstat_count == 0 : out->propstat_count > 0);
}

bool multistatus_read(const struct probe *probe, struct arena *arena, struct multistatus *out)
{
    struct xml_node *root;
    unsigned room = 0;

    *out = (struct multistatus){0};
    if (!probe_is(probe, 207))
        return fault(out, "it is no 207");
    root = xml_of(probe, arena, &out->why);
    if (!root)
        return false;
    if (!xml_is(root, XML_DAV, SLICE("multistatus")))
        return fault(out, "its root is not DAV:multistatus");
    for (struct xml_node *child = xml_first(root); child; child = xml_next(child))
        room += room < RESPONSES_MAX;
    out->list = arena_alloc(arena, room * sizeof(*out->list));
    for (struct xml_node *child = xml_first(root); child && out->count < room; child = xml_next(child)) {
        if (!xml_is(child, XML_DAV, SLICE("response")))
            continue;
        if (!response_read(child, arena, &out->list[out->count++]))
            return fault(out, "a response in it has no href, or neither status nor propstats that make sense");
    }
    return true;
}

/* Without scheme and host. */
static struct slice path_of(struct slice href)
{
    size_t slash;

    if (slice_starts_nocase(href, SLICE("http://")) || slice_starts_nocase(href, SLICE("https://"))) {
        href = slice_from(href, slice_index(href, '/') + 2);
        slash = slice_index(href, '/');
        href = slash < href.len ? slice_from(href, slash) : SLICE("/");
    }
    return href;
}

bool href_is(struct slice href, struct slice path, struct arena *arena)
{
    struct slice a, b;

    if (!percent_decode(path_of(href), arena, &a) || !percent_decode(path_of(path), arena, &b))
        return false;
    if (slice_ends(a, SLICE("/")))
        a.len--;
    if (slice_ends(b, SLICE("/")))
        b.len--;
    return slice_eq(a, b);
}

const struct response *response_find(const struct multistatus *answer, struct slice path, struct arena *arena)
{
    for (unsigned i = 0; i < answer->count; i++)
        if (href_is(answer->list[i].href, path, arena))
            return &answer->list[i];
    return NULL;
}

int property_status(const struct response *response, struct slice space, struct slice local,
                    const struct xml_node **node)
{
    for (unsigned i = 0; response && i < response->propstat_count; i++) {
        const struct xml_node *found =
            response->propstats[i].prop ? xml_child(response->propstats[i].prop, space, local) : NULL;

        if (found && node)
            *node = found;
        if (found)
            return response->propstats[i].status;
    }
    return 0;
}
