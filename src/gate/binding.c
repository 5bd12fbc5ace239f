/*
 * binding.c - the places that BIND, UNBIND and REBIND name in their contents (RFC 5842 §4 to §6): one name in the
 * folder that the request is for, and of BIND and REBIND another path of this very site.
 *
 * May this user do it there? BIND takes the right to bind at both ends, reading at the one and what a new name takes at
 * the other; UNBIND is judged as DELETE of the name, REBIND as MOVE (BND-36).
 */
#include "gate_private.h"

#define NAME_UNUSABLE                                                                                                  \
    ((struct verdict){.status = 403,                                                                                   \
                      .condition = SLICE("name-allowed"),                                                              \
                      .detail = SLICE("The segment is no name that a member of a folder can have.")})

/* Logging in helps where whoever did may do one of these. */
static struct verdict refuse_rights(const struct exchange *ex, struct rpath path, unsigned needs)
{
    if (slice_is_empty(ex->asker.user) && ex->users && conf_rights_of_users(ex->site, path.text) & needs)
        return VERDICT(401, "A user's name and password are needed for this.");
    return VERDICT(403, "You may not do this with what the request's content names.");
}

/* One segment and nothing else: what a path is decoded by refuses "." and "..", "%2F" and wrong encodings. */
static LOOP_SIDE bool decode_segment(struct exchange *ex, struct slice segment, struct slice *name)
{
    struct rpath path;
    struct slice why;

    for (size_t i = 0; i < segment.len; i++)
        if (segment.ptr[i] == '/' || segment.ptr[i] == '?' || segment.ptr[i] == '#')
            return false;
    if (!segment.len ||
        place_read(ex, arena_printf(&ex->arena, "/%.*s", SLICE_FMT(segment)), &path, &why) != PLACE_OURS)
        return false;
    *name = path.text;
    return name->len > 0;
}

static LOOP_SIDE bool name_it(struct exchange *ex, struct slice segment)
{
    struct slice folder = ex->path.text, name;

    if (!decode_segment(ex, segment, &name) || folder.len + 1 + name.len > PATH_DECODED_MAX)
        return false;
    ex->destination = (struct rpath){
        .text = folder.len ? arena_printf(&ex->arena, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(name)) : name};
    return true;
}

/* Whoever has none of these has no business there; what is there decides which of them he needs. */
static unsigned of_name(enum method method)
{
    return method == METHOD_UNBIND ? RIGHT_DELETE : RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE;
}

struct verdict binding_judge_name(struct exchange *ex, struct slice segment)
{
    enum method method = ex->head.method;

    if (!name_it(ex, segment) || path_is_own(ex->destination))
        return NAME_UNUSABLE;
    ex->destination_rights = conf_rights(ex->site, ex->destination.text, &ex->asker);
    if (!(ex->destination_rights & of_name(method)))
        return refuse_rights(ex, ex->destination, of_name(method));
    if (method == METHOD_BIND && !(ex->destination_rights & RIGHT_BIND))
        return refuse_rights(ex, ex->destination, RIGHT_BIND);
    return place_judge(ex, ex->destination);
}

static LOOP_SIDE struct verdict read_source(struct exchange *ex, struct slice href, struct rpath *out)
{
    struct slice why;

    switch (place_read(ex, href, out, &why)) {
    case PLACE_OURS:
        return GO_ON;
    case PLACE_FOREIGN:
        return (struct verdict){.status = 403,
                                .condition = SLICE("cross-server-binding"),
                                .detail = SLICE("The href leads to another server or site; nothing was changed.")};
    case PLACE_MALFORMED:
        break;
    }
    if (why.len)
        return (struct verdict){.status = 400, .detail = why};
    return VERDICT(400, "The href is malformed: it takes a URL or an absolute path.");
}

/* What comes out from under a demand that holds elsewhere would be shown to those whom it is kept from. */
static LOOP_SIDE struct verdict judge_leaving(struct exchange *ex, struct rpath path)
{
    const struct demand *demand = conf_demand_elsewhere(ex->site, path.text);

    return demand ? demand_verdict(ex, demand) : GO_ON;
}

struct verdict binding_judge_source(struct exchange *ex, struct slice href, struct rpath *out, unsigned *rights)
{
    bool leaves = ex->head.method == METHOD_REBIND;
    unsigned needs = leaves ? RIGHT_DELETE : RIGHT_READ | RIGHT_BIND;
    struct verdict verdict = read_source(ex, href, out);

    if (verdict.status)
        return verdict;
    if (path_is_own(*out))
        return (struct verdict){.status = 403,
                                .condition = leaves ? SLICE("name-allowed") : SLICE("binding-allowed"),
                                .detail = SLICE("What the href names is the server's own.")};
    *rights = conf_rights(ex->site, out->text, &ex->asker);
    if (needs & ~*rights)
        return refuse_rights(ex, *out, needs & ~*rights);
    if (leaves && ex->destination_rights & RIGHT_READ && !(*rights & RIGHT_READ))
        return VERDICT(403, "You may not read this, so you may not move it to where you may.");
    verdict = place_judge(ex, *out);
    return verdict.status || !leaves ? verdict : judge_leaving(ex, *out);
}
