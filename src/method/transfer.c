/*
 * transfer.c - COPY and MOVE (RFC 4918 §9.8, §9.9).
 *
 * The destination was judged by a gate. A file's MOVE is one rename, in the commit lane; copies, and whatever is done
 * to folders, run in the slow lane and say 102 now and then. A COPY stops when its client leaves, a MOVE does not: both
 * leave the target whole, old or new.
 */
#include "multi.h"

#include "gate/gate.h"

struct transfer_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct transfer transfer;
    bool is_copy, is_slow;
    enum depth depth;
    struct change_guard source, target;
    struct rights_below below;
    struct sight sight; /* of a COPY's members */
    const atomic_bool *left;
    /* what came of it */
    enum err err;
    bool is_folder, has_bad_depth, is_missing;
    struct casualties casualties;
    struct blockers blockers;
    struct transferred done;
};

/* ---- worker ---- */

static bool goes_on(void *arg)
{
    return !exchange_is_left(((struct transfer_job *)arg)->left);
}

/* What this user could not fetch is not copied for him either. */
static bool may_read(void *arg, struct rpath path)
{
    struct transfer_job *job = arg;
    struct rules rules = conf_rules(job->below.site, path.text);

    role_assert_worker();
    return sight_rights(&job->sight, path.text, true) & RIGHT_READ && !path_judge_hidden(&rules, path.text).status;
}

/* Nor can he learn from a copy what a demand keeps him from. */
static bool is_hidden(void *arg, struct rpath path)
{
    struct transfer_job *job = arg;

    role_assert_worker();
    return sight_is_closed(&job->sight, path.text);
}

/* Depth of a folder: COPY takes 0 and infinity, MOVE infinity alone (DAV-096). */
static bool depth_fits(const struct transfer_job *job)
{
    return job->depth == DEPTH_INFINITY || job->depth == DEPTH_ABSENT || (job->is_copy && job->depth == DEPTH_0);
}

static WORKER_SIDE bool look_at_folder(struct transfer_job *job)
{
    job->has_bad_depth = !depth_fits(job);
    job->transfer.is_shallow = job->depth == DEPTH_0;
    if (!job->is_copy) {
        rights_below_need(&job->below, job->transfer.from.text, RIGHT_DELETE);
        if (job->target.rights & RIGHT_READ) /* moving there must not open it */
            rights_below_need(&job->below, job->transfer.from.text, RIGHT_READ);
    }
    rights_below_land(&job->below, job->transfer.from.text, job->transfer.to.text,
                      job->is_copy ? RIGHT_ALL : job->source.rights);
    if (!job->is_copy)
        demands_below_stay(&job->below, job->transfer.from.text, true);
    demands_below_stay(&job->below, job->transfer.to.text, false);
    demands_below_land(&job->below, job->transfer.from.text, job->transfer.to.text);
    return !job->has_bad_depth && !job->below.count;
}

/* A file may take the place of a whole folder. */
static WORKER_SIDE bool look_at_target(struct transfer_job *job)
{
    rights_below_need(&job->below, job->transfer.to.text, RIGHT_DELETE);
    demands_below_stay(&job->below, job->transfer.to.text, false);
    return !job->below.count;
}

static void transfer_act(struct job *base)
{
    struct transfer_job *job = CONTAINER(base, struct transfer_job, job);
    struct facts facts;

    role_assert_worker();
    job->source.met_folder = false; /* it may have become one since it was looked at: then all is judged again */
    job->err = store_find(job->store, job->transfer.from, &facts);
    if (job->err) {
        job->is_missing = true;
        return;
    }
    job->is_folder = facts.kind == KIND_FOLDER;
    if (job->is_folder ? !job->is_slow || !look_at_folder(job) : !look_at_target(job))
        return;
    job->source.only_file = !job->is_folder;
    job->transfer.source = change_guard(&job->source);
    job->transfer.target = change_guard(&job->target);
    if (!job->is_copy) {
        job->err = store_move(job->store, &job->transfer, &job->casualties, &job->done);
        return;
    }
    sight_open(&job->sight, job->store, job->below.site, &job->below.asker);
    job->err = store_copy(job->store, &job->transfer, &job->casualties, &job->done);
    sight_close(&job->sight);
}

