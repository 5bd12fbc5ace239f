/*
 * h1.c - HTTP/1.1 on a connection: one request after the other, in order.
 *
 * In each round all sockets that have something are received from, then the hot cache drains its
 * notifications, then what was received is answered (storage rules: in this order no stale answer was ever
 * seen). An idle connection holds no buffer: bytes are received into the loop's scratch and copied only
 * when a head is incomplete or an answer is still on its way.
 *
 * The connection is in one phase of reading (enum reading) and may have one exchange, whose answer is sent
 * by out.c. A body that nobody wants is read and dropped up to a limit, so that the connection can go on;
 * past it the connection ends in stages, so that the last answer is not lost to a reset (RFC 9112 §9.6).
 */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/trace.h"
#include "h1.h"
#include "hot.h"
#include "http/accept.h"
#include "http/host.h"
#include "http/status.h"
#include "method/method.h"

enum {
    LINGER_MS = 3000, /* for the client to read the last answer */
    LINGER_BYTES = 8 * 1024 * 1024,
    DROP_MAX = 1024 * 1024, /* of an unwanted body, to keep the connection */
    BODY_READ = 64 * 1024,
    ROUNDS_MAX = 16, /* before other descriptors get their turn */
};

static LOOP_SIDE void h1_continue(struct h1 *h1);

/* ---- time limits ---- */

static const struct limits *limits_of(const struct h1 *h1)
{
    return &h1->station->house->conf->limits;
}

/* The timer is moved only when it would fire too late; it looks at the deadline when it fires. */
static LOOP_SIDE void set_deadline(struct h1 *h1, uint64_t after_ms)
{
    h1->deadline_ms = loop_now_ms(h1->station->loop) + after_ms;
    if (!link_is_listed(&h1->timer.link) || h1->timer.due_ms > h1->deadline_ms)
        timer_set(h1->station->loop, &h1->timer, after_ms);
}

/* ---- the end ---- */

static LOOP_SIDE void drop_exchange(struct h1 *h1)
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

static LOOP_SIDE void h1_close(struct h1 *h1)
{
    if (h1->is_closed)
        return;
    TRACE(TRACE_NET, (uint64_t)h1->conn.watch.fd, "closed");
    h1->is_closed = true;
    drop_exchange(h1);
    if (h1->hot_out.entry)
        hot_entry_unref(h1->hot_out.entry);
    timer_cancel(h1->station->loop, &h1->timer);
    conn_close(&h1->conn);
    list_remove(&h1->ready);
    list_remove(&h1->all);
    head_wait_free(h1);
    free(h1->chunked);
    buf_release(&h1->early);
    atomic_fetch_sub_explicit(&h1->station->counters.open_connections, 1, memory_order_relaxed);
    list_append(&h1->station->graves, &h1->all);
}

/* Nothing more will be sent; what still comes is read and dropped for a while. */
static LOOP_SIDE void h1_linger(struct h1 *h1)
{
    conn_half_close(&h1->conn);
    h1->reading = READING_LINGER;
    h1->dropped = 0;
    h1->deadline_ms = 0;
    set_deadline(h1, LINGER_MS);
    if (h1->conn.is_at_end)
        h1_close(h1);
    else if (!link_is_listed(&h1->ready))
        list_append(&h1->station->ready, &h1->ready);
}

static LOOP_SIDE void h1_wants_to_read(struct h1 *h1)
{
    if (h1->conn.is_readable && !link_is_listed(&h1->ready))
        list_append(&h1->station->ready, &h1->ready);
}

/* ---- the answer's head ---- */

static bool has_no_content(int status)
{
    return status == 204 || status == 304 || (status >= 100 && status < 200);
}

static LOOP_SIDE void write_framing(struct h1 *h1, struct exchange *ex, struct buf *head, bool *is_chunked)
{
    const struct content *content = &ex->answer.content;

    *is_chunked = false;
    if (has_no_content(ex->answer.status))
        return;
    if (content->kind != CONTENT_STREAM) {
        buf_add_str(head, "Content-Length: ");
        buf_add_u64(head, content->length);
        buf_add_str(head, "\r\n");
    } else if (ex->head.minor == 0) {
        h1->is_last = true; /* the end of the connection is the end of the content (H1-57, H1-64) */
    } else if (!ex->answer.is_head) {
        buf_add_str(head, "Transfer-Encoding: chunked\r\n");
        *is_chunked = true;
    }
}

