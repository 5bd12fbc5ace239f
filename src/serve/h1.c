/*
 * h1.c - HTTP/1.1 on a connection: one request after the other, in order.
 *
 * In each round (round.c) all sockets that have something are received from, then the hot cache drains
 * its notifications, then what was received is answered. An idle connection holds no buffer: bytes are
 * received into the loop's scratch and copied only when a head is incomplete or an answer is on its way.
 *
 * The connection is in one phase of reading (enum reading): heads are in h1_head.c, bodies in h1_body.c. It
 * may have one exchange, whose answer is written in h1_answer.c and sent by out.c. This file has the
 * connection's beginning and end, its time limits, and the feeding that ties the phases together.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/trace.h"
#include "h1.h"
#include "hot.h"
#include "method/method.h"

enum {
    LINGER_MS = 3000,               /* for the client to read the last answer */
    LINGER_BYTES = 8 * 1024 * 1024, /* read and dropped after it */
    PORTIONS_MAX = 16,              /* of a body in one turn */
    SCRAPES_MAX = 16,               /* connections for metrics to one loop: descriptors are kept back for more */
};

/* ---- the end ---- */

void h1_drop_exchange(struct h1 *h1)
{
    struct exchange *ex = h1->ex;
    uint64_t sent;

    if (!ex)
        return;
    h1->ex = NULL;
    sent = h1->out.source.ex == ex ? h1->out.source.taken : 0;
    if (h1->is_sending && !ex->job)
        out_release(&h1->out);
    session_log(&h1->session, ex, sent);
    exchange_end(ex);
}

static void h1_release(struct session *session)
{
    struct h1 *h1 = h1_of(session);

    role_assert_loop();
    h1_drop_exchange(h1);
    if (h1->hot_out.entry)
        hot_entry_unref(h1->hot_out.entry);
    h1->hot_out.entry = NULL;
    head_wait_free(h1);
    free(h1->chunked);
    h1->chunked = NULL;
    buf_release(&h1->early);
}

/* Nothing more will be sent; what still comes is read and dropped for a while. */
void h1_linger(struct h1 *h1)
{
    conn_half_close(&h1->session.conn);
    buf_release(&h1->early); /* while something is kept there, nothing is read */
    h1->early = BUF_INIT(2 * RECEIVE_MAX);
    h1->reading = READING_LINGER;
    h1->dropped = 0;
    h1->session.deadline_ms = 0;
    session_deadline(&h1->session, LINGER_MS);
    if (h1->session.conn.is_at_end)
        session_close(&h1->session);
    else if (!link_is_listed(&h1->session.ready))
        list_append(&h1->session.station->ready, &h1->session.ready);
}

/* ---- feeding ---- */

static bool is_between_requests(const struct h1 *h1)
{
    return h1->reading <= READING_HEAD && !h1->wait && !h1->ex && !h1->hot_out.entry;
}

/* After the last answer. */
static LOOP_SIDE size_t drop(struct h1 *h1, struct slice bytes)
{
    h1->dropped += bytes.len;
    if (h1->dropped > LINGER_BYTES)
        session_close(&h1->session);
    return bytes.len;
}

void h1_feed(struct h1 *h1, struct slice bytes)
{
    bool was_feeding = h1->is_feeding;

    h1->is_feeding = true;
    while (bytes.len && !h1->session.is_closed) {
        size_t taken = 0;

        if (h1->reading == READING_FIRST)
            taken = h1_feed_first(h1, bytes);
        else if (h1->reading == READING_HEAD && !h1->hot_out.entry && !h1->is_last)
            taken = h1_feed_head(h1, bytes);
        else if (h1->reading == READING_BODY)
            taken = h1_feed_body(h1, bytes);
        else if (h1->reading == READING_LINGER)
            taken = drop(h1, bytes);
        if (!taken)
            break;
        bytes = slice_from(bytes, taken);
    }
    h1->is_feeding = was_feeding;
    if (bytes.len && !h1->session.is_closed)
        buf_add(&h1->early, bytes); /* at most one receive's worth: while this is kept, none is read */
}

/* Something that held us up is over: goes on with what is here already, then with the socket. */
void h1_continue(struct h1 *h1)
{
    if (h1->session.is_closed)
        return;
    if (h1->early.len) {
        struct buf early = h1->early;

        h1->early = BUF_INIT(early.max);
        hot_drain(h1->session.station->hot); /* what held us up may have changed what a hot answer says */
        h1_feed(h1, buf_slice(&early));
        buf_release(&early);
    }
    if (h1->session.is_closed)
        return;
    session_wants_to_read(&h1->session);
    if (is_between_requests(h1) && h1->session.conn.is_at_end && !h1->early.len)
        session_close(&h1->session);
}

/* ---- events ---- */

static void h1_send_on(struct session *session)
{
    struct h1 *h1 = h1_of(session);

    role_assert_loop();
    if (h1->hot_out.entry) {
        if (!h1_pump_hot(h1))
            session_close(&h1->session);
        else if (!h1->hot_out.entry)
            h1_continue(h1);
    } else if (h1->is_sending && !h1->ex->job) {
        h1_pump(h1);
    }
}

