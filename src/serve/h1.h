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
    struct link turn;  /* of those that go on sending in the next round */
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

enum {
    DROP_MAX = 1024 * 1024, /* of an unwanted body, read and dropped to keep the connection */
};

static inline const struct limits *h1_limits(const struct h1 *h1)
{
    return &h1->station->house->conf->limits;
}

/* ---- h1.c ---- */

/* The connection must have got on by then. */
void h1_deadline(struct h1 *h1, uint64_t after_ms) LOOP_SIDE;
/* The end, whatever was under way. The struct lives until the round is over. */
void h1_close(struct h1 *h1) LOOP_SIDE;
/* Nothing more will be sent; what still comes is read and dropped for a while (RFC 9112 §9.6). */
void h1_linger(struct h1 *h1) LOOP_SIDE;
/* The exchange is over, or its client left. */
void h1_drop_exchange(struct h1 *h1) LOOP_SIDE;
/* Bytes in their turn; what cannot be used now is kept. */
void h1_feed(struct h1 *h1, struct slice bytes) LOOP_SIDE;
/* Something that held us up is over: goes on with what is here already, then with the socket. */
void h1_continue(struct h1 *h1) LOOP_SIDE;
/* Queues it for receiving, if its socket may have something. */
void h1_wants_to_read(struct h1 *h1) LOOP_SIDE;

/* Frees what was closed. At the end of a round. */
void h1_bury(struct station *station) LOOP_SIDE;

/* ---- h1_head.c ---- */

/* How many of the bytes belonged to the head. */
size_t h1_feed_head(struct h1 *h1, struct slice bytes) LOOP_SIDE;
/* What came is no request: answered, and the connection ends. */
void h1_reject_head(struct h1 *h1, const struct head_parser *parser) LOOP_SIDE;
void head_wait_free(struct h1 *h1);

/* ---- h1_body.c ---- */

/* How many of the bytes belonged to the body and could be taken. */
size_t h1_feed_body(struct h1 *h1, struct slice bytes) LOOP_SIDE;
/* Reads from the socket. False: it has no more for now, or the connection is gone, or nobody can take it. */
bool h1_receive_body(struct h1 *h1) LOOP_SIDE;
/* Nobody has said yet whether the body is wanted. */
bool h1_body_is_paused(const struct h1 *h1);
/* How much may be read now; 0: the intake is full. */
size_t h1_body_space(const struct h1 *h1);

/* ---- h1_answer.c ---- */

extern const struct wire h1_wire;
/* Goes on sending the answer. */
void h1_pump(struct h1 *h1) LOOP_SIDE;

/* ---- h1_hot.c ---- */

/* Answers from the hot cache, if everything about the request allows it. False: the long way. */
bool h1_answer_hot(struct h1 *h1, const struct head *head) LOOP_SIDE;
/* The file that the target means, if the hot cache has it; for an answer that is made for this request alone. */
struct known_file *h1_known_file(struct h1 *h1, const struct exchange *ex) LOOP_SIDE;
/* Sends what is left of a hot answer. False: the connection is broken. */
bool h1_pump_hot(struct h1 *h1) LOOP_SIDE;

/* ---- h1_log.c: one line of the access log, if there is one ---- */

void h1_log(struct h1 *h1, struct exchange *ex) LOOP_SIDE;
void h1_log_hot(struct h1 *h1, const struct head *head, unsigned status, uint64_t bytes) LOOP_SIDE;

#endif
