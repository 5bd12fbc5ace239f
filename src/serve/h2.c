/*
 * h2.c - HTTP/2 on a connection: its beginning and end, what is received and sent, its time limits.
 *
 * Requests are in h2_stream.c, their content in h2_body.c, answers in h2_answer.c and h2_hot.c, and what a client
 * may make us do for nothing in h2_guard.c. Everything above is shared with HTTP/1.1: an exchange does not know
 * which of the two carries it.
 *
 * What was received in a round is given to nghttp2, then all that there is to send is gathered in the loop's room
 * and sent in one go. Only what the socket did not take is kept with the connection; while it is, nothing more is
 * gathered.
 */
#include <stdlib.h>

#include "base/trace.h"
#include "h2_private.h"
#include "hot.h"
#include "method/method.h"

enum {
    TURN = 4 * 1024 * 1024,         /* sent in one go, while others wait */
    LINGER_MS = 3000,               /* for the client to read what was said last */
    LINGER_BYTES = 8 * 1024 * 1024, /* read and dropped meanwhile */
    UNWANTED_MS = 500,              /* for a client to stop sending content by itself, once it was answered */
    NOTICE_MS = 1000,               /* for the requests that were on their way when it was said that we end */
    SETTINGS_FRAME_MAX = 32,        /* settings in one frame */
    ACKS_MAX = 100,                 /* answers to PING and SETTINGS that wait for the client to read them */
    PORTIONS_MAX = 8,               /* of content received in one turn */
    CONTINUATIONS_MAX = 16,         /* frames of one header block */
};

/* ---- what a loop's connections share ---- */

static struct h2_loop *shared_new(void)
{
    struct h2_loop *shared = xcalloc(1, sizeof(*shared));

    if (nghttp2_session_callbacks_new(&shared->callbacks) || nghttp2_option_new(&shared->option))
        abort(); /* no memory: as everywhere, the process ends */
    h2_set_callbacks(shared->callbacks);
    nghttp2_option_set_no_auto_window_update(shared->option, 1);
    nghttp2_option_set_builtin_recv_extension_type(shared->option, NGHTTP2_PRIORITY_UPDATE);
    nghttp2_option_set_max_settings(shared->option, SETTINGS_FRAME_MAX);
    nghttp2_option_set_max_outbound_ack(shared->option, ACKS_MAX);
    nghttp2_option_set_max_send_header_block_length(shared->option, 256 * 1024);
    nghttp2_option_set_max_continuations(shared->option, CONTINUATIONS_MAX);
    nghttp2_option_set_stream_reset_rate_limit(shared->option, UINT64_MAX / 2, 1000000); /* h2_guard.h counts */
    list_init(&shared->spare_streams);
    shared->room = xmalloc(H2_OUT_ROOM);
    return shared;
}

void h2_loop_free(struct h2_loop *shared)
{
    struct link *link;

    if (!shared)
        return;
    while ((link = list_shift(&shared->spare_streams)))
        free(CONTAINER(link, struct h2_stream, link));
    if (shared->spare_head) {
        h2_head_release(shared->spare_head);
        free(shared->spare_head);
    }
    nghttp2_session_callbacks_del(shared->callbacks);
    nghttp2_option_del(shared->option);
    free(shared->room);
    free(shared);
}

/* ---- the end ---- */

/* Nothing more will be sent; what still comes is dropped, so that the client can read what was said. */
static LOOP_SIDE void linger(struct h2 *h2)
{
    if (h2->phase == H2_LINGER)
        return;
    h2->phase = H2_LINGER;
    h2->phase_ms = h2_now(h2);
    conn_half_close(&h2->session.conn);
    session_wants_to_read(&h2->session);
}

static LOOP_SIDE void h2_release(struct session *session)
{
    struct h2 *h2 = h2_of(session);
    nghttp2_session *frames = h2->frames;
    struct link *link, *next;

    if (h2->is_flooded)
        tally_add(&session->station->tally.h2_floods, 1);
    h2->frames = NULL; /* streams give nothing back to it any more */
    LIST_EACH (&h2->streams, link, next)
        h2_stream_free(CONTAINER(link, struct h2_stream, link));
    h2_head_drop(h2);
    nghttp2_session_del(frames);
    buf_release(&h2->kept);
}

