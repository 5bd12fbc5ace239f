/*
 * h2_guard.h - private to serve/: what a client of HTTP/2 may make us do for nothing.
 *
 * A bucket of credit. Frames that cost us work and bring no content are paid from it; it fills with time, and
 * with what a well-behaved client earns by being served: requests, and octets that it took. Empty: the client
 * plays with us (rapid reset, CVE-2023-44487, and its relatives), and its connection ends. No clock of its own.
 */
#ifndef SERVE_H2_GUARD_H
#define SERVE_H2_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct h2_guard {
    int64_t credit;
    uint64_t at_ms; /* filled up to then */
};

/* In units of credit. A thousand resets at once, and a hundred a second for ever, are borne. */
enum {
    GUARD_CREDIT_MAX = 10000,
    GUARD_A_SECOND = 1000,
    GUARD_COST_RESET = 10, /* a stream that ends before its time, or that had to be refused */
    GUARD_COST_SETTINGS = 20,
    GUARD_COST_PING = 10,
    GUARD_COST_PRIORITY = 2,
    GUARD_COST_WINDOW = 1,
    GUARD_COST_CONTINUATION = 10,
    GUARD_COST_CRUMBS = 2,  /* DATA of next to no content */
    GUARD_COST_BOMB = 1000, /* a head that grows without end when it is decoded */
    GUARD_COST_OTHER = 5,   /* frames that mean nothing here */
    GUARD_EARNS_REQUEST = 5,
    GUARD_EARNS_OCTETS = 1024, /* of content taken by the client, for one unit: two updates of windows a frame pass */
};

void guard_init(struct h2_guard *guard, uint64_t now_ms);
/* False: the credit is used up. */
bool guard_spend(struct h2_guard *guard, uint64_t now_ms, unsigned cost);
void guard_earn(struct h2_guard *guard, uint64_t units);

#endif
