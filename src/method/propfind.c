/*
 * propfind.c - PROPFIND: properties of a resource and what is below it (RFC 4918 §9.1).
 *
 * The first piece of the answer is made before anything is sent, so what goes wrong early is a plain status; the rest
 * follows as the client takes it. Conditions other than If say nothing here: some clients add them by themselves.
 *
 * Where the hot cache knows the folder (store/snapshot.h) and all that is asked for, the disk is not asked: a short
 * answer is made by the loop itself, a long one by workers, from what is known.
 */
#include "dav_shared.h"
#include "store/binding.h"
#include "store/forward.h"
#include "ways.h"

enum {
    LOOP_BODY_MAX = 2048,        /* XML that the loop reads itself: what clients send has some hundred octets */
    LOOP_ANSWER_MAX = 64 * 1024, /* and writes: some 50 us of its time, less than two hops between threads cost */
    /*
     * Resources that are told of again where folders are met by several ways: n of them, each bound twice in the next,
     * make 2^n. As many as a listing has (repr.h); what he may not see counts, too.
     */
    AGAIN_MAX = 100000,
};

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
    enum page_language language;
    struct prop_plan plan;
    struct multistatus_options options;
    struct snapshot *known;               /* of the target, or of the folder that it is in; NULL: nothing is known */
    const struct snapshot_member *target; /* in it */
    bool tells_members;                   /* it is the target's own, and they are asked for */
    bool has_looked, is_listing;          /* a worker went to the disk, and found something; a folder's members */
    bool knows_bindings;                  /* the client takes 208 (RFC 5842 §8.2) */
    struct bound_below bound;             /* of Depth: infinity */
    const atomic_bool *left;
    struct answer answer;
};

/* ---- any side ---- */

static bool may_see(unsigned rights)
{
    return rights & (RIGHT_READ | RIGHT_LIST);
}

/* Who may only create is told of the folder that he may create in (gate/rights.c), and not whether it is a file. */
static struct verdict not_told(void)
{
    return VERDICT(403, "Files may be put here, under new names; nothing can be read or listed.");
}

static struct verdict judge_but_if(const struct propfind *find, const struct facts *facts)
{
    bool is_folder = facts->kind == KIND_FOLDER;

    if (!is_folder && !may_see(find->rights))
        return not_told();
    if (find->fields.status)
        return find->fields;
    if (is_folder && find->depth == DEPTH_INFINITY && !find->infinity_is_allowed)
        return (struct verdict){.status = 403,
                                .condition = SLICE("propfind-finite-depth"),
                                .detail = SLICE("Depth: infinity is not answered here; ask folder by folder.")};
    return GO_ON;
}

static struct verdict read_body(struct propfind *find, struct arena *arena)
{
    struct propfind_body body;
    struct verdict verdict = dav_read_propfind(find->body, arena, &body);

    return verdict.status ? verdict : dav_plan(&body, find->is_minimal, arena, &find->plan);
}

static void add_fields(struct propfind *find, struct arena *arena, struct answer *answer, const struct facts *facts)
{
    add_folder_location(arena, answer, find->path, facts);
    add_preference(arena, answer, find->is_minimal, find->options.omits_target);
}

/* ---- worker ---- */

static WORKER_SIDE struct verdict judge(struct propfind *find, const struct facts *facts)
{
    struct verdict verdict = judge_but_if(find, facts);

    if (!verdict.status && !if_scope_holds(&find->scope, facts, NULL))
        return verdict_of_if();
    return verdict;
}

static void refuse(struct propfind *find, struct verdict verdict)
{
    struct refusal refusal = {.verdict = verdict, .form = find->form, .language = find->language};

    refusal_build(&find->job.arena, &find->answer, &refusal);
}

static unsigned levels(enum depth depth)
{
    return depth == DEPTH_0 ? 0 : depth == DEPTH_1 ? 1 : WALK_DEEP;
}