void h2_charge(struct h2 *h2, unsigned cost)
{
    if (!cost)
        return;
    if (h2->unpaid >= GUARD_EARNS_OCTETS) {
        guard_earn(&h2->guard, h2->unpaid / GUARD_EARNS_OCTETS);
        h2->unpaid %= GUARD_EARNS_OCTETS;
    }
    if (!guard_spend(&h2->guard, h2_now(h2), cost) && !h2->is_flooded) {
        TRACE(TRACE_NET, (uint64_t)h2->session.conn.watch.fd, "HTTP/2: flooded");
        h2->is_flooded = true;
    }
}

/* Says which request was the last, after those that were on their way have come. */
static LOOP_SIDE void end_requests(struct h2 *h2)
{
    if (h2->phase != H2_NOTICED)
        return;
    h2->phase = H2_ENDING;
    h2->phase_ms = h2_now(h2);
    nghttp2_submit_goaway(h2->frames, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2->frames),
                          NGHTTP2_NO_ERROR, NULL, 0);
    h2_wants_to_send(h2);
}

void h2_pinged(struct h2 *h2)
{
    end_requests(h2); /* the notice has arrived: what came until now is all that did not know of it */
}

static LOOP_SIDE void notice_end(struct h2 *h2)
{
    if (h2->phase != H2_OPEN)
        return;
    h2->phase = H2_NOTICED;
    h2->phase_ms = h2_now(h2);
    nghttp2_submit_shutdown_notice(h2->frames);
    nghttp2_submit_ping(h2->frames, NGHTTP2_FLAG_NONE, NULL);
    h2_wants_to_send(h2);
}

/* ---- sending ---- */

/* Puts all frames that are ready into the loop's room. False: the connection is broken. */
static LOOP_SIDE bool gather(struct h2 *h2)
{
    struct h2_loop *shared = h2->shared;

    shared->used = 0;
    shared->is_full = false;
    while (!shared->is_full) {
        const uint8_t *bytes;
        ssize_t len;

        if (H2_OUT_ROOM - shared->used < H2_FRAME_MOST) {
            shared->is_full = true;
            break;
        }
        len = nghttp2_session_mem_send(h2->frames, &bytes);
        if (len < 0)
            return false;
        if (len == 0)
            break;
        memcpy(shared->room + shared->used, bytes, (size_t)len); /* at most H2_FRAME_MOST of one call */
        shared->used += (size_t)len;
    }
    return true;
}

/* What the socket did not take last time. False: there is still some, or the connection is gone. */
static LOOP_SIDE bool send_kept(struct h2 *h2)
{
    struct slice left = slice_from(buf_slice(&h2->kept), h2->kept_sent);
    ssize_t took;

    if (!left.len)
        return true;
    took = conn_send(&h2->session.conn, left.ptr, left.len, false);
    if (took == CONN_CLOSED) {
        session_close(&h2->session);
        return false;
    }
    if (took)
        h2->progress_ms = h2_now(h2);
    h2->kept_sent += (size_t)took;
    if ((size_t)took < left.len)
        return false;
    buf_release(&h2->kept);
    h2->kept_sent = 0;
    return true;
}

/* What is in the room. False: the socket is full, or the connection is gone. */
static LOOP_SIDE bool send_room(struct h2 *h2)
{
    struct slice bytes = slice_of(h2->shared->room, h2->shared->used);
    ssize_t took = conn_send(&h2->session.conn, bytes.ptr, bytes.len, false);

    if (took == CONN_CLOSED) {
        session_close(&h2->session);
        return false;
    }
    if (took)
        h2->progress_ms = h2_now(h2);
    if ((size_t)took == bytes.len)
        return true;
    h2->kept = BUF_INIT(H2_OUT_ROOM);
    h2->kept_sent = 0;
    buf_add(&h2->kept, slice_from(bytes, (size_t)took));
    return false;
}

