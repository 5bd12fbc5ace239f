/*
 * lock.c - LOCK: a new lock, or with no content the time of one anew (RFC 4918 §9.10).
 */
#include "dav_shared.h"
#include "lock_body.h"
#include "multi.h"

enum {
    /* Granted to who asks for no time: long enough for any client that refreshes, gone soon after one that crashed. */
    SECONDS_UNASKED = 3600,
};

struct lock_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct slice body;
    bool is_forgiven; /* content that is no XML */
    struct rights_below below;
    struct lock_wish wish;
    struct change_guard guard;
    /* what came of it */
    struct verdict verdict; /* of the body */
    enum err err;
    struct lock_grant grant;
    struct blockers blockers;
};

/* ---- a new one ---- */

static WORKER_SIDE bool is_folder_to_be(struct lock_job *lock)
{
    struct facts facts;

    return lock->path.has_slash && store_find(lock->store, lock->path, &facts) == ERR_MISSING;
}

/* Some Windows 11 send a lockinfo that is not well-formed, and all that Windows ever wants is an exclusive lock. */
static LOOP_SIDE bool sends_broken_lockinfo(const struct head *head)
{
    return slice_starts(head_value(head, FIELD_USER_AGENT), SLICE("Microsoft-WebDAV-MiniRedir/"));
}

static WORKER_SIDE struct verdict read_lockinfo(const struct lock_job *lock, struct arena *arena,
                                                struct lockinfo_body *info)
{
    struct verdict verdict = dav_read_lockinfo(lock->body, arena, info);

    if (verdict.status != 400 || !lock->is_forgiven)
        return verdict;
    *info = (struct lockinfo_body){.is_exclusive = true, .owner = SLICE("")};
    return GO_ON;
}

static void lock_act(struct job *job)
{
    struct lock_job *lock = CONTAINER(job, struct lock_job, job);
    struct lockinfo_body info;

    role_assert_worker();
    lock->verdict = read_lockinfo(lock, &job->arena, &info);
    if (lock->verdict.status)
        return;
    if (is_folder_to_be(lock)) {
        lock->verdict = VERDICT(409, "An address that ends in a slash is a folder's, and there is none.");
        return;
    }
    if (lock->wish.is_deep) /* else who may not lock a folder would keep its owners out of it from above */
        rights_below_need(&lock->below, lock->path.text, RIGHT_LOCK);
    if (lock->below.count)
        return;
    lock->wish.is_exclusive = info.is_exclusive;
    lock->wish.owner = info.owner;
    lock->err = store_lock(lock->store, lock->path, &lock->wish, change_guard(&lock->guard), &job->arena, &lock->grant,
                           &lock->blockers);
}

static struct slice *hrefs_of(struct exchange *ex, const struct blockers *blockers)
{
    struct slice *hrefs = arena_alloc(&ex->arena, blockers->count * sizeof(*hrefs));

    for (unsigned i = 0; i < blockers->count; i++)
        hrefs[i] = dav_href_text(&ex->arena, blockers->list[i].root.text, blockers->list[i].root.has_slash);
    return hrefs;
}

static bool is_all_below(const struct blockers *blockers)
{
    for (unsigned i = 0; i < blockers->count; i++)
        if (!blockers->list[i].is_below)
            return false;
    return blockers->count > 0;
}

/* RFC 4918 §9.10.3: each member in the way with its status, and the request's own URL, which depends on them, with 424.
 */
static LOOP_SIDE void answer_below(struct exchange *ex, const struct lock_job *lock, struct trouble *list,
                                   unsigned count)
{
    struct trouble *all = arena_alloc(&ex->arena, (count + 1) * sizeof(*all));

    memcpy(all, list, count * sizeof(*all));
    all[count] = (struct trouble){{lock->path.text, true}, 424, SLICE_NONE, false};
    answer_multi(ex, all, count + 1, count + 1);
}

static LOOP_SIDE void answer_conflicts_below(struct exchange *ex, const struct lock_job *lock)
{
    unsigned count = lock->blockers.count;
    struct trouble *list = arena_alloc(&ex->arena, count * sizeof(*list));

    for (unsigned i = 0; i < count; i++)
        list[i] = (struct trouble){lock->blockers.list[i].root, 423, SLICE("no-conflicting-lock"), true};
    answer_below(ex, lock, list, count);
}

/* Of what a demand keeps him from he is not told that it is locked, since then it would be there. */
static void hide(const struct exchange *ex, struct blockers *blockers)
{
    unsigned count = 0;

    for (unsigned i = 0; i < blockers->count; i++)
        if (!conf_demand(ex->site, blockers->list[i].root.text, ex->asker.country))
            blockers->list[count++] = blockers->list[i];
    blockers->count = count;
}

