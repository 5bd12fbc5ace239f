/*
 * exchange.h - the request in flight: what was asked, who asks, what is answered, and how far it is.
 *
 * An exchange belongs to the loop of its connection; it is touched by that loop alone. A worker is handed
 * a job with all that it needs. Texts in a job may point into the exchange's arena: an exchange whose client
 * left is kept until its job is home (exchange_abandon). Protocols (HTTP/1.1 now) carry it through
 * `struct wire`.
 */
#ifndef EXCHANGE_EXCHANGE_H
#define EXCHANGE_EXCHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/rpath.h"
#include "conf/conf.h"
#include "http/framing.h"
#include "http/head.h"
#include "http/past.h"
#include "http/uri.h"
#include "loop/loop.h"

/* ---- verdicts ---- */

struct answer_field {
    struct slice name, value;
};

/* What stands below a verdict's sentence: the operator's own words, and facts by name. Texts live as long as they do.
 */
enum { EXPLANATION_FACTS_MAX = 4 };
struct explanation {
    struct slice text, language; /* plain text, and the language that it is in; "" without */
    struct explained {
        struct slice key, label, value; /* key: the member's name in JSON, our own constant, and so is the label */
    } facts[EXPLANATION_FACTS_MAX];
    unsigned fact_count;
};

/* What a gate or a method's plan says: status 0 is *go on*, else the answer. */
struct verdict {
    int status;
    struct slice condition;    /* DAV condition element, "" without */
    struct slice narrower;     /* another one before it that says more exactly what is in the way; "" without */
    struct slice detail;       /* a plain sentence for people; may live in the exchange's arena */
    const struct slice *hrefs; /* of the condition, percent-encoded; in the exchange's arena */
    unsigned href_count;
    struct slice link, link_text;      /* to where the client gets on, percent-encoded; "" without; as detail */
    const struct answer_field *fields; /* that go with it: Location, Retry-After, Link; as detail */
    unsigned field_count;
    struct slice problem;                  /* a problem type's URI (RFC 9457), for the form in JSON; "" without */
    const struct explanation *explanation; /* NULL without */
    struct slice members;                  /* ... and what else is in that object, as JSON: ,"name":value */
    unsigned lacks; /* rights for want of one of which it is 403: it becomes 401 where logging in could give it */
};

#define GO_ON ((struct verdict){0})
#define VERDICT(code, text) ((struct verdict){.status = (code), .detail = SLICE(text)})

/* ---- answers ---- */

struct content;

/* What a body is made of when it is not just bytes. */
struct content_ops {
    /* Appends the next bytes of a stream to `out`, up to its room; *done with the last. */
    enum err (*fill)(struct content *content, struct buf *out, bool *done); /* worker side */
    /* The file behind the pieces still has the content that the head spoke of. */
    bool (*is_unchanged)(struct content *content); /* worker side */
    /* The same, where it can be told without the disk; asked instead of is_unchanged. Loop side. */
    bool (*is_current)(struct content *content);
    /* Gives back what the body holds. Does not wait for the disk. Any side. */
    void (*close)(struct content *content);
};

struct piece {
    struct slice bytes; /* sent first */
    uint64_t off, len;  /* then this much of the file */
};

enum content_kind {
    CONTENT_EMPTY,
    CONTENT_PIECES, /* bytes of our own and stretches of one file */
    CONTENT_STREAM, /* made as it is sent, its length unknown */
};

struct content {
    enum content_kind kind;
    uint64_t length; /* of pieces, all of it */
    struct piece *pieces;
    unsigned piece_count;
    int fd; /* of the pieces; -1 without */
    const struct content_ops *ops;
    void *context;     /* what ops know */
    struct pool *pool; /* for close(), where that is a worker's work: with the loop that it comes home to */
    struct loop *home;
};

struct answer {
    int status;
    struct answer_field *fields;
    unsigned field_count, field_room;
    bool is_head;            /* no content is sent; the fields speak of it as for GET */
    bool must_close;         /* the connection ends with this answer */
    struct slice connection; /* what else the field Connection lists, in HTTP/1.1; "" for nothing */
    /*
     * For the hot cache: the answer that a plain GET of this target gets, when it is the whole of a file and
     * depends on nothing else of the request: this one itself, or for a 304 another in the arena; NULL: none.
     */
    struct answer *whole;
    /* ... or on what the client accepts as well; its content is in memory then. */
    bool is_varying;
    const void *facts; /* of such an answer: struct facts of the file, in the arena */
    struct rpath path; /* of such an answer: where the file is; index.html may stand in for its folder */
    size_t stem; /* of one that is_varying: what is in its folder matters where the name begins as the file's does,
                    by so many octets */
    struct content content;
};

