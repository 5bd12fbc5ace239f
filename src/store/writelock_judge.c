/*
 * writelock_judge.c - what write locks say of a change that is about to be made (RFC 4918 §7).
 *
 * A change touches resources: its own; the folder, where a name comes or goes; and where a name goes, every locked
 * one below. For each that is covered by locks, one of these must be the bearer's: of the same user, its token
 * submitted. Of shared locks any one will do (§6.2).
 */
#include "guard.h"
#include "writelock_private.h"

bool store_has_locks(const struct store *store)
{
    return atomic_load(&store->share.page->locks) != 0;
}

/* Looked at once for a change, however many questions there are. */
static bool look(struct write_locks *locks)
{
    if (!locks->scope) {
        locks->scope = arena_alloc(&locks->arena, sizeof(*locks->scope));
        locks->err = scope_of_place(locks->store, locks->place, false, locks->scope);
        locks->has_scope = locks->err == ERR_NONE;
    }
    return locks->has_scope;
}

enum err write_locks_error(const struct write_locks *locks)
{
    return locks->err;
}

void write_locks_release(struct write_locks *locks)
{
    if (locks->has_scope)
        scope_release(locks->scope);
    arena_release(&locks->arena);
}

static bool covers(struct store *store, const struct scope *scope, const unsigned char token[TOKEN_BYTES])
{
    struct writelocks *w = writelocks_look(store);
    struct held *held = writelocks_find(w, token);
    bool covers = held && scope_covered_by(scope, held);

    pthread_rwlock_unlock(&w->lock);
    return covers;
}

/* A name is taken away, and the condition is about what it is a name of. */
static bool covers_bound(const struct write_locks *locks, const unsigned char token[TOKEN_BYTES])
{
    struct scope scope;
    bool is_covered;

    if (!locks->place || scope_of_binding(locks->store, locks->place, &scope) != ERR_NONE)
        return false;
    is_covered = covers(locks->store, &scope, token);
    scope_release(&scope);
    return is_covered;
}

bool write_locks_cover(struct write_locks *locks, struct slice token)
{
    unsigned char bytes[TOKEN_BYTES];

    if (!store_has_locks(locks->store) || !locks->is_there || !token_parse(token, bytes) || !look(locks))
        return false;
    return locks->scope->has_self ? covers(locks->store, locks->scope, bytes) : covers_bound(locks, bytes);
}

/* The locks that a bearer has by right: made by the same user, the token submitted. */
struct keys {
    struct held **list;
    unsigned count;
};

static struct keys keys_of(const struct writelocks *w, struct arena *arena, const struct bearer *bearer)
{
    struct keys keys = {.list = arena_alloc(arena, bearer->count * sizeof(struct held *))};

    for (unsigned i = 0; i < bearer->count; i++) {
        unsigned char token[TOKEN_BYTES];
        struct held *held = token_parse(bearer->tokens[i], token) ? writelocks_find(w, token) : NULL;

        if (held && slice_eq(held->user, bearer->user))
            keys.list[keys.count++] = held;
    }
    return keys;
}

/* The resource with this scope: free, or opened by one of the keys. */
static bool admits(const struct writelocks *w, const struct scope *scope, const struct keys *keys, struct blockers *out)
{
    if (!scope_next(w, scope, NULL))
        return true;
    for (unsigned i = 0; i < keys->count; i++)
        if (scope_covered_by(scope, keys->list[i]))
            return true;
    for (struct held *at = NULL; (at = scope_next(w, scope, at));)
        blockers_add(out, at, false);
    return false;
}

/* The resource that this lock is on, which is somewhere below. */
static bool opens(const struct held *key, const struct held *held, const struct scope *above)
{
    return memcmp(key->id, held->id, ID_LEN) == 0 ||
           (key->is_deep && (scope_covered_by(above, key) || rpath_is_within(held->plain, key->plain)));
}

static const struct passing *passing_of(const struct write_locks *locks, const struct held *held)
{
    for (unsigned i = 0; i < locks->passing_count; i++)
        if (memcmp(locks->passing[i].token, held->token, TOKEN_BYTES) == 0)
            return &locks->passing[i];
    return NULL;
}

/* It is rooted at the very name that goes. */
static bool is_of_name(const struct scope *scope, const struct held *held, const struct passing *passing)
{
    return passing ? passing->is_last : slice_eq(held->root, scope->plain);
}

static bool admits_below(const struct writelocks *w, const struct write_locks *locks, const struct keys *keys,
                         struct blockers *out)
{
    const struct scope *scope = locks->scope;
    struct link *at, *following;
    bool is_open = true;

    LIST_EACH (&w->all, at, following) {
        const struct held *held = CONTAINER(at, struct held, link);
        unsigned i = 0;

        if (!held_is_below(held, scope) && !passing_of(locks, held))
            continue;
        while (i < keys->count && !opens(keys->list[i], held, scope))
            i++;
        if (i < keys->count)
            continue;
        blockers_add(out, held, !is_of_name(scope, held, passing_of(locks, held)));
        is_open = false;
    }
    return is_open;
}

/* The folder: the same way without its last step. */
static struct scope folder_of(const struct scope *scope)
{
    struct scope folder = *scope;

    folder.path.count -= scope->has_self;
    folder.has_self = folder.is_folder = true;
    return folder;
}

static bool judge(const struct writelocks *w, const struct write_locks *locks, const struct keys *keys,
                  struct blockers *out)
{
    const struct scope *scope = locks->scope;
    struct scope folder = folder_of(scope);
    bool changes_names = locks->place && (locks->kind == CHANGE_REMOVE || !locks->is_there);
    bool is_open = true;

    if (changes_names)
        is_open = admits(w, &folder, keys, out);
    if (scope->has_self)
        is_open = admits(w, scope, keys, out) && is_open;
    if (locks->kind == CHANGE_REMOVE && (scope->is_folder || !scope->has_self))
        is_open = admits_below(w, locks, keys, out) && is_open;
    return is_open;
}

bool write_locks_admit(struct write_locks *locks, const struct bearer *bearer, struct blockers *out)
{
    struct writelocks *w;
    struct keys keys;
    bool is_open;

    if (!store_has_locks(locks->store))
        return true;
    if (!look(locks))
        return false; /* who cannot be asked does not agree */
    if (locks->kind == CHANGE_REMOVE && way_matters(locks->store, locks->place))
        locks->passing_count = locks_passing(locks->store, locks->place, &locks->arena, &locks->passing);
    w = writelocks_look(locks->store);
    keys = keys_of(w, &locks->arena, bearer);
    is_open = judge(w, locks, &keys, out);
    pthread_rwlock_unlock(&w->lock);
    return is_open;
}
