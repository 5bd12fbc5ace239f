/*
 * report.c - REPORT: what changed in a folder since the client last asked (RFC 3253 §3.6, RFC 6578).
 *
 * The one report is sync-collection. The changes are found at once, since the mark that the client gets has to fit
 * them; their properties are looked up while the answer is sent.
 */
#include "dav_shared.h"

#include "store/since.h"

struct report {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    bool is_depth_0;
    unsigned rights;
    struct verdict fields; /* what is wrong with the head's, told only where something is at the path */
    struct slice body;
    bool is_minimal;
    struct if_scope scope;
    enum error_form form;
    enum page_language language;
    struct prop_plan plan;
    struct multistatus_options options;
    struct answer answer;
};

/* ---- worker ---- */

static struct verdict condition(int status, struct slice name, const char *detail)
{
    return (struct verdict){.status = status, .condition = name, .detail = slice_str(detail)};
}

static WORKER_SIDE struct verdict judge(struct report *report, const struct facts *facts)
{
    if (report->fields.status)
        return report->fields;
    if (!(report->rights & RIGHT_LIST))
        return VERDICT(403, "You may not list this folder.");
    return if_scope_holds(&report->scope, facts, NULL) ? GO_ON : verdict_of_if();
}

static WORKER_SIDE struct verdict read_body(struct report *report, const struct facts *facts, struct report_body *body)
{
    struct verdict verdict = dav_read_report(report->body, &report->job.arena, body);

    if (verdict.status)
        return verdict;
    if (!body->is_sync || facts->kind != KIND_FOLDER)
        return condition(403, SLICE("supported-report"), "Folders offer sync-collection; there is no other report.");
    if (!report->is_depth_0)
        return VERDICT(400, "Depth of sync-collection has to be 0; how deep it looks is told by sync-level.");
    return dav_plan(&body->prop, report->is_minimal, &report->job.arena, &report->plan);
}

static WORKER_SIDE struct verdict find_changes(struct report *report, const struct report_body *body,
                                               struct change_list *changes)
{
    struct slice mark = body->token;
    enum err err = ERR_INVALID;

    if (mark.len && slice_starts(mark, DAV_SYNC_PREFIX))
        mark = slice_from(mark, DAV_SYNC_PREFIX.len);
    else if (mark.len)
        mark = SLICE_NONE; /* not one of ours */
    if (mark.len || !body->token.len)
        err =
            store_changes(report->store, report->path, body->is_deep, mark, body->has_limit ? body->limit : 0, changes);
    if (err == ERR_INVALID)
        return condition(403, SLICE("valid-sync-token"),
                         "This token is unknown or too old: begin anew with an empty one.");
    if (err == ERR_TOO_LARGE)
        return condition(403, SLICE("number-of-matches-within-limits"),
                         "Folders here are reached by so many ways that this answer would be too long; ask folder by "
                         "folder.");
    return err ? verdict_of_read(err) : GO_ON;
}

static WORKER_SIDE struct verdict act(struct report *report)
{
    struct change_list changes = {0};
    struct report_body body;
    struct verdict verdict;
    struct facts facts;
    enum err err = store_find(report->store, report->path, &facts);

    if (err)
        return verdict_of_read(err);
    verdict = judge(report, &facts);
    if (!verdict.status)
        verdict = read_body(report, &facts, &body);
    if (!verdict.status)
        verdict = find_changes(report, &body, &changes);
    if (verdict.status)
        return verdict;
    if (!answer_multistatus(&report->job.arena, &report->answer, multistatus_of_changes(&report->options, &changes),
                            &err))
        return verdict_of_read(err);
    add_folder_location(&report->job.arena, &report->answer, report->path, &facts);
    add_preference(&report->job.arena, &report->answer, report->is_minimal, false);
    return GO_ON;
}

static void report_act(struct job *job)
{
    struct report *report = CONTAINER(job, struct report, job);
    struct refusal refusal = {.form = report->form, .language = report->language};

    role_assert_worker();
    report->answer.content.fd = -1;
    refusal.verdict = act(report);
    if (refusal.verdict.status)
        refusal_build(&job->arena, &report->answer, &refusal);
}

/* ---- loop ---- */

static void report_done(struct job *job)
{
    struct report *report = CONTAINER(job, struct report, job);

    role_assert_loop();
    answer_bring(report->ex, job, report->answer);
}

static void report_ready(struct exchange *ex, struct slice body)
{
    struct report *report = arena_alloc(&ex->arena, sizeof(*report));
    enum depth depth = depth_of(&ex->head);

    role_assert_loop();
    *report = (struct report){
        .job = {.act = report_act, .done = report_done},
        .ex = ex,
        .store = ex->store,
        .path = ex->path,
        .is_depth_0 = depth == DEPTH_0 || depth == DEPTH_ABSENT, /* DAV-184 */
        .rights = ex->rights,
        .body = body,
        .is_minimal = wants_minimal(&ex->head),
        .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
        .language = reader_language(ex),
        .options = multistatus_options_of(ex, &report->plan),
    };
    report->fields = dav_fields_judge(ex, body, &report->job.arena, &report->scope);
    exchange_state(ex, EXCH_ACTING);
    exchange_processing(ex);
    exchange_submit(ex, LANE_SLOW, &report->job);
}

void report_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, report_ready);
}
