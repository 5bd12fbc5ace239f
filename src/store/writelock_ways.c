/*
 * writelock_ways.c - write locks where a resource is reached by several ways (RFC 5842 §9).
 *
 * A lock protects its resource by all of them, and of its own way each name: whoever takes one of these away takes the
 * lock's root away. Paths do not tell that where a binding is on the way, so it is gone, name by name; the table is not
 * held meanwhile, since the disk may have to answer.
 */
#include "bindings.h"
#include "writelock_private.h"

#include <stdlib.h>

static bool is_on(const struct id_path *path, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < path->count; i++)
        if (memcmp(path->ids[i], id, ID_LEN) == 0)
            return true;
    return false;
}

/* Each id is on the path once. */
enum err scope_add_ways(struct store *store, const struct place *place, struct scope *scope)
{
    struct id_path *path = &scope->path;
    struct slice text = arena_printf(&scope->arena, "%s/%s", place->parent, place->name), rest;
    unsigned char id[ID_LEN], (*above)[ID_LEN], (*ids)[ID_LEN];
    unsigned count, added = 0;
    enum err err;

    if (!store_has_bindings(store) || place->is_outside || !bound_within(text, id, &rest))
        return ERR_NONE;
    err = ids_above(store, id, &scope->arena, &above, &count);
    if (err != ERR_NONE)
        return err;
    ids = arena_alloc(&scope->arena, (count + path->count) * sizeof(*ids));
    for (unsigned i = 0; i < count; i++)
        if (!is_on(path, above[i]))
            memcpy(ids[added++], above[i], ID_LEN);
    memcpy(ids + added, path->ids, path->count * sizeof(*ids));
    path->ids = ids;
    path->count += added;
    return ERR_NONE;
}

enum err scope_of_binding(struct store *store, const struct place *name, struct scope *out)
{
    unsigned char id[ID_LEN], (*above)[ID_LEN];
    struct facts facts;
    unsigned count;
    enum err err;

    *out = (struct scope){0};
    if (!bound_is_name(store, name->folder, name->name, id, &facts))
        return ERR_MISSING;
    err = ids_above(store, id, &out->arena, &above, &count);
    if (err == ERR_NONE) {
        out->path.ids = arena_alloc(&out->arena, count * sizeof(*above)); /* itself comes last */
        memcpy(out->path.ids, above + 1, (count - 1) * sizeof(*above));
        memcpy(out->path.ids[count - 1], id, ID_LEN);
        out->path.count = count;
        out->has_self = true;
        out->is_folder = facts.kind == KIND_FOLDER;
    } else
        scope_release(out);
    return err;
}

static void plain_set(struct store *store, struct writelocks *w, const struct held *held, struct slice plain)
{
    struct lock_change change = {0};
    struct held like = *held, *moved;

    like.plain = plain;
    moved = held_new(&like);
    change_write(store, &change, JOURNAL_PUT, moved);
    writelocks_add(w, moved);
    change_leave(store, &change);
}

void locks_bound(struct store *store, const struct place *place, const unsigned char id[ID_LEN])
{
    struct arena arena = {0};
    struct link *at, *following;
    char bound[BOUND_PATH_LEN + 1];
    struct writelocks *w;
    struct slice plain;

    if (!store_has_locks(store))
        return;
    plain = place_plain(&arena, place);
    bound_path(id, bound);
    w = writelocks_begin(store);
    LIST_EACH (&w->all, at, following) {
        const struct held *held = CONTAINER(at, struct held, link);

        if (rpath_is_within(held->plain, plain))
            plain_set(store, w, held,
                      arena_printf(&arena, "%s%.*s", bound, SLICE_FMT(slice_from(held->plain, plain.len))));
    }
    writelocks_end(store);
    arena_release(&arena);
}

/* Its root was reached by a link. */
static bool is_by_link(const struct held *held)
{
    return !slice_eq(held->root, held->plain);
}

static bool is_place(const struct place *a, const struct place *b)
{
    return a->ino == b->ino && a->dev == b->dev && strcmp(a->name, b->name) == 0;
}

