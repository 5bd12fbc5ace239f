/*
 * code_308.c - Permanent Redirect (RFC 9110 15.4.9; docs/spec/policy.md 1): it moved for good, and for all methods
 * alike.
 */
#include "codes.h"
#include "http/uri.h"

enum { STEPS_MAX = 5 };

static void plan_methods(struct surveyor *surveyor, struct slice path, const char *more)
{
    ask(surveyor, "get", "GET", path, "%s", more);
    ask(surveyor, "head", "HEAD", path, "%s", more);
    ask(surveyor, "options", "PROPFIND", path, "Depth: 0\r\n%s", more);
    ask(surveyor, "condition", "GET", path, "If-None-Match: *\r\n%s", more);
    ask(surveyor, "range", "GET", path, "Range: bytes=0-0\r\n%s", more);
}

/* Where it leads, step by step. */
static void plan_follow(struct surveyor *surveyor)
{
    const struct probe *at = trail_find(surveyor->trail, "get");
    struct client_url from = surveyor->url, to;

    for (unsigned i = 0; i < STEPS_MAX && at && at->status >= 300 && at->status < 400; i++) {
        from.path = at->path;
        if (!address_resolve(&from, probe_field(at, "Location"), &surveyor->trail->arena, &to) ||
            !client_url_same_origin(&surveyor->url, &to))
            break;
        at = ask(surveyor, "step", "GET", to.path, "%s", "");
    }
}

/* A file that was moved may leave its new address behind. */
static bool plan_moved(struct surveyor *surveyor)
{
    struct slice old = work_path(surveyor, "308-old.txt"), new = work_path(surveyor, "308-new.txt");
    const struct probe *moved;

    ask_with(surveyor, "put", "PUT", old, SLICE("what moved"), "%s", "");
    moved = ask(surveyor, "move", "MOVE", old, "Destination: %.*s\r\n", SLICE_FMT(address_of(surveyor, new)));
    if (!probe_is_2xx(moved) || !probe_is(ask(surveyor, "get", "GET", old, "%s", ""), 308))
        return false;
    surveyor->trail->first = surveyor->trail->last = NULL; /* from here on it is a place as any other */
    plan_methods(surveyor, old, "");
    return true;
}

static void plan(struct surveyor *surveyor)
{
    struct slice bare = surveyor->folder;

    if (surveyor->hint) {
        plan_methods(surveyor, surveyor->hint->path, arena_str(&surveyor->trail->arena, surveyor->hint->fields));
    } else if (surveyor->moved.len) {
        plan_methods(surveyor, surveyor->moved, "");
    } else if (!surveyor->work.len || !plan_moved(surveyor)) {
        bare.len -= bare.len > 1; /* some send from a folder to its name with a slash so */
        surveyor->trail->first = surveyor->trail->last = NULL;
        plan_methods(surveyor, bare, "");
        if (!trail_has_status(surveyor->trail, 308))
            is_hinted(surveyor, "an address that moved");
    }
    plan_follow(surveyor);
}

static bool is_location(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x7f)
            return false;
    return text.len > 0 && !slice_starts(text, SLICE("//"));
}

static void judge_alike(struct finding *finding, const struct probe *probe, struct slice location, const char *what)
{
    need(finding, probe, probe_is(probe, 308) && slice_eq(probe_field(probe, "Location"), location), "POL-02",
         "RFC 9110 15.4.9", "%s gave %d, or another Location: it moved for all methods and conditions alike", what,
         probe_status(probe));
}

static void judge_end(const struct trail *trail, struct finding *finding)
{
    const struct probe *step = trail_find(trail, "step"), *last = step;

    for (; step; step = trail_next(step, "step"))
        last = step;
    if (!last)
        return;
    need(finding, last, last->status < 300 || last->status >= 400, "POL-15", "RFC 9110 15.4",
         "its redirects lead to no end");
    need(finding, last, !probe_is(last, 404) && !probe_is(last, 410), "POL-01", "RFC 9110 15.4.9",
         "where Location leads there is nothing");
}

/* A collection may be answered for without its slash (RFC 4918 5.2), though pages are sent to it. */
static bool is_slash_added(const struct probe *get, struct slice location, const struct probe *find)
{
    struct slice start = location;

    if (!probe_is(find, 207) || !slice_ends(location, SLICE("/")))
        return false;
    start.len--;
    return slice_ends(start, get->path);
}

void judge_308(const struct trail *trail, struct finding *finding)
{
    const struct probe *get = trail_find(trail, "get"), *find = trail_find(trail, "options");
    struct slice location = probe_field(get, "Location");

    if (!finding->is_seen)
        return;
    if (!need(finding, get, probe_is(get, 308) && location.len, "POL-01", "RFC 9110 15.4.9",
              "GET gave %d without a Location", probe_status(get)))
        return;
    need(finding, get, is_location(location), "POL-09", "RFC 9110 10.2.2", "its Location is no valid address");
    need(finding, get, probe_says(get, location) || slice_has(get->body, SLICE("href")), "POL-07", "RFC 9110 15.4.9",
         "its content has no link to the new address");
    judge_alike(finding, trail_find(trail, "head"), location, "HEAD");
    if (find && find->status != 405 && find->status != 501 && !is_slash_added(get, location, find))
        judge_alike(finding, find, location, "PROPFIND");
    judge_alike(finding, trail_find(trail, "condition"), location, "a GET with If-None-Match: *");
    judge_alike(finding, trail_find(trail, "range"), location, "a GET with Range");
    judge_end(trail, finding);
}

const struct check check_308 = {308, plan, judge_308, "it moved for good"};
