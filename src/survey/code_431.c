/*
 * code_431.c - Request Header Fields Too Large (RFC 6585 5; docs/spec/policy.md 4): which field it was, and nothing
 * else breaks.
 */
#include "policy.h"

static const unsigned sizes[] = {20 << 10, 60 << 10, 200 << 10, 1 << 20};

static struct slice letters(struct surveyor *surveyor, size_t count)
{
    char *text = arena_alloc(&surveyor->trail->arena, count);

    memset(text, 'x', count);
    return slice_of(text, count);
}

static void plan(struct surveyor *surveyor)
{
    struct slice path = surveyor->sample.len ? surveyor->sample : surveyor->url.path, name = random_name(surveyor),
                 text = letters(surveyor, 1 << 20);
    const struct probe *last = NULL;

    ask(surveyor, "plain", "GET", path, "%s", "");
    ask(surveyor, "modest", "GET", path, "X-Survey-%.*s: %.*s\r\n", SLICE_FMT(name), SLICE_FMT(slice_upto(text, 4000)));
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes) && !probe_is(last, 431); i++)
        last = ask(surveyor, "large", "GET", path, "X-Survey-%.*s: %.*s\r\n", SLICE_FMT(name),
                   SLICE_FMT(slice_upto(text, sizes[i])));
    ask(surveyor, "after", "GET", path, "%s", "");
    question_send(surveyor, &(struct question){.label = "target",
                                               .method = "GET",
                                               .path = arena_printf(&surveyor->trail->arena, "/%.*s",
                                                                    SLICE_FMT(slice_upto(text, 100000)))});
}

static const struct probe *refused_of(const struct trail *trail)
{
    const struct probe *at = trail_find(trail, "large");

    while (at && !probe_is(at, 431))
        at = trail_next(at, "large");
    return at;
}

/* The name of the field that was too large: the first one that we sent. */
static struct slice name_of(const struct probe *refused)
{
    return slice_upto(refused->fields, slice_index(refused->fields, ':'));
}

static bool says_nocase(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (slice_eq_nocase(slice_of(text.ptr + i, part.len), part))
            return true;
    return false;
}

void judge_431(const struct trail *trail, struct finding *finding)
{
    const struct probe *plain = trail_find(trail, "plain"), *modest = trail_find(trail, "modest"),
                       *refused = refused_of(trail), *after = trail_find(trail, "after"),
                       *target = trail_find(trail, "target");

    need(finding, plain, !probe_is(plain, 431), "POL-35", "RFC 6585 5", "431 came where no field is large");
    finding->is_seen = refused || probe_is(plain, 431);
    finding->trouble = SLICE_NONE;
    if (!refused)
        return;
    need(finding, modest, probe_status(modest) == probe_status(plain), "POL-38", "RFC 9112 3",
         "a field of 4000 octets gave %d", probe_status(modest));
    need(finding, refused, says_nocase(refused->body, name_of(refused)), "POL-35", "RFC 6585 5",
         "the content of the 431 does not name the field that is too large");
    need_no_store(finding, refused, "POL-39", "RFC 6585 5");
    need(finding, after, probe_status(after) == probe_status(plain), "POL-40", "RFC 9112 9.6",
         "the same request without that field gave %d afterwards", probe_status(after));
    if (probe_is_whole(target))
        need(finding, target, !probe_is(target, 431), "POL-37", "RFC 9112 3",
             "431 came for a long target, which is 414");
}

const struct check check_431 = {431, plan, judge_431, "a field is too large"};