/* ---- answers ---- */

/*
 * What a client copied it has put there itself, and the source still has it. What it moved it knows if it knew it
 * before. Of the members of folders nothing is noted.
 */
static LOOP_SIDE void note_seen(struct exchange *ex, const struct transfer_job *job, uint64_t source)
{
    struct slice tag = facts_tag(&job->done.facts);
    struct rules rules = ex->rules;

    ex->rules = conf_rules(ex->site, ex->path.text);
    if (job->is_copy || seen_is(ex->ledger, source, tag))
        seen_note(ex->ledger, seen_key(ex, ex->path.text), tag);
    ex->rules = rules;
}

static LOOP_SIDE void answer_done(struct exchange *ex, struct transfer_job *job)
{
    int status = job->done.created ? 201 : 204;
    uint64_t source = seen_key(ex, ex->path.text);

    ex->path = job->transfer.to;
    note_seen(ex, job, source);
    if (job->done.facts.kind == KIND_FILE && ex->destination_rights & RIGHT_READ && wants_representation(ex)) {
        ex->rights = ex->destination_rights;
        ex->rules = conf_rules(ex->site, ex->path.text);
        get_current_as(ex, job->done.created ? 201 : 200); /* DAV-178 */
        return;
    }
    ex->answer.status = status;
    if (job->done.created)
        answer_field(&ex->arena, &ex->answer, SLICE("Location"),
                     dav_href_text(&ex->arena, ex->path.text, job->done.facts.kind == KIND_FOLDER));
    exchange_answer(ex);
}

/* Where loops are not wanted (RFC 5842 §2.5). */
static struct verdict no_cycle(void)
{
    return (struct verdict){.status = 403,
                            .condition = SLICE("cycle-allowed"),
                            .detail = SLICE("A folder cannot be put below itself here.")};
}

static struct verdict verdict_of_transfer(enum err err)
{
    switch (err) {
    case ERR_EXISTS:
        return VERDICT(412, "There is something at the destination, and Overwrite: F says to leave it. Nothing was "
                            "changed.");
    case ERR_INVALID:
        return VERDICT(403, "The destination is the resource itself.");
    case ERR_ESCAPES:
        return VERDICT(403, "A folder cannot be moved into itself.");
    case ERR_BUSY:
        return VERDICT(403, "Another volume is mounted here; it stays where it is.");
    default:
        return verdict_of_change(err);
    }
}

static LOOP_SIDE void transfer_answer(struct exchange *ex, struct transfer_job *job)
{
    if (job->is_missing)
        exchange_refuse(ex, verdict_of_read(job->err));
    else if (job->has_bad_depth)
        exchange_refuse(ex, job->is_copy ? VERDICT(400, "Depth of a COPY can be 0 or infinity.")
                                         : VERDICT(400, "A folder is moved with all that is in it: Depth can only be "
                                                        "infinity."));
    else if (job->below.count)
        answer_multi(ex, job->below.list, job->below.count, job->below.count);
    else if (job->err == ERR_REFUSED)
        refuse_guarded(ex, job->target.has_refused ? &job->target : &job->source);
    else if (job->err == ERR_LOCKED && job->blockers.count)
        exchange_refuse(ex, verdict_of_conflict(ex, &job->blockers));
    else if (job->err == ERR_LOOP && job->transfer.no_loops)
        exchange_refuse(ex, no_cycle());
    else if (job->err)
        exchange_refuse(ex, verdict_of_transfer(job->err));
    else if (job->casualties.count)
        answer_casualties(ex, &job->casualties);
    else
        answer_done(ex, job);
}

static LOOP_SIDE void submit(struct exchange *ex, struct transfer_job *job)
{
    job->is_slow = job->is_copy || job->is_folder;
    if (job->is_slow)
        exchange_processing(ex);
    exchange_submit(ex, job->is_slow ? LANE_SLOW : LANE_COMMIT, &job->job);
}

