/*
 * wire.h - the bytes between the load and the server: as they are, or inside TLS 1.3.
 *
 * All servers of a row are asked the same: TLS 1.3 with AES-128-GCM and X25519 and nothing else is offered, so whoever
 * answers has agreed to it. No certificate is verified beyond what the handshake needs. For one thread; a socket
 * is never waited for.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct ssl_st;
struct ssl_session_st;

struct wire {
    int fd;
    struct ssl_st *tls;             /* NULL: plain */
    struct ssl_session_st *session; /* the newest ticket, kept from one connection to the next; owned */
    bool offered;                   /* this connection asked to be resumed */
    bool is_shaken;                 /* the handshake is done (plain: at once) */
    bool is_resumed;
};

enum {
    WIRE_LATER = -1,  /* nothing now: ask again when the socket is ready */
    WIRE_BROKEN = -2, /* closed or broken; wire_trouble() says why */
};

/* Before the first TLS connection. resume: tickets are kept and used. Ends the process if it cannot. */
void wire_tls_init(bool resume);
/* Connects to 127.0.0.1:port. Ends the process if that fails. The wire was zeroed or closed before. */
void wire_open(struct wire *wire, uint16_t port, bool tls);
/* Says farewell in TLS, closes the socket and keeps the ticket. */
void wire_close(struct wire *wire);
/* Both shake hands first where that is to be done. The number of bytes, 0 for the end (recv), or an enum above. */
ssize_t wire_sendv(struct wire *wire, const struct iovec *parts, int count);
ssize_t wire_recv(struct wire *wire, void *room, size_t len);
/* As wire_recv, and the bytes are dropped; plain ones are not even copied. */
ssize_t wire_skip(struct wire *wire, size_t len);
/* Bytes have been read off the socket that nobody has asked for yet: no event will tell of them. */
bool wire_has_more(const struct wire *wire);
/* What a handshake agreed on, "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 EC 256"; "" for plain. */
void wire_describe(const struct wire *wire, char *out, size_t size);
/* Why it broke: errno's or OpenSSL's words. */
const char *wire_trouble(void);

#endif
