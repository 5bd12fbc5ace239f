/*
 * bind.c - BIND, UNBIND and REBIND: the names of a folder's members, whatever they stand for (RFC 5842 §4 to §6).
 *
 * The request is for the folder; its content says which name, and of BIND and REBIND what gets it. So a first job looks
 * at the folder and reads the content, the gates judge what that names, and a last job acts (bind_act.c): UNBIND is a
 * DELETE of the name, REBIND a MOVE to it. The field If and conditions are about the folder, since a binding is part of
 * its state; locks are judged beside the commit, of the folder and of the names that come and go.
 */
#include "bind_private.h"

#include "gate/gate.h"

static const struct binding_words words_of_bind = {
    .body = SLICE_INIT("bind"),
    .into_folder = SLICE_INIT("bind-into-collection"),
    .source_exists = SLICE_INIT("bind-source-exists"),
    .locked_name = SLICE_INIT("locked-overwrite-allowed"),
};
static const struct binding_words words_of_unbind = {
    .body = SLICE_INIT("unbind"),
    .into_folder = SLICE_INIT("unbind-from-collection"),
    .source_exists = SLICE_INIT("unbind-source-exists"),
    .locked_name = SLICE_INIT("protected-url-deletion-allowed"),
};
static const struct binding_words words_of_rebind = {
    .body = SLICE_INIT("rebind"),
    .into_folder = SLICE_INIT("rebind-into-collection"),
    .source_exists = SLICE_INIT("rebind-source-exists"),
    .locked_name = SLICE_INIT("protected-url-modification-allowed"),
    .locked_from = SLICE_INIT("locked-source-collection-update-allowed"),
    .locked_old_name = SLICE_INIT("protected-source-url-deletion-allowed"),
};

static struct verdict condition(int status, struct slice name, const char *detail)
{
    return (struct verdict){.status = status, .condition = name, .detail = slice_str(detail)};
}

/* ---- the first job: the folder, and what is asked ---- */

static WORKER_SIDE struct verdict judge_head(struct bind_job *bind, const struct facts *facts)
{
    struct validators current = validators_for_change(facts);

    if (bind->type.status)
        return bind->type;
    if (!if_scope_holds(&bind->head.scope, facts, NULL))
        return verdict_of_if();
    if (conditions_judge(&bind->head.conditions, false, &current) != COND_GO)
        return VERDICT(412, "A condition of the request does not hold: the resource is not as the client believes. "
                            "Nothing was changed. Fetch it again, then repeat.");
    return GO_ON;
}

static WORKER_SIDE struct verdict look(struct bind_job *bind)
{
    struct verdict verdict;
    struct facts facts;
    enum err err = store_find(bind->store, bind->folder, &facts);

    if (err && err != ERR_NOT_FOLDER)
        return verdict_of_read(err);
    if (err || facts.kind != KIND_FOLDER)
        return condition(403, bind->words->into_folder, "This is a file; only folders have names in them.");
    verdict = judge_head(bind, &facts);
    return verdict.status ? verdict : dav_read_binding(bind->body, bind->words->body, &bind->job.arena, &bind->names);
}

static void look_act(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);

    role_assert_worker();
    bind->verdict = look(bind);
}

/* ---- answers ---- */

static struct verdict verdict_of_binding(const struct bind_job *bind)
{
    if (bind->is_missing)
        return condition(409, bind->words->source_exists, "There is nothing that could be bound or unbound so.");
    switch (bind->err) {
    case ERR_EXISTS:
        return condition(412, SLICE("can-overwrite"),
                         "The name is taken, and Overwrite: F says to leave it. Nothing was changed.");
    case ERR_LOOP:
    case ERR_ESCAPES:
        return condition(403, SLICE("cycle-allowed"), "A folder cannot be put below itself here.");
    case ERR_UNSUPPORTED:
    case ERR_TOO_MANY:
        return condition(403, SLICE("binding-allowed"), "This cannot have one more name.");
    case ERR_TOO_LONG:
    case ERR_MISSING: /* the name is one that the server keeps for itself */
        return condition(403, SLICE("name-allowed"), "The file system cannot hold this name.");
    case ERR_INVALID:
        return VERDICT(403, "The name stands for this resource already.");
    case ERR_BUSY:
        return VERDICT(403, "Another volume is mounted here; it stays where it is.");
    default:
        return verdict_of_change(bind->err);
    }
}

