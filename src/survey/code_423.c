/*
 * code_423.c - Locked (RFC 4918 11.3; docs/spec/webdav.md 9): who has no token changes nothing, and learns which lock
 * it is.
 */
#include "locks.h"

static void plan_file(struct surveyor *surveyor)
{
    struct slice path = work_path(surveyor, "423.txt"), token;

    ask_with(surveyor, "put", "PUT", path, SLICE("what stays"), "%s", "");
    token = token_take(surveyor, "lock", path, "0");
    if (!token.len)
        return;
    ask_with(surveyor, "put-without", "PUT", path, SLICE("what must not be"), "%s", "");
    ask(surveyor, "put-without-after", "GET", path, "%s", "");
    ask_with(surveyor, "put-wrong", "PUT", path, SLICE("what must not be"),
             "If: (<urn:uuid:00000000-0000-4000-8000-000000000000>) (Not <DAV:no-lock>)\r\n");
    ask(surveyor, "delete-without", "DELETE", path, "%s", "");
    ask(surveyor, "delete-without-after", "GET", path, "%s", "");
    token_note(surveyor, ask_with(surveyor, "lock-again", "LOCK", path, LOCKINFO,
                                  "Depth: 0\r\nTimeout: Second-60\r\n" LOCK_TYPE));
    ask_with(surveyor, "put-with", "PUT", path, SLICE("what may be"), "If: (<%.*s>)\r\n", SLICE_FMT(token));
    ask(surveyor, "unlock", "UNLOCK", path, "Lock-Token: <%.*s>\r\n", SLICE_FMT(token));
    token_forget(surveyor, token);
    ask_with(surveyor, "put-free", "PUT", path, SLICE("what may be again"), "%s", "");
}

/* A locked member keeps its collection. */
static void plan_member(struct surveyor *surveyor)
{
    struct slice folder = work_path(surveyor, "423/"), member = work_path(surveyor, "423/locked.txt"), token;

    ask(surveyor, "folder", "MKCOL", folder, "%s", "");
    ask_with(surveyor, "member", "PUT", member, SLICE("what stays"), "%s", "");
    ask_with(surveyor, "sibling", "PUT", work_path(surveyor, "423/free.txt"), SLICE("what may go"), "%s", "");
    token = token_take(surveyor, "member-lock", member, "0");
    if (!token.len)
        return;
    ask(surveyor, "folder-delete", "DELETE", folder, "%s", "");
    ask(surveyor, "member-after", "GET", member, "%s", "");
    ask(surveyor, "member-unlock", "UNLOCK", member, "Lock-Token: <%.*s>\r\n", SLICE_FMT(token));
    token_forget(surveyor, token);
}

static void plan(struct surveyor *surveyor)
{
    if ((!surveyor->order->may_write && !surveyor->has_locks) || !may_work(surveyor))
        return;
    plan_file(surveyor);
    plan_member(surveyor);
}

static void judge_href(struct finding *finding, const struct probe *refused)
{
    need(finding, refused, error_names(refused, SLICE("lock-token-submitted"), refused->path, finding->arena),
         "DAV-127", "RFC 4918 16", "the 423 does not name the lock's resource in DAV:lock-token-submitted");
}

static void judge_kept(struct finding *finding, const struct probe *after, const char *what)
{
    need(finding, after, probe_is(after, 200) && slice_eq(after->body, SLICE("what stays")), "DAV-075", "RFC 4918 7",
         "%s without the token changed the file", what);
}

static void judge_token(const struct trail *trail, struct finding *finding)
{
    const struct probe *wrong = trail_find(trail, "put-wrong"), *with = trail_find(trail, "put-with"),
                       *free = trail_find(trail, "put-free"), *unlock = trail_find(trail, "unlock"),
                       *again = trail_find(trail, "lock-again");

    need(finding, wrong, probe_is(wrong, 423), "DAV-160", "RFC 4918 7.5",
         "PUT with an If that is true and submits another token gave %d", probe_status(wrong));
    need(finding, again, probe_is(again, 423), "DAV-116", "RFC 4918 9.10.6", "a second exclusive LOCK gave %d",
         probe_status(again));
    need(finding, with, probe_is_2xx(with), "DAV-158", "RFC 4918 10.4.1", "PUT with the lock's token gave %d",
         probe_status(with));
    need(finding, unlock, probe_is(unlock, 204), "DAV-130", "RFC 4918 9.11.1", "UNLOCK gave %d", probe_status(unlock));
    need(finding, free, probe_is_2xx(free), "DAV-130", "RFC 4918 9.11", "PUT after UNLOCK gave %d", probe_status(free));
}

static void judge_member(const struct trail *trail, struct finding *finding)
{
    const struct probe *gone = trail_find(trail, "folder-delete"), *after = trail_find(trail, "member-after");
    struct multistatus answer;
    const struct response *member;

    if (!probe_is_2xx(trail_find(trail, "member")) || !probe_is_2xx(trail_find(trail, "member-lock")))
        return;
    need(finding, gone, probe_is(gone, 207) || probe_is(gone, 423), "DAV-080", "RFC 4918 9.6.1",
         "DELETE of a collection with a locked member gave %d", probe_status(gone));
    judge_kept(finding, after, "DELETE of its collection");
    if (!probe_is(gone, 207) || !multistatus_read(gone, finding->arena, &answer))
        return;
    member = after ? response_find(&answer, after->path, finding->arena) : NULL;
    need(finding, gone, member && member->status == 423, "DAV-080", "RFC 4918 9.6.1",
         "the 207 does not name the locked member with 423");
}

void judge_423(const struct trail *trail, struct finding *finding)
{
    const struct probe *lock = trail_find(trail, "lock"), *refused = trail_find(trail, "put-without"),
                       *gone = trail_find(trail, "delete-without");

    finding->is_seen |= probe_is_2xx(lock); /* who grants locks has to keep to them */
    if (!finding->is_seen || !need(finding, lock, probe_is_2xx(lock), "DAV-109", "RFC 4918 9.10.1",
                                   "LOCK of a file that nobody has locked gave %d", probe_status(lock)))
        return;
    need(finding, refused, probe_is(refused, 423), "DAV-075", "RFC 4918 7", "PUT without the token gave %d",
         probe_status(refused));
    judge_kept(finding, trail_find(trail, "put-without-after"), "PUT");
    if (probe_is(refused, 423))
        judge_href(finding, refused);
    need(finding, gone, probe_is(gone, 423), "DAV-127", "RFC 4918 7", "DELETE without the token gave %d",
         probe_status(gone));
    judge_kept(finding, trail_find(trail, "delete-without-after"), "DELETE");
    judge_token(trail, finding);
    judge_member(trail, finding);
}

const struct check check_423 = {423, plan, judge_423, "somebody else has it"};
