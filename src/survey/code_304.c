/*
 * code_304.c - Not Modified (RFC 9110 15.4.5; docs/spec/conditional.md): what a client has is still so, and only then.
 */
#include "codes.h"
#include "http/etag.h"

enum { TICKS = 4 }; /* rewrites one after the other: a clock's tick is some milliseconds */

/* Same length, another content, as quickly as it goes. */
static void plan_ticks(struct surveyor *surveyor)
{
    struct slice path = work_path(surveyor, "tick");

    for (unsigned i = 0; i < TICKS; i++) {
        const struct probe *before;
        struct slice tag;

        ask_with(surveyor, "tick-put", "PUT", path, SLICE("the first content"), "%s", "");
        before = ask(surveyor, "tick-before", "GET", path, "%s", "");
        tag = probe_field(before, "ETag");
        if (!probe_is_2xx(ask_with(surveyor, "tick-put", "PUT", path, SLICE("the other content"), "%s", "")))
            return; /* it is as it was, and so is its tag */
        if (tag.len)
            ask(surveyor, "tick-after", "GET", path, "If-None-Match: %.*s\r\n", SLICE_FMT(tag));
    }
}

static void plan_tags(struct surveyor *surveyor, struct slice path, struct slice tag)
{
    struct slice bare = slice_starts(tag, SLICE("W/")) ? slice_from(tag, 2) : tag;

    ask(surveyor, "same", "GET", path, "If-None-Match: %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "weak", "GET", path, "If-None-Match: W/%.*s\r\n", SLICE_FMT(bare));
    ask(surveyor, "listed", "GET", path, "If-None-Match: \"samovar,survey\", %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "head", "HEAD", path, "If-None-Match: %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "other", "GET", path, "If-None-Match: \"samovar-survey\"\r\n");
    ask(surveyor, "other-date", "GET", path,
        "If-None-Match: \"samovar-survey\"\r\nIf-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n");
}

static void plan(struct surveyor *surveyor)
{
    const struct probe *whole;
    struct slice path, tag, date;

    if (!may_read(surveyor, &path))
        return;
    whole = ask(surveyor, "whole", "GET", path, "%s", "");
    tag = probe_field(whole, "ETag");
    date = probe_field(whole, "Last-Modified");
    if (!probe_is(whole, 200))
        return;
    if (tag.len)
        plan_tags(surveyor, path, tag);
    if (date.len) {
        ask(surveyor, "date", "GET", path, "If-Modified-Since: %.*s\r\n", SLICE_FMT(date));
        ask(surveyor, "old-date", "GET", path, "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
    }
    if (surveyor->work.len)
        plan_ticks(surveyor);
}

static void judge_304_shape(struct finding *finding, const struct probe *whole, const struct probe *same)
{
    static const char *const names[] = {"Date", "ETag", "Content-Location", "Vary", "Cache-Control", "Expires"};
    struct slice length = probe_field(same, "Content-Length"), full = probe_field(whole, "Content-Length");

    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        need(finding, same, probe_has(same, names[i]) || !probe_has(whole, names[i]), "CND-46", "RFC 9110 15.4.5",
             "the 304 lacks %s, which the 200 has", names[i]);
    need(finding, same, same->stray == 0, "CND-45", "RFC 9110 15.4.5",
         "octets came behind the 304, which has no content");
    need(finding, same, !length.len || !full.len || slice_eq(length, full), "CND-48", "RFC 9110 8.6",
         "the 304 has Content-Length %.*s, the 200 has %.*s", SLICE_FMT(length), SLICE_FMT(full));
}

static void judge_tags(const struct trail *trail, struct finding *finding, const struct probe *whole)
{
    const struct probe *weak = trail_find(trail, "weak"), *listed = trail_find(trail, "listed"),
                       *head = trail_find(trail, "head"), *other = trail_find(trail, "other"),
                       *other_date = trail_find(trail, "other-date");

    if (!probe_has(whole, "ETag"))
        return;
    need(finding, weak, probe_is(weak, 304), "CND-35", "RFC 9110 13.1.2",
         "If-None-Match compares weakly, and W/ before the tag gave %d", probe_status(weak));
    need(finding, listed, probe_is(listed, 304), "CND-25", "RFC 9110 13.1.2", "the tag as the second of a list gave %d",
         probe_status(listed));
    need(finding, head, probe_is(head, 304) && head->stray == 0, "CND-36", "RFC 9110 13.1.2",
         "HEAD with the same condition gave %d", probe_status(head));
    need(finding, other, probe_is(other, 200), "CND-36", "RFC 9110 13.1.2", "another tag gave %d, not the content",
         probe_status(other));
    need(finding, other_date, probe_is(other_date, 200), "CND-41", "RFC 9110 13.1.3",
         "If-Modified-Since counted beside an If-None-Match, which gave %d", probe_status(other_date));
}

static void judge_dates(const struct trail *trail, struct finding *finding, const struct probe *whole)
{
    const struct probe *old = trail_find(trail, "old-date");

    if (probe_has(whole, "Last-Modified"))
        need(finding, old, !probe_is(old, 304), "CND-44", "RFC 9110 13.1.3",
             "a date long before the modification gave 304");
}

/* A strong tag tells any two contents apart, however quickly one follows the other. */
static void judge_ticks(const struct trail *trail, struct finding *finding)
{
    const struct probe *before = trail_find(trail, "tick-before"), *after = trail_find(trail, "tick-after");

    for (; before && after; before = trail_next(before, "tick-before"), after = trail_next(after, "tick-after"))
        if (!slice_starts(probe_field(before, "ETag"), SLICE("W/")))
            need(finding, after, !probe_is(after, 304), "CND-03", "RFC 9110 8.8.1",
                 "a content that replaced another one at once had the same strong tag: 304 for what had changed");
}

void judge_304(const struct trail *trail, struct finding *finding)
{
    const struct probe *whole = trail_find(trail, "whole"), *same = trail_find(trail, "same"),
                       *date = trail_find(trail, "date"), *shown = probe_is(same, 304) ? same : date;

    need(finding, whole, !probe_is(whole, 304), "CND-49", "RFC 9110 15.4.5", "304 came where nothing was asked about");
    if (!probe_is(whole, 200))
        return;
    finding->is_seen = probe_is(shown, 304);
    if (!finding->is_seen)
        return;
    judge_304_shape(finding, whole, shown);
    if (same)
        need(finding, same, probe_is(same, 304), "CND-36", "RFC 9110 13.1.2", "its own tag gave %d",
             probe_status(same));
    judge_tags(trail, finding, whole);
    judge_dates(trail, finding, whole);
    judge_ticks(trail, finding);
}

const struct check check_304 = {304, plan, judge_304, "what a client has is still so"};
