/*
 * session.h - private to serve/: a client's connection, and what every protocol on it has in common. Loop side.
 *
 * A connection begins as HTTP/1.1 (h1.h); when its first bytes are HTTP/2's preface, h2.h takes it over. Each
 * protocol's struct embeds a session as its first member and is known to the rounds by its row of functions.
 */
#ifndef SERVE_SESSION_H
#define SERVE_SESSION_H

#include "gate/gate.h"
#include "station.h"

struct session {
    struct conn conn;
    struct station *station;
    const struct protocol *protocol;
    struct link all;   /* of the station's sessions, or of its graves */
    struct link ready; /* of those that may receive */
    struct link turn;  /* of those that go on sending in this round or the next */
    struct timer timer;
    uint64_t deadline_ms;
    struct slice fresh;  /* received in this round, in the station's scratch; gone after received() */
    uint64_t limit_key;  /* limit_address() of its client; 0: not asked for yet */
    bool was_refused;    /* the last request, by a limit that knows the client by its address alone */
    bool is_loopback;    /* its listener's */
    bool is_metrics;     /* it came in on the metrics listener */
    bool is_intercepted; /* ... on one for what a gateway's firewall sends on */
    bool is_closed;
};

struct protocol {
    /* The next bytes may be received into the round's scratch now. */
    bool (*may_receive)(const struct session *session);
    /* There is something to read that does not go through the scratch (a body, straight into its intake). */
    bool (*may_read_on)(const struct session *session);
    /* Bytes came, and the hot cache has been drained since: use or keep them. They are gone after the call. */
    void (*received)(struct session *session, struct slice bytes);
    /* The client has sent its last byte; it may still be reading. */
    void (*ended)(struct session *session);
    /* Its turn to read what does not go through the scratch. */
    void (*read_on)(struct session *session);
    /* Its turn to send: the socket takes more, or it asked for a turn (station's senders). */
    void (*send_on)(struct session *session);
    /* deadline_ms is past. Closes, answers, or sets another deadline. */
    void (*timed_out)(struct session *session);
    /* The server is to end: idle ones after a moment (session_idle_ms()), others after what is under way. */
    void (*drain)(struct session *session);
    /* The session was closed (its socket is gone already): gives back all that it holds, but itself. */
    void (*release)(struct session *session);
};

static inline const struct limits *session_limits(const struct session *session)
{
    return &session->station->house->conf->limits;
}

/* What a request's head may be, in whatever protocol it comes. */
static inline struct head_limits session_head_limits(const struct session *session)
{
    const struct limits *limits = session_limits(session);

    return (struct head_limits){.request_line_max = limits->request_line_max,
                                .field_line_max = limits->field_line_max,
                                .fields_total_max = limits->fields_total_max,
                                .field_count_max = limits->field_count_max};
}

/*
 * Opens the connection in `session`, which must be the first member of zeroed memory from malloc. False: it
 * could not be watched, and the socket is closed.
 */
bool session_open(struct session *session, struct station *station, int fd, const struct peer *peer,
                  const struct listener *listener) LOOP_SIDE;
/* It is one of the station's from now on; the caller has counted it in the census. */
void session_begin(struct session *session, struct station *station, const struct protocol *protocol) LOOP_SIDE;
/*
 * The connection of `from` goes on as `to`, zeroed memory from malloc. `from` has released what it held, is closed
 * without its socket being closed, and is freed at the end of the round.
 */
void session_move(struct session *to, struct session *from, const struct protocol *protocol) LOOP_SIDE;
/* It must have got on by then. The timer is moved only when it would fire too late. */
void session_deadline(struct session *session, uint64_t after_ms) LOOP_SIDE;
/* How long it may be idle between two requests. When we leave, long enough for one that is on its way already. */
uint32_t session_idle_ms(const struct session *session) LOOP_SIDE;
/* Queues it for receiving, if its socket may have something. */
void session_wants_to_read(struct session *session) LOOP_SIDE;
/* Queues it for sending: send_on() is called before this round ends, or in the next. */
void session_wants_to_send(struct session *session) LOOP_SIDE;
/* The end, whatever was under way. The memory lives until the round is over. */
void session_close(struct session *session) LOOP_SIDE;

/* A request: its exchange, listed, counted, knowing the peer. The caller sets wire_owner. */
struct exchange *session_exchange(struct session *session, const struct head *head, struct slice bytes,
                                  const struct wire *wire) LOOP_SIDE;
/* From here the exchange goes its way: gates and method, or the metrics' own answer. */
void session_stages(struct session *session, struct exchange *ex) LOOP_SIDE;

/* Status line, Date, Server and the answer's fields, as HTTP/1.1 writes them; no framing, no empty line. */
void answer_write_head(struct station *station, const struct answer *answer, struct buf *out) LOOP_SIDE;

/* ---- session_log.c: a request is over: it is counted, and gets a line in the access log, if there is one ---- */

void session_log(struct session *session, struct exchange *ex, uint64_t body_sent) LOOP_SIDE;
void session_log_hot(struct session *session, const struct head *head, struct slice version, unsigned status,
                     uint64_t body_sent) LOOP_SIDE;

/* ---- round.c ---- */

/* Frees what was closed. At the end of a round. */
void session_bury(struct station *station) LOOP_SIDE;

/* ---- hot_pick.c: what the hot cache says to a request, whatever protocol it came by ---- */

struct hot_pick {
    struct hot_entry *entry; /* NULL: the long way, unless it is refused */
    bool is_refused;         /* by a limit: it gets hot_refusal() */
    struct limited limited;
    bool is_not_modified;
    bool has_body;     /* the entry's content is sent */
    uint64_t began_ns; /* 0: nobody wants to know how long it takes */
};

/* Borrowed until the round's end. A hit that is taken must be counted and logged: hot_pick_took(). */
struct hot_pick hot_pick(struct session *session, const struct head *head) LOOP_SIDE;
void hot_pick_took(struct session *session, const struct head *head, struct slice version,
                   const struct hot_pick *pick) LOOP_SIDE;
/* The same of a refusal. */
void hot_pick_refused(struct session *session, const struct head *head, struct slice version,
                      uint64_t body_sent) LOOP_SIDE;
/* ... and was handed to the socket, or to the frames: how long that took. */
void hot_pick_sent(struct session *session, const struct hot_pick *pick) LOOP_SIDE;
/* The file that the target means, if the hot cache has it; for an answer that is made for this request alone. */
struct known_file *hot_known_file(struct session *session, struct exchange *ex) LOOP_SIDE;
/* An answer is being sent: the hot cache may want what a plain GET of its target gets. */
void hot_offer(struct session *session, struct exchange *ex) LOOP_SIDE;

#endif
