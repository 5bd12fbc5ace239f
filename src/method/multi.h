/*
 * multi.h - what DELETE, COPY, MOVE and LOCK share: answers that name several resources, and the rights below a folder.
 */
#ifndef METHOD_MULTI_H
#define METHOD_MULTI_H

#include "method_private.h"
#include "store/binding.h"

struct trouble {
    struct rpath path; /* has_slash: a folder */
    int status;
    struct slice condition; /* "" without */
    bool is_lock;           /* the condition names the path itself */
};

/* 207. total: with those that are not in the list. */
void answer_multi(struct exchange *ex, const struct trouble *list, unsigned count, uint64_t total) LOOP_SIDE;
/* 207 with 423 for each lock in the way (DAV-C7); with what could not be done. */
void answer_blockers(struct exchange *ex, const struct change_guard *guard) LOOP_SIDE;
void answer_casualties(struct exchange *ex, const struct casualties *casualties) LOOP_SIDE;
/* A guard said no: 403, 412, 423, or 207 where only what is below is locked. */
void refuse_guarded(struct exchange *ex, const struct change_guard *guard) LOOP_SIDE;

/*
 * An operation on a folder touches all below it, where other rules may hold: each `at` of the configuration that is
 * there and lacks a right is told, and then nothing is done.
 */
struct rights_below {
    struct store *store;
    const struct site *site;
    struct asker asker;
    struct arena *arena; /* the job's */
    struct trouble *list;
    unsigned count, room;
};
void rights_below_of(struct exchange *ex, struct job *job, struct rights_below *out) LOOP_SIDE;
/* What is told. `path` is in the arena, or the configuration's. */
void below_add(struct rights_below *below, struct slice path, bool is_folder, int status);
unsigned rights_at(const struct rights_below *below, struct slice path);
/* The folder's other paths, where bindings lead to it and rules differ by place; texts in the arena. */
struct aliases below_aliases(const struct rights_below *below, struct slice folder) WORKER_SIDE;
/* All of `needs` at each place below the folder. */
void rights_below_need(struct rights_below *below, struct slice folder, unsigned needs) WORKER_SIDE;
/*
 * The tree at `from` takes the place of what is at `to`: what is there must be his to delete, what comes there his to
 * create, and nobody may read afterwards what he could not read before.
 */
void rights_below_land(struct rights_below *below, struct slice from, struct slice to,
                       unsigned source_rights) WORKER_SIDE;

/*
 * What a demand is about stays where it is: all that the asker is kept from, below a folder that he would take away. Of
 * a MOVE also what others are kept from: it would come out from under the demand. What demands name is told whether or
 * not it is there; what they mean by a pattern has to be looked for. No folder there: nothing.
 */
void demands_below_stay(struct rights_below *below, struct slice folder, bool is_move) WORKER_SIDE;
/* Nothing of the tree at `from` may come to where the asker is kept from. */
void demands_below_land(struct rights_below *below, struct slice from, struct slice to) WORKER_SIDE;

#endif
