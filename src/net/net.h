/*
 * net.h - listeners and connections: bytes in, bytes out. Loop side.
 *
 * A connection is registered once, edge-triggered, for both directions; after that it costs no epoll_ctl.
 * It remembers whether bytes may be waiting (is_readable) and whether the socket took all it was given
 * (is_writable); whoever owns it reads and writes when it suits.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/histogram.h"
#include "base/role.h"
#include "conf/conf.h"
#include "loop/loop.h"

/* Who is at the other end. */
struct peer {
    sa_family_t family; /* AF_INET, AF_INET6, AF_UNIX */
    in_port_t port;     /* network order */
    unsigned char addr[16];
};

enum { PEER_TEXT_MAX = 48 };
/* "192.0.2.1", "2001:db8::1", "unix"; a v4 address mapped into v6 is shown as v4. Any side. */
struct slice peer_text(const struct peer *peer, char out[PEER_TEXT_MAX]);

struct tls_conn; /* net/'s own */

struct conn {
    struct watch watch; /* .fd is -1 when closed */
    struct loop *loop;
    void (*changed)(struct conn *); /* is_readable or is_writable became true */
    struct tls_conn *tls;           /* NULL: plain */
    struct peer peer;
    bool is_readable, is_writable;
    bool is_at_end;       /* the peer sent its last byte */
    bool is_ending;       /* the kernel told of the end, which may lie behind bytes not yet read */
    bool can_sendfile;    /* else conn_sendfile() must not be called: bytes have to be encrypted here */
    bool is_plain_on_tls; /* TLS was expected and plain HTTP came; tls is NULL again, bytes are read as they are */
};

enum { CONN_CLOSED = -1 };

/* Takes the accepted socket over. False (and the socket is closed) when it cannot be watched. */
bool conn_open(struct conn *conn, struct loop *loop, int fd, const struct peer *peer,
               void (*changed)(struct conn *)) LOOP_SIDE;
/* `from` goes on at another place in memory, with another listener to its changes; `from` is as if closed. */
void conn_move(struct conn *to, struct conn *from, void (*changed)(struct conn *)) LOOP_SIDE;
/* More than 0: that many bytes. 0: nothing now, or the end (is_at_end). CONN_CLOSED: it is broken. */
ssize_t conn_recv(struct conn *conn, void *room, size_t len) LOOP_SIDE;
/*
 * How many bytes the socket took (0: full, is_writable is false now), or CONN_CLOSED. more: something follows
 * at once, so an unfilled packet may wait for it.
 */
ssize_t conn_send(struct conn *conn, const void *bytes, size_t len, bool more) LOOP_SIDE;
ssize_t conn_sendv(struct conn *conn, struct iovec *pieces, unsigned count, bool more) LOOP_SIDE;
/*
 * From a file, whose pages are known to be in memory. Returns as conn_send, but only 0 means that the socket is
 * full: after less than all, call again. ERR_IO-like trouble and the end of the file are CONN_CLOSED.
 */
ssize_t conn_sendfile(struct conn *conn, int fd, uint64_t offset, size_t len) LOOP_SIDE;
/* Says that nothing more will be sent; reading goes on. */
void conn_half_close(struct conn *conn) LOOP_SIDE;
void conn_close(struct conn *conn) LOOP_SIDE;

/* ---- TLS (RFC 8446, RFC 5246) ---- */

/*
 * The certificates of one configuration, ready for handshakes. Immutable, reference counted, used by all
 * loops; a reload makes a new one, connections keep theirs. Keys of session tickets are handed on from `old`
 * (NULL: new ones are made) and change by themselves.
 */
struct tls;

/*
 * Reads every site's certificates, keys, OCSP responses and client CAs. *out is NULL when no site has any.
 * ERR_INVALID: `why` names the file and what is wrong (a key that does not belong to its certificate, a
 * certificate that has expired is only told to `notice`). Reads the disk: main thread.
 */
enum err tls_load(const struct conf *conf, struct tls *old, void (*notice)(const char *line), struct tls **out,
                  struct buf *why);
struct tls *tls_ref(struct tls *tls);
void tls_unref(struct tls *tls); /* NULL is fine */
/*
 * The keys of session tickets as text, for the process that takes our place, so that clients resume there; and that
 * one's way to use them. Secret while tickets live. Nothing, and false, where there are none. Any side.
 */
void tls_give_tickets(const struct tls *tls, struct buf *out);
bool tls_take_tickets(struct tls *tls, struct slice hex);

