/*
 * tree.h - folders and trees: MKCOL, DELETE, COPY, MOVE (storage rules, "MOVE", "DELETE").
 *
 * What is removed or moved goes by one rename, whatever its size; copies are built aside and appear whole. An
 * acknowledged change outlives a power cut. Where a tree has other volumes mounted inside, or the way leads to another
 * volume, it is walked instead, and single failures are told.
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "store/props.h"
#include "store/store.h"
#include "store/writelock.h"

enum { CASUALTIES_MAX = 1000 }; /* told of one operation; what is beyond is counted */

/* What could not be done below, while the rest was. */
struct casualty {
    struct rpath path;
    enum err err;
};
struct casualties {
    struct arena *arena; /* the caller's */
    struct casualty *list;
    unsigned count, room;
    uint64_t total;
};

/* Asked between pieces of long work; goes_on() false stops it, and nothing is left half done at the target. */
struct progress {
    bool (*goes_on)(void *arg);
    void *arg;
};

/*
 * An empty folder with these properties, durably; all or nothing. ERR_EXISTS: anything is there (MKCOL: 405).
 * ERR_PARENT. now->... of the new folder.
 */
enum err store_make_folder(struct store *store, struct rpath path, const struct prop_edit *edits, unsigned count,
                           const struct trait_edits *traits, struct guard guard, struct facts *now) WORKER_SIDE;

/*
 * A file, or a folder with all in it. The guard is judged with CHANGE_REMOVE. ERR_BUSY: a mount point. With `trash`
 * days (store_options) what was deleted is kept so long, else it is emptied in the background at once.
 */
enum err store_delete(struct store *store, struct rpath path, struct guard guard, struct progress progress,
                      struct casualties *casualties) WORKER_SIDE;

struct transfer {
    struct rpath from, to;
    bool is_shallow;             /* COPY, Depth: 0: the folder and its properties without members */
    bool leave_forwarding;       /* MOVE: a forwarding address stays at `from` (store/forward.h) */
    bool no_overwrite;           /* ERR_EXISTS where something is at `to` (Overwrite: F) */
    bool no_loops;               /* MOVE: ERR_LOOP where a folder would come to be below itself (store/binding.h) */
    bool takes_above;            /* MOVE: onto a folder that it is in, which goes then (REBIND, RFC 5842 §6) */
    struct guard source, target; /* target: CHANGE_REMOVE where something is there, else CHANGE_CONTENT */
    struct blockers *blockers;   /* as those of a binding_wish, for a MOVE of a binding */
    /* COPY: may this member (a path below `from`) be read; NULL: all. What may not is a casualty, with ERR_REFUSED. */
    bool (*may_read)(void *arg, struct rpath path);
    /* COPY: is this one left out, as if it were not there; NULL: none. Asked before may_read. */
    bool (*is_hidden)(void *arg, struct rpath path);
    void *arg;
    struct progress progress;
};
struct transferred {
    bool created; /* nothing was at `to` */
    struct facts facts;
};
/*
 * ERR_INVALID: source and target are one resource. ERR_ESCAPES: MOVE of a folder into itself, so that nothing would
 * lead there. ERR_PARENT: of `to`. ERR_MISSING: nothing at `from`. ERR_NO_SPACE: disk; ERR_QUOTA. ERR_REFUSED: a guard
 * (source.arg or target.arg knows). COPY into itself takes a snapshot of the membership first (DAV-C9).
 */
enum err store_copy(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out) WORKER_SIDE;
enum err store_move(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out) WORKER_SIDE;

#endif
