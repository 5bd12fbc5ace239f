/*
 * options.c - OPTIONS, and 405 for methods that are known but offered by nothing here: both need to know
 * what is at the address, to say what may be done with it.
 */
#include "method_private.h"

struct allow_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    enum err err;
    struct facts facts;
};

static void allow_act(struct job *job)
{
    struct allow_job *allow = CONTAINER(job, struct allow_job, job);

    role_assert_worker();
    allow->err = store_find(allow->store, allow->path, &allow->facts);
}

static void add_allow(struct exchange *ex, const struct facts *facts)
{
    bool is_read_only = ex->site->read_only || store_is_read_only(ex->store) ||
                        !(ex->rights & (RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE));

    answer_field(&ex->arena, &ex->answer, SLICE("Allow"), allow_field(facts, is_read_only));
}

static LOOP_SIDE void answer_options(struct exchange *ex)
{
    ex->answer.status = 200;
    ex->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1}; /* Content-Length: 0 */
    exchange_answer(ex);
}

static void allow_done(struct job *job)
{
    struct allow_job *allow = CONTAINER(job, struct allow_job, job);
    struct exchange *ex = allow->ex;
    bool is_there = allow->err == ERR_NONE;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (ex->head.method == METHOD_OPTIONS) {
        add_allow(ex, is_there ? &allow->facts : NULL);
        answer_options(ex);
    } else if (!is_there && ex->head.method != METHOD_TRACE) {
        exchange_refuse(ex, verdict_of_read(allow->err));
    } else {
        add_allow(ex, is_there ? &allow->facts : NULL);
        exchange_refuse(ex,
                        VERDICT(405, "This resource does not offer this method; the field Allow says what it does."));
    }
}

static LOOP_SIDE void find_out(struct exchange *ex)
{
    struct allow_job *allow = arena_alloc(&ex->arena, sizeof(*allow));

    *allow = (struct allow_job){
        .job = {.act = allow_act, .done = allow_done}, .ex = ex, .store = ex->store, .path = ex->path};
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_QUICK, &allow->job);
}

void options_plan(struct exchange *ex)
{
    if (!ex->target.is_server_wide) {
        find_out(ex);
        return;
    }
    answer_field(&ex->arena, &ex->answer, SLICE("Allow"), SLICE("GET, HEAD, PUT, DELETE, OPTIONS"));
    answer_options(ex);
}

void elsewhere_plan(struct exchange *ex)
{
    if (ex->head.method == METHOD_TRACE && ex->framing.kind != BODY_NONE) {
        exchange_refuse(ex, VERDICT(400, "TRACE has no content."));
        return;
    }
    find_out(ex);
}