/* All that can be sent now, for one turn. False: the rest has to wait for the socket, or the connection is gone. */
static LOOP_SIDE bool send_turn(struct h2 *h2)
{
    uint64_t sent = 0;

    do {
        if (!gather(h2)) {
            session_close(&h2->session);
            return false;
        }
        sent += h2->shared->used;
        if (h2->shared->used && !send_room(h2))
            return false;
        if (sent >= TURN && h2->shared->is_full) {
            session_wants_to_send(&h2->session); /* who reads as fast as we send must not have the loop for itself */
            return true;
        }
    } while (h2->shared->is_full);
    return true;
}

/* Everything was said, and everything was sent. */
static bool is_over(const struct h2 *h2)
{
    if (h2->phase == H2_NOTICED)
        return false;
    return !nghttp2_session_want_read(h2->frames) && !nghttp2_session_want_write(h2->frames);
}

/* ---- time ---- */

/* Content of an answer that the client does not let us send: no window, or it takes nothing. */
static LOOP_SIDE bool is_held_up(const struct h2_stream *stream)
{
    const struct h2 *h2 = stream->h2;

    if (!stream->is_answered || (stream->ex && stream->ex->job))
        return false;
    return h2->kept.len || nghttp2_session_get_stream_remote_window_size(h2->frames, stream->id) <= 0 ||
           nghttp2_session_get_remote_window_size(h2->frames) <= 0;
}

