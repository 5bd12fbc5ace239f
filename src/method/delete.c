/*
 * delete.c - DELETE of files. Folders' comes with WebDAV.
 */
#include "method_private.h"

struct delete_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct change_guard guard;
    enum err err;
};

static void delete_act(struct job *job)
{
    struct delete_job *del = CONTAINER(job, struct delete_job, job);

    role_assert_worker();
    del->err = store_delete(del->store, del->path, change_guard(&del->guard), (struct progress){0}, NULL);
}

static void delete_done(struct job *job)
{
    struct delete_job *del = CONTAINER(job, struct delete_job, job);
    struct exchange *ex = del->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    switch (del->err) {
    case ERR_NONE:
        ex->answer.status = 204;
        exchange_answer(ex);
        break;
    case ERR_REFUSED:
        refuse_change(ex, verdict_of_guard(&del->guard));
        break;
    case ERR_IS_FOLDER:
        answer_field(&ex->arena, &ex->answer, SLICE("Allow"), SLICE("GET, HEAD, OPTIONS"));
        exchange_refuse(ex, VERDICT(405, "This is a folder; only files can be deleted here."));
        break;
    case ERR_PARENT: /* what is below nothing is nothing */
    case ERR_NOT_FOLDER:
    case ERR_ESCAPES:
    case ERR_LOOP:
    case ERR_TOO_LONG:
        exchange_refuse(ex, verdict_of_change(ERR_MISSING));
        break;
    default:
        exchange_refuse(ex, verdict_of_change(del->err));
    }
}

void delete_plan(struct exchange *ex)
{
    struct delete_job *del = arena_alloc(&ex->arena, sizeof(*del));
    struct verdict verdict;

    *del = (struct delete_job){
        .job = {.act = delete_act, .done = delete_done}, .ex = ex, .store = ex->store, .path = ex->path};
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
