/*
 * station.h - private to serve/: the server, and what each loop has of its own.
 */
#ifndef SERVE_STATION_H
#define SERVE_STATION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "access_log.h"
#include "auth/auth.h"
#include "census.h"
#include "exchange/exchange.h"
#include "net/net.h"
#include "store/store.h"
#include "tally.h"

struct hot;
struct h1;
struct h2_loop;
struct control;
struct handover;
struct notify;

/* One snapshot of the configuration with what was opened for it; replaced whole on reload. */
struct house {
    atomic_uint refs;
    struct conf *conf;
    struct tls *tls;             /* NULL: no site has certificates */
    struct countries *countries; /* NULL: nothing depends on them */
    struct site_run {
        struct store *store;  /* the server's, outlives all houses */
        struct users *users;  /* NULL: the site has none */
        bool knows_countries; /* some demand of the site holds in some of them only */
    } * sites;                /* one for each of conf's */
};

struct house *house_ref(struct house *house);
void house_unref(struct house *house);

/* What one loop has of its own. Touched by that loop's thread alone, but for the tally. */
struct station {
    struct server *server;
    struct loop *loop;
    unsigned index;
    struct house *house;
    struct hot *hot;
    struct h2_loop *h2; /* what its connections in HTTP/2 share; NULL until there is one */
    struct acceptor *acceptors;
    struct link conns;     /* all connections */
    struct link exchanges; /* those in flight */
    struct link ready;     /* connections whose socket may have bytes for us */
    struct link senders;   /* connections that could send more at once, after the others' turn */
    struct link graves;    /* closed in this round, freed at its end */
    char *scratch;         /* what was received in this round */
    char *out_room;        /* OUT_ROOM: what is being sent at this moment */
    size_t scratch_used;
    struct field fields[HEAD_FIELDS_MAX];
    bool is_draining;
    char date[29];
    int64_t date_s;
    uint64_t crowd;   /* connections at the height of the tide, for note_ebb() */
    unsigned scrapes; /* open connections to the metrics listener */
    struct tally tally;
    struct task reload, drain, hurry, report; /* posted by the main thread */
    atomic_bool is_report_due;                /* the task is posted and not ours again yet */
    struct task pulse;                        /* does nothing: a loop that came to it is alive */
    atomic_bool is_pulse_due;                 /* it did not come to it yet */
    _Atomic(struct house *) next_house;       /* given by the main thread, taken by the loop */
};

enum {
    SCRATCH_BYTES = 1024 * 1024,
    RECEIVE_MAX = 16 * 1024, /* of one connection in one go */
};

struct server {
    struct pool *pool;
    struct listeners listeners;
    struct station *stations;
    pthread_t *threads;
    unsigned station_count;
    struct house *house; /* the newest; main thread */
    struct store **stores;
    unsigned store_count;
    struct closed *closed; /* one a site */
    unsigned closed_count;
    struct auth_memory *auth_memory;
    struct ledger *ledger;
    struct portal *portal; /* NULL: none */
    struct pots *pots;
    int firewall; /* until the portal has it; -1 */
    struct access_log *access_log;
    struct access_log *audit_log; /* NULL: what would stand there goes to notice() */
    struct census *census;
    struct control *control;
    struct notify *notify;     /* the service manager, or NULL; main thread */
    uint64_t pulse_at_ms;      /* when it wants to hear from us again */
    bool is_timed;             /* somebody may ask how long requests took */
    int64_t began_wall_ns;     /* wall clock at the start */
    atomic_bool is_stopping;   /* loops end, and need not answer any more */
    struct handover *handover; /* from the server whose place we take; NULL: there was none */
    atomic_int succession;     /* enum succession: how far somebody is with taking ours */
    pid_t successor;           /* who did */
    pthread_mutex_t gate;      /* the main thread's until loops may accept */
    bool is_replaced;          /* we end because he did; before stations are told to drain */
    atomic_uint running;       /* stations whose loop runs */
    int wake_fd;               /* an eventfd that tells the main thread that a station ended, or an ebb */
    atomic_bool is_ebb;        /* a crowd has left: what it needed goes back to the system */
    void (*notice)(const char *line);
    enum err (*before_stores)(const struct conf *, struct buf *);
};

/* ---- station.c ---- */

void station_init(struct station *station, struct server *server, unsigned index);
void *station_main(void *station); /* the thread */
void station_release(struct station *station);
/* The loop ended, or a crowd has left: wakes the main thread. */
void station_reported(struct station *station);

/* "Sun, 06 Nov 1994 08:49:37 GMT" of this second. */
struct slice station_date(struct station *station) LOOP_SIDE;

/* ---- h1.c: connections begin with it ---- */

void h1_accept(struct station *station, int fd, const struct peer *peer, const struct listener *listener) LOOP_SIDE;

/* ---- session.c and round.c: all connections of a loop ---- */

/* One round: receive, drain the hot cache's notifications, answer. True: there is more to do at once. */
bool session_round(void *station);
/* Idle connections close soon, busy ones after their answer. */
void session_drain_all(struct station *station) LOOP_SIDE;
/* All connections close now, whatever they are doing. */
void session_close_all(struct station *station) LOOP_SIDE;

/* ---- stages.c: an exchange's way from its head to its method ---- */

void stages_begin(struct station *station, struct exchange *ex) LOOP_SIDE;
/* It is known who asks: the gates that need that, then the method. */
void stages_known(struct exchange *ex) LOOP_SIDE;

/* Of one of the server's own addresses (own.c), 404 of one where nothing is. */
void own_answer(struct exchange *ex) LOOP_SIDE;

/* ---- login.c: who asks ---- */

/* Judges what the request claims, then goes on with stages_known() or answers. */
void login_judge(struct station *station, struct exchange *ex) LOOP_SIDE;
/* 401: somebody has to log in for that. */
void login_refuse(struct exchange *ex) LOOP_SIDE;

/* ---- stores.c: the folders ---- */

/* Opens those of all sites and tells them their quotas. What was opened is the server's, also after an error. */
enum err stores_open(struct server *server, struct conf *conf, void (*notice)(const char *), struct buf *why);
/* What a place may hold may change while running, and what links may not lead to. Main thread. */
void stores_configure(struct server *server, struct conf *conf);

/* ---- closed.c: what links must not lead to ---- */

struct closed {
    pthread_mutex_t lock;
    struct conf *conf; /* a reference; NULL until it is known */
    unsigned site;
};
void closed_set(struct closed *closed, struct conf *conf, unsigned site);
/* For struct store_options; arg: a struct closed. */
bool closed_has(void *arg, struct slice path);
void closed_release(struct server *server);

/* ---- audit.c: what an administrator wants to know of afterwards ---- */

/*
 * A line for the audit log: the time, who it was, where from, and what he did ("broke the lock ... of ..."). Octets
 * that could feign other lines are replaced. user "": nobody who logged in. Any side, never waits for the disk.
 */
void audit_write(struct server *server, struct slice user, struct slice address, struct slice what);

/* ---- control.c: the control socket in the state folder ---- */

struct control *control_new(void);
/* The sockets that can be made now; connections wait in them. Main thread, before the loops. */
void control_open(struct control *control, struct server *server);
/* On the loop that answers; the socket with a file is made when the state folder is there. */
void control_start(struct control *control, struct station *station) LOOP_SIDE;
void control_stop(struct control *control) LOOP_SIDE;
/* Removes the socket. Main thread, after the loops. NULL is fine. */
void control_free(struct control *control);

#endif
