/*
 * forward.h - forwarding addresses: where something that was moved is now.
 *
 * A MOVE that is told to (store_move(), leave_forwarding) leaves one at the old path, recorded before the name goes.
 * It counts only where nothing is at the path, and goes when something new is put there by a COPY, MOVE,
 * MKCOL or PUT; what other programs put there hides it. A folder's address forwards what was below it, too.
 */
#ifndef STORE_FORWARD_H
#define STORE_FORWARD_H

#include "base/arena.h"
#include "base/rpath.h"
#include "store/store.h"

/* There are any: kept in memory, asked for each request. Any side. */
bool store_has_forwards(const struct store *store);

/*
 * Where `path` leads, if nothing is there: through its own address or one above it, and through further ones until
 * something is there. ERR_MISSING: nothing forwards it, or what it leads to is gone, too; ERR_EXISTS: something is at
 * the path itself. Text in the arena; has_slash as the target is.
 */
enum err store_forward_find(struct store *store, struct rpath path, struct arena *arena, struct rpath *to) WORKER_SIDE;

struct forward {
    struct slice from, to; /* as rpath.text */
    int64_t made_s;        /* wall clock */
};
struct forward_list {
    struct forward *list;
    unsigned count;
    bool is_cut; /* there may be more */
};
enum { FORWARDS_LISTED_MAX = 100000, FORWARDS_AT_ONCE = 200 };
/* Those of the site, at most FORWARDS_LISTED_MAX, in order of their paths. Texts in the arena. */
enum err store_forwards(struct store *store, struct arena *arena, struct forward_list *out) WORKER_SIDE;
/*
 * Those whose name is directly in a folder, FORWARDS_AT_ONCE of them, since anybody who may move things can make many:
 * the next ones after the path `after`, which was the last one's `from`; "" for the first ones.
 */
enum err store_forwards_in(struct store *store, struct rpath folder, struct slice after, struct arena *arena,
                           struct forward_list *out) WORKER_SIDE;
/* ERR_MISSING: there is none at this path. Durable when it returns. */
enum err store_forward_remove(struct store *store, struct rpath path) WORKER_SIDE;

#endif
