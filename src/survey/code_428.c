/*
 * code_428.c - Precondition Required (RFC 6585 3; docs/spec/policy.md 2): say which version you change, so that none is
 * lost.
 */
#include "policy.h"

static void plan(struct surveyor *surveyor)
{
    struct slice folder = hinted_work(surveyor), path, tag;

    if (!folder.len)
        return;
    path = arena_printf(&surveyor->trail->arena, "%.*s428.txt", SLICE_FMT(folder));
    ask_with(surveyor, "create", "PUT", path, SLICE("what stays"), "If-None-Match: *\r\n");
    ask_with(surveyor, "blind", "PUT", path, SLICE("what must not be"), "%s", "");
    tag = probe_field(ask(surveyor, "blind-after", "GET", path, "%s", ""), "ETag");
    ask(surveyor, "blind-delete", "DELETE", path, "%s", "");
    ask(surveyor, "delete-after", "HEAD", path, "%s", "");
    ask_with(surveyor, "wrong", "PUT", path, SLICE("what must not be"), "If-Match: \"samovar-survey\"\r\n");
    ask_with(surveyor, "right", "PUT", path, SLICE("what may be"), "If-Match: %.*s\r\n", SLICE_FMT(tag));
    ask(surveyor, "right-after", "GET", path, "%s", "");
    if (!surveyor->hint && !trail_has_status(surveyor->trail, 428))
        is_hinted(surveyor, "a collection where a precondition is required");
}

static void judge_blind(const struct trail *trail, struct finding *finding)
{
    const struct probe *blind = trail_find(trail, "blind"), *after = trail_find(trail, "blind-after"),
                       *gone = trail_find(trail, "blind-delete"), *there = trail_find(trail, "delete-after");

    if (!need(finding, blind, probe_is(blind, 428), "POL-17", "RFC 6585 3",
              "PUT over a file without a condition gave %d", probe_status(blind)))
        return;
    need(finding, after, probe_is(after, 200) && slice_eq(after->body, SLICE("what stays")), "POL-17", "RFC 6585 3",
         "a PUT that gave 428 changed the file, or it cannot be read");
    need(finding, gone, probe_is(gone, 428), "POL-17", "RFC 6585 3", "DELETE without a condition gave %d",
         probe_status(gone));
    need(finding, there, probe_is(there, 200), "POL-17", "RFC 6585 3", "a DELETE without a condition removed the file");
    need(finding, blind, probe_says(blind, SLICE("If-Match")) || probe_says(blind, SLICE("If-Unmodified-Since")),
         "POL-18", "RFC 6585 3", "the content of the 428 does not say which field is wanted");
    need_no_store(finding, blind, "POL-19", "RFC 6585 3");
}

void judge_428(const struct trail *trail, struct finding *finding)
{
    const struct probe *wrong = trail_find(trail, "wrong"), *right = trail_find(trail, "right"),
                       *after = trail_find(trail, "right-after");

    if (!finding->is_seen)
        return;
    judge_blind(trail, finding);
    need(finding, wrong, probe_is(wrong, 412), "POL-20", "RFC 9110 13.1.1", "PUT with another tag in If-Match gave %d",
         probe_status(wrong));
    need(finding, right, probe_is_2xx(right), "POL-20", "RFC 6585 3", "PUT with its tag in If-Match gave %d",
         probe_status(right));
    need(finding, after, after && slice_eq(after->body, SLICE("what may be")), "POL-20", "RFC 6585 3",
         "PUT with its tag in If-Match did not store the content");
}

const struct check check_428 = {428, plan, judge_428, "say what you change"};