static void transfer_done(struct job *base)
{
    struct transfer_job *job = CONTAINER(base, struct transfer_job, job);
    struct exchange *ex = job->ex;

    role_assert_loop();
    if (!exchange_home(ex, base))
        return;
    if (job->source.met_folder || (!job->is_missing && job->is_folder && !job->is_slow))
        submit(ex, job);
    else
        transfer_answer(ex, job);
}

/* ---- the plan ---- */

/* Known by the names alone. */
static struct verdict judge_places(const struct exchange *ex, bool no_overwrite)
{
    struct slice from = ex->path.text, to = ex->destination.text;
    bool is_copy = ex->head.method == METHOD_COPY;

    if (slice_eq(from, to))
        return VERDICT(403, "The destination is the resource itself.");
    if (rpath_is_root(ex->path))
        return VERDICT(403, "The folder that is served can be neither moved nor copied.");
    if (rpath_is_within(to, from) && !is_copy)
        return VERDICT(403, "A folder cannot be moved into itself.");
    if (rpath_is_within(from, to)) /* it would be deleted before it is copied */
        return no_overwrite ? VERDICT(412, "The destination is there, and Overwrite: F says to leave it.")
                            : VERDICT(403, "The destination is a folder above the resource; it cannot take its place.");
    if (!is_copy && ex->destination_rights & RIGHT_READ && !(ex->rights & RIGHT_READ))
        return VERDICT(403, "You may not read this, so you may not move it to where you may.");
    return GO_ON;
}

static struct verdict transfer_judge(const struct exchange *ex)
{
    enum overwrite overwrite = overwrite_of(&ex->head);

    if (depth_of(&ex->head) == DEPTH_BAD)
        return VERDICT(400, "The field Depth is malformed.");
    if (overwrite == OVERWRITE_BAD)
        return VERDICT(400, "The field Overwrite is malformed: it is T or F.");
    return judge_places(ex, overwrite == OVERWRITE_F);
}

static LOOP_SIDE void transfer_begin(struct exchange *ex, struct slice body)
{
    struct transfer_job *job = arena_alloc(&ex->arena, sizeof(*job));
    struct verdict verdict;

    *job = (struct transfer_job){
        .job = {.act = transfer_act, .done = transfer_done},
        .ex = ex,
        .store = ex->store,
        .is_copy = ex->head.method == METHOD_COPY,
        .depth = depth_of(&ex->head),
        .left = &ex->is_left,
        .casualties.arena = &job->job.arena,
        .blockers.arena = &job->job.arena,
        .transfer = {.from = ex->path,
                     .to = {.text = ex->destination.text}, /* with or without its slash, folders are folders */
                     .no_overwrite = overwrite_of(&ex->head) == OVERWRITE_F,
                     .arg = job}};
    job->transfer.blockers = &job->blockers;
    job->transfer.no_loops = !conf_rules(ex->site, ex->destination.text).bind_loops;
    job->transfer.leave_forwarding = !job->is_copy && ex->rules.leave_forwarding;
    if (job->is_copy) {
        job->transfer.may_read = may_read;
        job->transfer.is_hidden = is_hidden;
        job->transfer.progress = (struct progress){goes_on, job};
    }
    rights_below_of(ex, &job->job, &job->below);
    verdict = body.len ? VERDICT(415, "COPY and MOVE take no content.") : transfer_judge(ex);
    if (!verdict.status)
        verdict = change_guard_read(ex, &job->job, &job->source);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    change_guard_beside(&job->source, ex->destination_rights, &job->target);
    job->target.on_folder = RIGHT_DELETE | RIGHT_CREATE;
    job->source.is_read = job->is_copy;
    job->source.on_file = job->source.on_folder = job->is_copy ? RIGHT_READ : RIGHT_DELETE;
    job->source.on_nothing = 0;
    exchange_state(ex, EXCH_ACTING);
    submit(ex, job);
}

void transfer_plan(struct exchange *ex)
{
    if (ex->framing.kind == BODY_LENGTH && ex->framing.length)
        exchange_refuse(ex, VERDICT(415, "COPY and MOVE take no content."));
    else if (ex->framing.kind == BODY_CHUNKED) /* it may turn out to be none */
        gather_body(ex, NO_BODY_MAX, transfer_begin);
    else
        transfer_begin(ex, SLICE_NONE);
}