/* name and value are borrowed: static or in the arena that the answer lives as long as. */
void answer_field(struct arena *arena, struct answer *answer, struct slice name, struct slice value);
/* The whole body from memory. */
void answer_bytes(struct arena *arena, struct answer *answer, struct slice content_type, struct slice bytes);
/* Gives back what the body holds. */
void answer_close(struct answer *answer);

/* ---- exchanges ---- */

struct exchange;

/* A file that the hot cache has open and knows to be what its path means. Loop side. */
struct known_file {
    int fd;
    const void *facts; /* struct facts */
    struct rpath path; /* where it is; index.html may stand in for its folder */
    void (*hold)(struct known_file *);
    void (*let_go)(struct known_file *);
    bool (*is_current)(struct known_file *); /* nobody changed it */
};

/*
 * What is known of folders: true of everything that was acknowledged to anybody before the request was sent. The
 * struct is the store's, and so is the way to give back the reference (store/snapshot.h). Loop side.
 */
struct snapshot;
struct known_folders {
    /* A reference; NULL: it has to be looked at. */
    struct snapshot *(*find)(struct known_folders *, struct exchange *ex, struct rpath folder);
    /* The answer is made from what was found. */
    void (*used)(struct known_folders *);
    /* A request came to the disk for want of it. */
    void (*missed)(struct known_folders *, struct exchange *ex, struct rpath folder);
};

enum exchange_state {
    EXCH_NEW,       /* its head was read */
    EXCH_JUDGED,    /* credentials are with a worker, or were checked */
    EXCH_PLANNED,   /* gates passed, the method looks at its fields */
    EXCH_ACTING,    /* a job is with a worker */
    EXCH_RECEIVING, /* the body is awaited */
    EXCH_ANSWERED,  /* the answer is on its way */
    EXCH_DONE,
    EXCH_STATES
};

/* The protocol under an exchange. All loop side. */
struct wire {
    const char *version; /* "HTTP/1.1" */
    /* ex->answer is ready: send it. */
    void (*answer)(struct exchange *ex);
    /* The body is wanted now: say 100 where the client waits for it, then bytes reach ex->on_body. */
    void (*want_body)(struct exchange *ex);
    /* Reading the body stopped because ex->intake was full; it has room again. */
    void (*body_room)(struct exchange *ex);
    /*
     * An interim answer without fields. Nothing is said once the answer has begun, while the request has not arrived
     * whole, and to a client that knows none (HTTP/1.0). The client may be found to be gone: ex may be freed by it.
     */
    void (*interim)(struct exchange *ex, int status);
};

enum {
    INTAKE_MAX = 256 * 1024, /* bytes of a body in memory; twice that while a worker writes the other half */
};

/* Bytes of the request's body that arrived and were not yet handed to a worker. */
struct intake {
    struct buf bytes;
    uint64_t total;        /* so far, those handed over included */
    bool is_wanted;        /* someone takes the bytes; else they are dropped as they come */
    bool has_ended;        /* the whole body has arrived */
    struct verdict broken; /* it will never end: its framing is wrong. Status 0: no such thing is known */
};

struct exchange {
    uint64_t id;
    enum exchange_state state;
    struct loop *loop;
    struct pool *pool;
    struct conf *conf; /* a reference of its own */
    const struct site *site;
    struct store *store; /* the site's */
    struct users *users; /* the site's, kept by whoever set let_go; NULL without */
    struct arena arena;