static LOOP_SIDE void refuse_by_guard(struct exchange *ex, struct bind_job *bind)
{
    struct verdict verdict = verdict_of_guard(bind->source.has_refused ? &bind->source : &bind->target);

    if (verdict.status == 423)
        verdict.narrower = bind->locked;
    exchange_refuse(ex, verdict);
}

static LOOP_SIDE void answer_done(struct exchange *ex, struct bind_job *bind)
{
    ex->answer.status = 204;
    if (bind->done.created) {
        ex->answer.status = 201;
        answer_field(&ex->arena, &ex->answer, SLICE("Location"),
                     dav_href_text(&ex->arena, bind->to.text, bind->done.facts.kind == KIND_FOLDER));
    }
    exchange_answer(ex);
}

static LOOP_SIDE void bind_answer(struct exchange *ex, struct bind_job *bind)
{
    if (bind->below.count)
        answer_multi(ex, bind->below.list, bind->below.count, bind->below.count);
    else if (bind->err == ERR_REFUSED)
        refuse_by_guard(ex, bind);
    else if (bind->err == ERR_LOCKED)
        exchange_refuse(ex, verdict_of_conflict(ex, &bind->conflict));
    else if (bind->err)
        exchange_refuse(ex, verdict_of_binding(bind));
    else if (bind->casualties.count)
        answer_casualties(ex, &bind->casualties);
    else
        answer_done(ex, bind);
}

static void bind_done(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);
    struct exchange *ex = bind->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (bind->wants_slow && !bind->is_slow) {
        bind->is_slow = true;
        exchange_processing(ex);
        exchange_submit(ex, LANE_SLOW, job);
        return;
    }
    bind_answer(ex, bind);
}

/* ---- between the two ---- */

/* Known by the names alone. */
static struct verdict judge_names(const struct bind_job *bind)
{
    struct slice from = bind->from.text, to = bind->to.text;

    if (bind->method == METHOD_UNBIND)
        return GO_ON;
    if (rpath_is_root(bind->from))
        return condition(403, SLICE("binding-allowed"), "The folder that is served cannot have another name.");
    if (bind->method == METHOD_BIND)
        return GO_ON;
    if (slice_eq(from, to))
        return VERDICT(403, "The name stands for this resource already.");
    if (rpath_is_within(to, from))
        return condition(403, SLICE("cycle-allowed"), "A folder cannot be put below itself here.");
    return GO_ON;
}

/* Whose lock, which rights: of the name in the folder, and of the other place. */
static LOOP_SIDE void set_guards(struct exchange *ex, struct bind_job *bind)
{
    unsigned also = bind->method == METHOD_BIND ? RIGHT_BIND : 0;
    bool takes = bind->method != METHOD_BIND;

    change_guard_beside(&bind->head, ex->destination_rights, &bind->target);
    change_guard_beside(&bind->head, bind->from_rights, &bind->source);
    bind->target.on_file = RIGHT_WRITE | also;
    bind->target.on_folder = RIGHT_DELETE | RIGHT_CREATE | also;
    bind->target.on_nothing = RIGHT_CREATE | also;
    bind->source.is_read = !takes;
    bind->source.on_file = bind->source.on_folder = takes ? RIGHT_DELETE : RIGHT_READ | RIGHT_BIND;
    bind->source.on_nothing = 0;
    if (bind->method == METHOD_UNBIND) {
        bind->target.on_file = bind->target.on_folder = RIGHT_DELETE;
        bind->target.on_nothing = 0;
    }
}

/* What an update of somebody else would be lost with has to be named: as of DELETE and MOVE (POL-C1). */
static LOOP_SIDE void want_condition(struct exchange *ex, struct bind_job *bind)
{
    struct change_guard *guard = bind->method == METHOD_UNBIND ? &bind->target : &bind->source;
    struct slice path = bind->method == METHOD_UNBIND ? bind->to.text : bind->from.text;

    struct if_scope of_name = bind->head.scope; /* If may speak of what goes, or of the folder that it is in */

    of_name.target.text = path;
    if (bind->method != METHOD_BIND)
        guard->wants_condition = conf_rules(ex->site, path).require_match == MATCH_ON &&
                                 !if_scope_guards(&bind->head.scope) && !if_scope_guards(&of_name);
}

