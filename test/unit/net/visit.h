/*
 * visit.h - a client of OpenSSL's in a thread of its own, and a server over net/ that sends back what it gets.
 *
 * The client is straight code over a blocking socket. A check would leave its thread by a jump, so it only writes down
 * what it saw; the test looks when visit() is back.
 */
#ifndef TEST_VISIT_H
#define TEST_VISIT_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/tls_private.h"
#include "rounds.h"

/* A configuration made by hand; its strings are the caller's. */
enum { SITES_MAX = 3 };
struct setting {
    struct conf conf;
    struct site sites[SITES_MAX];
    struct certificate certificates[SITES_MAX][2];
    struct slice hosts[SITES_MAX][2];
    const char *ocsp[SITES_MAX][2];
};
void setting_begin(struct setting *setting);
/* host: NULL is none. The certificate and key of pki's NAME. */
struct site *setting_site(struct setting *setting, const char *host, const char *name);
void setting_certificate(struct site *site, const char *name);

/* tls_load() that must succeed; what it told is in notices. */
extern char notices[4096];
void notice_take(const char *line);
struct tls *tls_must_load(const struct setting *setting, struct tls *old);

struct visit {
    /* given */
    struct tls *tls;
    void (*client)(struct visit *); /* in its own thread */
    size_t room;                    /* the server receives so much at a time; 0: 16 KiB */
    bool is_silent;                 /* the server does not send back */
    bool closes_while_away;         /* as soon as a worker has the handshake */
    bool moves;                     /* the connection moves in memory with its first bytes */
    size_t sends_and_closes;        /* the server's whole answer: so many bytes at once, and it closes */
    int small_buffers;              /* of both sockets; 0: the system's */

    /* for the client */
    int fd;
    SSL_CTX *ctx;
    SSL *ssl;
    const char *server_name, *alpn_wire; /* NULL: none */
    const char *certificate;             /* pki's name; NULL: none */
    SSL_SESSION *session;                /* to be gone on with; replaced by the last one that came */
    bool asks_staple;
    int version_max;     /* 0: any */
    const char *ciphers; /* of TLS 1.2; NULL: OpenSSL's choice */

    /* what the client saw */
    int handshake; /* SSL_connect's result */
    int trouble;   /* the alert's number, 0 if none */
    bool is_resumed, is_clean_end;
    char cn[64], alpn[16], version[16];
    size_t staple_len;
    size_t received;
    bool is_wrong; /* something came back that was not sent */

    /* what the server saw */
    struct conn conn, moved;
    struct conn *at;
    struct loop *loop;
    struct buf back; /* to be sent back */
    size_t taken;
    bool has_facts, is_plain_on_tls, is_closed, is_end_seen;
    char first[64]; /* the first plain bytes */
    struct tls_facts facts;
    char name[64], client_name[64];
    unsigned receives;
    bool has_gone_away; /* the handshake was seen with a worker */

    atomic_bool is_over;
    struct task over;
    pthread_t thread;
};

/* Client and server until both are done. Fields under "given" and "for the client" are kept for another visit. */
void visit(struct visit *visit);
void visit_free(struct visit *visit);

/* ---- for clients ---- */

/* Connects; true when the handshake succeeded. */
bool client_hello(struct visit *visit);
/* Sends that many bytes of a pattern and expects them back, both at once. */
void client_echo(struct visit *visit, size_t len);
/* close_notify, and waits for the other's. */
void client_bye(struct visit *visit);
/* Hello, a little echo, bye. */
void client_usual(struct visit *visit);

#endif
