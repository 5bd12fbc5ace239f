/*
 * transfer.h - private to store/: what MOVE and COPY have in common, which is a source and a target.
 */
#ifndef STORE_TRANSFER_H
#define STORE_TRANSFER_H

#include "idrecord.h"
#include "lock.h"
#include "quota_private.h"
#include "trees.h"

/* One end of it. */
struct side {
    struct place place;
    struct lock lock;
    struct standing standing; /* is_there: something has the name */
    bool is_link;             /* a link itself: standing.statx is its own, standing.facts of what it shows */
    bool is_binding;          /* ... which is a binding of what has standing.facts.bound_id */
    struct identity identity; /* where something is there that is no link */
    struct quota_total total; /* what it counts; is_measured: its members are counted one by one, too */
    bool is_measured;
};

struct carriage {
    struct store *store;
    const struct transfer *transfer;
    struct side from, to;
    struct quota_claim claim;
    bool is_bind;                 /* neither: what stands at the target may be the resource itself */
    bool is_update;               /* what stands at the target gives its id to what comes: in the trash it has none */
    const struct place *loser_at; /* from where what stood at the target was taken out */
};

/*
 * Finds both places. ERR_MISSING, ERR_PARENT, ERR_ESCAPES (a MOVE; for a COPY only over an ancestor of the source),
 * ERR_DENIED for the root. Owns nothing when it fails.
 */
enum err carriage_open(struct store *store, const struct transfer *transfer, bool is_move, struct carriage *out);
void carriage_close(struct carriage *carriage);

/*
 * With both locks held: looks at both sides, judges both guards. ERR_INVALID: they are one resource; ERR_EXISTS;
 * ERR_REFUSED; ERR_BUSY, ERR_DENIED: what stands at the target cannot be replaced. carriage_forget() afterwards.
 */
enum err carriage_judge(struct carriage *carriage, bool is_move);
/* The target alone, again; side_forget() before. */
enum err carriage_judge_target(struct carriage *carriage);
void carriage_forget(struct carriage *carriage);
void side_forget(struct store *store, struct side *side);

/*
 * landing.c: what is aside takes the target's name, over what was judged to stand there, which is aside then (or in the
 * trash, as loser, where names cannot be exchanged). ERR_CHANGED: something else does. The change of names is not
 * settled yet.
 */
enum err carriage_land(struct carriage *carriage, struct aside *aside, struct removed *loser);
/* Then either: what was there goes to the trash. */
void carriage_part(struct carriage *carriage, struct aside *aside, struct removed *loser);
/* Or it comes back, and the other one is aside again. False: it cannot. */
bool carriage_take_back(struct carriage *carriage, struct aside *aside);

/* Like tree_take_out(), for what stood at `side` and is at the place now. */
enum err side_take_out(struct store *store, const struct side *side, const struct place *at, struct removed *removed);
/* What stood there is gone: its records, its locks, what quotas and reports count. */
void side_gone(struct store *store, const struct side *side);
/* What it counts, before it goes. to: whither, or NULL. */
enum err side_measure(struct carriage *carriage, struct side *side, const struct place *to);
/* It left this place, or came to that one. */
void side_uncount(struct store *store, const struct side *side);
void side_count(struct store *store, const struct side *side, const struct place *at, struct quota_claim *claim);

/*
 * The id of the folder that holds the place; what has to be recorded of it and those above is added to changes (zeroed
 * before).
 */
enum err place_folder_id(struct store *store, const struct place *place, struct changes *changes,
                         unsigned char id[ID_LEN]);
/*
 * Last-Modified must not go back at the target's URL (CND-09): adds a floor where it would, for a file that was
 * modified then.
 */
void side_keep_floor(struct store *store, const struct side *to, const unsigned char parent[ID_LEN],
                     const struct facts *now, struct changes *changes);
bool side_needs_floor(struct store *store, const struct side *to, const struct facts *now);

#endif