/*
 * As conn_open(), and TLS is spoken: conn_recv() and the sends deal in plain bytes, the handshake goes on inside
 * conn_recv() and gives 0 until it is done. Private-key work that takes long, or that comes in crowds, is done by
 * pool's crypto lane (NULL: all is done here). What a send took may wait here, encrypted, until is_writable is true
 * again: whoever wants it to arrive closes only then. A first byte that is no TLS record turns it into a plain
 * connection with is_plain_on_tls.
 */
bool conn_open_tls(struct conn *conn, struct loop *loop, struct pool *pool, int fd, const struct peer *peer,
                   void (*changed)(struct conn *), struct tls *tls) LOOP_SIDE;

/* What the handshake agreed on. Slices live as long as the connection. */
struct tls_facts {
    struct slice server_name; /* SNI, lower case; "" when none was sent */
    unsigned site;            /* whose certificate was shown: an index of conf's sites */
    bool is_h2;               /* ALPN chose h2 */
    bool is_resumed;
    bool is_verified;         /* the client showed a certificate that its site's authorities vouch for */
    struct slice client_name; /* from that certificate; "" without, or where it has no such name */
    const char *version, *cipher;
};
/* Handshakes of the whole process. */
struct tls_counts {
    atomic_uint_least64_t full, resumed; /* that were done */
    atomic_uint_least64_t failed;        /* no agreement, or no TLS at all; who only left counts nowhere */
    struct histogram durations;          /* of those done: from the client's first byte, the network's share included */
};
/* Static; reading it needs no lock. Any side. */
const struct tls_counts *tls_counts(void);
/* NULL: plain, or the handshake is not done. */
const struct tls_facts *conn_tls(const struct conn *conn) LOOP_SIDE;
/* Whether this kernel encrypts for us (probed once): "kTLS: on", "kTLS: off, ..." for --version and the start. */
const char *tls_kernel_report(void);

/* ---- listeners ---- */

/* One address, with a socket for each loop (one shared socket for unix and inherited ones). */
struct listener {
    const struct listen_spec *spec;
    int *fds;                     /* one a loop; -1: that loop has none of this address */
    unsigned loops;               /* how many */
    bool is_shared;               /* the same socket stands there for several loops */
    bool is_more;                 /* further sockets of the listener before it, which were handed over */
    atomic_uint accepting;        /* loops that do; the last one closes what is shared */
    struct sockaddr_storage addr; /* as bound: port 0 became a port */
    bool is_loopback;             /* only this machine can reach it */
    bool is_tls;                  /* a TCP socket, not plain:, and there are certificates */
    bool is_metrics;              /* conf's metrics: it answers with the server's figures and nothing else */
    bool is_intercept;            /* for what a gateway's firewall sends on from captive clients */
};

struct listeners {
    struct listener *list;
    unsigned count;
    atomic_bool is_foreign; /* another server listens on them as well: names of unix sockets are not ours to remove */
};

/*
 * Listening sockets that come from the server whose place we take. None may be closed that clients may be waiting in:
 * a connection that the kernel has made and nobody accepted ends with the socket it is queued in.
 */
struct handed {
    struct handed_socket {
        int fd; /* -1: a listener has it now */
        struct slice text;
        struct sockaddr_storage addr;
        bool is_metrics;
    } * list;
    unsigned count;
};

/*
 * Binds all addresses for `loops` loops; those that `handed` (NULL: nothing) has sockets for are taken from it, all of
 * them, whatever number of loops they were for. A taken address is ERR_BUSY, also where the port could be shared with
 * another process. `why` says which and what to do. Before threads start.
 */
enum err listeners_open(const struct conf *conf, unsigned loops, struct handed *handed, struct listeners *out,
                        struct buf *why);
void listeners_close(struct listeners *listeners);
/* Each socket once, -1 after the last; `at` counts from 0. */
int listener_socket(const struct listener *listener, unsigned at);
/* "http://127.0.0.1:8080/", "https://...", "unix:/run/x". */
void listener_describe(const struct listener *listener, struct buf *out);

/* Accepting, on one loop. */
struct acceptor {
    struct watch watch;
    struct loop *loop;
    struct listener *listener;
    /* Owns fd from here on. */
    void (*accepted)(struct acceptor *, int fd, const struct peer *peer);
    struct timer pause; /* out of descriptors: tries again a little later */
    bool is_paused;
    void *owner; /* whoever started it */
};

void acceptor_start(struct acceptor *acceptor, struct loop *loop, struct listener *listener, unsigned loop_index,
                    void (*accepted)(struct acceptor *, int, const struct peer *), void *owner) LOOP_SIDE;
/* The socket is closed here, unless other loops use it. */
void acceptor_stop(struct acceptor *acceptor) LOOP_SIDE;
/* Accepts all that wait now: before a stop that nobody takes over from us. */
void acceptor_empty(struct acceptor *acceptor) LOOP_SIDE;

#endif
