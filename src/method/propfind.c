/*
 * propfind.c - PROPFIND: properties of a resource and what is below it (RFC 4918 §9.1).
 *
 * The first piece of the answer is made before anything is sent, so what goes wrong early is a plain status; the rest
 * follows as the client takes it. Conditions other than If say nothing here: some clients add them by themselves.
 */
#include "dav_shared.h"

struct propfind {
    struct job job;
    struct exchange *ex; /* loop only */
    struct rpath path;
    enum depth depth;
    bool infinity_is_allowed;
    unsigned rights;
    struct verdict fields; /* what is wrong with the head's, told only where something is at the path */
    struct slice body;
    bool is_minimal;
    struct if_scope scope;
    enum error_form form;
    struct prop_plan plan;
    struct multistatus_options options;
    struct answer answer;
};

/* ---- worker ---- */

static WORKER_SIDE struct verdict judge(struct propfind *find, const struct facts *facts)
{
    bool is_folder = facts->kind == KIND_FOLDER;

    if (find->fields.status)
        return find->fields;
    if (is_folder && find->depth == DEPTH_INFINITY && !find->infinity_is_allowed)
        return (struct verdict){.status = 403,
                                .condition = SLICE("propfind-finite-depth"),
                                .detail = SLICE("Depth: infinity is not answered here; ask folder by folder.")};
    if (is_folder && find->depth != DEPTH_0 && !(find->rights & RIGHT_LIST))
        return VERDICT(403, "You may not list this folder.");
    if (!if_scope_holds(&find->scope, facts, NULL))
        return verdict_of_if();
    return GO_ON;
}

static WORKER_SIDE struct verdict read_body(struct propfind *find)
{
    struct propfind_body body;
    struct verdict verdict = dav_read_propfind(find->body, &find->job.arena, &body);

    return verdict.status ? verdict : dav_plan(&body, find->is_minimal, &find->job.arena, &find->plan);
}

static void refuse(struct propfind *find, struct verdict verdict)
{
    struct refusal refusal = {.verdict = verdict, .form = find->form};

    refusal_build(&find->job.arena, &find->answer, &refusal);
}

static unsigned levels(enum depth depth)
{
    return depth == DEPTH_0 ? 0 : depth == DEPTH_1 ? 1 : WALK_DEEP;
}

static void propfind_act(struct job *job)
{
    struct propfind *find = CONTAINER(job, struct propfind, job);
    struct multistatus *multi;
    struct verdict verdict;
    struct facts facts;
    enum err err;

    role_assert_worker();
    find->answer.content.fd = -1;
    err = multistatus_open(&find->options, levels(find->depth), &facts, &multi);
    if (err) {
        refuse(find, verdict_of_read(err));
        return;
    }
    verdict = judge(find, &facts);
    if (!verdict.status)
        verdict = read_body(find);
    if (verdict.status) {
        multistatus_close(multi);
        refuse(find, verdict);
        return;
    }
    if (!answer_multistatus(&job->arena, &find->answer, multi, &err)) {
        refuse(find, verdict_of_read(err));
        return;
    }
    add_folder_location(&job->arena, &find->answer, find->path, &facts);
    add_preference(&job->arena, &find->answer, find->is_minimal, find->options.omits_target);
}

/* ---- loop ---- */

static void propfind_done(struct job *job)
{
    struct propfind *find = CONTAINER(job, struct propfind, job);
    struct exchange *ex = find->ex;
    struct answer answer = find->answer;

    role_assert_loop();
    answer.must_close |= ex->answer.must_close;
    ex->answer = answer; /* first: if the client left, its content is given back with the exchange */
    if (exchange_home(ex, job))
        exchange_answer(ex);
}

static LOOP_SIDE struct verdict read_fields(struct exchange *ex, struct propfind *find)
{
    struct verdict verdict = xml_body_judge(ex, find->body);

    if (find->depth == DEPTH_BAD)
        return VERDICT(400, "Depth has to be 0, 1 or infinity.");
    return verdict.status ? verdict : if_scope_read(ex, &find->job.arena, &find->scope);
}

static LOOP_SIDE struct propfind *propfind_new(struct exchange *ex, struct slice body)
{
    struct propfind *find = arena_alloc(&ex->arena, sizeof(*find));
    enum depth depth = depth_of(&ex->head);

    *find = (struct propfind){
        .job = {.act = propfind_act, .done = propfind_done},
        .ex = ex,
        .path = ex->path,
        .depth = depth == DEPTH_ABSENT ? DEPTH_INFINITY : depth, /* DAV-028 */
        .infinity_is_allowed = ex->rules.propfind_infinity,
        .rights = ex->rights,
        .body = body,
        .is_minimal = wants_minimal(&ex->head),
        .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
        .options = {.store = ex->store,
                    .site = ex->site,
                    .path = ex->path,
                    .user = ex->user,
                    .is_loopback = ex->is_listener_loopback,
                    .hides_lockroot = breaks_on_lockroot(&ex->head),
                    .omits_target = depth != DEPTH_0 && prefer_of(&ex->head).depth_noroot,
                    .plan = &find->plan},
    };
    find->fields = read_fields(ex, find);
    return find;
}

static void propfind_ready(struct exchange *ex, struct slice body)
{
    struct propfind *find;
    bool is_long;

    role_assert_loop();
    find = propfind_new(ex, body);
    is_long = find->depth == DEPTH_INFINITY;
    exchange_state(ex, EXCH_ACTING);
    if (is_long)
        exchange_processing(ex);
    exchange_submit(ex, is_long ? LANE_SLOW : LANE_QUICK, &find->job);
}

void propfind_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, propfind_ready);
}
