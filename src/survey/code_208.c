/*
 * code_208.c - Already Reported and Loop Detected (RFC 5842 7; docs/spec/bind.md 5): a collection that is in itself,
 * told to who knows bindings and to who does not.
 */
#include "locks.h"

#define FIND_ID SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:resource-id/></D:prop></D:propfind>")
#define FINDING "Content-Type: application/xml\r\nDepth: "

static void bind(struct surveyor *surveyor, const char *label, struct slice folder, const char *segment,
                 struct slice target)
{
    ask_with(surveyor, label, "BIND", folder,
             arena_printf(&surveyor->trail->arena,
                          "<D:bind xmlns:D=\"DAV:\"><D:segment>%s</D:segment><D:href>%.*s</D:href></D:bind>", segment,
                          SLICE_FMT(target)),
             LOCK_TYPE);
}

/* folder/file, folder/inner/, folder/loop/ = folder/. */
static bool loop_make(struct surveyor *surveyor, const char *name, struct slice *folder)
{
    struct arena *arena = &surveyor->trail->arena;
    const struct probe *loop;

    *folder = work_path(surveyor, name);
    ask(surveyor, "folder", "MKCOL", *folder, "%s", "");
    ask_with(surveyor, "file", "PUT", arena_printf(arena, "%.*sfile.txt", SLICE_FMT(*folder)), SLICE("a file"), "%s",
             "");
    bind(surveyor, "loop", *folder, "loop", *folder);
    loop = trail_find(surveyor->trail, "loop");
    return probe_is_2xx(loop);
}

static void plan_finds(struct surveyor *surveyor, struct slice folder)
{
    ask_with(surveyor, "knowing", "PROPFIND", folder, FIND_ID, "DAV: bind\r\n" FINDING "infinity\r\n");
    ask_with(surveyor, "unknowing", "PROPFIND", folder, FIND_ID, FINDING "infinity\r\n");
    ask_with(surveyor, "near", "PROPFIND", folder, FIND_ID, "DAV: bind\r\n" FINDING "1\r\n");
}

static void plan_both(struct surveyor *surveyor, const char *name)
{
    struct slice folder;

    if (surveyor->hint) {
        plan_finds(surveyor, surveyor->hint->path);
        return;
    }
    if (!surveyor->has_bind || !may_work(surveyor))
        return;
    if (loop_make(surveyor, name, &folder))
        plan_finds(surveyor, folder);
    /* A loop that somebody cannot delete would be left behind. */
    ask_with(surveyor, "unbind", "UNBIND", folder,
             SLICE("<D:unbind xmlns:D=\"DAV:\"><D:segment>loop</D:segment></D:unbind>"), LOCK_TYPE);
}

static void plan_208(struct surveyor *surveyor)
{
    plan_both(surveyor, "208/");
}

static void plan_508(struct surveyor *surveyor)
{
    plan_both(surveyor, "508/");
}

/* How many responses or propstats have 208; *one: the first response. */
static unsigned count_208(const struct multistatus *answer, const struct response **one)
{
    unsigned count = 0;

    for (unsigned i = 0; i < answer->count; i++) {
        const struct response *at = &answer->list[i];
        bool is_one = at->status == 208;

        for (unsigned k = 0; k < at->propstat_count; k++)
            is_one |= at->propstats[k].status == 208;
        if (is_one && count++ == 0)
            *one = at;
    }
    return count;
}

static struct slice id_of(const struct response *response, struct arena *arena)
{
    const struct xml_node *node = NULL, *href;

    if (!property_status(response, XML_DAV, SLICE("resource-id"), &node) || !node)
        return SLICE_NONE;
    href = xml_child(node, XML_DAV, SLICE("href"));
    return href ? xml_text_of(href, arena) : SLICE_NONE;
}

/* Nothing of what is in the collection again is told again. */
static bool has_below(const struct multistatus *answer, struct slice stem)
{
    if (slice_ends(stem, SLICE("/")))
        stem.len--;
    for (unsigned i = 0; i < answer->count; i++) {
        struct slice href = answer->list[i].href;

        if (href.len > stem.len + 1 && slice_starts(href, stem) && href.ptr[stem.len] == '/')
            return true;
    }
    return false;
}

static void judge_knowing(struct finding *finding, const struct probe *knowing)
{
    const struct response *again = NULL, *self;
    struct multistatus answer;
    struct slice id, same;

    if (!need(finding, knowing, multistatus_read(knowing, finding->arena, &answer), "BND-50", "RFC 5842 7.1",
              "PROPFIND with \"DAV: bind\" gave %d, which is no multistatus", probe_status(knowing)) ||
        !need(finding, knowing, count_208(&answer, &again) > 0, "BND-50", "RFC 5842 7.1",
              "a collection in itself is not marked with 208"))
        return;
    if (!again)
        return;
    finding->is_seen = true;
    self = response_find(&answer, knowing->path, finding->arena);
    need(finding, knowing, self && self != again && !has_below(&answer, again->href), "BND-50", "RFC 5842 7.1",
         "what lies in the collection that was reported already is reported again");
    id = id_of(self, finding->arena);
    same = id_of(again, finding->arena);
    need(finding, knowing, id.len && slice_eq(id, same), "BND-02", "RFC 5842 2.7",
         "the two bindings of one collection do not show the same DAV:resource-id");
}

void judge_208(const struct trail *trail, struct finding *finding)
{
    const struct probe *knowing = trail_find(trail, "knowing"), *unknowing = trail_find(trail, "unknowing"),
                       *near = trail_find(trail, "near");
    const struct response *one;
    struct multistatus answer;

    if (trail_has_status(trail, 208))
        need(finding, knowing, !probe_is(knowing, 208), "BND-55", "RFC 5842 7.1",
             "208 came as the status of a whole answer");
    if (!probe_is_2xx(knowing))
        return;
    judge_knowing(finding, knowing);
    if (multistatus_read(unknowing, finding->arena, &answer))
        need(finding, unknowing, count_208(&answer, &one) == 0, "BND-52", "RFC 5842 7.1",
             "208 was told to a client that did not say that it knows bindings");
    if (multistatus_read(near, finding->arena, &answer))
        need(finding, near, count_208(&answer, &one) == 0, "BND-55", "RFC 5842 7.1", "208 came with Depth: 1");
}

void judge_508(const struct trail *trail, struct finding *finding)
{
    const struct probe *knowing = trail_find(trail, "knowing"), *unknowing = trail_find(trail, "unknowing"),
                       *near = trail_find(trail, "near");
    struct multistatus answer;

    if (!finding->is_seen)
        return;
    need(finding, unknowing, probe_is(unknowing, 508), "BND-53", "RFC 5842 7.1",
         "PROPFIND through a loop gave %d to a client that does not know bindings", probe_status(unknowing));
    need(finding, knowing, multistatus_read(knowing, finding->arena, &answer), "BND-50", "RFC 5842 7.1",
         "who knows bindings got %d and no multistatus", probe_status(knowing));
    need(finding, near, multistatus_read(near, finding->arena, &answer), "BND-53", "RFC 5842 7.2",
         "with Depth: 1, which meets no loop, it gave %d", probe_status(near));
    need(finding, near, answer.count >= 2, "BND-53", "RFC 5842 7.2",
         "there is no collection in it that could be a loop");
}

const struct check check_208 = {208, plan_208, judge_208, "a collection that was told of before"};
const struct check check_508 = {508, plan_508, judge_508, "a collection in itself"};
