/*
 * writelock_list.c - write locks as others are told of them: those of a path, those of a folder's members, all.
 */
#include "writelock_private.h"

#include <stdlib.h>

/* What is told, in the caller's arena; the table is held meanwhile. */
struct told {
    const struct writelocks *w;
    struct arena *arena;
    struct write_lock *list;
    unsigned count;
};

static struct told told_new(const struct writelocks *w, struct arena *arena, unsigned max)
{
    return (struct told){w, arena, arena_alloc(arena, max * sizeof(struct write_lock)), 0};
}

static void tell(struct told *told, const struct held *held)
{
    held_show(told->w, held, told->arena, &told->list[told->count++]);
}

bool store_lock_covers(struct store *store, struct rpath path, struct slice token)
{
    unsigned char bytes[TOKEN_BYTES];
    struct writelocks *w;
    struct scope scope;
    struct held *held;
    bool covers;

    if (!store_has_locks(store) || !token_parse(token, bytes) || scope_of_path(store, path, &scope) != ERR_NONE)
        return false;
    w = writelocks_look(store);
    held = writelocks_find(w, bytes);
    covers = held && scope_covered_by(&scope, held);
    pthread_rwlock_unlock(&w->lock);
    scope_release(&scope);
    return covers;
}

enum err store_locks_at(struct store *store, struct rpath path, struct arena *arena, struct write_lock **out,
                        unsigned *count)
{
    struct writelocks *w;
    struct scope scope;
    struct told told;
    unsigned max = 0;
    enum err err;

    *out = NULL;
    *count = 0;
    if (!store_has_locks(store))
        return ERR_NONE;
    err = scope_of_path(store, path, &scope);
    if (err != ERR_NONE)
        return err;
    w = writelocks_look(store);
    for (struct held *at = NULL; (at = scope_next(w, &scope, at));)
        max++;
    told = told_new(w, arena, max);
    for (struct held *at = NULL; (at = scope_next(w, &scope, at));)
        tell(&told, at);
    pthread_rwlock_unlock(&w->lock);
    scope_release(&scope);
    *out = told.list;
    *count = told.count;
    return ERR_NONE;
}

enum err store_locks_within(struct store *store, struct rpath folder, struct arena *arena, struct write_lock **out,
                            unsigned *count)
{
    struct link *link, *following;
    struct writelocks *w;
    struct scope scope;
    struct told told;
    enum err err;

    *out = NULL;
    *count = 0;
    if (!store_has_locks(store))
        return ERR_NONE;
    err = scope_of_path(store, folder, &scope);
    if (err != ERR_NONE)
        return err;
    w = writelocks_look(store);
    told = told_new(w, arena, w->count);
    LIST_EACH (&w->all, link, following) {
        const struct held *held = CONTAINER(link, struct held, link);

        if (scope_covered_by(&scope, held) || held_is_below(held, &scope) || rpath_is_within(held->root, folder.text))
            tell(&told, held);
    }
    pthread_rwlock_unlock(&w->lock);
    scope_release(&scope);
    *out = told.list;
    *count = told.count;
    return ERR_NONE;
}

bool write_lock_is_over(const struct write_lock *lock, struct slice path)
{
    return lock->is_deep ? rpath_is_within(path, lock->root.text) : slice_eq(path, lock->root.text);
}

enum err store_locks_all(struct store *store, struct arena *arena, struct write_lock **out, unsigned *count)
{
    struct writelocks *w = writelocks_look(store);
    struct told told = told_new(w, arena, w->count);
    struct link *link, *following;

    LIST_EACH (&w->all, link, following)
        tell(&told, CONTAINER(link, struct held, link));
    pthread_rwlock_unlock(&w->lock);
    *out = told.list;
    *count = told.count;
    return ERR_NONE;
}
