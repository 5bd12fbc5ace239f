/*
 * h1.h - private to serve/: a connection that speaks HTTP/1.1. Loop side.
 */
#ifndef SERVE_H1_H
#define SERVE_H1_H

#include "http/chunked.h"
#include "out.h"
#include "session.h"

struct hot_entry;

enum reading {
    READING_FIRST, /* nothing has come yet, or the beginning of what may be HTTP/2 */
    READING_HEAD,  /* of the next request, or nothing yet */
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
    struct session session;
    enum reading reading;
    bool is_feeding, is_sending, is_last, said_continue, has_shaken;
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

/* The h1 that a session is the beginning of. */
static inline struct h1 *h1_of(const struct session *session)
{
    return CONTAINER(session, struct h1, session);
}

/* ---- h1.c ---- */

/* Nothing more will be sent; what still comes is read and dropped for a while (RFC 9112 §9.6). */
void h1_linger(struct h1 *h1) LOOP_SIDE;
/* The exchange is over, or its client left. */
void h1_drop_exchange(struct h1 *h1) LOOP_SIDE;
/* Bytes in their turn; what cannot be used now is kept. */
void h1_feed(struct h1 *h1, struct slice bytes) LOOP_SIDE;
/* Something that held us up is over: goes on with what is here already, then with the socket. */
void h1_continue(struct h1 *h1) LOOP_SIDE;

/* ---- h1_head.c ---- */

/* The connection's first bytes, which may be HTTP/2's preface; then another protocol goes on with them. */
size_t h1_feed_first(struct h1 *h1, struct slice bytes) LOOP_SIDE;
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
/* Sends what is left of a hot answer. False: the connection is broken. */
bool h1_pump_hot(struct h1 *h1) LOOP_SIDE;

#endif
