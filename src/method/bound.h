/*
 * bound.h - the stage before the method where bindings may lead elsewhere (RFC 5842): what holds at the other paths of
 * the request's target, and of its destination, is looked for and judged.
 *
 * It takes a worker, so it is there only where a binding was ever made and rules differ by place.
 */
#ifndef METHOD_BOUND_H
#define METHOD_BOUND_H

#include "exchange/exchange.h"
#include "store/binding.h"

/* This request has to be looked at. */
bool bound_counts(const struct exchange *ex) LOOP_SIDE;
/* then(): its rights are cut to what they are by all of its paths. Else it was refused. */
void bound_start(struct exchange *ex, void (*then)(struct exchange *ex)) LOOP_SIDE;

/* ---- for methods whose content names places ---- */

/* One of them, and what else leads there. */
struct bound_place {
    struct rpath path;
    bool is_name;                     /* what is done is done to the name in its folder */
    struct aliases aliases, of_names; /* texts in the arena of whoever looked */
};
/* Errors as store_aliases(), save that what leads nowhere has no aliases. */
enum err bound_look(struct store *store, struct bound_place *place, struct arena *arena) WORKER_SIDE;
/* aliases_judge() of gate/gate.h. */
struct verdict bound_judge(struct exchange *ex, const struct bound_place *place, unsigned *rights) LOOP_SIDE;

#endif
