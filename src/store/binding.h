/*
 * binding.h - bindings: one resource in many collections (RFC 5842; storage rules, "Bindings").
 *
 * A name in a folder is a binding of what it stands for. What has more than one, or had once, is *bound*: it lives in
 * `.samovar/bound/` under its id, and each of its names is a symbolic link there that only the store reads. All of them
 * are equal; the oldest is its *home*: what counts it (quotas), and what it is there, others are judged by. A folder
 * can be bound below itself: then there is a loop, and a path may go round in it as often as it likes.
 *
 * Who asks for a path gets what it leads to, through bindings as through folders (facts.is_bound tells the resource
 * itself). MOVE and DELETE take the name that was asked for, nothing else; what has lost its last name that can be
 * reached from the root goes to the trash.
 */
#ifndef STORE_BINDING_H
#define STORE_BINDING_H

#include "store/store.h"
#include "store/tree.h"

enum {
    BINDINGS_MAX = 1000, /* names of one resource: each is looked at when who may see it is judged */
    ALIASES_MAX = 1000,  /* paths of one resource that are told: n folders bound twice in one another have 2^n */
};

/* No binding was ever made here, so nobody need look: false. Any side. */
bool store_has_bindings(const struct store *store);

struct binding_wish {
    struct rpath from, to;
    bool no_overwrite;           /* ERR_EXISTS where something is at `to` */
    bool no_loops;               /* ERR_LOOP where a loop would come to be */
    struct guard source, target; /* target: CHANGE_REMOVE where something is there, else CHANGE_CONTENT */
    struct blockers *blockers;   /* with ERR_LOCKED: whose locks; NULL: not told */
};
/*
 * BIND: what is at `from` gets the name `to` as well, durably and in one step. What is there goes, unless it has other
 * names. ERR_MISSING: nothing at `from`. ERR_PARENT: of `to` (which may be a file). ERR_UNSUPPORTED: this one cannot
 * have a second name: the root, a folder with mount points or files of ours in it, what is outside of the root or on
 * another volume, where the file system has no links or no exchange, with `state` elsewhere. ERR_TOO_MANY:
 * BINDINGS_MAX. ERR_LOOP. ERR_EXISTS. ERR_REFUSED: a guard. ERR_LOCKED: a lock of the resource, or of what is in it,
 * and one over the new name's folder would exclude each other (RFC 4918 §7.4). out->created false: a name was replaced,
 * or stands for this resource already.
 */
enum err store_bind(struct store *store, const struct binding_wish *wish, struct transferred *out) WORKER_SIDE;

/* A name of a resource. */
struct binding {
    struct rpath folder; /* a path of the collection, by home bindings only */
    struct slice name;
};
/*
 * The names of what is at `path`, each once; the home first, then from the oldest. What is not bound has one, that of
 * the path. Names that others removed since are left out. Texts in the arena. Errors as store_find(); the root has
 * none.
 */
enum err store_bindings(struct store *store, struct rpath path, struct arena *arena, struct binding **out,
                        unsigned *count) WORKER_SIDE;

/*
 * All paths of what is at `path`, or would be (its folder's then, with the name), that go round in no loop; the one by
 * home bindings first. None where no binding is on the way: then the path is its only one. is_partial: there are more
 * than ALIASES_MAX. Errors as store_find(), but nothing being there is none.
 */
struct aliases {
    struct rpath *list;
    unsigned count;
    bool is_partial;
};
enum err store_aliases(struct store *store, struct rpath path, struct arena *arena, struct aliases *out) WORKER_SIDE;

/* Bound folders at or below a folder, as recorded: what a walk of all of it would meet. */
struct bound_below {
    bool repeats; /* some folder by two ways */
    bool loops;   /* ... below itself: such a walk would not end */
};
enum err store_bound_below(struct store *store, struct rpath path, struct bound_below *out) WORKER_SIDE;

/*
 * `samovar check`: every link that is a binding beside what is recorded, one line of text for each thing that is wrong.
 * mend: names that nobody recorded are entered, records without a name dropped, texts put right; and bound resources
 * that no name leads to from the root go to the trash, if a whole walk found none. Others may change things meanwhile:
 * in doubt everything stays. ERR_READ_ONLY: mend.
 */
struct binding_check {
    uint64_t names, resources;
    uint64_t wrong, mended; /* things */
};
enum err store_check_bindings(struct store *store, bool mend, struct buf *out,
                              struct binding_check *result) WORKER_SIDE;

#endif
