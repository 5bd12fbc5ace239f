/*
 * bind_act.c - names given, taken away and moved, on a worker (RFC 5842 §4 to §6).
 */
#include "bind_private.h"

/* A folder's DELETE or MOVE reaches all below it, and takes its time where other volumes are mounted there. */
static WORKER_SIDE bool may_take_away(struct bind_job *bind, const struct rpath *path, bool is_move)
{
    struct facts facts;

    if (store_find(bind->store, *path, &facts) || facts.kind != KIND_FOLDER)
        return true;
    bind->wants_slow = true;
    if (!bind->is_slow)
        return false;
    rights_below_need(&bind->below, path->text, RIGHT_DELETE);
    if (is_move && bind->target.rights & RIGHT_READ) /* moving there must not open it */
        rights_below_need(&bind->below, path->text, RIGHT_READ);
    demands_below_stay(&bind->below, path->text, is_move);
    return true;
}

static WORKER_SIDE void act_unbind(struct bind_job *bind)
{
    if (may_take_away(bind, &bind->to, false) && !bind->below.count)
        bind->err =
            store_delete(bind->store, bind->to, change_guard(&bind->target), (struct progress){0}, &bind->casualties);
}

static WORKER_SIDE void act_rebind(struct bind_job *bind)
{
    struct transfer transfer = {.from = bind->from,
                                .to = bind->to,
                                .no_overwrite = bind->no_overwrite,
                                .no_loops = bind->no_loops,
                                .takes_above = true, /* BND-38 */
                                .source = change_guard(&bind->source),
                                .target = change_guard(&bind->target),
                                .blockers = &bind->conflict};

    if (!may_take_away(bind, &bind->from, true) || !may_take_away(bind, &bind->to, false))
        return;
    if (bind->is_slow) {
        rights_below_land(&bind->below, bind->from.text, bind->to.text, bind->from_rights);
        demands_below_land(&bind->below, bind->from.text, bind->to.text);
    }
    if (!bind->below.count)
        bind->err = store_move(bind->store, &transfer, &bind->casualties, &bind->done);
}

static WORKER_SIDE void act_bind(struct bind_job *bind)
{
    struct binding_wish wish = {.from = bind->from,
                                .to = bind->to,
                                .no_overwrite = bind->no_overwrite,
                                .no_loops = bind->no_loops,
                                .source = change_guard(&bind->source),
                                .target = change_guard(&bind->target),
                                .blockers = &bind->conflict};

    if (may_take_away(bind, &bind->to, false) && !bind->below.count)
        bind->err = store_bind(bind->store, &wish, &bind->done);
}

/* True: one of the locks in the way is that of the folder itself, by whatever name. */
static WORKER_SIDE bool is_folders(struct bind_job *bind, struct rpath folder, const struct blockers *blockers)
{
    struct write_lock *locks;
    unsigned count;

    if (store_locks_at(bind->store, folder, &bind->job.arena, &locks, &count))
        return false;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < blockers->count; k++)
            if (slice_eq(locks[i].root.text, blockers->list[k].root.text))
                return true;
    return false;
}

static WORKER_SIDE struct slice name_lock(struct bind_job *bind)
{
    const struct binding_words *words = bind->words;

    if (bind->source.has_refused && bind->source.is_locked)
        return is_folders(bind, rpath_parent(bind->from), &bind->source.blockers) ? words->locked_from
                                                                                  : words->locked_old_name;
    return is_folders(bind, bind->folder, &bind->target.blockers) ? SLICE("locked-update-allowed") : words->locked_name;
}

/* Of two places: it is the one that has to be there. */
static WORKER_SIDE bool is_source_missing(struct bind_job *bind)
{
    struct facts facts;

    return verdict_of_read(store_find(bind->store, bind->method == METHOD_UNBIND ? bind->to : bind->from, &facts))
               .status == 404;
}

void bind_act(struct job *job)
{
    struct bind_job *bind = CONTAINER(job, struct bind_job, job);

    role_assert_worker();
    bind->err = ERR_NONE;
    bind->wants_slow = false;
    if (bind->method == METHOD_BIND)
        act_bind(bind);
    else if (bind->method == METHOD_UNBIND)
        act_unbind(bind);
    else
        act_rebind(bind);
    if (bind->err == ERR_REFUSED)
        bind->locked = name_lock(bind);
    else if (bind->err && verdict_of_read(bind->err).status < 500) /* else it may be done, and not be kept */
        bind->is_missing = is_source_missing(bind);
}
