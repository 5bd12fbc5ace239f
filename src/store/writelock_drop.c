/*
 * writelock_drop.c - locks that end with what they are rooted at: after removals and moves, and after a crash.
 */
#include "writelock_private.h"

static bool is_passing(const struct held *held, const struct passing *passing, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (memcmp(passing[i].token, held->token, TOKEN_BYTES) == 0)
            return true;
    return false;
}

static bool is_gone_with(const struct held *held, struct slice plain, const unsigned char *id)
{
    return rpath_is_within(held->plain, plain) || rpath_is_within(held->root, plain) ||
           (id && memcmp(held->id, id, ID_LEN) == 0);
}

/* What is not written down is told wrongly after a crash, until writelocks_settle(). */
static void drop_one(struct store *store, struct writelocks *w, struct held *held)
{
    struct lock_change change = {0};

    change_write(store, &change, JOURNAL_DROP, held);
    writelocks_remove(w, held);
    change_leave(store, &change);
}

void write_locks_drop(struct store *store, const struct place *place, const unsigned char id[ID_LEN])
{
    struct arena arena = {0};
    struct link *at, *following;
    struct passing *passing = NULL;
    unsigned passing_count = 0;
    struct writelocks *w;
    struct slice plain;

    if (!store_has_locks(store))
        return;
    plain = place_plain(&arena, place);
    if (way_matters(store, place))
        passing_count = locks_passing(store, place, &arena, &passing);
    w = writelocks_begin(store);
    LIST_EACH (&w->all, at, following) {
        struct held *held = CONTAINER(at, struct held, link);

        if (is_gone_with(held, plain, id) || is_passing(held, passing, passing_count))
            drop_one(store, w, held);
    }
    writelocks_end(store);
    arena_release(&arena);
}

void write_locks_drop_below(struct store *store, const struct place *folder)
{
    struct arena arena = {0};
    struct link *at, *following;
    struct writelocks *w;
    struct slice plain;

    if (!store_has_locks(store))
        return;
    plain = place_plain(&arena, folder);
    w = writelocks_begin(store);
    LIST_EACH (&w->all, at, following) {
        struct held *held = CONTAINER(at, struct held, link);

        if (rpath_is_within(held->plain, plain) && !slice_eq(held->plain, plain))
            drop_one(store, w, held);
    }
    writelocks_end(store);
    arena_release(&arena);
}

void writelocks_settle(struct store *store)
{
    struct link *at, *following;
    struct writelocks *w;

    if (!store->state.was_unclean || !store_has_locks(store))
        return;
    w = writelocks_begin(store);
    LIST_EACH (&w->all, at, following) {
        struct held *held = CONTAINER(at, struct held, link);

        if (held_is_astray(store, held))
            drop_one(store, w, held);
    }
    writelocks_end(store);
}
