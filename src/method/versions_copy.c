/*
 * versions_copy.c - COPY of an earlier content to an ordinary address: the undo.
 *
 * It is a PUT of that content there: what is replaced is kept as an earlier content, properties and a given type stay,
 * and everything that could refuse a PUT is judged, beside what COPY asks for (RFC 4918 §9.8). Conditions speak of the
 * source, as in any COPY: a version that has this tag. Runs in the slow lane; stops when the client leaves.
 *
 * Limit: a folder at the destination is not replaced, whatever Overwrite says.
 */
#include "ahead.h"
#include "gate/gate.h"
#include "multi.h"
#include "store/edit.h"
#include "versions_private.h"

struct restoring {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath from, to;
    uint64_t number;
    bool no_overwrite;
    struct change_guard source, target;
    struct history_limits history;
    const atomic_bool *left;
    /* what came of it */
    enum err err;
    bool is_missing, source_refused;
    struct commit commit;
};

/* ---- worker ---- */

static bool goes_on(void *arg)
{
    return !exchange_is_left(((struct restoring *)arg)->left);
}

/* Overwrite comes last, as in the one order of checks. */
static bool target_holds(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct restoring *job = arg;
    struct guard guard = change_guard(&job->target);

    role_assert_worker();
    return guard.holds(guard.arg, now, locks) && !(job->no_overwrite && now);
}

/* What is known of the content goes along, as at a PUT: `samovar check --content` finds what has rotted meanwhile. */
static WORKER_SIDE struct slice checksums_of(struct restoring *job)
{
    char hex[2 * sizeof(((struct version *)0)->sha256) + 1] = "";
    struct version version;

    if (versions_find(job->store, job->from, job->number, &job->job.arena, &version) != ERR_NONE || !version.has_sha256)
        return SLICE_NONE;
    hex_encode(hex, version.sha256, sizeof(version.sha256));
    return arena_printf(&job->job.arena, "SHA256:%s", hex);
}

static WORKER_SIDE enum err store_content(struct restoring *job, int fd, uint64_t size)
{
    struct guard guard = {target_holds, job};
    struct slice checksums = checksums_of(job); /* before it is replaced, and the history lets go of it */
    struct part *part = NULL;
    enum err err = part_open(job->store, job->to, (int64_t)size, guard, &part);

    if (!err)
        err = part_fill_around(part, fd, size, 0, 0, (struct progress){goes_on, job});
    if (!err) {
        part_wish(part, &(struct part_wish){.keeps_type = true, .checksums = checksums});
        part_history(part, &job->history);
        err = part_commit(part, guard, &job->commit);
    }
    part_release(part);
    return err;
}

static void restoring_act(struct job *base)
{
    struct restoring *job = CONTAINER(base, struct restoring, job);
    struct guard source = change_guard(&job->source);
    struct facts facts;
    int fd;

    role_assert_worker();
    job->err = store_version_open(job->store, job->from, job->number, &fd, &facts);
    if (job->err) {
        job->is_missing = true;
        return;
    }
    job->source_refused = !source.holds(source.arg, &facts, NULL);
    job->err = job->source_refused ? ERR_REFUSED : store_content(job, fd, facts.size);
    store_close_file(job->store, fd, &facts);
}

/* ---- answers ---- */

static struct verdict no_collection(void)
{
    return VERDICT(403,
                   "This is a collection of earlier contents, which cannot be copied as a whole. COPY one of them: "
                   "its address ends in its number.");
}

static struct verdict verdict_of_missing(enum err err)
{
    return err == ERR_IS_FOLDER ? no_collection()
           : err == ERR_MISSING ? VERDICT(404, "There is no earlier content with this number. Nothing was changed.")
                                : verdict_of_read(err);
}

static struct verdict verdict_of_restoring(enum err err)
{
    return err == ERR_IS_FOLDER
               ? VERDICT(403, "There is a folder at the destination, and a file's earlier content does "
                              "not take its place. Delete it first, or name another destination.")
               : verdict_of_change(err);
}

