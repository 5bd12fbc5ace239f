/*
 * if_scope.c - judging If: which resources its lists are about, and their states (RFC 4918 §10.4).
 *
 * A list may be about any resource of ours. One of somebody else's has no state that we know; nor has, for this user,
 * one that he may neither read nor list: else he could learn by guesses what is there.
 */
#include "method_private.h"

#include "gate/gate.h"
#include "store/since.h"

struct verdict if_scope_read(struct exchange *ex, struct arena *arena, struct if_scope *out)
{
    *out = (struct if_scope){.store = ex->store,
                             .site = ex->site,
                             .host = ex->host,
                             .public_host = ex->public_host,
                             .asker = ex->asker,
                             .target = ex->past.is_asked ? ex->past.address : ex->path,
                             .arena = arena};
    if (!head_has(&ex->head, FIELD_IF))
        return GO_ON;
    if (head_count_of(&ex->head, FIELD_IF) > 1 ||
        if_field_parse(head_value(&ex->head, FIELD_IF), &ex->arena, &out->field))
        return VERDICT(400, "The field If is malformed. Nothing was changed.");
    return GO_ON;
}

/* ---- which resource ---- */

static bool is_our_host(const struct if_scope *scope, const struct host *host)
{
    struct host proxy;

    if (host_is(host, scope->host))
        return true;
    for (unsigned i = 0; i < scope->site->host_count; i++)
        if (host_is(host, scope->site->hosts[i]))
            return true;
    return scope->public_host.len && host_parse(scope->public_host, &proxy) && host_is(host, proxy.name);
}

static WORKER_SIDE bool is_visible(const struct if_scope *scope, struct slice path)
{
    struct rules rules = conf_rules(scope->site, path);

    return sight_once(scope->store, scope->site, &scope->asker, path) & (RIGHT_READ | RIGHT_LIST) &&
           !path_judge_hidden(&rules, path).status;
}

static bool is_target(const struct if_scope *scope, struct rpath path)
{
    return slice_eq(path.text, scope->target.text);
}

/* False: not ours. */
static bool path_of(const struct if_scope *scope, struct slice url, struct rpath *path)
{
    struct reference reference;
    const char *why;

    if (!reference_parse(url, &reference) || (reference.scheme.len && !is_our_host(scope, &reference.host)))
        return false;
    return path_decode(reference.path, scope->arena, path, &why) == PATH_OK;
}

/* False: not ours, or nothing that this user may know of. */
static WORKER_SIDE bool resource_of(const struct if_scope *scope, struct slice url, struct rpath *path)
{
    return path_of(scope, url, path) &&
           (is_target(scope, *path) || is_visible(scope, path->text)); /* of the target the gates have judged */
}

/* ---- its state ---- */

static bool is_current_mark(struct if_scope *scope, struct rpath path, struct slice token)
{
    role_assert_worker();
    return slice_starts(token, DAV_SYNC_PREFIX) &&
           store_mark_is_current(scope->store, path, slice_from(token, DAV_SYNC_PREFIX.len)); /* DAV-163 */
}

static bool target_has_token(struct if_scope *scope, struct slice token)
{
    role_assert_worker();
    if (!scope->now) /* DAV-156: no state, also where a lock above would cover it */
        return false;
    if (is_current_mark(scope, scope->target, token))
        return true;
    return scope->locks ? write_locks_cover(scope->locks, token)
                        : store_lock_covers(scope->store, scope->target, token);
}

/* <DAV:no-lock> is no lock's and no folder's: it never matches (DAV-157). */
static bool scope_has_token(void *arg, struct slice resource, struct slice token)
{
    struct if_scope *scope = arg;
    struct rpath path;
    struct facts facts;

    role_assert_worker();
    if (slice_is_empty(resource))
        return target_has_token(scope, token);
    if (!resource_of(scope, resource, &path))
        return false;
    if (is_target(scope, path))
        return target_has_token(scope, token);
    if (is_current_mark(scope, path, token))
        return true;
    return store_lock_covers(scope->store, path, token) && !store_find(scope->store, path, &facts);
}

/* Who writes If means to change something, whatever form of it was sent to him. */
static struct validators scope_validators(void *arg, struct slice resource)
{
    struct if_scope *scope = arg;
    struct validators found;
    struct facts *facts;
    struct rpath path;

    role_assert_worker();
    if (slice_is_empty(resource))
        return validators_for_change(scope->now);
    if (!resource_of(scope, resource, &path))
        return validators_for_change(NULL);
    if (is_target(scope, path))
        return validators_for_change(scope->now);
    facts = arena_alloc(scope->arena, sizeof(*facts)); /* the tag is part of it */
    found = validators_for_change(store_find(scope->store, path, facts) ? NULL : facts);
    return found;
}

bool if_scope_holds(struct if_scope *scope, const struct facts *now, struct write_locks *locks)
{
    struct if_states states = {.has_token = scope_has_token, .validators = scope_validators, .arg = scope};

    if (!scope->field.count)
        return true;
    scope->now = now;
    scope->locks = locks;
    return if_field_holds(&scope->field, &states);
}

/* One condition about the target that is no negation: those hold of most things for ever. by_tag: tokens do not count.
 */
static bool list_guards(const struct if_scope *scope, const struct if_list *list, bool by_tag)
{
    struct rpath path = scope->target;

    if (list->resource.len && (!path_of(scope, list->resource, &path) || !is_target(scope, path)))
        return false;
    for (unsigned i = 0; i < list->count; i++)
        if (!list->conditions[i].is_not && (!by_tag || list->conditions[i].is_tag))
            return true;
    return false;
}

/* Any list may be the one that held, so each about the target has to; at least one is. */
static bool lists_guard(const struct if_scope *scope, bool by_tag)
{
    for (unsigned i = 0; i < scope->field.count; i++)
        if (!list_guards(scope, &scope->field.lists[i], by_tag))
            return false;
    return scope->field.count;
}

bool if_scope_guards(const struct if_scope *scope)
{
    return lists_guard(scope, false);
}

bool if_scope_names_version(const struct if_scope *scope)
{
    return lists_guard(scope, true);
}

struct verdict verdict_of_if(void)
{
    return VERDICT(412, "What the field If says does not hold: the resource is not as the client believes, or a lock "
                        "is no longer there.");
}
