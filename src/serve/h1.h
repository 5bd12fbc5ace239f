/*
 * h1.h - private to serve/: a connection that speaks HTTP/1.1. Loop side.
 */
#ifndef SERVE_H1_H
#define SERVE_H1_H

#include "http/chunked.h"
#include "out.h"
#include "station.h"

struct hot_entry;

enum reading {
    READING_HEAD, /* of the next request, or nothing yet */
    READING_BODY,
    READING_NOTHING, /* the request is complete, its answer is not */
    READING_LINGER,  /* all was said; what comes is dropped */
};

/* A head that has begun to arrive. */
struct head_wait {
    struct buf bytes;
    struct head_parser parser;
    struct field fields[HEAD_FIELDS_MAX];
};

struct h1 {
    struct conn conn;
    struct station *station;
    struct link all;   /* of the station's connections, or of its graves */
    struct link ready; /* of those that may receive */
    struct timer timer;
    uint64_t deadline_ms;
    enum reading reading;
    bool is_loopback, is_closed, is_feeding, is_sending, is_last, said_continue;
    struct slice fresh;      /* received in this round, in the station's scratch */
    struct head_wait *wait;  /* NULL: no head has begun */
    struct buf early;        /* came before its turn */
    uint64_t body_left;      /* of a body of known length */
    struct chunked *chunked; /* NULL: the body is not chunked */
    uint64_t dropped;        /* bytes that nobody wanted */
    struct exchange *ex;     /* NULL between requests */
    struct out out;          /* while is_sending */
    struct {
        struct hot_entry *entry; /* a hot answer that the socket did not take at once; NULL: none */
        struct slice left;
    } hot_out;
};

/* Bytes in their turn; what cannot be used now is kept. */
void h1_feed(struct h1 *h1, struct slice bytes) LOOP_SIDE;
void h1_wants_to_read_again(struct h1 *h1) LOOP_SIDE;

/* ---- h1_hot.c ---- */

/* Answers from the hot cache, if everything about the request allows it. False: the long way. */
bool h1_answer_hot(struct h1 *h1, const struct head *head) LOOP_SIDE;
/* Sends what is left of a hot answer. False: the connection is broken. */
bool h1_pump_hot(struct h1 *h1) LOOP_SIDE;

/* ---- h1_parts.c ---- */

struct head_limits h1_head_limits(const struct limits *limits);
void head_wait_free(struct h1 *h1);
/* One line of the access log. */
void h1_log(struct h1 *h1, struct exchange *ex) LOOP_SIDE;

#endif
