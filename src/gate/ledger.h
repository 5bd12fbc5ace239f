/*
 * ledger.h - what the server remembers of its clients, private to gate/. Shared by all loops, kept over reloads, of
 * constant size but for the counts of requests under way, which are as many as there are requests at most.
 */
#ifndef GATE_LEDGER_H
#define GATE_LEDGER_H

#include "base/shelf.h"
#include "gate/gate.h"

struct ledger {
    struct shelf *buckets; /* buckets.c */
    struct shelf *seen;    /* seen.c */
    struct under_way *under_way;
};

/* ---- buckets.c: token buckets. Any side. ---- */

/*
 * A bucket is one moment: when it will be full again (GCRA). What is taken costs time, and it holds `room` of it; so
 * the least moment is the fullest bucket, which is the first to be forgotten, and nothing is lost by that.
 */
struct bucket_look {
    bool is_refused;
    uint64_t left_ns; /* of its room; 0 when it is overdrawn */
    uint64_t wait_ns; /* refused: until it has what was asked for */
};

/*
 * Takes `cost_ns` where there is `need_ns`, or nothing at all where there is less: 0 where it only must not be
 * overdrawn.
 */
struct bucket_look bucket_take(struct shelf *buckets, uint64_t key, uint64_t now_ns, uint64_t need_ns, uint64_t cost_ns,
                               uint64_t room_ns);
/* What was taken was not needed. */
void bucket_give_back(struct shelf *buckets, uint64_t key, uint64_t cost_ns);
/* Takes it, be there as much or not: an overdrawn bucket refuses until it has earned its debt. */
void bucket_charge(struct shelf *buckets, uint64_t key, uint64_t now_ns, uint64_t cost_ns);

/* ---- ledger.c: requests under way, exactly counted. Any side. ---- */

struct under_way *under_way_new(void);
void under_way_free(struct under_way *table); /* NULL is fine */
/* One more, unless there are `most` already. */
bool under_way_enter(struct under_way *table, uint64_t key, uint32_t most);
void under_way_leave(struct under_way *table, uint64_t key);
bool under_way_is_full(struct under_way *table, uint64_t key, uint32_t most);

#endif
