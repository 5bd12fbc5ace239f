/*
 * code_507.c - Insufficient Storage (RFC 4918 11.5, RFC 4331; docs/spec/webdav.md 13): there is no room, and all is as
 * before.
 *
 * A content that is more than the quota is announced and, where that does not decide it and it is not much, sent.
 */
#include "locks.h"

enum { SENT_MOST = 32 << 20 };
#define FAR_TOO_MUCH (1ull << 60)

/* DAV:quota-available-bytes; false: nobody tells. */
static bool available(struct surveyor *surveyor, struct slice folder, uint64_t *octets)
{
    const struct probe *find = ask_with(
        surveyor, "quota", "PROPFIND", folder,
        SLICE("<D:propfind "
              "xmlns:D=\"DAV:\"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>"),
        "Depth: 0\r\n" LOCK_TYPE);
    const struct xml_node *node = NULL;
    struct multistatus answer;

    return multistatus_read(find, &surveyor->trail->arena, &answer) && answer.count &&
           property_status(&answer.list[0], XML_DAV, SLICE("quota-available-bytes"), &node) == 200 &&
           slice_u64(xml_text_of(node, &surveyor->trail->arena), octets);
}

static void plan(struct surveyor *surveyor)
{
    struct slice folder = hinted_work(surveyor), path;
    const struct probe *announced;
    uint64_t octets = 0;
    bool is_told;

    if (!folder.len)
        return;
    path = arena_printf(&surveyor->trail->arena, "%.*s507.txt", SLICE_FMT(folder));
    ask_with(surveyor, "put", "PUT", path, SLICE("what stays"), "%s", "");
    is_told = available(surveyor, folder, &octets);
    announced = question_send(surveyor, &(struct question){.label = "announced",
                                                           .method = "PUT",
                                                           .path = path,
                                                           .is_claim = true,
                                                           .fill = is_told ? octets + (1 << 20) : FAR_TOO_MUCH});
    ask(surveyor, "announced-after", "GET", path, "%s", "");
    if (!is_told && surveyor->hint)
        octets = SENT_MOST / 2; /* somebody says that there is little room */
    if (!probe_is(announced, 507) && octets && octets < SENT_MOST)
        question_send(surveyor,
                      &(struct question){
                          .label = "sent", .method = "PUT", .path = path, .fill = octets + (1 << 20), .filler = 'x'});
    ask(surveyor, "sent-after", "GET", path, "%s", "");
    ask_with(surveyor, "small", "PUT", path, SLICE("what fits"), "%s", "");
    ask(surveyor, "small-after", "GET", path, "%s", "");
    if (!is_told && !surveyor->hint)
        is_hinted(surveyor, "a collection with a quota");
}

void judge_507(const struct trail *trail, struct finding *finding)
{
    const struct probe *announced = trail_find(trail, "announced"), *sent = trail_find(trail, "sent"),
                       *refused = probe_is(announced, 507) ? announced : sent,
                       *after = trail_find(trail, "announced-after"), *sent_after = trail_find(trail, "sent-after"),
                       *small = trail_find(trail, "small"), *small_after = trail_find(trail, "small-after");

    if (!finding->is_seen)
        return;
    need(finding, trail_find(trail, "put"), probe_is_2xx(trail_find(trail, "put")), "DAV-202", "RFC 4918 11.5",
         "there is room, and a file of ten octets gave %d", probe_status(trail_find(trail, "put")));
    need(finding, refused, probe_is(refused, 507), "DAV-168", "RFC 4331 6",
         "a content that is more than there is room for gave %d", probe_status(refused));
    need(finding, refused,
         error_has(refused, SLICE("quota-not-exceeded"), finding->arena) ||
             error_has(refused, SLICE("sufficient-disk-space"), finding->arena),
         "DAV-168", "RFC 4331 6", "the 507 says neither DAV:quota-not-exceeded nor DAV:sufficient-disk-space");
    for (; after; after = after == sent_after ? NULL : sent_after)
        need(finding, after, probe_is(after, 200) && slice_eq(after->body, SLICE("what stays")), "DAV-170",
             "RFC 4918 11.5", "after the 507 the file is not as it was before");
    need(finding, small, probe_is_2xx(small), "DAV-170", "RFC 4918 11.5", "after the 507 a content that fits gave %d",
         probe_status(small));
    need(finding, small_after, small_after && slice_eq(small_after->body, SLICE("what fits")), "DAV-170",
         "RFC 4918 11.5", "a content that fits was not stored");
}

const struct check check_507 = {507, plan, judge_507, "there is no room"};
