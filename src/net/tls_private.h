/*
 * tls_private.h - net/'s own: what the files that speak TLS share.
 *
 *   tls_load.c    certificates and keys from files into one SSL_CTX a site
 *   tls_judge.c   what may be said against a certificate (dates, names), how long its key takes
 *   tls_hello.c   whose certificate a client is shown, and what else is agreed on in a handshake
 *   tls_ticket.c  keys of session tickets      tls_staple.c  OCSP responses      tls_kernel.c  is there kTLS?
 *   tls_wire.c    the BIO between OpenSSL and memory
 *   tls_shake.c   a handshake's steps, here or with a worker
 *   tls_conn.c    the life of a connection     tls_data.c    plain bytes in and out
 *   tls_leave.c   what is still to be sent when it is closed
 */
#ifndef NET_TLS_PRIVATE_H
#define NET_TLS_PRIVATE_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "net.h"

enum {
    RECORD_MAX = 16 * 1024,         /* plain bytes of a record (RFC 8446 §5.1) */
    CIPHER_ROOM = 64 * 1024 + 1024, /* received in one go */
    SEAL_MAX = 64 * 1024,           /* plain bytes sealed for one send() */
    HANDSHAKE_MAX = 128 * 1024,     /* received for one: a client's chain of certificates fits well */
    KEPT_MAX = 512 * 1024,   /* sealed and not sent; only a peer that makes us answer and never reads comes near */
    RECORDS_A_KEY = 1 << 22, /* far below the bound for AES-GCM, 2^24.5 (RFC 8446 §5.5) */
    CLIENT_NAME_MAX = 256,
};

/* ---- certificates ---- */

/* One certificate of a site. */
struct tls_pair {
    X509 *cert;            /* owned by the site's SSL_CTX */
    unsigned char *staple; /* an OCSP response in DER (OPENSSL_malloc), or NULL */
    size_t staple_len;
    int64_t staple_until_s; /* wall clock; 0: says nothing of its end */
    bool is_slow;           /* to sign with its key takes longer than a loop should be held up */
    bool is_ecdsa;
};

struct tls_site {
    SSL_CTX *ctx; /* NULL: no certificates */
    struct tls_pair *pairs;
    unsigned pair_count;
    struct slice *hosts;
    unsigned host_count;
    enum client_cert client_certificates;
    enum client_name client_name;
    bool is_slow; /* some key is */
};

struct tls {
    atomic_uint refs;
    struct arena arena;     /* sites, hosts, pairs */
    struct tls_site *sites; /* as many as conf's */
    unsigned site_count;
    unsigned first; /* the first with certificates: for names that nobody has */
    struct ticket_keys *tickets;
    bool http2;
    bool ktls; /* wanted, and the kernel can */
};

/* One line for whoever runs the server; notice may be NULL. */
#define TELL(notice, ...)                                                                                              \
    do {                                                                                                               \
        struct buf line_ = BUF_INIT(8192);                                                                             \
        buf_printf(&line_, __VA_ARGS__);                                                                               \
        if (notice)                                                                                                    \
            (notice)(buf_str(&line_));                                                                                 \
        buf_release(&line_);                                                                                           \
    } while (0)

/* ---- tls_judge.c: of the certificate in the file path, to notice ---- */

void judge_dates(const char *path, X509 *cert, void (*notice)(const char *line));
void judge_names(const char *path, X509 *cert, const struct site *site, void (*notice)(const char *line));
/* Whether to sign with it takes longer than a loop should be held up; takes a few signatures' time. */
bool key_is_slow(EVP_PKEY *key);

/* ---- tls_ticket.c: shared by all loops and handed on over reloads ---- */

struct ticket_keys *ticket_keys_new(uint32_t lifetime_ms);
struct ticket_keys *ticket_keys_ref(struct ticket_keys *keys);
void ticket_keys_unref(struct ticket_keys *keys);
void ticket_keys_set_lifetime(struct ticket_keys *keys, uint32_t lifetime_ms);
/* For SSL_CTX_set_tlsext_ticket_key_evp_cb. */
int ticket_key_for(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                   int is_new);
/* Whether one of the keys sealed it: nobody can make one up. */
bool ticket_is_ours(struct ticket_keys *keys, const unsigned char *ticket, size_t len);
/* As if `by_ms` had gone by; for tests. */
void ticket_keys_age(struct ticket_keys *keys, uint64_t by_ms);

/* ---- tls_staple.c ---- */

/* Reads the response and hands it to those of the site's certificates that it speaks of. */
enum err staple_load(struct tls_site *site, const char *path, void (*notice)(const char *line), struct buf *why);
/* For SSL_CTX_set_tlsext_status_cb. */
int staple_show(SSL *ssl, void *arg);

/* ---- tls_hello.c ---- */

/* Sets what a handshake with this site's context asks. */
void hello_prepare(struct tls *tls, struct tls_site *site);
/* After the handshake: what was agreed on. */
void hello_facts(struct tls_conn *tls);

/* ---- tls_wire.c ---- */

/* Before each call into OpenSSL: an old error would be taken for its own. To clear none takes longer than to look. */
static inline void errors_clear(void)
{
    if (ERR_peek_error())
        ERR_clear_error();
}