/* From here on the exchange is about the destination. */
static LOOP_SIDE void answer_done(struct exchange *ex, struct restoring *job)
{
    ex->past = (struct past){.is_asked = false};
    ex->path = job->to;
    ex->rights = ex->destination_rights;
    ex->rules = conf_rules(ex->site, ex->path.text);
    seen_note(ex->ledger, seen_key(ex, ex->path.text), facts_tag(&job->commit.facts));
    if (!job->commit.created)
        ahead_begin(ex);
    if (ex->rights & RIGHT_READ && wants_representation(ex)) {
        get_current_as(ex, job->commit.created ? 201 : 200); /* DAV-178 */
        return;
    }
    ex->answer.status = job->commit.created ? 201 : 204;
    if (job->commit.created)
        answer_field(&ex->arena, &ex->answer, SLICE("Location"), dav_href_text(&ex->arena, ex->path.text, false));
    exchange_answer(ex);
}

static void restoring_done(struct job *base)
{
    struct restoring *job = CONTAINER(base, struct restoring, job);
    struct exchange *ex = job->ex;

    role_assert_loop();
    if (!exchange_home(ex, base))
        return;
    if (job->is_missing)
        exchange_refuse(ex, verdict_of_missing(job->err));
    else if (job->err == ERR_REFUSED && job->source_refused)
        exchange_refuse(ex, verdict_of_guard(&job->source));
    else if (job->err == ERR_REFUSED && job->target.has_refused)
        exchange_refuse(ex, verdict_of_guard(&job->target));
    else if (job->err == ERR_REFUSED)
        exchange_refuse(ex, VERDICT(412, "There is something at the destination, and Overwrite: F says to leave it. "
                                         "Nothing was changed."));
    else if (job->err)
        exchange_refuse(ex, verdict_of_restoring(job->err));
    else
        answer_done(ex, job);
}

/* ---- the plan ---- */

static struct verdict judge(const struct exchange *ex)
{
    if (!ex->past.number)
        return no_collection();
    if (depth_of(&ex->head) == DEPTH_BAD)
        return VERDICT(400, "The field Depth is malformed.");
    if (overwrite_of(&ex->head) == OVERWRITE_BAD)
        return VERDICT(400, "The field Overwrite is malformed: it is T or F.");
    return GO_ON;
}

static LOOP_SIDE void restoring_begin(struct exchange *ex, struct slice body)
{
    struct restoring *job = arena_alloc(&ex->arena, sizeof(*job));
    struct history_rule history = conf_rules(ex->site, ex->destination.text).history;
    struct verdict verdict = body.len ? VERDICT(415, "COPY takes no content.") : judge(ex);

    *job = (struct restoring){.job = {.act = restoring_act, .done = restoring_done},
                              .ex = ex,
                              .store = ex->store,
                              .from = ex->path,
                              .to = {.text = ex->destination.text},
                              .number = ex->past.number,
                              .no_overwrite = overwrite_of(&ex->head) == OVERWRITE_F,
                              .history = {history.count, history.bytes, history.seconds},
                              .left = &ex->is_left};
    if (!verdict.status)
        verdict = change_guard_read(ex, &job->job, &job->source);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    job->source.is_read = true;
    job->source.on_file = RIGHT_READ;
    change_guard_beside(&job->source, ex->destination_rights, &job->target);
    exchange_state(ex, EXCH_ACTING);
    exchange_processing(ex);
    exchange_submit(ex, LANE_SLOW, &job->job);
}

void versions_copy(struct exchange *ex)
{
    if (ex->framing.kind == BODY_LENGTH && ex->framing.length)
        exchange_refuse(ex, VERDICT(415, "COPY takes no content."));
    else if (ex->framing.kind == BODY_CHUNKED) /* it may turn out to be none */
        gather_body(ex, NO_BODY_MAX, restoring_begin);
    else
        restoring_begin(ex, SLICE_NONE);
}
