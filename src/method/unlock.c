/*
 * unlock.c - UNLOCK: the whole lock goes, whichever resource in its scope it is asked of (RFC 4918 §9.11).
 *
 * A user with the right unlock-any may break the locks of others; that is written to the audit log.
 */
#include "method_private.h"

struct unlock_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct slice token;
    struct change_guard guard; /* conditions alone: a lock that goes is in nobody's way */
    bool may_break;
    bool is_there; /* the resource, where its lock is not */
    enum err err;
    struct write_lock lock; /* that went */
};

/* A look at the resource costs as much as all else, and mostly nothing depends on it. */
static bool is_conditional(const struct change_guard *guard)
{
    return guard->scope.field.count || conditions_any(&guard->conditions);
}

static WORKER_SIDE bool conditions_hold(struct unlock_job *unlock)
{
    struct guard guard = change_guard(&unlock->guard);
    struct facts facts;
    bool is_there = !store_find(unlock->store, unlock->path, &facts);

    return guard.holds(guard.arg, is_there ? &facts : NULL, NULL);
}

static void unlock_act(struct job *job)
{
    struct unlock_job *unlock = CONTAINER(job, struct unlock_job, job);
    struct facts facts;

    role_assert_worker();
    if (is_conditional(&unlock->guard) && !conditions_hold(unlock)) {
        unlock->err = ERR_REFUSED;
        return;
    }
    unlock->err = store_unlock(unlock->store, unlock->path, unlock->token, unlock->guard.bearer.user, unlock->may_break,
                               &job->arena, &unlock->lock);
    if (unlock->err == ERR_MISSING)
        unlock->is_there = !store_find(unlock->store, unlock->path, &facts);
}

static struct verdict verdict_of_unlock(const struct unlock_job *unlock)
{
    switch (unlock->err) {
    case ERR_REFUSED:
        return verdict_of_guard(&unlock->guard);
    case ERR_MISSING:
        if (!unlock->is_there)
            return verdict_of_change(ERR_MISSING);
        return (struct verdict){.status = 409,
                                .condition = SLICE("lock-token-matches-request-uri"),
                                .detail = SLICE("No lock with this token covers this address.")};
    case ERR_DENIED:
        return VERDICT(403, "This is another user's lock.");
    default:
        return verdict_of_change(unlock->err);
    }
}

static LOOP_SIDE void tell_of_break(struct exchange *ex, const struct write_lock *lock)
{
    if (slice_eq(lock->user, ex->asker.user))
        return;
    exchange_audit(ex, arena_printf(&ex->arena, "broke the lock of %.*s on /%.*s",
                                    SLICE_FMT(lock->user.len ? lock->user : SLICE("the anonymous user")),
                                    SLICE_FMT(lock->root.text)));
}

static void unlock_done(struct job *job)
{
    struct unlock_job *unlock = CONTAINER(job, struct unlock_job, job);
    struct exchange *ex = unlock->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (unlock->err) {
        exchange_refuse(ex, verdict_of_unlock(unlock));
        return;
    }
    tell_of_break(ex, &unlock->lock);
    ex->answer.status = 204;
    exchange_answer(ex);
}

static LOOP_SIDE void unlock_begin(struct exchange *ex, struct slice body)
{
    struct unlock_job *unlock = arena_alloc(&ex->arena, sizeof(*unlock));
    struct verdict verdict = GO_ON;

    *unlock = (struct unlock_job){.job = {.act = unlock_act, .done = unlock_done},
                                  .ex = ex,
                                  .store = ex->store,
                                  .path = ex->path,
                                  .may_break = ex->rights & RIGHT_UNLOCK_ANY};
    if (body.len)
        verdict = VERDICT(415, "UNLOCK takes no content.");
    else if (!lock_token_of(&ex->head, &unlock->token))
        verdict = VERDICT(400, "The field Lock-Token says which lock: <urn:uuid:...>, once.");
    if (!verdict.status)
        verdict = change_guard_read(ex, &unlock->job, &unlock->guard);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    unlock->guard.is_read = true;
    unlock->guard.on_file = unlock->guard.on_folder = unlock->guard.on_nothing = 0; /* the gate saw to it */
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &unlock->job);
}

void unlock_plan(struct exchange *ex)
{
    if (ex->framing.kind == BODY_LENGTH && ex->framing.length)
        exchange_refuse(ex, VERDICT(415, "UNLOCK takes no content."));
    else if (ex->framing.kind == BODY_CHUNKED) /* it may turn out to be none */
        gather_body(ex, NO_BODY_MAX, unlock_begin);
    else
        unlock_begin(ex, SLICE_NONE);
}