static LOOP_SIDE void write_head(struct h1 *h1, struct exchange *ex, struct buf *head, bool *is_chunked)
{
    const struct answer *answer = &ex->answer;
    struct slice phrase = status_phrase(answer->status);

    buf_printf(head, "HTTP/1.1 %03d %.*s\r\nDate: %.*s\r\nServer: Samovar\r\n", answer->status, SLICE_FMT(phrase),
               SLICE_FMT(station_date(h1->station)));
    for (unsigned i = 0; i < answer->field_count; i++) {
        buf_add(head, answer->fields[i].name);
        buf_add_str(head, ": ");
        buf_add(head, answer->fields[i].value);
        buf_add_str(head, "\r\n");
    }
    write_framing(h1, ex, head, is_chunked);
    if (h1->is_last)
        buf_add_str(head, "Connection: close\r\n");
    else if (ex->framing.wants_keep_alive_field)
        buf_add_str(head, "Connection: keep-alive\r\n");
    buf_add_str(head, "\r\n");
}

/* ---- sending ---- */

/* The answer is out. The next request, or the end. */
static LOOP_SIDE void h1_answered(struct h1 *h1)
{
    out_release(&h1->out);
    h1->is_sending = false;
    drop_exchange(h1);
    if (h1->is_last) {
        h1_linger(h1);
        return;
    }
    set_deadline(h1, limits_of(h1)->keepalive_timeout_ms);
    if (h1->reading == READING_NOTHING)
        h1->reading = READING_HEAD;
    if (!h1->is_feeding)
        h1_continue(h1);
}

static LOOP_SIDE void h1_pump(struct h1 *h1)
{
    uint64_t before = h1->out.sent;

    switch (out_pump(&h1->out)) {
    case OUT_DONE:
        h1_answered(h1);
        break;
    case OUT_BROKEN:
        h1_close(h1); /* a cut connection says that the content is incomplete (H1-65) */
        break;
    case OUT_BLOCKED:
        if (h1->out.sent != before || h1->deadline_ms == 0)
            set_deadline(h1, limits_of(h1)->send_idle_timeout_ms);
        break;
    case OUT_WAITING:
        break;
    }
}

static void h1_progress(struct exchange *ex)
{
    role_assert_loop();
    h1_pump(ex->wire_owner);
}

/* Is the rest of the body worth reading, to keep the connection? */
static bool must_end(const struct h1 *h1, const struct exchange *ex)
{
    if (!ex->framing.keep_alive || ex->framing.must_close || ex->answer.must_close || h1->station->is_draining)
        return true;
    if (h1->reading != READING_BODY)
        return false;
    if (ex->framing.expects_continue && !h1->said_continue)
        return true; /* nobody can tell whether the body will come (H1-56) */
    return ex->framing.kind == BODY_LENGTH && h1->body_left > DROP_MAX;
}

static void h1_answer(struct exchange *ex)
{
    struct h1 *h1 = ex->wire_owner;
    struct buf head = BUF_INIT(256 * 1024);
    struct content *content;
    bool is_chunked;

    role_assert_loop();
    h1->is_last = must_end(h1, ex);
    write_head(h1, ex, &head, &is_chunked);
    content = ex->answer.is_head || has_no_content(ex->answer.status) ? NULL : &ex->answer.content;
    out_init(&h1->out, &h1->conn, ex, arena_slice(&ex->arena, buf_slice(&head)), content, is_chunked, h1_progress);
    buf_release(&head);
    h1->is_sending = true;
    hot_consider(h1->station->hot, ex, h1->out.head, !h1->is_last);
    set_deadline(h1, limits_of(h1)->send_idle_timeout_ms);
    h1_pump(h1);
    if (!h1->is_closed && h1->reading == READING_BODY)
        h1_wants_to_read(h1); /* to drop what is left of it */
}

/* ---- the body ---- */