    struct head head;
    struct framing framing;
    struct target target;
    struct slice host; /* name of the host asked for, lower case, no port; "" without */
    struct rpath path;
    struct past past;            /* what is asked for is of the resource at `path`, as it was */
    struct rpath destination;    /* of COPY and MOVE, once the gates were passed */
    unsigned destination_rights; /* of the user there */
    bool is_host_named;          /* one of the sites' names, or the portal's */
    bool is_intercepted;         /* a gateway's firewall sent it to us, whoever it was meant for */
    bool is_secure;              /* it came over TLS */
    bool is_client_verified;     /* ... and the client showed a certificate that was verified, with a name or without */
    unsigned certificate_site;   /* of a secure one: the site whose certificate the client was shown */
    struct slice server_name;    /* ... and the name by which it asked for it; "" without */
    struct slice client_name;    /* ... and the client's own, from a certificate that was verified; "" without */
    struct slice peer;           /* the client's address, after trusted proxies */
    struct slice public_host;    /* the Host that a trusted proxy was asked for, not judged; "" without */
    struct asker asker;          /* who asks: once his credentials were judged */
    struct slice login_info;     /* the answer's Authentication-Info; "" without */
    struct slice claimed_name;   /* whom a client said to be and was not, for the access log; "" without */
    unsigned rights;
    struct rules rules;
    struct portal *portal; /* the server's (portal/portal.h); NULL: none */
    struct pots *pots;     /* the server's (pot/pot.h) */
    struct ledger *ledger; /* what is remembered of clients (gate/gate.h); the server's */
    bool is_personal;      /* another client may get another answer to the same request: no cache may keep it */
    void *extension;       /* gate/'s: the extensions that the request is made under; NULL: none */
    void *limits;          /* gate/'s: what limits counted of the request; NULL: nothing */
    void *visit;           /* portal/'s, of an exchange that it answers */
    struct rpath asked;    /* what `path` was then */
    uint64_t hot_ticket;   /* the hot cache's: it watches since before this was looked at; 0: it does not */
    void *negotiation;     /* method/'s: the variant that `path` was chosen as; NULL: it is what was asked for */

    struct known_file *known; /* what a GET would open; borrowed until the method has begun; NULL: nothing is known */

    struct known_folders *known_folders; /* NULL: nobody remembers folders */

    struct intake intake;
    void (*on_body)(struct exchange *ex); /* bytes came, or the end */

    struct answer answer;
    uint64_t started_ns, body_sent;
    int64_t started_wall_ns;

    const struct wire *wire;
    void *wire_owner;                            /* NULL: the client left */
    struct job *job;                             /* under way, NULL without; the exchange waits for it before it goes */
    struct link link;                            /* in the loop's list of exchanges */
    const void *method_row;                      /* method/'s */
    void *method_state;                          /* method/'s own, in the arena */
    void (*method_release)(struct exchange *ex); /* gives back what method_state holds outside the arena; may be NULL */
    void *owner;                                 /* for the two below; borrowed */
    void (*audit)(struct exchange *ex, struct slice what); /* the owner's, for exchange_audit(); NULL: nowhere */
    void (*ask_login)(struct exchange *ex);                /* the owner's: answers 401; NULL: nobody can log in */
    void (*let_go)(struct exchange *ex);                   /* the owner's last word, before it is freed */
    struct timer processing; /* says 102 now and then, once exchange_processing() was called */
    atomic_bool is_left;     /* set when the client leaves: for its jobs, since it is kept until they are home */
};

/* A new one, with conf and users referenced. head is copied with its bytes into the exchange's arena. */
struct exchange *exchange_new(struct loop *loop, struct conf *conf, const struct head *head,
                              struct slice head_bytes) LOOP_SIDE;
/* Every change of state goes through here: asserted, traced. */
void exchange_state(struct exchange *ex, enum exchange_state state) LOOP_SIDE;
const char *exchange_state_name(enum exchange_state state);

/* Sends a job off for it; exchange_home() must be the first thing its done() calls. */
void exchange_submit(struct exchange *ex, enum lane lane, struct job *job) LOOP_SIDE;
/* The job is back: its arena is adopted. False: the client left meanwhile, and the exchange is freed. */
bool exchange_home(struct exchange *ex, struct job *job) LOOP_SIDE;

/*
 * From now on the client is told every conf->limits.processing_ms that work goes on (102), until the answer; not the
 * agents that take it for the answer, and not before the whole request has arrived (DAV-195).
 */
void exchange_processing(struct exchange *ex) LOOP_SIDE;
/* The user did what is told in the audit log, `what` being as in "broke the lock of bob on /a". */
void exchange_audit(struct exchange *ex, struct slice what) LOOP_SIDE;
/* True once the client is gone: asked by jobs between pieces of long work. `left` is &ex->is_left. Any side. */
bool exchange_is_left(const atomic_bool *left);

/* The client left, or all was sent: frees it now, or when its job comes home. */
void exchange_end(struct exchange *ex) LOOP_SIDE;

#endif
