/*
 * code_451.c - Unavailable For Legal Reasons (RFC 7725; docs/spec/policy.md 5): who blocks it, and why, whatever is
 * asked.
 */
#include "policy.h"

static void plan(struct surveyor *surveyor)
{
    struct slice path, parent;

    if (!is_hinted(surveyor, "an address that a legal demand blocks"))
        return;
    path = parent = surveyor->hint->path;
    ask_hinted(surveyor, "get", "GET", "");
    ask_hinted(surveyor, "head", "HEAD", "");
    ask_hinted(surveyor, "condition", "GET", "If-None-Match: *\r\n");
    ask_hinted(surveyor, "range", "GET", "Range: bytes=0-0\r\nA-IM: vcdiff, gzip\r\n");
    ask_hinted(surveyor, "find", "PROPFIND", "Depth: 0\r\n");
    if (!slice_starts(path, SLICE("/")))
        return;
    if (slice_ends(parent, SLICE("/")) && parent.len > 1)
        parent.len--;
    while (parent.len > 1 && parent.ptr[parent.len - 1] != '/')
        parent.len--;
    ask(surveyor, "parent", "PROPFIND", parent, "Depth: 1\r\n%.*s", SLICE_FMT(surveyor->hint->fields));
}

/* <uri>; rel="blocked-by" */
static bool is_blocked_by(const struct probe *probe)
{
    struct slice link = probe_field(probe, "Link");

    return slice_has(link, SLICE("rel=\"blocked-by\"")) || slice_has(link, SLICE("rel=blocked-by"));
}

static void judge_alike(struct finding *finding, const struct probe *probe, const char *obligation, const char *what)
{
    need(finding, probe, probe_is(probe, 451), obligation, "RFC 7725 3", "%s gave %d", what, probe_status(probe));
}

void judge_451(const struct trail *trail, struct finding *finding)
{
    const struct probe *get = trail_find(trail, "get"), *head = trail_find(trail, "head"),
                       *find = trail_find(trail, "find"), *parent = trail_find(trail, "parent");

    if (!finding->is_seen)
        return;
    judge_alike(finding, get, "POL-45", "GET");
    need(finding, get, is_blocked_by(get), "POL-46", "RFC 7725 4",
         "the 451 has no Link with rel=\"blocked-by\", which says who blocks it");
    need_words(finding, get, "POL-48", "RFC 7725 3", "explain who demands what");
    judge_alike(finding, head, "POL-53", "HEAD");
    need(finding, head, is_blocked_by(head), "POL-53", "RFC 9110 9.3.2",
         "the answer to HEAD has not the Link of GET's");
    judge_alike(finding, trail_find(trail, "condition"), "POL-52", "a GET with If-None-Match: *");
    judge_alike(finding, trail_find(trail, "range"), "POL-52", "a GET with Range and A-IM");
    if (find && find->status != 405 && find->status != 501)
        judge_alike(finding, find, "POL-45", "PROPFIND");
    if (probe_is(parent, 207) && slice_has(parent->body, get->path))
        need(finding, parent, slice_has(parent->body, SLICE("451")), "POL-51", "RFC 7725 3",
             "PROPFIND of its collection shows it as if nothing was blocked");
}

const struct check check_451 = {451, plan, judge_451, "a legal demand"};
