/*
 * moved.c - 308: by the configuration's rules this address has moved (RFC 9110 §15.4.9).
 *
 * Every method is told so alike, and nothing is done at either address. What asked for a condition, a range or a 100
 * is told before those are looked at.
 */
#include "gate_private.h"
#include "http/uri.h"

static struct slice with_query(struct exchange *ex, const struct moved *moved)
{
    struct buf text = BUF_INIT(4 * PATH_RAW_MAX);
    struct slice to = moved->to;

    if (!ex->target.has_query || moved->has_query)
        return to;
    buf_add(&text, to);
    buf_add_char(&text, '?');
    uri_add_safe(&text, ex->target.query);
    to = text.overflown ? to : arena_slice(&ex->arena, buf_slice(&text));
    buf_release(&text);
    return to;
}

/* Who logged in may be told of more than others. */
static struct slice keeping(struct exchange *ex, bool is_public)
{
    return arena_printf(&ex->arena, "%smax-age=%u", is_public || !ex->asker.user.len ? "" : "private, ",
                        ex->site->moved_seconds);
}

static struct verdict moved_verdict(struct exchange *ex, const struct moved *moved)
{
    enum { FIELDS = 2 };
    struct answer_field *fields = arena_alloc(&ex->arena, FIELDS * sizeof(*fields));
    struct slice to = with_query(ex, moved);

    fields[0] = (struct answer_field){SLICE("Location"), to};
    fields[1] = (struct answer_field){SLICE("Cache-Control"), keeping(ex, moved->is_public)};
    return (struct verdict){.status = 308,
                            .detail = SLICE("This has moved. Repeat the request at its new address, and use that one "
                                            "from now on."),
                            .link = to,
                            .fields = fields,
                            .field_count = FIELDS};
}

static bool find(struct exchange *ex, struct rpath path, struct moved *out)
{
    return !ex->target.is_server_wide && !path_is_own(path) && conf_moved(ex->site, path, &ex->arena, out);
}

struct verdict gate_moved_public(struct exchange *ex)
{
    struct moved moved;

    return find(ex, ex->path, &moved) && moved.is_public ? moved_verdict(ex, &moved) : GO_ON;
}

struct verdict gate_moved(struct exchange *ex)
{
    struct moved moved;

    return find(ex, ex->path, &moved) ? moved_verdict(ex, &moved) : GO_ON;
}

/* Putting it elsewhere silently is what RFC 9110 §9.3.4 forbids, and a redirect would be about the source. */
struct verdict moved_judge_destination(struct exchange *ex)
{
    struct moved moved;

    if (!find(ex, ex->destination, &moved))
        return GO_ON;
    return (struct verdict){.status = 409,
                            .detail = SLICE("What the Destination names has moved. Nothing was changed: repeat the "
                                            "request with the new address as its Destination."),
                            .link = moved.to};
}
