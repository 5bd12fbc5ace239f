/*
 * session.c - what connections of every protocol have in common: their beginning and end, deadlines, requests.
 */
#include "hot.h"
#include "session.h"

#include <stdlib.h>

#include "base/trace.h"
#include "http/status.h"
#include "method/method.h"
#include "metrics.h"

/* ---- deadlines ---- */

/*
 * A client may have sent a request before it could know that we leave; its answer says that it is the last one. Who
 * waits for a stop waits for one way around the world; when another process serves nobody waits.
 */
enum { STOPPED_GRACE_MS = 500, REPLACED_GRACE_MS = 5000 };

/* The timer is moved only when it would fire too late; it looks at the deadline when it fires. */
void session_deadline(struct session *session, uint64_t after_ms)
{
    struct loop *loop = session->station->loop;

    session->deadline_ms = loop_now_ms(loop) + after_ms;
    if (!link_is_listed(&session->timer.link) || session->timer.due_ms > session->deadline_ms)
        timer_set(loop, &session->timer, after_ms);
}

uint32_t session_idle_ms(const struct session *session)
{
    if (!session->station->is_draining)
        return session_limits(session)->keepalive_timeout_ms;
    return session->station->server->is_replaced ? REPLACED_GRACE_MS : STOPPED_GRACE_MS;
}

static void session_timer(struct timer *timer)
{
    struct session *session = CONTAINER(timer, struct session, timer);
    uint64_t now;

    role_assert_loop();
    now = loop_now_ms(session->station->loop);
    if (now < session->deadline_ms)
        timer_set(session->station->loop, timer, session->deadline_ms - now);
    else
        session->protocol->timed_out(session);
}

/* ---- turns ---- */

void session_wants_to_read(struct session *session)
{
    if (session->conn.is_readable && !link_is_listed(&session->ready))
        list_append(&session->station->ready, &session->ready);
}

void session_wants_to_send(struct session *session)
{
    if (!link_is_listed(&session->turn))
        list_append(&session->station->senders, &session->turn);
}

static void session_changed(struct conn *conn)
{
    struct session *session = CONTAINER(conn, struct session, conn);

    role_assert_loop();
    if (conn->is_writable)
        session->protocol->send_on(session);
    if (!session->is_closed)
        session_wants_to_read(session);
}

/* ---- beginning and end ---- */

void session_begin(struct session *session, struct station *station, const struct protocol *protocol)
{
    TRACE(TRACE_NET, (uint64_t)session->conn.watch.fd, "accepted");
    session->station = station;
    session->protocol = protocol;
    session->timer.fire = session_timer;
    list_append(&station->conns, &session->all);
    if (session->is_metrics) {
        station->scrapes++;
        return;
    }
    tally_add(&station->tally.connections, 1);
    tally_add(&station->tally.open_connections, 1);
}

bool session_open(struct session *session, struct station *station, int fd, const struct peer *peer,
                  const struct listener *listener)
{
    session->is_loopback = listener->is_loopback;
    session->is_metrics = listener->is_metrics;
    session->is_intercepted = listener->is_intercept;
    if (listener->is_tls && station->house->tls)
        return conn_open_tls(&session->conn, station->loop, station->server->pool, fd, peer, session_changed,
                             station->house->tls);
    return conn_open(&session->conn, station->loop, fd, peer, session_changed);
}

/* Gone from all lists and timers; it is freed when the round is over. */
static LOOP_SIDE void lay_to_rest(struct session *session)
{
    session->is_closed = true;
    timer_cancel(session->station->loop, &session->timer);
    list_remove(&session->ready);
    list_remove(&session->turn);
    list_remove(&session->all);
    list_append(&session->station->graves, &session->all);
}

void session_move(struct session *to, struct session *from, const struct protocol *protocol)
{
    conn_move(&to->conn, &from->conn, session_changed);
    to->station = from->station;
    to->protocol = protocol;
    to->timer.fire = session_timer;
    to->is_loopback = from->is_loopback;
    to->is_metrics = from->is_metrics;
    to->is_intercepted = from->is_intercepted;
    list_append(&to->station->conns, &to->all);
    tally_add(&to->station->tally.h2_connections, 1); /* nothing else is moved to */
    from->protocol->release(from);
    lay_to_rest(from);
}