static LOOP_SIDE struct verdict judge_places(struct exchange *ex, struct bind_job *bind)
{
    struct verdict verdict = binding_judge_name(ex, bind->names.segment);

    if (!verdict.status && bind->method != METHOD_UNBIND)
        verdict = binding_judge_source(ex, bind->names.href, &bind->from, &bind->from_rights);
    bind->to = ex->destination;
    bind->from.has_slash = false; /* with or without, folders are folders */
    return verdict.status ? verdict : judge_names(bind);
}

static LOOP_SIDE void bind_go_on(struct exchange *ex, struct bind_job *bind)
{
    bind->no_loops = !conf_rules(ex->site, bind->to.text).bind_loops;
    set_guards(ex, bind);
    want_condition(ex, bind);
    bind->job.act = bind_act;
    bind->job.done = bind_done;
    exchange_submit(ex, LANE_COMMIT, &bind->job);
}

/* ---- where the two places may have other paths ---- */

static void places_act(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);

    role_assert_worker();
    bind->err = bound_look(bind->store, &bind->to_place, &job->arena);
    if (!bind->err && bind->method != METHOD_UNBIND)
        bind->err = bound_look(bind->store, &bind->from_place, &job->arena);
}

static LOOP_SIDE struct verdict judge_aliases(struct exchange *ex, struct bind_job *bind)
{
    struct verdict verdict;

    if (bind->err)
        return verdict_of_read(bind->err);
    verdict = bound_judge(ex, &bind->to_place, &ex->destination_rights);
    if (!verdict.status && bind->method != METHOD_UNBIND)
        verdict = bound_judge(ex, &bind->from_place, &bind->from_rights);
    return verdict;
}

static void places_done(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);
    struct exchange *ex = bind->ex;
    struct verdict verdict;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    verdict = judge_aliases(ex, bind);
    if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        bind_go_on(ex, bind);
}

static LOOP_SIDE void look_at_places(struct exchange *ex, struct bind_job *bind)
{
    bind->to_place = (struct bound_place){.path = bind->to, .is_name = bind->method == METHOD_UNBIND};
    bind->from_place = (struct bound_place){.path = bind->from, .is_name = bind->method == METHOD_REBIND};
    bind->job.act = places_act;
    bind->job.done = places_done;
    exchange_submit(ex, LANE_QUICK, &bind->job);
}

static void look_done(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);
    struct exchange *ex = bind->ex;
    struct verdict verdict;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    verdict = bind->verdict.status ? bind->verdict : judge_places(ex, bind);
    if (verdict.status == 401 && ex->ask_login)
        ex->ask_login(ex);
    else if (verdict.status)
        exchange_refuse(ex, verdict);
    else if (bound_counts(ex))
        look_at_places(ex, bind);
    else
        bind_go_on(ex, bind);
}

/* ---- the plan ---- */

static const struct binding_words *words_of(enum method method)
{
    return method == METHOD_BIND ? &words_of_bind : method == METHOD_UNBIND ? &words_of_unbind : &words_of_rebind;
}

static LOOP_SIDE void bind_begin(struct exchange *ex, struct slice body)
{
    struct bind_job *bind = arena_alloc(&ex->arena, sizeof(*bind));
    enum overwrite overwrite = overwrite_of(&ex->head);
    struct verdict verdict;

    *bind = (struct bind_job){.job = {.act = look_act, .done = look_done},
                              .ex = ex,
                              .store = ex->store,
                              .method = ex->head.method,
                              .words = words_of(ex->head.method),
                              .folder = ex->path,
                              .body = body,
                              .type = xml_body_judge(ex, body),
                              .no_overwrite = overwrite == OVERWRITE_F,
                              .casualties.arena = &bind->job.arena,
                              .conflict.arena = &bind->job.arena};
    rights_below_of(ex, &bind->job, &bind->below);
    verdict = change_guard_read(ex, &bind->job, &bind->head);
    if (!verdict.status && overwrite == OVERWRITE_BAD)
        verdict = VERDICT(400, "The field Overwrite is malformed: it is T or F.");
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_QUICK, &bind->job);
}

void bind_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, bind_begin);
}
