/*
 * code_102.c - Processing (RFC 2518 10.1; docs/spec/webdav.md 16): who waits long is told that work goes on.
 */
#include "codes.h"

enum {
    FILES = 60,
    ROUNDS = 6,                /* 60 files, doubled at most so often */
    ENOUGH_MS = 3000,          /* a server that says nothing for so long says it later than we want to wait */
    LONG_WAIT_MS = 120 * 1000, /* where somebody named what takes long */
};

static void tree_make(struct surveyor *surveyor, struct slice folder)
{
    ask(surveyor, "folder", "MKCOL", folder, "%s", "");
    for (unsigned i = 0; i < FILES && !surveyor->gave_up.len; i++)
        ask_with(surveyor, "file", "PUT", arena_printf(&surveyor->trail->arena, "%.*s%u.txt", SLICE_FMT(folder), i),
                 SLICE("one of many"), "%s", "");
}

static const struct probe *copy(struct surveyor *surveyor, const char *label, struct slice from, const char *to,
                                bool is_old)
{
    struct arena *arena = &surveyor->trail->arena;

    return question_send(
        surveyor, &(struct question){.label = label,
                                     .method = "COPY",
                                     .path = from,
                                     .fields = arena_printf(arena, "Destination: %.*s\r\n",
                                                            SLICE_FMT(address_of(surveyor, work_path(surveyor, to)))),
                                     .is_old = is_old,
                                     .wait_ms = LONG_WAIT_MS});
}

/* Copies go into the tree, until one takes long: it ends, as the tree doubles. */
static void plan_own(struct surveyor *surveyor)
{
    struct slice tree = work_path(surveyor, "102/"), into;
    struct arena *arena = &surveyor->trail->arena;
    const struct probe *last;

    tree_make(surveyor, tree);
    for (unsigned i = 0; i < ROUNDS; i++) {
        last = copy(surveyor, "long", tree, "102-copy/", false);
        if (last->processing || !probe_is_2xx(last) || last->took_ms > ENOUGH_MS)
            break;
        into = address_of(surveyor, arena_printf(arena, "%.*scopy-%u/", SLICE_FMT(tree), i));
        ask(surveyor, "double", "MOVE", work_path(surveyor, "102-copy/"), "Destination: %.*s\r\n", SLICE_FMT(into));
    }
}

/* Copies of what the hint names, or of a tree of our own, go into our own collection. */
static void plan_copy(struct surveyor *surveyor)
{
    struct slice from = surveyor->hint ? surveyor->hint->path : work_path(surveyor, "102/");

    if (surveyor->hint)
        copy(surveyor, "long", from, "102-copy/", false);
    else
        plan_own(surveyor);
    if (!surveyor->trail->last->processing)
        return;
    ask(surveyor, "effect", "PROPFIND", work_path(surveyor, "102-copy/"), "Depth: 0\r\n");
    copy(surveyor, "old", from, "102-again/", true);
    ask(surveyor, "short", "OPTIONS", from, "%s", "");
}

static void plan_read(struct surveyor *surveyor, const char *method)
{
    struct question question = {.label = "long",
                                .method = method,
                                .path = surveyor->hint->path,
                                .fields =
                                    surveyor->hint->fields.len ? surveyor->hint->fields : SLICE("Depth: infinity\r\n"),
                                .wait_ms = LONG_WAIT_MS,
                                .keep = 4096};

    question_send(surveyor, &question);
    question.label = "old";
    question.is_old = true;
    question_send(surveyor, &question);
    ask(surveyor, "short", "OPTIONS", surveyor->hint->path, "%s", "");
}

static bool is_for_copy(const struct surveyor *surveyor)
{
    return !surveyor->hint || !surveyor->hint->method.len || slice_eq(surveyor->hint->method, SLICE("COPY"));
}

/* The last of those that were to be long. */
static const struct probe *long_of(const struct trail *trail)
{
    const struct probe *at = trail_find(trail, "long"), *last = at;

    for (; at; at = trail_next(at, "long"))
        last = at;
    return last;
}

static bool is_seen(const struct trail *trail)
{
    const struct probe *last = long_of(trail);

    return last && last->processing;
}

static void plan(struct surveyor *surveyor)
{
    if (is_for_copy(surveyor)) {
        if (may_work(surveyor))
            plan_copy(surveyor);
    } else {
        plan_read(surveyor, arena_str(&surveyor->trail->arena, surveyor->hint->method));
    }
    if (!surveyor->trail->unknown.len && !surveyor->hint && surveyor->trail->last && !is_seen(surveyor->trail))
        is_hinted(surveyor, "a collection that takes long to COPY, and lower the server's waiting time");
}

void judge_102(const struct trail *trail, struct finding *finding)
{
    const struct probe *longer = long_of(trail), *old = trail_find(trail, "old"), *shorter = trail_find(trail, "short"),
                       *effect = trail_find(trail, "effect");

    finding->is_seen = is_seen(trail);
    if (!finding->is_seen)
        return;
    need(finding, longer, probe_is_2xx(longer), "DAV-196", "RFC 2518 10.1", "after 102 the request ended with %d",
         probe_status(longer));
    need(finding, longer, !longer->processing_has_body, "DAV-196", "RFC 9110 8.6",
         "a 102 has Content-Length or Transfer-Encoding, and no content can follow it");
    need(finding, old, old && old->processing == 0, "DAV-194", "RFC 9110 15.2", "a client of HTTP/1.0 got 102");
    need(finding, shorter, shorter && shorter->processing == 0, "DAV-195", "RFC 2518 10.1",
         "102 came for OPTIONS, which is no work");
    if (effect)
        need(finding, effect, probe_is(effect, 207), "DAV-196", "RFC 4918 9.8",
             "what had been said to be copied is not there");
}

const struct check check_102 = {102, plan, judge_102, "work goes on"};
