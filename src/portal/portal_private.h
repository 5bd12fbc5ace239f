/*
 * portal_private.h - the inside of the portal's sessions: the table, records, vouchers, the gateway.
 *
 * Two locks. `changing` is held by whoever changes anything - a login, a logout, the warden - from its first look to
 * its last step, over waits for the disk and the other program: so changes come one after another, and what is
 * recorded, in memory and open agrees whenever it is free. `mutex` guards the memory alone, for moments: loops take it
 * to look. Whoever writes the memory holds both.
 */
#ifndef PORTAL_PORTAL_PRIVATE_H
#define PORTAL_PORTAL_PRIVATE_H

#include <pthread.h>

#include "base/hash.h"
#include "base/list.h"
#include "helper/firewall.h"
#include "portal/portal.h"
#include "store/guests.h"

enum {
    SESSION_ID_LEN = 16, /* hexadecimal digits: the name of its record */
    MAC_LEN = 6,
};

/* One address of a session. Eight of them are most of what a session takes: each octet counts. */
struct seat {
    struct firewall_address address; /* family 0: free */
    uint8_t position;                /* among the session's seats */
    uint32_t looked, met;            /* the warden's: the look in which it was open, and its device was there */
    uint64_t counted;                /* octets that the firewall's counter said when they were added to what is used */
    struct seat *next;               /* in the table, by address */
};

/* A voucher that a session came in by, in memory as long as one does. */
struct voucher {
    struct voucher *next; /* in the table, by code */
    char code[PORTAL_CODE_MAX + 1];
    struct portal_grant grant;
    int64_t made_s, first_s; /* first_s 0: never used */
    uint64_t used;           /* octets of all its sessions */
    uint64_t recorded;       /* of those, what the record says */
    unsigned sessions;       /* in memory */
};

struct session {
    struct link link;
    char id[SESSION_ID_LEN + 1];
    enum portal_login by;
    struct voucher *voucher;  /* PORTAL_BY_VOUCHER; its limits are the session's */
    char *user;               /* PORTAL_BY_USER; owned */
    int64_t began_s, until_s; /* until_s 0: no end; not of a voucher's */
    uint64_t bytes_max;       /* 0: no end; not of a voucher's */
    uint64_t used, recorded;  /* octets; recorded: what the record says */
    bool has_mac;
    uint8_t mac[MAC_LEN];
    struct session *next_of_mac; /* in the table */
    unsigned seat_count;
    struct seat seats[PORTAL_ADDRESSES_MAX];
};

static inline struct session *seat_session(const struct seat *seat)
{
    return CONTAINER(seat - seat->position, struct session, seats[0]);
}

/* ---- sessions.c: the memory ---- */

struct table {
    struct hash_key key;
    struct seat **by_address;
    struct session **by_mac;
    struct voucher **by_code;
    unsigned room; /* of each; a power of two */
    struct link sessions;
    unsigned count, seats;
};

void sessions_init(struct table *table);
void sessions_release(struct table *table);
struct seat *seat_find(const struct table *table, const struct firewall_address *address);
struct session *session_of_mac(const struct table *table, const uint8_t mac[MAC_LEN]);
/* Takes the session, with its seats. */
void session_add(struct table *table, struct session *session);
/* Frees it, and its voucher with the last one. */
void session_remove(struct table *table, struct session *session);
/* NULL: no room, or somebody has it. */
struct seat *seat_take(struct table *table, struct session *session, const struct firewall_address *address);
void seat_leave(struct table *table, struct seat *seat);
/* In memory already, or NULL. */
struct voucher *voucher_in_use(const struct table *table, const char *code);
/* Takes it; it goes with its last session. */
void voucher_add(struct table *table, struct voucher *voucher);
/* A session of it has gone, or came in by another one; NULL is fine. */
void voucher_leave(struct table *table, struct voucher *voucher);
void session_free(struct session *session);

/* False for what is no address of a network. v4 mapped into v6 becomes v4. */
bool address_parse(struct slice text, struct firewall_address *out);
void address_text(const struct firewall_address *address, struct buf *out);
bool address_same(const struct firewall_address *a, const struct firewall_address *b);

/* ---- limits.c: what holds of a session now ---- */

/*
 * The wall clock in seconds, as sessions see it: it never goes back. Whoever set it back would prolong what was
 * granted; set ahead, as after a start without a clock of the machine's own, it is believed.
 */
int64_t guests_now_s(void);
/* The same of clocks that are told, in nanoseconds: of the wall and since the machine's start. *most: INT64_MIN at
 * first. */
int64_t clock_onward_s(int64_t wall_ns, int64_t running_ns, atomic_int_least64_t *most);

int64_t session_until(const struct session *session);      /* 0: no end */
uint64_t session_bytes_max(const struct session *session); /* 0: no end */
uint64_t session_bytes_used(const struct session *session);
bool session_is_over(const struct session *session, int64_t now_s); /* its time */
bool session_is_spent(const struct session *session);               /* its octets: it stays, but is not let through */
bool session_is_free(const struct session *session, int64_t now_s);

/* ---- records.c ---- */

