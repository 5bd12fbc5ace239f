/*
 * portal.h - a captive portal: who is let through a gateway, and what those are answered who are not (RFC 6585 §6,
 * RFC 8908).
 *
 * Two halves. *Sessions* know which address is free and until when; they are in memory, under a lock of their own, so
 * that a loop can ask for each request, and in the first site's metadata, so that they outlive a restart. What opens
 * the gateway is another program (helper/firewall.h). *Pages* answer exchanges: what the firewall sent to us, and the
 * portal's own name.
 *
 * A session is one device: its hardware address, where the neighbour table tells one, and the addresses it uses. Its
 * state is recorded before anybody is told of it.
 */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include "conf/conf.h"
#include "exchange/exchange.h"
#include "store/store.h"

struct portal;
struct auth_memory;

enum {
    PORTAL_ADDRESSES_MAX = 8,     /* of one device: v4, and v6 with its temporary ones */
    PORTAL_SESSIONS_MAX = 65536,  /* as many as the sets of the firewall take */
    PORTAL_VOUCHERS_MAX = 100000, /* unused and used ones */
    PORTAL_NAME_MAX = 255,        /* of a user; auth's AUTH_NAME_BYTES_MAX */
    PORTAL_CODE_MAX = 16,         /* a voucher's code without its dashes */
};
#define PORTAL_ENDLESS UINT64_MAX

/* ---- the server's side ---- */

struct portal_options {
    struct conf *conf;   /* a reference is taken until portal_configure() gives another one */
    struct store *store; /* of the first site */
    int firewall;        /* of firewall_start(); -1: firewall = none. Taken over, also by a failure */
    void (*notice)(const char *line);
};

/*
 * Reads what was recorded. After the store is open, before threads. ERR_READ_ONLY: the site cannot keep anything;
 * `why` says what to do.
 */
enum err portal_open(const struct portal_options *options, struct portal **out, struct buf *why);
/*
 * Threads may be made: what was recorded and what the firewall lets through are brought to agree, and from now on
 * sessions end when they are due.
 */
void portal_begin(struct portal *portal);
/* A reload: the next logins are as this says. `conf` is a snapshot of which the portal takes a reference. Main thread.
 */
void portal_configure(struct portal *portal, struct conf *conf);
/* Another process serves from now on: sessions are its to end. */
void portal_rest(struct portal *portal);
/* Nobody is thrown out: the gateway stays as it is. NULL is fine. Before the store is closed. */
void portal_close(struct portal *portal);
/* For `samovar status` and the metrics: sessions now, logins and refused logins since the start; whether the firewall
 * answers. */
struct portal_figures {
    uint64_t sessions, logins, refused;
    bool is_firewall_well;
};
void portal_figures(struct portal *portal, struct portal_figures *out);

/* ---- who is free ---- */

/* What holds for one address now. */
struct portal_state {
    bool is_free;
    uint64_t seconds_left, bytes_left; /* PORTAL_ENDLESS: no end */
    bool can_extend;                   /* by logging in again, with another voucher */
};
/* `address` as ex->peer: "192.0.2.1", "2001:db8::1"; what is none is not free. A few microseconds. Any side. */
void portal_look(struct portal *portal, struct slice address, struct portal_state *out);

enum portal_said {
    PORTAL_LET_IN,
    PORTAL_UNKNOWN_VOUCHER,
    PORTAL_SPENT,       /* the voucher's time or bytes are used up */
    PORTAL_TOO_MANY,    /* as many devices as the voucher or the user may have are in */
    PORTAL_FULL,        /* PORTAL_SESSIONS_MAX */
    PORTAL_NO_ADDRESS,  /* who asks has no address of a network: a unix socket */
    PORTAL_NO_FIREWALL, /* the other program is gone, or refuses; the log says why */
    PORTAL_NOT_KEPT,    /* it could not be recorded */
};

/* Who wants to be let in, and why he may: what he claims was found true, but for a voucher's code. */
struct portal_claim {
    struct slice address;
    enum portal_login by;
    struct slice text; /* a voucher's code as typed (letters of any case, dashes and spaces), a user's name, "" */
};
/*
 * Lets the device in, or prolongs its session: recorded, then opened, then answered. Waits for the disk and for the
 * other program. *out is what holds then.
 */
enum portal_said portal_login(struct portal *portal, const struct portal_claim *claim,
                              struct portal_state *out) WORKER_SIDE;
/* Ends the session of the address; fine if there is none. Errors as of the record. */
enum err portal_logout(struct portal *portal, struct slice address) WORKER_SIDE;

/* ---- samovar portal ---- */

/* With a portal that runs, or (portal_* on a store alone) with none. Answers are lines for people; see serve/control.h.
 */
void portal_list(struct portal *portal, struct buf *out) WORKER_SIDE;
/* Ends the sessions of this address, user or voucher; how many. */
unsigned portal_disconnect(struct portal *portal, struct slice whom) WORKER_SIDE;

struct portal_grant { /* what a voucher is good for */
    uint64_t seconds; /* from its first use; 0: no end */
    uint64_t bytes;   /* of all its devices together; 0: no end */
    uint32_t devices; /* at a time; at least 1 */
};
/* Makes vouchers and appends their codes, one a line. ERR_TOO_MANY: there would be more than PORTAL_VOUCHERS_MAX. */
enum err vouchers_make(struct store *store, unsigned count, const struct portal_grant *grant,
                       struct buf *out) WORKER_SIDE;
void vouchers_list(struct store *store, struct buf *out) WORKER_SIDE;
/* portal NULL: none runs. Ends its sessions, too. ERR_MISSING: there is none. */
enum err voucher_withdraw(struct store *store, struct portal *portal, struct slice code) WORKER_SIDE;
/* What sessions are recorded, where no server runs. */
void portal_list_recorded(struct store *store, struct buf *out) WORKER_SIDE;

/* ---- pages ---- */

/*
 * The portal answers this exchange: it was intercepted, or is for one of the portal's own addresses. Host and site are
 * known, limits and origins were judged; nothing else.
 */
bool portal_takes(const struct exchange *ex) LOOP_SIDE;
/* Then it does, and all that comes. `memory`: the server's, for passwords and who guesses. */
void portal_answer(struct exchange *ex, struct auth_memory *memory) LOOP_SIDE;

#endif
