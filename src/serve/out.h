/*
 * out.h - an answer on its way to the socket.
 *
 * Bytes of our own go out as they are; a file's by sendfile where its pages are in memory, else a worker
 * reads them into a buffer first; a stream's are made by a worker, chunk by chunk. Loop side.
 */
#ifndef SERVE_OUT_H
#define SERVE_OUT_H

#include "exchange/exchange.h"
#include "net/net.h"

enum out_step {
    OUT_DONE,
    OUT_BLOCKED, /* the socket is full: again when it is writable */
    OUT_TURN,    /* others are to have their turn: again in the next round */
    OUT_WAITING, /* a worker is at it; on_progress() is called when it is back */
    OUT_BROKEN   /* the connection must end: it failed, or the content did */
};

struct out {
    struct conn *conn;
    struct exchange *ex;
    struct slice head;
    struct content *content; /* NULL: the head is all */
    bool is_chunked;
    unsigned piece;
    uint64_t piece_at;  /* how much of this piece was sent: its bytes, then its stretch of the file */
    uint64_t file_left; /* of all stretches together */
    size_t chunk_at;
    uint64_t sent; /* content only */
    struct out_work *work;
};

/* What a worker sees of it: in the exchange's arena, so that it outlives a connection that goes meanwhile. */
struct out_work {
    struct job job;
    struct exchange *ex;                      /* loop only */
    void (*on_progress)(struct exchange *ex); /* loop only */
    struct content *content;
    bool is_chunked;
    uint64_t read_off; /* in the file, and how much */
    size_t read_len;
    struct buf chunk; /* what it made or read */
    bool is_last_chunk, is_checked, has_failed;
};

/* Starts with `head`; content is ex->answer.content or NULL. */
void out_init(struct out *out, struct conn *conn, struct exchange *ex, struct slice head, struct content *content,
              bool is_chunked, void (*on_progress)(struct exchange *)) LOOP_SIDE;
enum out_step out_pump(struct out *out) LOOP_SIDE;
void out_release(struct out *out) LOOP_SIDE;

#endif