static void h1_want_body(struct exchange *ex)
{
    static const char say_continue[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct h1 *h1 = ex->wire_owner;

    role_assert_loop();
    if (h1->reading == READING_NOTHING) {
        ex->intake.has_ended = true;
        ex->on_body(ex);
        return;
    }
    if (ex->framing.expects_continue && !h1->said_continue) {
        h1->said_continue = true;
        if (!h1->early.len && conn_send(&h1->conn, say_continue, sizeof(say_continue) - 1, false) < 0) {
            h1_close(h1);
            return;
        }
    }
    set_deadline(h1, limits_of(h1)->body_idle_timeout_ms);
    if (!h1->is_feeding)
        h1_continue(h1);
}

static void h1_body_room(struct exchange *ex)
{
    struct h1 *h1 = ex->wire_owner;

    role_assert_loop();
    if (!h1->is_feeding)
        h1_continue(h1);
}

static const struct wire h1_wire = {h1_answer, h1_want_body, h1_body_room};

static LOOP_SIDE void body_ended(struct h1 *h1)
{
    struct exchange *ex = h1->ex;

    free(h1->chunked);
    h1->chunked = NULL;
    h1->reading = ex ? READING_NOTHING : READING_HEAD;
    if (ex && ex->intake.is_wanted) {
        ex->intake.has_ended = true;
        ex->on_body(ex);
    }
}

/* Bytes of content, for the exchange or for nobody. False: the connection was closed. */
static LOOP_SIDE bool body_bytes(struct h1 *h1, struct slice data)
{
    struct exchange *ex = h1->ex;

    if (ex && ex->intake.is_wanted) {
        buf_add(&ex->intake.bytes, data);
        ex->intake.total += data.len;
        return true;
    }
    h1->dropped += data.len;
    if (h1->dropped > DROP_MAX && !h1->ex) {
        h1_linger(h1);
        return false;
    }
    return true;
}

static size_t body_room(const struct h1 *h1)
{
    const struct exchange *ex = h1->ex;

    if (ex && ex->intake.is_wanted)
        return INTAKE_MAX - ex->intake.bytes.len;
    return BODY_READ;
}

/* Nobody has said yet whether the body is wanted. */
static bool is_body_paused(const struct h1 *h1)
{
    const struct exchange *ex = h1->ex;

    return ex && !ex->intake.is_wanted && ex->state != EXCH_ANSWERED;
}

static LOOP_SIDE void bad_chunk(struct h1 *h1)
{
    struct exchange *ex = h1->ex;
    struct verdict verdict = {.status = h1->chunked->status, .detail = slice_str(h1->chunked->why)};

    if (!ex || ex->state == EXCH_ANSWERED || ex->job) {
        h1_close(h1); /* an answer is under way already, or a worker is: nothing can be said any more */
        return;
    }
    ex->answer.must_close = true;
    ex->intake.is_wanted = false;
    exchange_refuse(ex, verdict);
}

/* Takes what it can of `bytes`; how much that was. */
static LOOP_SIDE size_t feed_chunked(struct h1 *h1, struct slice bytes)
{
    size_t taken = 0;

    while (taken < bytes.len && !h1->is_closed && h1->reading == READING_BODY && body_room(h1)) {
        struct slice in = slice_upto(slice_from(bytes, taken), body_room(h1)), data;
        size_t used;
        enum chunk_step step = chunked_feed(h1->chunked, in, &used, &data);

        taken += used;
        if (step == CHUNK_DATA) {
            if (!body_bytes(h1, data))
                return taken;
        } else if (step == CHUNK_END) {
            body_ended(h1);
        } else if (step == CHUNK_BAD) {
            bad_chunk(h1);
            return bytes.len;
        }
    }
    return taken;
}

static LOOP_SIDE size_t feed_length(struct h1 *h1, struct slice bytes)
{
    size_t len = bytes.len < h1->body_left ? bytes.len : (size_t)h1->body_left;

    if (len > body_room(h1))
        len = body_room(h1);
    if (!body_bytes(h1, slice_upto(bytes, len)))
        return len;
    h1->body_left -= len;
    if (h1->body_left == 0)
        body_ended(h1);
    return len;
}

static LOOP_SIDE size_t feed_body(struct h1 *h1, struct slice bytes)
{
    size_t taken;

    if (is_body_paused(h1) || !body_room(h1))
        return 0;
    taken = h1->chunked ? feed_chunked(h1, bytes) : feed_length(h1, bytes);
    if (h1->is_closed || h1->reading != READING_BODY || !taken)
        return taken;
    set_deadline(h1, limits_of(h1)->body_idle_timeout_ms);
    if (h1->ex && h1->ex->intake.is_wanted)
        h1->ex->on_body(h1->ex);
    return taken;
}

/*
 * Content of known length goes from the socket straight into the intake. False: the socket has no more for
 * now, or the connection is gone.
 */
static LOOP_SIDE bool receive_body(struct h1 *h1)
{
    struct station *station = h1->station;
    struct exchange *ex = h1->ex;
    ssize_t got;

    if (is_body_paused(h1) || !body_room(h1) || !h1->conn.is_readable)
        return false;
    if (ex && ex->intake.is_wanted && !h1->chunked) {
        size_t len = body_room(h1) < h1->body_left ? body_room(h1) : (size_t)h1->body_left;
        char *room;

        if (len > BODY_READ)
            len = BODY_READ;
        room = buf_reserve(&ex->intake.bytes, len);
        got = conn_recv(&h1->conn, room, len);
        if (got > 0) {
            buf_grown(&ex->intake.bytes, (size_t)got);
            ex->intake.total += (uint64_t)got;
            h1->body_left -= (uint64_t)got;
            set_deadline(h1, limits_of(h1)->body_idle_timeout_ms);
            if (h1->body_left == 0)
                body_ended(h1);
            else
                ex->on_body(ex);
        }
    } else {
        char *room = station->scratch + station->scratch_used;
        size_t space = SCRATCH_BYTES - station->scratch_used, len = space < RECEIVE_MAX ? space : RECEIVE_MAX;

        if (!len)
            return false;
        got = conn_recv(&h1->conn, room, len);
        if (got > 0)
            h1_feed(h1, slice_of(room, (size_t)got));
    }
    if (got == CONN_CLOSED || (got == 0 && h1->conn.is_at_end)) {
        h1_close(h1); /* a body cut short: nothing is stored (H1-40) */
        return false;
    }
    return got > 0 && !h1->is_closed && h1->reading == READING_BODY;
}

/* ---- heads ---- */

static LOOP_SIDE struct exchange *begin_exchange(struct h1 *h1, const struct head *head, struct slice bytes)
{
    struct station *station = h1->station;
    struct exchange *ex = exchange_new(station->loop, station->house->conf, head, bytes);

    ex->pool = station->server->pool;
    ex->wire = &h1_wire;
    ex->wire_owner = h1;
    ex->is_listener_loopback = h1->is_loopback;
    ex->peer = arena_slice(&ex->arena, peer_text(&h1->conn.peer, (char[PEER_TEXT_MAX]){0}));
    list_append(&station->exchanges, &ex->link);
    h1->ex = ex;
    h1->said_continue = false;
    h1->dropped = 0;
    atomic_fetch_add_explicit(&station->counters.requests, 1, memory_order_relaxed);
    return ex;
}

/* A head that is no request: answered, and the connection ends. */
static LOOP_SIDE void reject_head(struct h1 *h1, const struct head_parser *parser)
{
    static const struct head nothing;
    struct exchange *ex = begin_exchange(h1, &nothing, SLICE_NONE);
    struct verdict verdict = {.status = parser->status, .detail = slice_str(parser->why)};

    if (parser->culprit.len)
        verdict.detail = arena_printf(&ex->arena, "%s The field is: %.*s", parser->why, SLICE_FMT(parser->culprit));
    h1->reading = READING_NOTHING;
    ex->framing.must_close = true;
    exchange_refuse(ex, verdict);
}

static LOOP_SIDE void begin_body(struct h1 *h1, const struct framing *framing)
{
    h1->reading = READING_NOTHING;
    h1->body_left = framing->length;
    if (framing->kind == BODY_CHUNKED)
        h1->chunked = xcalloc(1, sizeof(*h1->chunked));
    if (framing->kind == BODY_CHUNKED || (framing->kind == BODY_LENGTH && framing->length))
        h1->reading = READING_BODY;
}

static LOOP_SIDE void take_request(struct h1 *h1, const struct head *head, struct slice bytes)
{
    struct exchange *ex = begin_exchange(h1, head, slice_upto(bytes, head->len));
    const char *why = "";
    int status = framing_decide(&ex->head, &ex->framing, &why);

    head_wait_free(h1);
    if (!ex->framing.must_close)
        begin_body(h1, &ex->framing);
    else
        h1->reading = READING_NOTHING;
    if (status)
        exchange_refuse(ex, (struct verdict){.status = status, .detail = slice_str(why)});
    else
        stages_begin(h1->station, ex);
}

/* The head is not complete: what there is of it is kept, with a parser of its own. */
static LOOP_SIDE void wait_for_head(struct h1 *h1, struct slice bytes)
{
    struct head_limits limits = h1_head_limits(limits_of(h1));
    struct head nothing;

    if (!h1->wait) {
        h1->wait = xcalloc(1, sizeof(*h1->wait));
        h1->wait->bytes = BUF_INIT((size_t)limits.request_line_max + limits.fields_total_max + 64 * 1024);
        head_parser_init(&h1->wait->parser, &limits, h1->wait->fields, HEAD_FIELDS_MAX);
        buf_add(&h1->wait->bytes, bytes);
        head_parse(&h1->wait->parser, buf_slice(&h1->wait->bytes), &nothing);
    }
    h1->deadline_ms = 0;
    timer_cancel(h1->station->loop, &h1->timer);
    set_deadline(h1, limits_of(h1)->head_timeout_ms);
}

/* A head that began earlier goes on. */
static LOOP_SIDE size_t feed_waiting_head(struct h1 *h1, struct slice bytes)
{
    struct head_wait *wait = h1->wait;
    size_t had = wait->bytes.len, taken;
    struct head head;

    buf_add(&wait->bytes, bytes);
    switch (head_parse(&wait->parser, buf_slice(&wait->bytes), &head)) {
    case HEAD_MORE:
        return bytes.len;
    case HEAD_BAD:
        reject_head(h1, &wait->parser);
        return bytes.len;
    case HEAD_DONE:
        break;
    }
    taken = head.len - had;
    take_request(h1, &head, buf_slice(&wait->bytes));
    return taken;
}

static LOOP_SIDE size_t feed_head(struct h1 *h1, struct slice bytes)
{
    struct station *station = h1->station;
    struct head_limits limits;
    struct head_parser parser;
    struct head head;

    if (h1->wait)
        return feed_waiting_head(h1, bytes);
    limits = h1_head_limits(limits_of(h1));
    head_parser_init(&parser, &limits, station->fields, HEAD_FIELDS_MAX);
    switch (head_parse(&parser, bytes, &head)) {
    case HEAD_MORE:
        wait_for_head(h1, bytes);
        return bytes.len;
    case HEAD_BAD:
        reject_head(h1, &parser);
        return bytes.len;
    case HEAD_DONE:
        break;
    }
    if (!h1_answer_hot(h1, &head))
        take_request(h1, &head, bytes);
    return head.len;
}

/* ---- feeding ---- */

void h1_feed(struct h1 *h1, struct slice bytes)
{
    bool was_feeding = h1->is_feeding;

    h1->is_feeding = true;
    while (bytes.len && !h1->is_closed) {
        size_t taken = 0;

        if (h1->reading == READING_HEAD && !h1->hot_out.entry && !h1->is_last)
            taken = feed_head(h1, bytes);
        else if (h1->reading == READING_BODY)
            taken = feed_body(h1, bytes);
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
static void h1_continue(struct h1 *h1)
{
    if (h1->is_closed)
        return;
    if (h1->early.len) {
        struct buf early = h1->early;

        h1->early = BUF_INIT(early.max);
        h1_feed(h1, buf_slice(&early));
        buf_release(&early);
    }
    if (h1->is_closed)
        return;
    h1_wants_to_read(h1);
    if (h1->reading == READING_HEAD && !h1->wait && h1->conn.is_at_end && !h1->early.len && !h1->ex)
        h1_close(h1);
}

/* ---- a round ---- */

/* False: it is not the time to read from this connection. */
static bool may_receive(const struct h1 *h1)
{
    if (h1->early.len || h1->hot_out.entry)
        return false;
    return h1->reading == READING_HEAD || h1->reading == READING_LINGER;
}

static LOOP_SIDE void receive(struct h1 *h1, struct link *received)
{
    struct station *station = h1->station;
    char *room = station->scratch + station->scratch_used;
    ssize_t got = conn_recv(&h1->conn, room, RECEIVE_MAX);

    if (got == CONN_CLOSED || (got == 0 && h1->conn.is_at_end)) {
        h1_close(h1); /* nothing is under way: an incomplete head goes with it */
        return;
    }
    if (got <= 0)
        return;
    if (h1->reading == READING_LINGER) {
        h1->dropped += (uint64_t)got;
        if (h1->dropped > LINGER_BYTES)
            h1_close(h1);
        else
            h1_wants_to_read(h1);
        return;
    }
    h1->fresh = slice_of(room, (size_t)got);
    station->scratch_used += (size_t)got;
    list_append(received, &h1->ready);
}

static LOOP_SIDE void receive_all(struct station *station, struct link *received)
{
    struct link *link, waiting;

    list_init(&waiting);
    while ((link = list_shift(&station->ready)))
        list_append(&waiting, link);
    while (SCRATCH_BYTES - station->scratch_used >= RECEIVE_MAX && (link = list_shift(&waiting))) {
        struct h1 *h1 = CONTAINER(link, struct h1, ready);

        if (!h1->conn.is_readable)
            continue;
        if (may_receive(h1))
            receive(h1, received);
        else if (h1->reading == READING_BODY)
            list_append(received, &h1->ready);
    }
    while ((link = list_shift(&waiting)))
        list_append(&station->ready, link);
}

static LOOP_SIDE void answer_one(struct h1 *h1)
{
    struct slice fresh = h1->fresh;

    h1->fresh = SLICE_NONE;
    if (fresh.len)
        h1_feed(h1, fresh);
    else
        while (!h1->early.len && receive_body(h1))
            ;
    if (!h1->is_closed)
        h1_wants_to_read_again(h1);
}

/* After a turn: only what can make progress goes back into the queue. */
void h1_wants_to_read_again(struct h1 *h1)
{
    if (may_receive(h1) || (h1->reading == READING_BODY && !is_body_paused(h1) && body_room(h1)))
        h1_wants_to_read(h1);
}

static LOOP_SIDE void bury(struct station *station)
{
    struct link *link;

    while ((link = list_shift(&station->graves)))
        free(CONTAINER(link, struct h1, all));
}

bool h1_round(void *arg)
{
    struct station *station = arg;

    role_assert_loop();
    for (unsigned i = 0; i < ROUNDS_MAX && !list_is_empty(&station->ready); i++) {
        struct link received, *link;

        list_init(&received);
        station->scratch_used = 0;
        receive_all(station, &received);
        hot_drain(station->hot);
        while ((link = list_shift(&received)))
            answer_one(CONTAINER(link, struct h1, ready));
    }
    bury(station);
    return !list_is_empty(&station->ready);
}

/* ---- events ---- */

static LOOP_SIDE void resume_sending(struct h1 *h1)
{
    if (h1->hot_out.entry) {
        if (!h1_pump_hot(h1))
            h1_close(h1);
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

    if (h1->reading == READING_HEAD && has_begun && !h1->is_sending) {
        head_wait_free(h1);
        reject_head(h1, &late); /* H1-48, H1-C6: 408 only if part of a request has arrived */
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
        set_deadline(h1, 1000); /* a worker is at it; the client need do nothing */
    else
        timed_out(h1);
}

/* ---- connections ---- */

void h1_accept(struct station *station, int fd, const struct peer *peer, bool is_loopback)
{
    struct h1 *h1 = xcalloc(1, sizeof(*h1));

    if (!conn_open(&h1->conn, station->loop, fd, peer, h1_changed)) {
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
    set_deadline(h1, limits_of(h1)->keepalive_timeout_ms);
}

void h1_drain_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next) {
        struct h1 *h1 = CONTAINER(link, struct h1, all);

        if (h1->reading == READING_HEAD && !h1->wait && !h1->ex && !h1->hot_out.entry)
            h1_close(h1);
    }
}

void h1_close_all(struct station *station)
{
    struct link *link, *next;

    LIST_EACH (&station->conns, link, next)
        h1_close(CONTAINER(link, struct h1, all));
    bury(station);
}
