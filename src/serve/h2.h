/*
 * h2.h - private to serve/: a connection that speaks HTTP/2 (RFC 9113). Loop side.
 */
#ifndef SERVE_H2_H
#define SERVE_H2_H

#include "session.h"

/* What a client sends first (RFC 9113 §3.4). */
#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* The connection goes on in HTTP/2; bytes, which begin with the preface, are what came so far. `from` is closed. */
void h2_take_over(struct session *from, struct slice bytes) LOOP_SIDE;

/* Gives back what a loop's connections shared; none is left. NULL is fine. */
void h2_loop_free(struct h2_loop *shared);

#endif