/* The name at the place is one of those that the path goes by. */
static WORKER_SIDE bool goes_by(struct store *store, struct slice path, const struct place *place, bool *is_last)
{
    bool goes = false;

    for (size_t end = 1; end <= path.len && !goes; end++) {
        struct place name;

        if (end < path.len && path.ptr[end] != '/')
            continue;
        if (resolve_name(store, slice_upto(path, end), &name) != ERR_NONE)
            return false; /* nothing leads on */
        goes = is_place(&name, place);
        *is_last = end == path.len;
        place_release(&name);
    }
    return goes;
}

bool way_matters(struct store *store, const struct place *place)
{
    unsigned char id[ID_LEN];
    struct slice rest;

    return place && store_has_bindings(store) && !place->is_outside &&
           bound_within(slice_str(place->parent), id, &rest);
}

/* Roots that were reached by a link, with their tokens, in the arena. */
static unsigned copy_roots(struct store *store, struct arena *arena, struct passing **out)
{
    struct writelocks *w = writelocks_look(store);
    struct link *at, *following;
    unsigned count = 0;

    *out = arena_alloc(arena, w->count * sizeof(**out));
    LIST_EACH (&w->all, at, following) {
        const struct held *held = CONTAINER(at, struct held, link);

        if (!is_by_link(held))
            continue;
        memcpy((*out)[count].token, held->token, TOKEN_BYTES);
        (*out)[count++].root = arena_slice(arena, held->root);
    }
    pthread_rwlock_unlock(&w->lock);
    return count;
}

unsigned locks_passing(struct store *store, const struct place *place, struct arena *arena, struct passing **out)
{
    unsigned all = copy_roots(store, arena, out), count = 0;

    role_assert_worker();
    for (unsigned i = 0; i < all; i++)
        if (goes_by(store, (*out)[i].root, place, &(*out)[i].is_last))
            (*out)[count++] = (*out)[i];
    return count;
}

bool held_is_under(struct store *store, const struct held *held, const unsigned char folder[ID_LEN])
{
    unsigned char id[ID_LEN], (*above)[ID_LEN];
    struct arena arena = {0};
    struct slice rest;
    unsigned count = 0;
    bool is_under = false;

    if (!store_has_bindings(store) || !bound_within(held->plain, id, &rest) ||
        ids_above(store, id, &arena, &above, &count) != ERR_NONE)
        return false;
    for (unsigned i = 0; i < count; i++)
        is_under |= memcmp(above[i], folder, ID_LEN) == 0 && memcmp(folder, held->id, ID_LEN) != 0;
    arena_release(&arena);
    return is_under;
}

/* ---- a resource comes under the locks of a folder ---- */

static bool clash(const struct held *one, const struct held *other)
{
    return one != other && (one->is_exclusive || other->is_exclusive);
}

/* A lock of the resource, or of what is below it. */
static bool is_of(struct store *store, const struct held *held, const unsigned char id[ID_LEN])
{
    unsigned char own[ID_LEN];
    struct slice rest;

    if (memcmp(held->id, id, ID_LEN) == 0 || (bound_within(held->plain, own, &rest) && memcmp(own, id, ID_LEN) == 0))
        return true;
    return held_is_under(store, held, id);
}

enum err locks_join(struct store *store, const struct place *name, const unsigned char id[ID_LEN],
                    struct blockers *blockers)
{
    struct link *at, *following;
    struct writelocks *w;
    struct scope scope;
    bool clashes = false;
    enum err err;

    if (!store_has_locks(store))
        return ERR_NONE;
    err = scope_of_place(store, name, false, &scope);
    if (err != ERR_NONE)
        return err;
    if (scope.has_self) { /* what is replaced: its locks go with it */
        scope.path.count--;
        scope.has_self = false;
    }
    w = writelocks_look(store);
    LIST_EACH (&w->all, at, following) {
        const struct held *held = CONTAINER(at, struct held, link);

        if (!is_of(store, held, id))
            continue;
        for (struct held *over = NULL; (over = scope_next(w, &scope, over));)
            if (clash(held, over) && memcmp(over->token, held->token, TOKEN_BYTES) != 0) {
                clashes = true;
                if (blockers)
                    blockers_add(blockers, held, false);
            }
    }
    pthread_rwlock_unlock(&w->lock);
    scope_release(&scope);
    return clashes ? ERR_LOCKED : ERR_NONE;
}