void session_close(struct session *session)
{
    struct station *station = session->station;

    if (session->is_closed)
        return;
    TRACE(TRACE_NET, (uint64_t)session->conn.watch.fd, "closed");
    session->is_closed = true;
    session->protocol->release(session);
    conn_close(&session->conn);
    if (session->is_metrics) {
        station->scrapes--;
    } else {
        census_leave(station->server->census, &session->conn.peer);
        tally_set(&station->tally.open_connections, tally_get(&station->tally.open_connections) - 1);
    }
    lay_to_rest(session);
}

void session_bury(struct station *station)
{
    struct link *link;

    while ((link = list_shift(&station->graves)))
        free(CONTAINER(link, struct session, all)); /* a protocol's struct begins with its session */
}

void session_close_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next)
        session_close(CONTAINER(link, struct session, all));
    session_bury(station);
}

void session_drain_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next) {
        struct session *session = CONTAINER(link, struct session, all);

        session->protocol->drain(session);
    }
}

/* ---- requests ---- */

struct exchange *session_exchange(struct session *session, const struct head *head, struct slice bytes,
                                  const struct wire *wire)
{
    struct station *station = session->station;
    struct exchange *ex = exchange_new(station->loop, station->house->conf, head, bytes);
    const struct tls_facts *tls = conn_tls(&session->conn);

    ex->pool = station->server->pool;
    ex->wire = wire;
    ex->asker.is_loopback = session->is_loopback;
    ex->is_intercepted = session->is_intercepted;
    ex->peer = arena_slice(&ex->arena, peer_text(&session->conn.peer, (char[PEER_TEXT_MAX]){0}));
    if (tls) {
        ex->is_secure = true;
        ex->server_name = arena_slice(&ex->arena, tls->server_name);
        ex->client_name = arena_slice(&ex->arena, tls->client_name);
        ex->is_client_verified = tls->is_verified;
        ex->certificate_site = tls->site;
    }
    list_append(&station->exchanges, &ex->link);
    if (!session->is_metrics)
        tally_add(&station->tally.requests, 1);
    return ex;
}

static LOOP_SIDE void refuse_plain(struct exchange *ex)
{
    struct slice host = head_value(&ex->head, FIELD_HOST);
    struct verdict verdict = VERDICT(400, "This port speaks HTTPS, and the request came in plain HTTP.");

    if (host.len)
        verdict.detail = arena_printf(&ex->arena,
                                      "This port speaks HTTPS, and the request came in plain HTTP. "
                                      "Try https://%.*s%s",
                                      SLICE_FMT(host), "/");
    ex->answer.must_close = true;
    exchange_refuse(ex, verdict);
}

void session_stages(struct session *session, struct exchange *ex)
{
    if (session->conn.is_plain_on_tls) {
        refuse_plain(ex);
        return;
    }
    if (session->is_metrics) {
        metrics_answer(session->station, ex);
        return;
    }
    ex->known = hot_known_file(session, ex);
    ex->known_folders = hot_known_folders(session->station->hot);
    stages_begin(session->station, ex);
}

/* ---- answers ---- */

void answer_write_head(struct station *station, const struct answer *answer, struct buf *out)
{
    struct slice phrase = status_phrase(answer->status);

    buf_printf(out, "HTTP/1.1 %03d %.*s\r\nDate: %.*s\r\nServer: Samovar\r\n", answer->status, SLICE_FMT(phrase),
               SLICE_FMT(station_date(station)));
    for (unsigned i = 0; i < answer->field_count; i++) {
        buf_add(out, answer->fields[i].name);
        buf_add_str(out, ": ");
        buf_add(out, answer->fields[i].value);
        buf_add_str(out, "\r\n");
    }
}