/* What was known when the request had come is as good as a look now, and was judged already. */
static WORKER_SIDE bool answer_known(struct propfind *find)
{
    struct multistatus *multi = multistatus_of_known(&find->options, find->known, find->target, find->tells_members);
    enum err err;

    if (!answer_multistatus(&find->job.arena, &find->answer, multi, &err))
        return false;
    add_fields(find, &find->job.arena, &find->answer, &find->target->facts);
    return true;
}

/* ---- worker: Depth: infinity where folders have several names (RFC 5842 §7) ---- */

static bool is_met_again(const struct propfind *find)
{
    return find->bound.repeats || find->bound.loops;
}

/* Before the walk begins: how it goes depends on it. */
static WORKER_SIDE void look_below(struct propfind *find)
{
    if (find->depth != DEPTH_INFINITY || !store_has_bindings(find->options.store) ||
        store_bound_below(find->options.store, find->path, &find->bound))
        return;
    find->options.tells_once = find->knows_bindings && is_met_again(find);
}

static WORKER_SIDE struct verdict judge_below(struct propfind *find)
{
    static const struct answer_field vary = {SLICE_INIT("Vary"), SLICE_INIT("DAV")};
    struct verdict verdict = GO_ON;

    if (find->knows_bindings || !is_met_again(find))
        return GO_ON;
    if (find->bound.loops)
        verdict = VERDICT(508, "A folder here is below itself by a binding, so that this answer would not end. Ask "
                               "folder by folder, or say by the field \"DAV: bind\" that you know bindings.");
    else if (ways_count(find->options.store, find->path, AGAIN_MAX, find->left) > AGAIN_MAX)
        verdict = (struct verdict){.status = 403,
                                   .condition = SLICE("propfind-finite-depth"),
                                   .detail = SLICE("Folders here are reached by so many ways that this answer would "
                                                   "be too long; ask folder by folder.")};
    verdict.fields = &vary;
    verdict.field_count = 1;
    return verdict.status ? verdict : GO_ON;
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
    if (find->known && answer_known(find))
        return;
    look_below(find);
    err = multistatus_open(&find->options, levels(find->depth), &facts, &multi);
    if (err) {
        refuse(find, may_see(find->rights) ? verdict_of_read(err) : not_told());
        return;
    }
    verdict = judge(find, &facts);
    if (!verdict.status)
        verdict = read_body(find, &job->arena);
    if (!verdict.status)
        verdict = judge_below(find);
    if (verdict.status) {
        multistatus_close(multi);
        refuse(find, verdict);
        return;
    }
    if (!answer_multistatus(&job->arena, &find->answer, multi, &err)) {
        refuse(find, verdict_of_read(err));
        return;
    }
    find->has_looked = true;
    find->is_listing = facts.kind == KIND_FOLDER && find->depth == DEPTH_1;
    add_fields(find, &job->arena, &find->answer, &facts);
    if (is_met_again(find))
        answer_field(&job->arena, &find->answer, SLICE("Vary"), SLICE("DAV"));
}

/* ---- what is known ---- */

static LOOP_SIDE struct snapshot *known_at(struct exchange *ex, struct rpath folder)
{
    return ex->known_folders->find(ex->known_folders, ex, folder);
}

/* A file, and a folder by itself, are known with the folder that they are in. */
static LOOP_SIDE void find_in_parent(struct exchange *ex, struct propfind *find)
{
    struct snapshot *parent = known_at(ex, rpath_parent(find->path));
    const struct snapshot_member *member = parent ? snapshot_find(parent, rpath_leaf(find->path)) : NULL;

    if (member && (member->facts.kind == KIND_FILE ? !find->path.has_slash : find->depth == DEPTH_0)) {
        find->known = parent;
        find->target = member;
    } else {
        snapshot_unref(parent);
    }
}

