/*
 * moved.c - 308: by the configuration's rules, or by a forwarding address, this has moved (RFC 9110 §15.4.9).
 *
 * Every method is told so alike, and nothing is done at either address. What asked for a condition, a range or a 100
 * is told before those are looked at.
 */
#include "gate_private.h"
#include "http/uri.h"
#include "store/forward.h"

/* Who logged in may be told of more than others. */
static struct slice keeping_of(struct exchange *ex, bool is_public)
{
    return arena_printf(&ex->arena, "%smax-age=%u", is_public || !ex->asker.user.len ? "" : "private, ",
                        ex->site->moved_seconds);
}

static struct verdict moved_verdict(struct exchange *ex, const struct moved *moved, struct slice keeping)
{
    enum { FIELDS = 2 };
    struct answer_field *fields = arena_alloc(&ex->arena, FIELDS * sizeof(*fields));
    struct slice to =
        uri_with_query(&ex->arena, moved->to, ex->target.has_query && !moved->has_query, ex->target.query);

    fields[0] = (struct answer_field){SLICE("Location"), to};
    fields[1] = (struct answer_field){SLICE("Cache-Control"), keeping};
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

/* By a rule of the configuration it may have moved anywhere; its past is where it is, if it is anywhere. */
static struct verdict past_verdict(const struct moved *moved)
{
    return (struct verdict){.status = 404,
                            .detail = SLICE("What was here has moved, and no earlier contents are at its old address. "
                                            "Ask for those of its new one."),
                            .link = moved->to};
}

static struct verdict verdict_of(struct exchange *ex, const struct moved *moved, bool is_public)
{
    return ex->past.is_asked ? past_verdict(moved) : moved_verdict(ex, moved, keeping_of(ex, is_public));
}

struct verdict gate_moved_public(struct exchange *ex)
{
    struct moved moved;

    return find(ex, ex->path, &moved) && moved.is_public ? verdict_of(ex, &moved, true) : GO_ON;
}

struct verdict gate_moved(struct exchange *ex)
{
    struct moved moved;

    return find(ex, ex->path, &moved) ? verdict_of(ex, &moved, moved.is_public) : GO_ON;
}

/* ---- forwarding addresses ---- */

bool forwarding_counts(struct exchange *ex)
{
    bool may_make = ex->head.method == METHOD_PUT || ex->head.method == METHOD_MKCOL;

    if (ex->target.is_server_wide || !store_has_forwards(ex->store))
        return false;
    return !may_make || !slice_eq(slice_trim(head_value(&ex->head, FIELD_IF_NONE_MATCH)), SLICE("*"));
}

/* Whither it leads is told to nobody who may not see it there. It may lead elsewhere tomorrow, so nobody keeps it. */
struct verdict forwarding_judge(struct exchange *ex, struct rpath to)
{
    struct rules rules = conf_rules(ex->site, to.text);
    struct buf text = BUF_INIT(3 * PATH_DECODED_MAX + 2);
    struct moved moved = {.is_public = true};

    if (!(conf_sight(ex->site, to.text, &ex->asker) & (RIGHT_READ | RIGHT_LIST)) ||
        path_judge_hidden(&rules, to.text).status)
        return GO_ON;
    buf_add_char(&text, '/');
    href_encode(&text, to.text);
    if (to.has_slash && to.text.len)
        buf_add_char(&text, '/');
    moved.to = arena_slice(&ex->arena, buf_slice(&text));
    buf_release(&text);
    return moved_verdict(ex, &moved, SLICE("no-cache"));
}

/* ---- destinations ---- */

/* Putting it elsewhere silently is what RFC 9110 §9.3.4 forbids, and a redirect would be about the source. */
struct verdict moved_judge_at(struct exchange *ex, struct rpath path)
{
    struct moved moved;
    bool has_field = ex->head.method == METHOD_COPY || ex->head.method == METHOD_MOVE;

    if (!find(ex, path, &moved))
        return GO_ON;
    if (!has_field)
        return (struct verdict){.status = 409,
                                .detail = SLICE("What the request's content names has moved. Nothing was changed: "
                                                "repeat the request with the new address."),
                                .link = moved.to};
    return (struct verdict){.status = 409,
                            .detail = SLICE("What the Destination names has moved. Nothing was changed: repeat the "
                                            "request with the new address as its Destination."),
                            .link = moved.to};
}
