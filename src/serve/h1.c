/*
 * h1.c - HTTP/1.1 on a connection: one request after the other, in order.
 *
 * In each round (h1_round.c) all sockets that have something are received from, then the hot cache drains
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
    LINGER_MS = 3000, /* for the client to read the last answer */
};

/* ---- time limits ---- */

/* The timer is moved only when it would fire too late; it looks at the deadline when it fires. */
void h1_deadline(struct h1 *h1, uint64_t after_ms)
{
    h1->deadline_ms = loop_now_ms(h1->station->loop) + after_ms;
    if (!link_is_listed(&h1->timer.link) || h1->timer.due_ms > h1->deadline_ms)
        timer_set(h1->station->loop, &h1->timer, after_ms);
}

/* ---- the end ---- */

void h1_drop_exchange(struct h1 *h1)
{
    struct exchange *ex = h1->ex;

    if (!ex)
        return;
    h1->ex = NULL;
    if (h1->is_sending && !ex->job)
        out_release(&h1->out);
    h1_log(h1, ex);
    exchange_end(ex);
}

void h1_close(struct h1 *h1)
{
    if (h1->is_closed)
        return;
    TRACE(TRACE_NET, (uint64_t)h1->conn.watch.fd, "closed");
    h1->is_closed = true;
    h1_drop_exchange(h1);
    if (h1->hot_out.entry)
        hot_entry_unref(h1->hot_out.entry);
    timer_cancel(h1->station->loop, &h1->timer);
    conn_close(&h1->conn);
    census_leave(h1->station->server->census, &h1->conn.peer);
    list_remove(&h1->ready);
    list_remove(&h1->turn);
    list_remove(&h1->all);
    head_wait_free(h1);
    free(h1->chunked);
    buf_release(&h1->early);
    atomic_fetch_sub_explicit(&h1->station->counters.open_connections, 1, memory_order_relaxed);
    list_append(&h1->station->graves, &h1->all);
}

/* Nothing more will be sent; what still comes is read and dropped for a while. */
void h1_linger(struct h1 *h1)
{
    conn_half_close(&h1->conn);
    buf_release(&h1->early); /* while something is kept there, nothing is read */
    h1->early = BUF_INIT(2 * RECEIVE_MAX);
    h1->reading = READING_LINGER;
    h1->dropped = 0;
    h1->deadline_ms = 0;
    h1_deadline(h1, LINGER_MS);
    if (h1->conn.is_at_end)
        h1_close(h1);
    else if (!link_is_listed(&h1->ready))
        list_append(&h1->station->ready, &h1->ready);
}

void h1_wants_to_read(struct h1 *h1)
{
    if (h1->conn.is_readable && !link_is_listed(&h1->ready))
        list_append(&h1->station->ready, &h1->ready);
}

/* ---- feeding ---- */

void h1_feed(struct h1 *h1, struct slice bytes)
{
    bool was_feeding = h1->is_feeding;

    h1->is_feeding = true;
    while (bytes.len && !h1->is_closed) {
        size_t taken = 0;

        if (h1->reading == READING_HEAD && !h1->hot_out.entry && !h1->is_last)
            taken = h1_feed_head(h1, bytes);
        else if (h1->reading == READING_BODY)
            taken = h1_feed_body(h1, bytes);
        else if (h1->reading == READING_LINGER)
            taken = bytes.len;
        if (!taken)
            break;
        bytes = slice_from(bytes, taken);
    }
    h1->is_feeding = was_feeding;
    if (bytes.len && !h1->is_closed)
        buf_add(&h1->early, bytes); /* at most one receive's worth: while this is kept, none is read */
}

/* Something that held us up is over: goes on with what is here already, then with the socket. */
void h1_continue(struct h1 *h1)
{
    if (h1->is_closed)
        return;
    if (h1->early.len) {
        struct buf early = h1->early;

        h1->early = BUF_INIT(early.max);
        hot_drain(h1->station->hot); /* what held us up may have changed what a hot answer says */
        h1_feed(h1, buf_slice(&early));
        buf_release(&early);
    }
    if (h1->is_closed)
        return;
    h1_wants_to_read(h1);
    if (h1->reading == READING_HEAD && !h1->wait && h1->conn.is_at_end && !h1->early.len && !h1->ex)
        h1_close(h1);
}

/* ---- events ---- */

static LOOP_SIDE void resume_sending(struct h1 *h1)
{
    if (h1->hot_out.entry) {
        if (!h1_pump_hot(h1))
            h1_close(h1);
        else if (!h1->hot_out.entry && h1->station->is_draining)
            h1_linger(h1);
        else if (!h1->hot_out.entry)
            h1_continue(h1);
    } else if (h1->is_sending && !h1->ex->job) {
        h1_pump(h1);
    }
}

static void h1_changed(struct conn *conn)
{
    struct h1 *h1 = CONTAINER(conn, struct h1, conn);

    role_assert_loop();
    if (conn->is_writable)
        resume_sending(h1);
    if (!h1->is_closed)
        h1_wants_to_read(h1);
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
    h1_close(h1);
}

static void h1_timer(struct timer *timer)
{
    struct h1 *h1 = CONTAINER(timer, struct h1, timer);
    uint64_t now;

    role_assert_loop();
    now = loop_now_ms(h1->station->loop);
    if (now < h1->deadline_ms)
        timer_set(h1->station->loop, timer, h1->deadline_ms - now);
    else if (h1->ex && h1->ex->job)
        h1_deadline(h1, 1000); /* a worker is at it; the client need do nothing */
    else
        timed_out(h1);
}

/* ---- connections ---- */

void h1_accept(struct station *station, int fd, const struct peer *peer, bool is_loopback)
{
    struct h1 *h1;

    if (!census_enter(station->server->census, peer, &station->house->conf->limits)) {
        close(fd);
        return;
    }
    h1 = xcalloc(1, sizeof(*h1));
    if (!conn_open(&h1->conn, station->loop, fd, peer, h1_changed)) {
        census_leave(station->server->census, peer);
        free(h1);
        return;
    }
    TRACE(TRACE_NET, (uint64_t)fd, "accepted");
    h1->station = station;
    h1->is_loopback = is_loopback;
    h1->early = BUF_INIT(2 * RECEIVE_MAX);
    h1->timer.fire = h1_timer;
    list_append(&station->conns, &h1->all);
    atomic_fetch_add_explicit(&station->counters.connections, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&station->counters.open_connections, 1, memory_order_relaxed);
    h1_deadline(h1, h1_limits(h1)->keepalive_timeout_ms ? h1_limits(h1)->keepalive_timeout_ms
                                                        : h1_limits(h1)->head_timeout_ms);
}

void h1_drain_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next) {
        struct h1 *h1 = CONTAINER(link, struct h1, all);

        if (h1->reading == READING_HEAD && !h1->wait && !h1->ex && !h1->hot_out.entry)
            h1_close(h1);
        else if (h1->reading == READING_BODY && !h1->ex)
            h1_linger(h1); /* it was answered; the rest of its body is not waited for */
    }
}

void h1_close_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next)
        h1_close(CONTAINER(link, struct h1, all));
    h1_bury(station);
}
