/*
 * versions_propfind.c - PROPFIND of what files were: for programs that show a folder, or mount one.
 *
 * A folder's members are told of as they are now, each as a collection; a file's are its earlier contents. Depth
 * infinity tells all of a file, and of a folder nothing (403), whatever is configured: it would be the records of all
 * files below.
 */
#include "dav_shared.h"
#include "http/uri.h"
#include "versions_private.h"

struct past_find {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct past past;
    unsigned rights;
    enum depth depth;
    struct verdict fields; /* what is wrong with the head's, told only where something is at the path */
    struct slice body;
    bool is_minimal;
    struct if_scope scope;
    enum error_form form;
    enum page_language language;
    struct prop_plan plan;
    struct multistatus_options options;
    struct version one;           /* that is asked about, */
    struct version_list versions; /* or all of the file */
    struct answer answer;
};

static struct verdict read_body(struct past_find *find)
{
    struct propfind_body body;
    struct verdict verdict = dav_read_propfind(find->body, &find->job.arena, &body);

    return verdict.status ? verdict : dav_plan(&body, find->is_minimal, &find->job.arena, &find->plan);
}

/* All that hangs on the request; facts of what it is about. */
static WORKER_SIDE struct verdict judge(struct past_find *find, const struct facts *facts)
{
    if (find->fields.status)
        return find->fields;
    if (!if_scope_holds(&find->scope, facts, NULL))
        return verdict_of_if();
    return read_body(find);
}

static void refuse(struct past_find *find, struct verdict verdict)
{
    struct refusal refusal = {.verdict = verdict, .form = find->form, .language = find->language};

    refusal_build(&find->job.arena, &find->answer, &refusal);
}

static WORKER_SIDE void answer(struct past_find *find, struct multistatus *multi)
{
    enum err err;

    if (answer_multistatus(&find->job.arena, &find->answer, multi, &err))
        add_preference(&find->job.arena, &find->answer, find->is_minimal, find->options.omits_target);
    else
        refuse(find, verdict_of_read(err));
}

/* ---- an earlier content ---- */

static WORKER_SIDE void tell_one(struct past_find *find)
{
    const struct version *version = &find->one;
    struct facts facts = {.kind = KIND_FILE,
                          .size = version->size,
                          .modified_ns = version->modified_ns,
                          .is_weak = version->is_weak,
                          .tag_len = version->tag_len};
    struct verdict verdict;

    memcpy(facts.tag, version->tag, version->tag_len);
    find->versions = (struct version_list){&find->one, 1};
    verdict = judge(find, &facts);
    if (verdict.status)
        refuse(find, verdict);
    else
        answer(find, multistatus_of_versions(&find->options, NULL, &find->versions));
}

/* ---- collections ---- */

static WORKER_SIDE void tell_file(struct past_find *find, const struct facts *facts)
{
    enum err err =
        find->depth == DEPTH_0 ? ERR_NONE : store_versions(find->store, find->path, &find->job.arena, &find->versions);

    if (err)
        refuse(find, verdict_of_read(err));
    else
        answer(find, multistatus_of_versions(&find->options, facts, &find->versions));
}

/* Folders are named with a slash, and files here as well (DAV-008). */
static void add_location(struct past_find *find)
{
    if (!find->past.has_slash)
        answer_field(&find->job.arena, &find->answer, SLICE("Content-Location"),
                     versions_collection(&find->job.arena, find->path.text, 0));
}

static struct verdict may_see(const struct past_find *find, const struct facts *facts)
{
    if (!(find->rights & (facts->kind == KIND_FOLDER ? RIGHT_READ | RIGHT_LIST : RIGHT_READ)))
        return VERDICT(403, "You may not read this.");
    if (facts->kind == KIND_FOLDER && find->depth == DEPTH_INFINITY)
        return (struct verdict){.status = 403,
                                .condition = SLICE("propfind-finite-depth"),
                                .detail = SLICE("Depth: infinity is not answered here; ask folder by folder.")};
    return GO_ON;
}

static WORKER_SIDE void tell_collection(struct past_find *find)
{
    struct multistatus *multi;
    struct facts facts, shown;
    struct verdict verdict;
    enum err err = multistatus_open(&find->options, find->depth == DEPTH_0 ? 0 : 1, &facts, &multi);

    if (err) {
        refuse(find, find->rights & (RIGHT_READ | RIGHT_LIST) ? verdict_of_read(err)
                                                              : VERDICT(403, "You may not read this."));
        return;
    }
    shown = facts;
    shown.kind = KIND_FOLDER;
    shown.tag_len = 0;
    verdict = may_see(find, &facts);
    if (!verdict.status)
        verdict = judge(find, &shown);
    if (verdict.status || facts.kind == KIND_FILE)
        multistatus_close(multi);
    if (verdict.status)
        refuse(find, verdict);
    else if (facts.kind == KIND_FILE)
        tell_file(find, &facts);
    else
        answer(find, multi);
    if (find->answer.status == 207)
        add_location(find);
}

/* ---- the job ---- */

/* Digits below a folder are the name of a member, which is judged by its own path. */
static void to_slash(struct past_find *find)
{
    struct verdict verdict = VERDICT(308, "This is a collection: its address ends in a slash.");

    verdict.link = versions_collection(&find->job.arena, find->path.text, find->past.number);
    refuse(find, verdict);
    answer_field(&find->job.arena, &find->answer, SLICE("Location"), verdict.link);
}

static void past_find_act(struct job *job)
{
    struct past_find *find = CONTAINER(job, struct past_find, job);
    enum err err = ERR_IS_FOLDER;

    role_assert_worker();
    find->answer.content.fd = -1;
    if (find->past.number)
        err = versions_find(find->store, find->path, find->past.number, &job->arena, &find->one);
    if (err == ERR_NONE && find->rights & RIGHT_READ)
        tell_one(find);
    else if (err == ERR_NONE)
        refuse(find, VERDICT(403, "You may not read this."));
    else if (!find->past.number)
        tell_collection(find);
    else if (err == ERR_IS_FOLDER)
        to_slash(find);
    else
        refuse(find, verdict_of_read(err));
}

static void past_find_done(struct job *job)
{
    struct past_find *find = CONTAINER(job, struct past_find, job);

    role_assert_loop();
    answer_bring(find->ex, job, find->answer);
}

static void past_find_ready(struct exchange *ex, struct slice body)
{
    struct past_find *find = arena_alloc(&ex->arena, sizeof(*find));
    enum depth depth = depth_of(&ex->head);

    role_assert_loop();
    *find = (struct past_find){.job = {.act = past_find_act, .done = past_find_done},
                               .ex = ex,
                               .store = ex->store,
                               .path = ex->path,
                               .past = ex->past,
                               .rights = ex->rights,
                               .depth = depth == DEPTH_ABSENT ? DEPTH_INFINITY : depth, /* DAV-028 */
                               .body = body,
                               .is_minimal = wants_minimal(&ex->head),
                               .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
                               .language = reader_language(ex),
                               .options = multistatus_options_of(ex, &find->plan)};
    find->options.is_past = true;
    find->options.omits_target = depth != DEPTH_0 && prefer_of(&ex->head).depth_noroot;
    find->fields = dav_fields_judge(ex, body, &find->job.arena, &find->scope);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_QUICK, &find->job);
}

void versions_propfind(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, past_find_ready);
}
