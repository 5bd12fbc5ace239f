/*
 * code_424.c - Failed Dependency (RFC 4918 11.4; docs/spec/webdav.md 4, 16): in a 207, what was not done because of
 * another.
 */
#include "locks.h"

#define OURS SLICE("urn:samovar:survey")

static void plan_patch(struct surveyor *surveyor)
{
    struct slice path = work_path(surveyor, "424.txt");

    ask_with(surveyor, "put", "PUT", path, SLICE("what stays"), "%s", "");
    ask_with(
        surveyor, "patch", "PROPPATCH", path,
        SLICE("<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><x:a xmlns:x=\"urn:samovar:survey\">1</x:a>"
              "</D:prop></D:set><D:set><D:prop><D:getetag>\"none\"</D:getetag></D:prop></D:set></D:propertyupdate>"),
        LOCK_TYPE);
    ask_with(surveyor, "find", "PROPFIND", path,
             SLICE("<D:propfind xmlns:D=\"DAV:\"><D:prop><x:a xmlns:x=\"urn:samovar:survey\"/></D:prop></D:propfind>"),
             "Depth: 0\r\n" LOCK_TYPE);
}

/* What else may show it: a lock on all, which one member refuses. */
static void plan_lock(struct surveyor *surveyor)
{
    struct slice folder = work_path(surveyor, "424/"), member = work_path(surveyor, "424/locked.txt"), token, other;

    ask(surveyor, "folder", "MKCOL", folder, "%s", "");
    ask_with(surveyor, "member", "PUT", member, SLICE("what stays"), "%s", "");
    token = token_take(surveyor, "member-lock", member, "0");
    if (!token.len)
        return;
    other = token_take(surveyor, "folder-lock", folder, "infinity");
    if (other.len) {
        ask(surveyor, "folder-unlock", "UNLOCK", folder, "Lock-Token: <%.*s>\r\n", SLICE_FMT(other));
        token_forget(surveyor, other);
    }
    ask(surveyor, "folder-delete", "DELETE", folder, "%s", "");
    ask(surveyor, "member-unlock", "UNLOCK", member, "Lock-Token: <%.*s>\r\n", SLICE_FMT(token));
    token_forget(surveyor, token);
}

static void plan(struct surveyor *surveyor)
{
    if ((!surveyor->order->may_write && !surveyor->has_dav) || !may_work(surveyor))
        return;
    plan_patch(surveyor);
    plan_lock(surveyor);
}

static void judge_patch(const struct trail *trail, struct finding *finding)
{
    const struct probe *patch = trail_find(trail, "patch"), *find = trail_find(trail, "find");
    struct multistatus answer, after;
    int protected, ours;

    if (!probe_is(patch, 207) || !multistatus_read(patch, finding->arena, &answer) || !answer.count)
        return;
    protected = property_status(&answer.list[0], XML_DAV, SLICE("getetag"), NULL);
    ours = property_status(&answer.list[0], OURS, SLICE("a"), NULL);
    finding->is_seen |= ours == 424;
    need(finding, patch, protected != 424, "DAV-047", "RFC 4918 9.2.1",
         "424 stands at the property that could not be set, too: nothing says what failed");
    need(finding, patch, protected < 300 || ours == 424, "DAV-047", "RFC 4918 9.2.1",
         "getetag failed with %d, and the other property has %d and not 424", protected, ours);
    if (protected >= 300 && multistatus_read(find, finding->arena, &after) && after.count)
        need(finding, find, property_status(&after.list[0], OURS, SLICE("a"), NULL) == 404, "DAV-045", "RFC 4918 9.2",
             "one property failed and the other one was set all the same");
}

static void judge_lock(const struct trail *trail, struct finding *finding)
{
    const struct probe *lock = trail_find(trail, "folder-lock"), *gone = trail_find(trail, "folder-delete");
    const struct response *self;
    struct multistatus answer;
    bool is_marked;

    if (!probe_is_2xx(trail_find(trail, "member-lock")))
        return;
    if (probe_is(lock, 207) && multistatus_read(lock, finding->arena, &answer)) {
        self = response_find(&answer, lock->path, finding->arena);
        is_marked =
            self && (self->status == 424 || property_status(self, XML_DAV, SLICE("lockdiscovery"), NULL) == 424);
        finding->is_seen |= is_marked;
        need(finding, lock, is_marked, "DAV-200", "RFC 4918 9.10.3",
             "the 207 of a LOCK that a member refused has no 424 for what was to be locked");
    } else if (lock) {
        need(finding, lock, probe_is(lock, 423), "DAV-118", "RFC 4918 9.10.3",
             "LOCK of a collection with a locked member gave %d", probe_status(lock));
    }
    if (multistatus_read(gone, finding->arena, &answer))
        for (unsigned i = 0; i < answer.count; i++)
            need(finding, gone, answer.list[i].status != 424, "DAV-081", "RFC 4918 9.6.1",
                 "the 207 of a DELETE has 424 in it");
}

void judge_424(const struct trail *trail, struct finding *finding)
{
    const struct probe *put = trail_find(trail, "put");

    need(finding, put, !probe_is(put, 424), "DAV-200", "RFC 4918 11.4", "424 came as the status of a whole answer");
    if (!probe_is_2xx(put))
        return;
    finding->is_seen = false;
    judge_patch(trail, finding);
    judge_lock(trail, finding);
}

const struct check check_424 = {424, plan, judge_424, "not done, since another part failed"};
