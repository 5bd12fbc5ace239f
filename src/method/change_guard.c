/*
 * change_guard.c - may this change be made? Judged under the resource's lock, beside the commit.
 */
#include "method_private.h"

/* Those that RFC 6585 §3 thinks of; a new lock and an end of one lose nobody's work, a COPY leaves its source. */
static bool can_lose_an_update(enum method method)
{
    return method == METHOD_PUT || method == METHOD_PATCH || method == METHOD_DELETE || method == METHOD_PROPPATCH ||
           method == METHOD_MOVE;
}

struct verdict change_guard_read(struct exchange *ex, struct job *job, struct change_guard *out)
{
    struct verdict verdict;

    *out = (struct change_guard){.rights = ex->rights,
                                 .on_file = RIGHT_WRITE,
                                 .on_folder = RIGHT_WRITE,
                                 .on_nothing = RIGHT_CREATE,
                                 .wants_condition =
                                     ex->rules.require_match == MATCH_ON && can_lose_an_update(ex->head.method),
                                 .blockers.arena = &job->arena};
    verdict = if_scope_read(ex, &job->arena, &out->scope);
    if (verdict.status)
        return verdict;
    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &out->conditions);
    out->bearer = (struct bearer){ex->asker.user, out->scope.field.tokens, out->scope.field.token_count};
    return GO_ON;
}

void change_guard_beside(const struct change_guard *main, unsigned rights, struct change_guard *out)
{
    *out = (struct change_guard){.bearer = main->bearer,
                                 .rights = rights,
                                 .on_file = RIGHT_WRITE,
                                 .on_folder = RIGHT_WRITE,
                                 .on_nothing = RIGHT_CREATE,
                                 .blockers.arena = main->blockers.arena};
}

static unsigned needed(const struct change_guard *guard, const struct facts *now)
{
    if (!now)
        return guard->on_nothing;
    return now->kind == KIND_FOLDER ? guard->on_folder : guard->on_file;
}

static bool locks_admit(struct change_guard *guard, const struct facts *now, struct write_locks *locks)
{
    role_assert_worker();
    if (!locks || guard->is_read || (guard->is_locking && now))
        return true;
    guard->blockers.count = 0; /* it may have been judged before */
    return write_locks_admit(locks, &guard->bearer, &guard->blockers);
}

/* While the job's arena is at hand. */
static void name_blockers(struct change_guard *guard)
{
    guard->hrefs = arena_alloc(guard->blockers.arena, guard->blockers.count * sizeof(*guard->hrefs));
    for (unsigned i = 0; i < guard->blockers.count; i++)
        guard->hrefs[i] = dav_href_text(guard->blockers.arena, guard->blockers.list[i].root.text,
                                        guard->blockers.list[i].root.has_slash);
}

/*
 * `If-Match: *` guards nothing but existence, a date that is none nothing at all (POL-C1). Nor does a date that was not
 * compared: beside If-Match it is ignored, and folders have none (RFC 9110 §13.1.4).
 */
static bool says_which(const struct change_guard *guard, const struct validators *current)
{
    const struct conditions *conditions = &guard->conditions;
    bool names = conditions->has_match ? !slice_eq(slice_trim(conditions->match), SLICE("*"))
                                       : conditions->has_unmodified_since && current->has_date;

    return names || if_scope_guards(&guard->scope);
}

static bool names_version(const struct change_guard *guard)
{
    const struct conditions *conditions = &guard->conditions;

    return (conditions->has_match && !slice_eq(slice_trim(conditions->match), SLICE("*"))) ||
           if_scope_names_version(&guard->scope);
}

/* What covers the resource may be the lock of a folder above it: then the token is about that one in `If`. */
static bool submits_lock(const struct change_guard *guard, struct write_locks *locks)
{
    role_assert_worker();
    for (unsigned i = 0; locks && i < guard->bearer.count; i++)
        if (write_locks_cover(locks, guard->bearer.tokens[i]))
            return true;
    return false;
}

