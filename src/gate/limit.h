/*
 * limit.h - what limits say to one request, private to gate/.
 */
#ifndef GATE_LIMIT_H
#define GATE_LIMIT_H

#include "ledger.h"

/* What a limit counts; one may count several. */
enum limit_unit { LIMIT_REQUESTS, LIMIT_BYTES, LIMIT_CONCURRENT, LIMIT_UNITS };

/* One thing that one limit counted of a request. */
struct limit_note {
    const struct limit_rule *rule; /* of the exchange's snapshot */
    enum limit_unit unit;
    uint64_t key;
    uint64_t cost_ns; /* what it took of its bucket, */
    uint64_t left_ns; /* and what it left there */
    bool is_under_way;
};

struct limit_notes {
    unsigned count;
    struct limit_note *notes; /* room for LIMIT_UNITS of each rule */
};

/* The whole bucket, as the time that it takes to fill. */
uint64_t limit_room_ns(const struct limit_rule *rule, enum limit_unit unit);

/* ---- limit_answer.c: what clients are told ---- */

/* Less than half of it is left: the client is told. */
bool limit_is_low(const struct limit_note *note);
/* RateLimit and RateLimit-Policy of those notes of which less than half is left; false: of none. */
bool limit_fields(struct arena *arena, const struct limit_notes *notes, struct slice *state, struct slice *policy);

#endif