/* Bytes that wait; freed when none do. */
struct pile {
    unsigned char *ptr;
    size_t at, len, room; /* ptr[at, at + len) */
};
static inline unsigned char *pile_bytes(const struct pile *pile)
{
    return pile->ptr ? pile->ptr + pile->at : NULL;
}
void pile_add(struct pile *pile, const void *bytes, size_t len);
void pile_eat(struct pile *pile, size_t len); /* frees it when empty */
void pile_clear(struct pile *pile);           /* keeps the room */
void pile_free(struct pile *pile);

/* What the BIO of a connection reads from and writes to, for the time of one call into OpenSSL. */
struct wire {
    const unsigned char *in;
    size_t in_len;
    struct pile *out;
};
BIO *wire_bio(struct wire **at); /* *at must be set whenever OpenSSL may read or write */

/* A thread's room for what passes through it, so that an idle connection has none. */
struct desk {
    struct pile out;
    uint64_t round_ms; /* of the loop, when signed_in_round counted */
    unsigned signed_in_round;
    struct link leavers;
    unsigned leaver_count;
    unsigned char in[CIPHER_ROOM];
    unsigned char plain[RECORD_MAX]; /* small pieces on their way into one record */
};
struct desk *desk_get(void);

/* ---- a connection ---- */

enum tls_state {
    TLS_FRESH,   /* not a byte yet */
    TLS_SHAKING, /* in a handshake */
    TLS_AWAY,    /* a worker has the SSL */
    TLS_OPEN,
    TLS_FINISHED, /* the peer said that it is done */
    TLS_BROKEN,
};

struct tls_conn {
    SSL *ssl; /* NULL while TLS_FRESH */
    struct wire *wire;
    struct tls *tls;
    struct conn *conn; /* NULL: it was closed while a worker had the SSL */
    struct pool *pool;
    struct pile kept_in;  /* received, not yet decrypted */
    struct pile kept_out; /* sealed, not yet sent. With is_writable: it goes out with what is sent next */
    enum tls_state state;
    atomic_bool has_left; /* closed while a worker has, or is to get, the SSL: it need not try hard */
    int fd_left;          /* a closed one's descriptor that the worker may still use; else -1 */
    unsigned records;
    unsigned received; /* bytes of the handshake so far, up to HANDSHAKE_MAX */
    uint64_t began_ns; /* the handshake */
    bool is_drained;   /* the socket was empty when last asked, and nothing was heard since */
    bool is_socket_end;
    bool is_half_closed;
    bool is_finishing;    /* half closed, but kept_out, or what the kernel has, must go first */
    bool is_on_socket;    /* OpenSSL reads and writes the socket itself: for kTLS */
    bool is_sealed_below; /* the kernel encrypts: plain bytes go to the socket */
    struct tls_facts facts;
    char *server_name, *client_name; /* what the facts' slices point into */
};

/* ---- tls_shake.c ---- */

enum step { STEP_DONE, STEP_WAITING, STEP_AWAY, STEP_FAILED };
/* Begins, at the first byte of a client's hello. */
void shake_begin(struct tls_conn *tls) LOOP_SIDE;
/* A step, with what tls->wire has; STEP_AWAY: the wire's bytes are taken, and conn->changed is called later. */
enum step shake_step(struct tls_conn *tls) LOOP_SIDE;
/* Whether the loop may make one more signature in this round; counts it. */
bool shake_has_share(struct tls_conn *tls) LOOP_SIDE;

/* ---- tls_data.c ---- */

ssize_t tls_recv(struct conn *conn, void *room, size_t len) LOOP_SIDE;
ssize_t tls_send(struct conn *conn, const struct iovec *pieces, unsigned count, bool more) LOOP_SIDE;
/* Sends `sealed` after what is kept, and keeps what the socket does not take. False: it is broken. */
bool tls_push(struct tls_conn *tls, struct pile *sealed, bool more) LOOP_SIDE;
/* The socket has room again. */
void tls_flush(struct tls_conn *tls) LOOP_SIDE;

/* ---- tls_leave.c ---- */

/*
 * Takes over what is kept for a connection that is being closed, and its descriptor. False: too many do.
 * kept NULL: it is the kernel that encrypts and still has some; the goodbye is said here too.
 */
bool leave(struct loop *loop, int fd, struct pile *kept) LOOP_SIDE;
/* The thread ends, and its loop with it: those that are left are dropped. */
void leave_none(struct desk *desk);

/* ---- tls_conn.c ---- */

void tls_half_close(struct conn *conn) LOOP_SIDE;
/* Before the socket is closed. False: the descriptor stays, somebody else closes it. */
bool tls_close(struct conn *conn) LOOP_SIDE;
void tls_conn_free(struct tls_conn *tls);
/* What came is no TLS: the connection goes on as a plain one. */
void tls_give_up(struct conn *conn) LOOP_SIDE;

/* ---- tls_kernel.c ---- */

bool kernel_encrypts(void); /* any side; the first call asks the kernel */
/* The alert close_notify on a socket that the kernel encrypts for. False: it was not taken. */
bool tls_goodbye_below(int fd);

/* For tests: handshakes on the socket as for kTLS, whatever the kernel can; every key counts as slow. */
extern bool tls_test_on_socket, tls_test_slow_keys;

/* conn.c: an event of a plain connection. */
void conn_ready(struct watch *watch, uint32_t events);

#endif
