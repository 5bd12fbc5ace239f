/*
 * delete.c - DELETE of files, and of folders with all that is in them.
 *
 * All is judged first: rights and locks at the folder and at every place below it. Where something is in the way,
 * nothing is deleted, and a 207 names it (DAV-C7). A folder goes by one rename, so it is as quick as a file; only
 * where other volumes are mounted inside it takes its time, in the slow lane.
 */
#include "multi.h"

struct delete_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    enum depth depth;
    struct change_guard guard;
    struct rights_below below;
    struct casualties casualties;
    bool is_slow;   /* it runs in the slow lane */
    bool is_folder; /* and should, if it does not yet */
    bool has_bad_depth;
    enum err err;
};

/* False: there is nothing more to do in this lane. */
static WORKER_SIDE bool look_at_folder(struct delete_job *del)
{
    struct facts facts;

    if (store_find(del->store, del->path, &facts) || facts.kind != KIND_FOLDER)
        return true;
    del->is_folder = true;
    if (!del->is_slow)
        return false;
    del->has_bad_depth = del->depth != DEPTH_INFINITY && del->depth != DEPTH_ABSENT; /* DAV-C5 */
    rights_below_need(&del->below, del->path.text, RIGHT_DELETE);
    demands_below_stay(&del->below, del->path.text, false);
    return !del->has_bad_depth && !del->below.count;
}

static void delete_act(struct job *job)
{
    struct delete_job *del = CONTAINER(job, struct delete_job, job);

    role_assert_worker();
    if (!look_at_folder(del))
        return;
    del->guard.only_file = !del->is_folder;
    del->err = store_delete(del->store, del->path, change_guard(&del->guard), (struct progress){0}, &del->casualties);
    del->is_folder |= del->guard.met_folder; /* it became one just now */
}

static LOOP_SIDE void refuse_for(struct exchange *ex, struct delete_job *del)
{
    switch (del->err) {
    case ERR_REFUSED:
        refuse_guarded(ex, &del->guard);
        break;
    case ERR_PARENT: /* what is below nothing is nothing */
    case ERR_NOT_FOLDER:
    case ERR_ESCAPES:
    case ERR_LOOP:
    case ERR_TOO_LONG:
        exchange_refuse(ex, verdict_of_change(ERR_MISSING));
        break;
    case ERR_BUSY:
        exchange_refuse(ex, VERDICT(403, "Another volume is mounted here; it cannot be deleted."));
        break;
    default:
        exchange_refuse(ex, verdict_of_change(del->err));
    }
}

static LOOP_SIDE void delete_answer(struct exchange *ex, struct delete_job *del)
{
    if (del->has_bad_depth) {
        exchange_refuse(ex, VERDICT(400, "A folder is deleted with all that is in it: Depth can only be infinity."));
    } else if (del->below.count) {
        answer_multi(ex, del->below.list, del->below.count, del->below.count);
    } else if (del->err) {
        refuse_for(ex, del);
    } else if (del->casualties.count) {
        answer_casualties(ex, &del->casualties);
    } else {
        ex->answer.status = 204;
        exchange_answer(ex);
    }
}

static void delete_done(struct job *job)
{
    struct delete_job *del = CONTAINER(job, struct delete_job, job);
    struct exchange *ex = del->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (del->is_folder && !del->is_slow) {
        del->is_slow = true;
        exchange_processing(ex);
        exchange_submit(ex, LANE_SLOW, job);
        return;
    }
    delete_answer(ex, del);
}

static struct verdict delete_judge(const struct exchange *ex, enum depth depth)
{
    if (rpath_is_root(ex->path))
        return VERDICT(403, "The folder that is served cannot be deleted.");
    if (depth == DEPTH_BAD)
        return VERDICT(400, "The field Depth is malformed.");
    return GO_ON;
}

void delete_plan(struct exchange *ex)
{
    struct delete_job *del = arena_alloc(&ex->arena, sizeof(*del));
    enum depth depth = depth_of(&ex->head);
    struct verdict verdict = delete_judge(ex, depth);

    *del = (struct delete_job){.job = {.act = delete_act, .done = delete_done},
                               .ex = ex,
                               .store = ex->store,
                               .path = ex->path,
                               .depth = depth,
                               .casualties.arena = &del->job.arena};
    rights_below_of(ex, &del->job, &del->below);
    if (!verdict.status)
        verdict = change_guard_read(ex, &del->job, &del->guard);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    del->guard.on_file = del->guard.on_folder = RIGHT_DELETE;
    del->guard.on_nothing = 0;
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &del->job);
}
