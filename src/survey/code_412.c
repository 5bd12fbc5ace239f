/*
 * code_412.c - Precondition Failed (RFC 9110 15.5.13; docs/spec/conditional.md): a condition was false, so nothing was
 * done.
 */
#include "codes.h"

static void plan_reads(struct surveyor *surveyor, struct slice path, const struct probe *whole)
{
    struct slice tag = probe_field(whole, "ETag");

    ask(surveyor, "get-other", "GET", path, "If-Match: \"samovar-survey\"\r\n");
    ask(surveyor, "get-old", "GET", path, "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
    if (!tag.len)
        return;
    ask(surveyor, "get-both", "GET", path, "If-Match: \"samovar-survey\"\r\nIf-None-Match: %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "get-weak", "GET", path, "If-Match: W/%.*s\r\n",
        SLICE_FMT(slice_starts(tag, SLICE("W/")) ? slice_from(tag, 2) : tag));
    if (!slice_starts(tag, SLICE("W/")))
        ask(surveyor, "get-same", "GET", path, "If-Match: %.*s\r\n", SLICE_FMT(tag));
}

/* A file for one thing that must not happen to it: what one did is not laid at the next one's door. */
static struct slice stays(struct surveyor *surveyor, const char *label, const char *name)
{
    struct slice path = work_path(surveyor, name);

    ask_with(surveyor, label, "PUT", path, SLICE("what stays"), "%s", "");
    return path;
}

static void plan_writes(struct surveyor *surveyor)
{
    struct slice path = stays(surveyor, "put", "412.txt"), over = stays(surveyor, "put", "412-over.txt"),
                 kept = stays(surveyor, "put", "412-kept.txt"), taken = stays(surveyor, "put-taken", "412-taken.txt"),
                 fresh = work_path(surveyor, "412-new.txt"), tag;

    ask_with(surveyor, "put-other", "PUT", path, SLICE("what must not be"), "If-Match: \"samovar-survey\"\r\n");
    ask(surveyor, "put-other-after", "GET", path, "%s", "");
    ask_with(surveyor, "put-create", "PUT", over, SLICE("what must not be"), "If-None-Match: *\r\n");
    ask(surveyor, "put-create-after", "GET", over, "%s", "");
    ask(surveyor, "delete-other", "DELETE", kept, "If-Match: \"samovar-survey\"\r\n");
    ask(surveyor, "delete-other-after", "GET", kept, "%s", "");
    tag = probe_field(trail_find(surveyor->trail, "put-other-after"), "ETag");
    ask_with(surveyor, "put-nothing", "PUT", fresh, SLICE("what must not be"), "If-Match: *\r\n");
    ask(surveyor, "put-nothing-after", "GET", fresh, "%s", "");
    if (tag.len && !slice_starts(tag, SLICE("W/")))
        ask_with(surveyor, "put-same", "PUT", path, SLICE("what may be"), "If-Match: %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "copy", "COPY", path, "Destination: %.*s\r\nOverwrite: F\r\n",
        SLICE_FMT(address_of(surveyor, taken)));
}

static void plan(struct surveyor *surveyor)
{
    const struct probe *whole;
    struct slice path;

    if (!may_read(surveyor, &path))
        return;
    whole = ask(surveyor, "whole", "GET", path, "%s", "");
    if (!probe_is(whole, 200))
        return;
    plan_reads(surveyor, path, whole);
    if (surveyor->work.len)
        plan_writes(surveyor);
    else if (!trail_has_status(surveyor->trail, 412))
        may_work(surveyor); /* for reading it may be passed over, for writing not */
}

static void judge_reads(const struct trail *trail, struct finding *finding)
{
    const struct probe *both = trail_find(trail, "get-both"), *weak = trail_find(trail, "get-weak"),
                       *same = trail_find(trail, "get-same"), *other = trail_find(trail, "get-other");

    if (!probe_is(other, 412))
        return; /* for reading it may be passed over (CND-34) */
    if (both)
        need(finding, both, probe_is(both, 412), "CND-20", "RFC 9110 13.2.2",
             "a false If-Match beside a false If-None-Match gave %d", probe_status(both));
    if (weak)
        need(finding, weak, probe_is(weak, 412), "CND-26", "RFC 9110 13.1.1",
             "If-Match compares strongly, and W/ before the tag gave %d", probe_status(weak));
    if (same)
        need(finding, same, probe_is(same, 200), "CND-27", "RFC 9110 13.1.1", "its own tag gave %d",
             probe_status(same));
}

/* Refused, and as it was. */
static void judge_refused(const struct trail *trail, struct finding *finding, const char *label, const char *after,
                          const char *obligation, const char *what)
{
    const struct probe *asked = trail_find(trail, label), *then = trail_find(trail, after);

    need(finding, asked, probe_is(asked, 412), obligation, "RFC 9110 13.1", "%s gave %d", what, probe_status(asked));
    need(finding, then, probe_is(then, 200) && slice_eq(then->body, SLICE("what stays")), "CND-22", "RFC 9110 13.1.1",
         "%s changed the file", what);
}

static void judge_writes(const struct trail *trail, struct finding *finding)
{
    const struct probe *put = trail_find(trail, "put"), *nothing = trail_find(trail, "put-nothing"),
                       *nothing_after = trail_find(trail, "put-nothing-after"), *same = trail_find(trail, "put-same"),
                       *copy = trail_find(trail, "copy");

    if (!probe_is_2xx(put))
        return;
    judge_refused(trail, finding, "put-other", "put-other-after", "CND-27", "PUT with another tag in If-Match");
    judge_refused(trail, finding, "put-create", "put-create-after", "CND-38", "PUT with If-None-Match: * over a file");
    judge_refused(trail, finding, "delete-other", "delete-other-after", "CND-31",
                  "DELETE with another tag in If-Match");
    need(finding, nothing, probe_is(nothing, 412), "CND-29", "RFC 9110 13.1.1",
         "PUT with If-Match: * where nothing is gave %d", probe_status(nothing));
    need(finding, nothing_after, probe_is(nothing_after, 404), "CND-29", "RFC 9110 13.1.1",
         "PUT with If-Match: * made a file where nothing was");
    if (same)
        need(finding, same, probe_is_2xx(same), "CND-27", "RFC 9110 13.1.1", "PUT with its own tag in If-Match gave %d",
             probe_status(same));
    if (copy && copy->status != 405 && copy->status != 501)
        need(finding, copy, probe_is(copy, 412), "DAV-092", "RFC 4918 9.8.4",
             "COPY with Overwrite: F onto a file gave %d", probe_status(copy));
}

void judge_412(const struct trail *trail, struct finding *finding)
{
    const struct probe *whole = trail_find(trail, "whole");

    need(finding, whole, !probe_is(whole, 412), "CND-50", "RFC 4918 12.1", "412 came where there was no condition");
    if (!probe_is(whole, 200))
        return;
    judge_reads(trail, finding);
    judge_writes(trail, finding);
}

const struct check check_412 = {412, plan, judge_412, "a condition was false"};
