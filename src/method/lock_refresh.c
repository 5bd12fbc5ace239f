/*
 * lock_refresh.c - LOCK without content: the time of a lock begins anew (RFC 4918 §9.10.2).
 */
#include "dav_shared.h"
#include "lock_body.h"

enum { LOCK_BODY_MAX = 64 * 1024 }; /* one activelock: its owner, its root, its token */

struct refresh_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct if_scope scope;
    struct slice user;
    uint32_t seconds;
    enum err err;
    bool if_fails;
    struct write_lock lock;
};

void answer_lock(struct exchange *ex, int status, const struct write_lock *lock)
{
    struct buf out = BUF_INIT(LOCK_BODY_MAX);
    struct xml_out xml = {0};

    xml_begin(&xml, &out);
    xml_open(&xml, SLICE("prop"));
    dav_lockdiscovery(&xml, lock, 1, ex->asker.user, breaks_on_lockroot(&ex->head));
    xml_close(&xml);
    answer_xml(&ex->arena, &ex->answer, status, &out);
    buf_release(&out);
    exchange_answer(ex);
}

static void refresh_act(struct job *job)
{
    struct refresh_job *refresh = CONTAINER(job, struct refresh_job, job);
    struct slice token = refresh->scope.field.tokens[0];
    struct facts facts;
    enum err found;

    role_assert_worker();
    found = store_find(refresh->store, refresh->path, &facts);
    if (found || !store_lock_covers(refresh->store, refresh->path, token)) {
        refresh->err = ERR_MISSING; /* that the token is no good says more than that If does not hold */
        return;
    }
    refresh->if_fails = !if_scope_holds(&refresh->scope, &facts, NULL);
    if (!refresh->if_fails)
        refresh->err = store_lock_refresh(refresh->store, refresh->path, token, refresh->user, refresh->seconds,
                                          &job->arena, &refresh->lock);
}

static struct verdict verdict_of_refresh(enum err err)
{
    if (err == ERR_MISSING)
        return (struct verdict){.status = 412,
                                .condition = SLICE("lock-token-matches-request-uri"),
                                .detail = SLICE("No lock with this token covers this address.")};
    if (err == ERR_DENIED)
        return VERDICT(403, "This is another user's lock.");
    return verdict_of_change(err);
}

static void refresh_done(struct job *job)
{
    struct refresh_job *refresh = CONTAINER(job, struct refresh_job, job);
    struct exchange *ex = refresh->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (refresh->if_fails) {
        exchange_refuse(ex, verdict_of_if());
    } else if (refresh->err) {
        exchange_refuse(ex, verdict_of_refresh(refresh->err));
    } else {
        answer_lock(ex, 200, &refresh->lock);
    }
}

void lock_refresh(struct exchange *ex)
{
    struct refresh_job *refresh = arena_alloc(&ex->arena, sizeof(*refresh));
    struct verdict verdict;

    *refresh = (struct refresh_job){.job = {.act = refresh_act, .done = refresh_done},
                                    .ex = ex,
                                    .store = ex->store,
                                    .path = ex->path,
                                    .user = ex->asker.user,
                                    .seconds = seconds_of(ex)};
    verdict = if_scope_read(ex, &refresh->job.arena, &refresh->scope);
    if (!verdict.status && refresh->scope.field.token_count != 1)
        verdict = VERDICT(400, "A lock is made by a DAV:lockinfo in the content, or refreshed by a field If with its "
                               "token, one alone; this is neither.");
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &refresh->job);
}
