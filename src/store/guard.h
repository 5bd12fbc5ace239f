/*
 * guard.h - judging a change's guard, with the resource's lock held: what its holds() gets to see.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include "core.h"
#include "resolve.h"
#include "store/writelock.h"

struct scope;
struct passing;

/* What write locks say of a change at a place. Lives on the stack of whoever judges. */
struct write_locks {
    struct store *store;
    const struct place *place; /* NULL: the root */
    enum change_kind kind;
    bool is_there; /* something is at the place */

    /* writelock_judge.c: looked for when first asked, and only if there are locks */
    struct arena arena;
    struct scope *scope;
    bool has_scope;
    struct passing *passing; /* whose roots go by the place's name, where that is not told by paths */
    unsigned passing_count;
    enum err err;
};

/* now: NULL where nothing is there. A guard without holds() admits all. */
bool guard_admits(struct store *store, struct guard guard, const struct place *place, enum change_kind kind,
                  const struct facts *now);

/* writelock_judge.c */
void write_locks_release(struct write_locks *locks);

#endif