void change_guard_name_version(struct change_guard *guard, const struct facts *now)
{
    struct validators current = validators_of(now);
    struct buf tag = BUF_INIT(TAG_MAX + 8);

    guard->is_folder = now->kind == KIND_FOLDER;
    guard->version = NULL;
    if (!guard->is_folder && guard->rights & RIGHT_READ) {
        etag_write(&tag, &current);
        guard->version = arena_alloc(guard->blockers.arena, sizeof(*guard->version));
        *guard->version = (struct answer_field){SLICE("ETag"), arena_slice(guard->blockers.arena, buf_slice(&tag))};
    }
    buf_release(&tag);
}

static bool judge(struct change_guard *guard, const struct facts *now, struct write_locks *locks)
{
    struct validators current = validators_for_change(now);
    unsigned needs = needed(guard, now);

    role_assert_worker();
    guard->lacks_condition = false; /* it may have been judged before */
    guard->met_folder = guard->only_file && now && now->kind == KIND_FOLDER;
    if (guard->met_folder)
        return false;
    guard->missing_rights = needs & ~guard->rights;
    guard->lacks_right = guard->missing_rights != 0;
    if (guard->lacks_right)
        return false;
    guard->if_fails = !if_scope_holds(&guard->scope, now, locks);
    if (guard->if_fails)
        return false;
    guard->is_locked = !locks_admit(guard, now, locks);
    if (guard->is_locked) {
        name_blockers(guard);
        return false;
    }
    if (conditions_judge(&guard->conditions, false, &current) != COND_GO)
        return false;
    guard->is_guarded = says_which(guard, &current) || submits_lock(guard, locks);
    guard->lacks_condition =
        now && ((guard->wants_condition && !guard->is_guarded) || (guard->wants_version && !names_version(guard)));
    if (guard->lacks_condition)
        change_guard_name_version(guard, now);
    return !guard->lacks_condition;
}

static bool change_holds(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct change_guard *guard = arg;

    guard->has_refused = !judge(guard, now, locks);
    guard->err = locks ? write_locks_error(locks) : ERR_NONE;
    return !guard->has_refused;
}

struct guard change_guard(struct change_guard *guard)
{
    return (struct guard){change_holds, guard};
}

/* 428. A folder has no tag: what guards it is a lock, or its sync-token. */
static struct verdict verdict_of_missing(const struct change_guard *guard)
{
    struct verdict verdict =
        guard->is_folder
            ? VERDICT(428, "A folder is changed here only by who knows what is in it. Lock it, or ask for its "
                           "DAV:sync-token, and repeat the request with that token in the field If. Nothing was "
                           "changed.")
        : guard->wants_version
            ? VERDICT(428, "A delta is for one version of the file, which has to be named. Repeat the request with the "
                           "field If-Match and the ETag of the version that the delta was made from. Nothing was "
                           "changed.")
            : VERDICT(428, "What is here is changed only by who says which version he knows, so that nobody's work is "
                           "lost. Fetch it, then repeat the request with the field If-Match and the ETag that came "
                           "with it (or lock it). Nothing was changed.");

    verdict.fields = guard->version;
    verdict.field_count = guard->version != NULL;
    return verdict;
}

struct verdict verdict_of_guard(const struct change_guard *guard)
{
    if (guard->lacks_right)
        return (struct verdict){
            .status = 403, .detail = SLICE("You may not do this here."), .lacks = guard->missing_rights};
    if (guard->err != ERR_NONE)
        return verdict_of_change(guard->err);
    if (guard->is_locked)
        return (struct verdict){.status = 423,
                                .condition = SLICE("lock-token-submitted"),
                                .detail = SLICE("This is locked, and the request does not submit the lock's token."),
                                .hrefs = guard->hrefs,
                                .href_count = guard->blockers.count};
    if (guard->if_fails)
        return verdict_of_if();
    if (guard->lacks_condition)
        return verdict_of_missing(guard);
    return VERDICT(412, "A condition of the request does not hold: the resource is not as the client believes. "
                        "Nothing was changed. Fetch it again, then repeat.");
}

bool guard_is_blocked_below(const struct change_guard *guard)
{
    for (unsigned i = 0; i < guard->blockers.count; i++)
        if (!guard->blockers.list[i].is_below)
            return false;
    return guard->is_locked && guard->blockers.count;
}
