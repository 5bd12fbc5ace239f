/*
 * bound.c - see bound.h. Who may do what is the gates' to say (gate/alias.c); here the store is asked.
 */
#include "method/bound.h"

#include "gate/gate.h"
#include "method_private.h"
#include "repr/sight.h"

/* ---- worker ---- */

/* Of the name in its folder: the folder's, with the name. One is enough: where it is at home. */
static WORKER_SIDE enum err look_at_name(struct store *store, struct bound_place *place, struct arena *arena)
{
    struct slice leaf = rpath_leaf(place->path), folder;
    struct aliases parents;
    enum err err = store_aliases(store, rpath_parent(place->path), arena, &parents);

    if (err || !parents.count)
        return err;
    folder = parents.list[0].text;
    place->of_names.list = arena_alloc(arena, sizeof(*place->of_names.list));
    place->of_names.list[0] = (struct rpath){
        .text = folder.len ? arena_printf(arena, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(leaf)) : leaf};
    place->of_names.count = 1;
    return ERR_NONE;
}

enum err bound_look(struct store *store, struct bound_place *place, struct arena *arena)
{
    enum err err = store_aliases(store, place->path, arena, &place->aliases);

    if (!err && place->is_name && place->aliases.count && !rpath_is_root(place->path))
        err = look_at_name(store, place, arena);
    if (verdict_of_read(err).status != 404)
        return err;
    place->aliases.count = place->of_names.count = 0; /* the method will say so */
    return ERR_NONE;
}

struct bound_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct bound_place target, destination;
    bool has_destination;
    enum err err;
    void (*then)(struct exchange *ex);
};

static void bound_act(struct job *base)
{
    struct bound_job *job = CONTAINER(base, struct bound_job, job);

    role_assert_worker();
    job->err = bound_look(job->store, &job->target, &base->arena);
    if (!job->err && job->has_destination)
        job->err = bound_look(job->store, &job->destination, &base->arena);
}

/* ---- loop ---- */

static const struct aliases *of_name(const struct bound_place *place)
{
    return place->is_name ? &place->of_names : NULL;
}

struct verdict bound_judge(struct exchange *ex, const struct bound_place *place, unsigned *rights)
{
    return aliases_judge(ex, &place->aliases, of_name(place), rights);
}

static LOOP_SIDE struct verdict judge(struct exchange *ex, const struct bound_job *job)
{
    struct verdict verdict;

    if (job->err)
        return verdict_of_read(job->err);
    verdict = aliases_judge_target(ex, &job->target.aliases, of_name(&job->target));
    if (!verdict.status && job->has_destination)
        verdict = aliases_judge_destination(ex, &job->destination.aliases);
    return verdict;
}

static void bound_done(struct job *base)
{
    struct bound_job *job = CONTAINER(base, struct bound_job, job);
    struct exchange *ex = job->ex;
    struct verdict verdict;

    role_assert_loop();
    if (!exchange_home(ex, base))
        return;
    verdict = judge(ex, job);
    if (verdict.status == 401 && ex->ask_login)
        ex->ask_login(ex);
    else if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        job->then(ex);
}

/* What the hot cache knows has no binding on its path. */
bool bound_counts(const struct exchange *ex)
{
    return !ex->known && !ex->target.is_server_wide && sight_counts(ex->store, ex->site);
}

void bound_start(struct exchange *ex, void (*then)(struct exchange *ex))
{
    struct bound_job *job = arena_alloc(&ex->arena, sizeof(*job));
    enum method method = ex->head.method;

    *job = (struct bound_job){.job = {.act = bound_act, .done = bound_done},
                              .ex = ex,
                              .store = ex->store,
                              .target = {.path = ex->path, .is_name = method == METHOD_DELETE || method == METHOD_MOVE},
                              .destination = {.path = ex->destination},
                              .has_destination = method == METHOD_COPY || method == METHOD_MOVE,
                              .then = then};
    exchange_submit(ex, LANE_QUICK, &job->job);
}
