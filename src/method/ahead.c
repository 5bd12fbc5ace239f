/*
 * ahead.c - after a PUT: the delta to what it replaced.
 *
 * One at a time: who writes faster than deltas are made gets them when they are asked for, as without.
 */
#include "ahead.h"

#include <stdlib.h>

#include "base/arena.h"
#include "derive.h"
#include "store/history.h"

struct ahead {
    struct job job;
    struct derive derive;
    struct rpath path; /* of malloc() */
    int fd;            /* while act() runs */
    struct facts facts;
};

static atomic_bool is_busy;

static bool holds(void *arg)
{
    struct ahead *ahead = arg;
    struct facts after;

    role_assert_worker();
    return store_facts_of(ahead->derive.store, ahead->fd, &after) == ERR_NONE &&
           facts_same_content(&ahead->facts, &after);
}

static WORKER_SIDE void make(struct ahead *ahead, const struct version *version)
{
    struct instance target = {.octets = {.fd = ahead->fd, .size = ahead->facts.size}, .tag = facts_tag(&ahead->facts)};
    struct instance base = {.tag = slice_of(version->tag, version->tag_len)};
    struct facts facts;
    struct octets made;

    if (store_version_open(ahead->derive.store, ahead->path, version->number, &base.octets.fd, &facts) != ERR_NONE)
        return;
    base.octets.size = facts.size;
    if (derive_delta(&ahead->derive, IM_VCDIFF, &base, &target, &made) == ERR_NONE)
        store_close_file(ahead->derive.store, made.fd, &facts);
    store_close_file(ahead->derive.store, base.octets.fd, &facts);
}

static void ahead_act(struct job *job)
{
    struct ahead *ahead = CONTAINER(job, struct ahead, job);
    struct store *store = ahead->derive.store;
    struct version_list versions;

    role_assert_worker();
    if (store_open_file(store, ahead->path, &ahead->fd, &ahead->facts) != ERR_NONE)
        return;
    if (ahead->facts.kind == KIND_FILE && !ahead->facts.is_weak &&
        store_versions(store, ahead->path, &job->arena, &versions) == ERR_NONE && versions.count &&
        !versions.list[0].is_weak)
        make(ahead, &versions.list[0]);
    store_close_file(store, ahead->fd, &ahead->facts);
}

static void ahead_done(struct job *job)
{
    struct ahead *ahead = CONTAINER(job, struct ahead, job);

    atomic_store(&is_busy, false);
    arena_release(&job->arena);
    free((char *)ahead->path.text.ptr);
    free(ahead);
}

void ahead_begin(const struct exchange *ex)
{
    struct ahead *ahead;

    if (!ex->rules.delta_ahead || !rules_history(&ex->rules) || atomic_exchange(&is_busy, true))
        return;
    ahead = xcalloc(1, sizeof(*ahead));
    *ahead = (struct ahead){
        .job = {.home = ex->loop, .act = ahead_act, .done = ahead_done},
        .derive = {.store = ex->store, .is_rolling = ex->rules.feeds == FEEDS_ROLLING, .holds = holds, .arg = ahead},
        .path = ex->path};
    ahead->path.text = slice_of(xstrdup(ex->path.text), ex->path.text.len);
    pool_submit(ex->pool, LANE_SLOW, &ahead->job);
}