struct verdict verdict_of_conflict(struct exchange *ex, struct blockers *blockers)
{
    hide(ex, blockers);
    return (struct verdict){.status = 423,
                            .condition = SLICE("no-conflicting-lock"),
                            .detail = SLICE("Another lock is in the way."),
                            .hrefs = hrefs_of(ex, blockers),
                            .href_count = blockers->count};
}

static LOOP_SIDE void refuse_conflict(struct exchange *ex, struct lock_job *lock)
{
    struct verdict verdict = verdict_of_conflict(ex, &lock->blockers);

    if (is_all_below(&lock->blockers))
        answer_conflicts_below(ex, lock);
    else
        exchange_refuse(ex, verdict);
}

static LOOP_SIDE void answer_granted(struct exchange *ex, const struct lock_job *lock)
{
    answer_field(&ex->arena, &ex->answer, SLICE("Lock-Token"),
                 arena_printf(&ex->arena, "<%.*s>", SLICE_FMT(lock->grant.lock.token)));
    if (lock->grant.facts.kind == KIND_FILE)
        answer_validators(&ex->arena, &ex->answer, validators_of(&lock->grant.facts), true);
    answer_lock(ex, lock->grant.created ? 201 : 200, &lock->grant.lock);
}

static void lock_done(struct job *job)
{
    struct lock_job *lock = CONTAINER(job, struct lock_job, job);
    struct exchange *ex = lock->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (lock->verdict.status) {
        exchange_refuse(ex, lock->verdict);
        return;
    }
    if (lock->below.count) {
        answer_below(ex, lock, lock->below.list, lock->below.count);
        return;
    }
    switch (lock->err) {
    case ERR_NONE:
        answer_granted(ex, lock);
        break;
    case ERR_LOCKED:
        refuse_conflict(ex, lock);
        break;
    case ERR_REFUSED:
        refuse_guarded(ex, &lock->guard);
        break;
    case ERR_TOO_MANY:
        exchange_refuse(ex, VERDICT(503, "There are too many locks. Give back some that are not needed any more, or "
                                         "wait until they end."));
        break;
    case ERR_NOT_FOLDER:
        exchange_refuse(ex, verdict_of_change(ERR_MISSING));
        break;
    default:
        exchange_refuse(ex, verdict_of_change(lock->err));
    }
}

static LOOP_SIDE void lock_new(struct exchange *ex, struct slice body)
{
    struct lock_job *lock = arena_alloc(&ex->arena, sizeof(*lock));
    struct verdict verdict;

    *lock = (struct lock_job){
        .job = {.act = lock_act, .done = lock_done},
        .ex = ex,
        .store = ex->store,
        .path = ex->path,
        .body = body,
        .is_forgiven = sends_broken_lockinfo(&ex->head),
        .wish = {.is_deep = depth_of(&ex->head) != DEPTH_0, .user = ex->asker.user, .seconds = seconds_of(ex)},
        .blockers.arena = &lock->job.arena};
    rights_below_of(ex, &lock->job, &lock->below);
    verdict = change_guard_read(ex, &lock->job, &lock->guard);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    lock->guard.on_file = lock->guard.on_folder = RIGHT_LOCK;
    lock->guard.on_nothing = RIGHT_LOCK | RIGHT_CREATE;
    lock->guard.is_locking = true;
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &lock->job);
}

/* ---- the plan ---- */

uint32_t seconds_of(const struct exchange *ex)
{
    uint32_t cap = ex->conf->limits.lock_seconds_max ? ex->conf->limits.lock_seconds_max : LOCK_SECONDS_MAX;

    return timeout_of(&ex->head, cap, cap < SECONDS_UNASKED ? cap : SECONDS_UNASKED);
}

static LOOP_SIDE void lock_begin(struct exchange *ex, struct slice body)
{
    enum depth depth = depth_of(&ex->head);
    struct verdict verdict = xml_body_judge(ex, body);

    if (slice_is_empty(body))
        lock_refresh(ex); /* Depth is ignored then (DAV-121) */
    else if (verdict.status)
        exchange_refuse(ex, verdict);
    else if (depth == DEPTH_1 || depth == DEPTH_BAD)
        exchange_refuse(ex, VERDICT(400, "Depth of a lock is 0 or infinity."));
    else
        lock_new(ex, body);
}

void lock_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, lock_begin);
}