static LOOP_SIDE void find_known(struct exchange *ex, struct propfind *find)
{
    if (!ex->known_folders || head_has(&ex->head, FIELD_IF) || find->depth == DEPTH_INFINITY ||
        (find->depth != DEPTH_0 && store_has_forwards(ex->store))) /* which are members, and in no snapshot */
        return;
    find->known = known_at(ex, find->path);
    if (find->known) {
        find->target = snapshot_self(find->known);
        find->tells_members = find->depth == DEPTH_1;
    } else if (!rpath_is_root(find->path)) {
        find_in_parent(ex, find);
    }
}

static void forget_known(struct propfind *find)
{
    snapshot_unref(find->known);
    find->known = NULL;
}

/* Octets of the answer, at most: names may be percent-encoded, and what is asked for by name missing. */
static size_t longest(const struct propfind *find)
{
    enum { EACH = 900 }; /* every property that facts tell, with its tags */
    unsigned count = 0;

    if (find->tells_members)
        snapshot_members(find->known, &count);
    return (count + 1) * (EACH + find->plan.cost + 3 * find->path.text.len) +
           (count ? 3 * snapshot_names_len(find->known) : 0) + snapshot_records_len(find->known);
}

static LOOP_SIDE void answer_at_once(struct exchange *ex, struct propfind *find)
{
    struct multistatus *multi = multistatus_of_known(&find->options, find->known, find->target, find->tells_members);

    ex->answer.status = 207;
    answer_known_text(&ex->arena, &ex->answer, multi, longest(find));
    add_fields(find, &ex->arena, &ex->answer, &find->target->facts);
    forget_known(find);
    exchange_answer(ex);
}

/*
 * True: it was answered. A request that is wrong, or asks for what is recorded elsewhere, goes the long way, and gets
 * there what it would have got; so does what the loop would be too long at, and what has to show locks, with what is
 * known in its hands.
 */
static LOOP_SIDE bool try_at_once(struct exchange *ex, struct propfind *find)
{
    find_known(ex, find);
    if (!find->known)
        return false;
    if (find->body.len > LOOP_BODY_MAX || judge_but_if(find, &find->target->facts).status ||
        read_body(find, &ex->arena).status || !dav_plan_is_known(&find->plan, ex->store, find->known)) {
        forget_known(find);
        return false;
    }
    ex->known_folders->used(ex->known_folders);
    if (longest(find) > LOOP_ANSWER_MAX || dav_plan_needs_locks(&find->plan, ex->store))
        return false;
    answer_at_once(ex, find);
    return true;
}

/* ---- loop ---- */

static void propfind_done(struct job *job)
{
    struct propfind *find = CONTAINER(job, struct propfind, job);
    struct exchange *ex = find->ex;
    struct answer answer = find->answer;

    role_assert_loop();
    forget_known(find);
    if (find->has_looked && ex->known_folders && find->depth != DEPTH_INFINITY)
        ex->known_folders->missed(ex->known_folders, ex, find->is_listing ? find->path : rpath_parent(find->path));
    answer.must_close |= ex->answer.must_close;
    ex->answer = answer; /* first: if the client left, its content is given back with the exchange */
    if (exchange_home(ex, job))
        exchange_answer(ex);
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
        .knows_bindings = knows_bindings(&ex->head),
        .left = &ex->is_left,
        .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
        .language = reader_language(ex),
        .options = multistatus_options_of(ex, &find->plan),
    };
    if (!(ex->rights & RIGHT_LIST))
        find->depth = DEPTH_0; /* the folder looks empty */
    find->options.omits_target = depth != DEPTH_0 && prefer_of(&ex->head).depth_noroot;
    find->fields = dav_fields_judge(ex, body, &find->job.arena, &find->scope);
    return find;
}

static void propfind_ready(struct exchange *ex, struct slice body)
{
    struct propfind *find;
    bool is_long;

    role_assert_loop();
    find = propfind_new(ex, body);
    if (try_at_once(ex, find))
        return;
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