/* When something about the stream will be late; UINT64_MAX: it waits for us. */
static LOOP_SIDE uint64_t stream_due(const struct h2_stream *stream)
{
    const struct limits *limits = session_limits(&stream->h2->session);

    if (stream->is_over)
        return stream->is_let_go ? UINT64_MAX : stream->progress_ms + UNWANTED_MS;
    if (h2_body_is_awaited(stream))
        return stream->progress_ms + limits->body_idle_timeout_ms;
    if (is_held_up(stream))
        return stream->progress_ms + limits->send_idle_timeout_ms;
    return UINT64_MAX;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* For the next request, when there is none. A connection that is to serve only one gets the time for that one. */
static LOOP_SIDE uint64_t idle_limit_ms(const struct h2 *h2)
{
    const struct limits *limits = session_limits(&h2->session);

    if (!limits->keepalive_timeout_ms && !nghttp2_session_get_last_proc_stream_id(h2->frames))
        return limits->head_timeout_ms;
    return limits->keepalive_timeout_ms;
}

/* When something about the connection will be late. */
static LOOP_SIDE uint64_t next_due(struct h2 *h2)
{
    const struct limits *limits = session_limits(&h2->session);
    uint64_t due = h2_now(h2) + limits->send_idle_timeout_ms; /* at least then we look again */
    struct link *link, *next;

    if (h2->phase == H2_LINGER)
        return h2->phase_ms + LINGER_MS;
    if (h2->phase == H2_NOTICED)
        due = sooner(due, h2->phase_ms + NOTICE_MS);
    if (h2->head)
        due = sooner(due, h2->head_began_ms + limits->head_timeout_ms);
    if (h2->kept.len)
        due = sooner(due, h2->progress_ms + limits->send_idle_timeout_ms);
    if (list_is_empty(&h2->streams) && !h2->head)
        due = h2->phase == H2_OPEN ? h2->idle_ms + idle_limit_ms(h2) : due;
    LIST_EACH (&h2->streams, link, next)
        due = sooner(due, stream_due(CONTAINER(link, struct h2_stream, link)));
    return due;
}

static LOOP_SIDE void watch_clock(struct h2 *h2)
{
    uint64_t now = h2_now(h2), due = next_due(h2);

    session_deadline(&h2->session, due > now ? due - now : 0);
}

/* The client sends no content, or takes none. */
static LOOP_SIDE void end_late_stream(struct h2_stream *stream)
{
    struct exchange *ex = stream->ex;

    if (stream->is_over) {
        h2_body_let_go(stream);
    } else if (h2_body_is_awaited(stream)) {
        ex->intake.is_wanted = false;
        exchange_refuse(ex, VERDICT(408, "The request did not arrive completely in time."));
    } else {
        nghttp2_submit_rst_stream(stream->h2->frames, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    }
    stream->progress_ms = h2_now(stream->h2);
    h2_wants_to_send(stream->h2);
}

static LOOP_SIDE void end_late_streams(struct h2 *h2)
{
    uint64_t now = h2_now(h2);
    struct link *link, *next;

    LIST_EACH (&h2->streams, link, next) {
        struct h2_stream *stream = CONTAINER(link, struct h2_stream, link);

        if (stream_due(stream) <= now)
            end_late_stream(stream);
    }
}

static LOOP_SIDE bool is_past(const struct h2 *h2, uint64_t since_ms, uint64_t limit_ms)
{
    return h2_now(h2) >= since_ms + limit_ms;
}

static LOOP_SIDE void h2_timed_out(struct session *session)
{
    struct h2 *h2 = h2_of(session);
    const struct limits *limits = session_limits(session);

    if (h2->phase == H2_LINGER) {
        session_close(session);
        return;
    }
    if (h2->kept.len && is_past(h2, h2->progress_ms, limits->send_idle_timeout_ms)) {
        session_close(session); /* it takes nothing */
        return;
    }
    if (h2->head && is_past(h2, h2->head_began_ms, limits->head_timeout_ms))
        nghttp2_session_terminate_session(h2->frames, NGHTTP2_NO_ERROR);
    else if (h2->phase == H2_NOTICED && is_past(h2, h2->phase_ms, NOTICE_MS))
        end_requests(h2);
    else if (h2->phase == H2_OPEN && list_is_empty(&h2->streams) && !h2->head &&
             is_past(h2, h2->idle_ms, idle_limit_ms(h2)))
        nghttp2_session_terminate_session(h2->frames, NGHTTP2_NO_ERROR);
    else
        end_late_streams(h2);
    h2_flush(h2);
}

/* ---- rounds ---- */

void h2_wants_to_send(struct h2 *h2)
{
    if (!h2->is_feeding)
        session_wants_to_send(&h2->session);
}

/* Something will be sent by and by, without a word of the client. */
static bool is_at_work(const struct h2 *h2)
{
    struct link *link, *next;

    LIST_EACH (&h2->streams, link, next) {
        const struct h2_stream *stream = CONTAINER(link, struct h2_stream, link);

        if (stream->ex && (!stream->is_answered || stream->ex->job))
            return true;
    }
    return false;
}

void h2_flush(struct h2 *h2)
{
    if (h2->session.is_closed)
        return;
    if (h2->is_flooded)
        nghttp2_session_terminate_session(h2->frames, NGHTTP2_ENHANCE_YOUR_CALM);
    else if (h2->fault)
        nghttp2_session_terminate_session(h2->frames, h2->fault);
    if (h2->is_broken) {
        session_close(&h2->session);
        return;
    }
    if (h2->phase != H2_LINGER && send_kept(h2) && send_turn(h2)) {
        if (h2->is_deaf && !nghttp2_session_want_write(h2->frames) && !is_at_work(h2))
            session_close(&h2->session);
        else if (is_over(h2))
            linger(h2);
    }
    if (!h2->session.is_closed)
        watch_clock(h2);
}

static LOOP_SIDE void h2_received(struct session *session, struct slice bytes)
{
    struct h2 *h2 = h2_of(session);
    ssize_t used;

    if (h2->phase == H2_LINGER) {
        h2->lingered += bytes.len;
        if (h2->lingered > LINGER_BYTES)
            session_close(session);
        return;
    }
    h2->is_feeding = true;
    used = nghttp2_session_mem_recv(h2->frames, (const uint8_t *)bytes.ptr, bytes.len);
    h2->is_feeding = false;
    if (used == NGHTTP2_ERR_FLOODED || used == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ||
        used == NGHTTP2_ERR_TOO_MANY_SETTINGS)
        h2->is_flooded = true;
    else if (used < 0 && !h2->is_flooded && !h2->fault)
        h2->is_broken = true;
    h2_flush(h2);
}

static void h2_send_on(struct session *session)
{
    role_assert_loop();
    h2_flush(h2_of(session));
}

/* A client that does not read what it is told is not listened to. */
static bool is_listened_to(const struct h2 *h2)
{
    return !h2->is_deaf && (!h2->kept.len || nghttp2_session_get_outbound_queue_size(h2->frames) < H2_QUEUE_MAX);
}

static bool h2_may_receive(const struct session *session)
{
    const struct h2 *h2 = h2_of(session);

    return !h2->uploads && is_listened_to(h2);
}

static bool h2_may_read_on(const struct session *session)
{
    const struct h2 *h2 = h2_of(session);

    return h2->uploads && is_listened_to(h2);
}

/*
 * What was asked is answered, as far as the client's windows let it: they will not grow any more. Requests whose
 * content will never be whole are not.
 */
static void h2_ended(struct session *session)
{
    struct h2 *h2 = h2_of(session);
    struct link *link, *next;

    role_assert_loop();
    if (h2->phase == H2_LINGER) {
        session_close(session);
        return;
    }
    h2->is_deaf = true;
    LIST_EACH (&h2->streams, link, next) {
        const struct h2_stream *stream = CONTAINER(link, struct h2_stream, link);

        if (!stream->is_whole)
            nghttp2_submit_rst_stream(h2->frames, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    }
    h2_flush(h2);
}

/* Content is coming: it is read in larger portions than the round's scratch has room for. */
static LOOP_SIDE bool read_portion(struct h2 *h2)
{
    struct session *session = &h2->session;
    ssize_t got = conn_recv(&session->conn, h2->shared->room, H2_OUT_ROOM);

    if (got == CONN_CLOSED)
        session_close(session);
    else if (got == 0 && session->conn.is_at_end)
        h2_ended(session);
    if (got <= 0)
        return false;
    hot_drain(session->station->hot); /* requests may be among it, and this came after the round's look */
    h2_received(session, slice_of(h2->shared->room, (size_t)got));
    return !session->is_closed && session->conn.is_readable && h2_may_read_on(session);
}

static void h2_read_on(struct session *session)
{
    role_assert_loop();
    for (unsigned i = 0; i < PORTIONS_MAX && read_portion(h2_of(session)); i++)
        ;
}

static void h2_drain(struct session *session)
{
    struct h2 *h2 = h2_of(session);

    role_assert_loop();
    notice_end(h2);
}

static const struct protocol h2_protocol = {.may_receive = h2_may_receive,
                                            .may_read_on = h2_may_read_on,
                                            .received = h2_received,
                                            .ended = h2_ended,
                                            .read_on = h2_read_on,
                                            .send_on = h2_send_on,
                                            .timed_out = h2_timed_out,
                                            .drain = h2_drain,
                                            .release = h2_release};

/* ---- beginning ---- */

static LOOP_SIDE bool begin_frames(struct h2 *h2)
{
    const struct limits *limits = session_limits(&h2->session);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->http2_streams_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
         limits->request_line_max + limits->fields_total_max + 32 * limits->field_count_max},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}, /* RFC 9218 §2.1 */
    };

    if (nghttp2_session_server_new2(&h2->frames, h2->shared->callbacks, h2, h2->shared->option))
        abort(); /* no memory */
    return !nghttp2_submit_settings(h2->frames, NGHTTP2_FLAG_NONE, settings, sizeof(settings) / sizeof(settings[0])) &&
           !nghttp2_session_set_local_window_size(h2->frames, NGHTTP2_FLAG_NONE, 0, (int32_t)limits->http2_window);
}

void h2_take_over(struct session *from, struct slice bytes)
{
    struct h2 *h2 = xcalloc(1, sizeof(*h2));
    struct station *station = from->station;
    char *first = xmalloc(bytes.len);

    memcpy(first, bytes.ptr, bytes.len); /* they are `from`'s, which goes */
    if (!station->h2)
        station->h2 = shared_new();
    h2->shared = station->h2;
    list_init(&h2->streams);
    session_move(&h2->session, from, &h2_protocol);
    guard_init(&h2->guard, h2_now(h2));
    h2->idle_ms = h2->progress_ms = h2_now(h2);
    TRACE(TRACE_NET, (uint64_t)h2->session.conn.watch.fd, "HTTP/2");
    h2->is_broken = !begin_frames(h2);
    h2_received(&h2->session, slice_of(first, bytes.len));
    free(first);
    if (h2->session.is_closed)
        return;
    if (station->is_draining)
        h2_drain(&h2->session);
    session_wants_to_read(&h2->session);
}