enum { RECORD_ROOM = 1024 };
struct slice session_record(const struct session *session, char room[RECORD_ROOM]);
/* Without its place in the table; by a voucher: its code into `code`. False: it is none of ours. */
bool session_read(struct slice name, struct slice value, struct session *out, char code[PORTAL_CODE_MAX + 1]);
struct slice voucher_record(const struct voucher *voucher, char room[RECORD_ROOM]);
bool voucher_read(struct slice name, struct slice value, struct voucher *out);
/* Letters of any case, dashes and spaces: as records have it. False: no code of ours looks so. */
bool code_parse(struct slice text, char code[PORTAL_CODE_MAX + 1]);
void code_make(char code[PORTAL_CODE_MAX + 1]);
void code_print(const char *code, struct buf *out); /* XXXXX-XXXXX */

/* ---- the portal ---- */

struct portal {
    struct store *store;
    void (*notice)(const char *line);
    pthread_mutex_t changing; /* see above */
    int firewall;             /* -1: none; used with `changing` held */
    atomic_bool is_well;      /* it answered the last time */
    unsigned number;          /* of the last request */
    uint64_t mute_until_ms;   /* monotonic: it was silent, and is not asked before; 0: it was not */
    uint32_t look;            /* of the warden; see seat.looked */
    bool was_shared;          /* at the last look another process served the folder, too */
    uint64_t look_at_ms;      /* monotonic: when the next one is due */

    pthread_mutex_t mutex; /* guards what is below */
    struct conf *conf;
    struct table table;
    atomic_uint_least64_t logins, refused;

    /* warden.c */
    pthread_t thread;
    pthread_mutex_t waking;
    pthread_cond_t wake;
    bool has_thread, is_loaded, is_stopping; /* under waking */
};

/* ---- gateway.c: what the firewall does; `changing` is held. Without one all goes well. ---- */

/* Opens each seat for as long as its session has; none stays open if one fails. */
enum err gateway_open(struct portal *portal, struct session *session) WORKER_SIDE;
enum err gateway_open_seat(struct portal *portal, struct seat *seat) WORKER_SIDE;
/* Closes; what went through to the end is counted. */
void gateway_close_seat(struct portal *portal, struct seat *seat) WORKER_SIDE;
void gateway_close(struct portal *portal, struct session *session) WORKER_SIDE;
/* Addresses with what is known of each; list is the caller's to free(). */
struct gateway_entry {
    struct firewall_address address;
    bool has_mac;
    uint8_t mac[MAC_LEN];
    uint64_t bytes;
};
struct gateway_list {
    struct gateway_entry *list;
    unsigned count, room;
};
enum err gateway_list(struct portal *portal, enum firewall_what what, struct gateway_list *out) WORKER_SIDE;
/* False: it has none, or nobody knows. */
bool gateway_mac(struct portal *portal, const struct firewall_address *address, uint8_t mac[MAC_LEN]) WORKER_SIDE;
/* The counter of a seat stands there now. */
void seat_count_up(struct portal *portal, struct seat *seat, uint64_t counter);

/* ---- changes.c; `changing` is held ---- */

/* Of the address, or NULL. */
struct session *session_at(struct portal *portal, const struct firewall_address *address);
/* Recorded durably, both or none. voucher NULL: its record stays. */
enum err session_keep(struct portal *portal, const struct session *session, const struct voucher *voucher) WORKER_SIDE;
/* What was recorded is taken back: the firewall did not open. is_new: there was no such session before. */
void session_unkeep(struct portal *portal, const struct session *session, bool is_new,
                    const struct voucher *voucher) WORKER_SIDE;
/* Its record goes. */
enum err session_forget(struct portal *portal, const char *id, bool is_awaited) WORKER_SIDE;
/* Closes, forgets, and drops the record. */
void session_end(struct portal *portal, struct session *session) WORKER_SIDE;
/* All that portal_disconnect() means; durably. How many. */
unsigned sessions_end_of(struct portal *portal, struct slice whom) WORKER_SIDE;
/* What is used goes into the records, where it has grown enough or `all`. */
void session_note_use(struct portal *portal, struct session *session, bool all) WORKER_SIDE;
/* The address is the session's from now on, recorded, and open if the session is. */
void session_seat(struct portal *portal, struct session *session, const struct firewall_address *address) WORKER_SIDE;
void session_unseat(struct portal *portal, struct seat *seat) WORKER_SIDE;

/* ---- logins.c; `changing` is held ---- */

/* What a claim is worth, once it was looked at. */
struct grant {
    enum portal_login by;
    struct voucher *voucher; /* in the table, or `fresh` */
    struct voucher *fresh;   /* read from its record, and owned until the table has it */
    bool is_first_use;
    struct slice user;
    int64_t until_s;
    uint64_t bytes_max;
};

/* In memory, or read from its record: then *fresh is the same, and the caller's. NULL: there is none. */
struct voucher *voucher_find(struct portal *portal, const char *code, struct voucher **fresh) WORKER_SIDE;
/* Another grant for a session that is there; what it had counts no more. */
void session_change_grant(struct portal *portal, struct session *session, const struct grant *grant);

/* ---- loading.c; `changing` is held ---- */

/* Reads the records that are not in memory; drops from memory what has none any more. */
void sessions_load(struct portal *portal) WORKER_SIDE;

/* ---- warden.c ---- */

void warden_start(struct portal *portal);
void warden_stop(struct portal *portal);

void portal_tell(struct portal *portal, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
