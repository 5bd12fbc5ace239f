/*
 * out.h - an answer in HTTP/1.1 on its way to the socket: its head, then its content from a source.
 *
 * A file's bytes go by sendfile where the connection can and their pages are in memory. Loop side.
 */
#ifndef SERVE_OUT_H
#define SERVE_OUT_H

#include "net/net.h"
#include "source.h"

enum out_step {
    OUT_DONE,
    OUT_BLOCKED, /* the socket is full: again when it is writable */
    OUT_TURN,    /* others are to have their turn: again in the next round */
    OUT_WAITING, /* a worker is at it; on_progress() is called when it is back */
    OUT_BROKEN   /* the connection must end: it failed, or the content did */
};

struct out {
    struct conn *conn;
    struct slice head;
    struct source source;
    char *room; /* the loop's, of OUT_ROOM */
};

enum { OUT_ROOM = 64 * 1024 };

/* Starts with `head`; content is ex->answer.content or NULL. */
void out_init(struct out *out, struct conn *conn, struct exchange *ex, struct slice head, struct content *content,
              bool is_chunked, char room[OUT_ROOM], void (*on_progress)(struct exchange *)) LOOP_SIDE;
enum out_step out_pump(struct out *out) LOOP_SIDE;
void out_release(struct out *out) LOOP_SIDE;

#endif