static LOOP_SIDE void timed_out(struct h1 *h1)
{
    bool has_begun = h1->wait && h1->wait->parser.has_begun;
    struct head_parser late = {.status = 408, .why = "The request did not arrive completely in time."};

    late.head.method = has_begun ? h1->wait->parser.head.method : METHOD_UNKNOWN;

    if (h1->reading == READING_HEAD && has_begun && !h1->is_sending) {
        head_wait_free(h1);
        h1_reject_head(h1, &late); /* H1-48, H1-C6: 408 only if part of a request has arrived */
        return;
    }
    if (h1->reading == READING_BODY && h1->ex && !h1->is_sending && !h1->ex->job) {
        h1->ex->answer.must_close = true;
        h1->ex->intake.is_wanted = false;
        exchange_refuse(h1->ex, (struct verdict){.status = 408, .detail = slice_str(late.why)});
        return;
    }
    session_close(&h1->session);
}

static void h1_timed_out(struct session *session)
{
    struct h1 *h1 = h1_of(session);

    role_assert_loop();
    if (h1->ex && h1->ex->job) {
        session_deadline(session, 1000); /* a worker is at it; the client need do nothing */
    } else if (h1->reading == READING_FIRST && !h1->has_shaken && conn_tls(&session->conn) &&
               !session->station->is_draining) {
        h1->has_shaken = true; /* the handshake was in time, and so may the first request be */
        session_deadline(session, session_limits(session)->keepalive_timeout_ms);
    } else {
        timed_out(h1);
    }
}

/* ---- what rounds ask ---- */

static bool h1_may_receive(const struct session *session)
{
    const struct h1 *h1 = h1_of(session);

    if (h1->early.len || h1->hot_out.entry)
        return false;
    return h1->reading <= READING_HEAD || h1->reading == READING_LINGER;
}

static bool h1_may_read_on(const struct session *session)
{
    const struct h1 *h1 = h1_of(session);

    return h1->reading == READING_BODY && !h1->early.len && !h1_body_is_paused(h1) && h1_body_space(h1);
}

static void h1_received(struct session *session, struct slice bytes)
{
    role_assert_loop();
    h1_feed(h1_of(session), bytes);
}

static void h1_read_on(struct session *session)
{
    struct h1 *h1 = h1_of(session);

    role_assert_loop();
    for (unsigned i = 0; i < PORTIONS_MAX && !h1->early.len && h1_receive_body(h1); i++)
        ;
}

/* Nothing is under way, or it would not have been looked for: an incomplete head goes with the connection. */
static void h1_ended(struct session *session)
{
    role_assert_loop();
    session_close(session);
}

static void h1_drain(struct session *session)
{
    struct h1 *h1 = h1_of(session);

    role_assert_loop();
    if (is_between_requests(h1))
        session_deadline(session, session_idle_ms(session));
    else if (h1->reading == READING_BODY && !h1->ex)
        h1_linger(h1); /* it was answered; the rest of its body is not waited for */
}

static const struct protocol h1_protocol = {.may_receive = h1_may_receive,
                                            .may_read_on = h1_may_read_on,
                                            .received = h1_received,
                                            .ended = h1_ended,
                                            .read_on = h1_read_on,
                                            .send_on = h1_send_on,
                                            .timed_out = h1_timed_out,
                                            .drain = h1_drain,
                                            .release = h1_release};

/* ---- connections ---- */

/* How long a client may take before its first request has arrived. */
static uint32_t first_wait_ms(const struct h1 *h1)
{
    const struct limits *limits = session_limits(&h1->session);

    if (h1->session.conn.tls)
        return limits->handshake_timeout_ms;
    return limits->keepalive_timeout_ms ? limits->keepalive_timeout_ms : limits->head_timeout_ms;
}

/* Figures are wanted most when everything is full: who asks for them is not counted, only bounded. */
static LOOP_SIDE bool may_come_in(struct station *station, const struct peer *peer, const struct listener *listener)
{
    if (listener->is_metrics)
        return station->scrapes < SCRAPES_MAX;
    if (census_enter(station->server->census, peer, &station->house->conf->limits))
        return true;
    tally_add(&station->tally.refused_connections, 1);
    return false;
}

void h1_accept(struct station *station, int fd, const struct peer *peer, const struct listener *listener)
{
    struct h1 *h1;

    if (!may_come_in(station, peer, listener)) {
        close(fd);
        return;
    }
    h1 = xcalloc(1, sizeof(*h1));
    if (!session_open(&h1->session, station, fd, peer, listener)) {
        if (!listener->is_metrics)
            census_leave(station->server->census, peer);
        free(h1);
        return;
    }
    h1->early = BUF_INIT(2 * RECEIVE_MAX);
    session_begin(&h1->session, station, &h1_protocol);
    session_deadline(&h1->session, first_wait_ms(h1));
}
