/*
 * h1_body.c - a request's body: into the exchange's intake, or dropped when nobody wants it.
 *
 * When the intake is full nothing is read until a worker has taken it over: a slow disk holds up the
 * client, not memory. What is dropped after an early answer is bounded.
 */
#include <stdlib.h>

#include "h1.h"
#include "hot.h"
#include "method/method.h"

enum { BODY_READ = 64 * 1024 };

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

size_t h1_body_space(const struct h1 *h1)
{
    const struct exchange *ex = h1->ex;

    if (ex && ex->intake.is_wanted)
        return INTAKE_MAX - ex->intake.bytes.len;
    return BODY_READ;
}

/* Nobody has said yet whether the body is wanted. */
bool h1_body_is_paused(const struct h1 *h1)
{
    const struct exchange *ex = h1->ex;

    return ex && !ex->intake.is_wanted && ex->state != EXCH_ANSWERED;
}

/* Where the body ends will never be known: whoever takes it is told, and the connection ends with the answer. */
static LOOP_SIDE void bad_chunk(struct h1 *h1)
{
    struct exchange *ex = h1->ex;

    if (!ex) {
        h1_linger(h1); /* the answer is out: it must not be lost to a reset */
        return;
    }
    if (ex->state == EXCH_ANSWERED) {
        h1->is_last = true;
        h1->reading = READING_NOTHING;
        return;
    }
    ex->intake.broken = (struct verdict){.status = h1->chunked->status, .detail = slice_str(h1->chunked->why)};
    ex->answer.must_close = true;
    h1->reading = READING_NOTHING;
    ex->on_body(ex);
}

/* Takes what it can of `bytes`; how much that was. */
static LOOP_SIDE size_t feed_chunked(struct h1 *h1, struct slice bytes)
{
    size_t taken = 0;

    while (taken < bytes.len && !h1->session.is_closed && h1->reading == READING_BODY && h1_body_space(h1)) {
        struct slice in = slice_upto(slice_from(bytes, taken), h1_body_space(h1)), data;
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

    if (len > h1_body_space(h1))
        len = h1_body_space(h1);
    if (!body_bytes(h1, slice_upto(bytes, len)))
        return len;
    h1->body_left -= len;
    if (h1->body_left == 0)
        body_ended(h1);
    return len;
}

size_t h1_feed_body(struct h1 *h1, struct slice bytes)
{
    size_t taken;

    if (h1_body_is_paused(h1) || !h1_body_space(h1))
        return 0;
    taken = h1->chunked ? feed_chunked(h1, bytes) : feed_length(h1, bytes);
    if (h1->session.is_closed || h1->reading != READING_BODY || !taken)
        return taken;
    session_deadline(&h1->session, session_limits(&h1->session)->body_idle_timeout_ms);
    if (h1->ex && h1->ex->intake.is_wanted)
        h1->ex->on_body(h1->ex);
    return taken;
}

/*
 * Content of known length goes from the socket straight into the intake. False: the socket has no more for
 * now, or the connection is gone.
 */
bool h1_receive_body(struct h1 *h1)
{
    struct station *station = h1->session.station;
    struct exchange *ex = h1->ex;
    ssize_t got;

    if (h1_body_is_paused(h1) || !h1_body_space(h1) || !h1->session.conn.is_readable)
        return false;
    if (ex && ex->intake.is_wanted && !h1->chunked) {
        size_t len = h1_body_space(h1) < h1->body_left ? h1_body_space(h1) : (size_t)h1->body_left;
        char *room;

        if (len > BODY_READ)
            len = BODY_READ;
        room = buf_reserve(&ex->intake.bytes, len);
        got = conn_recv(&h1->session.conn, room, len);
        if (got > 0) {
            buf_grown(&ex->intake.bytes, (size_t)got);
            ex->intake.total += (uint64_t)got;
            h1->body_left -= (uint64_t)got;
            session_deadline(&h1->session, session_limits(&h1->session)->body_idle_timeout_ms);
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
        got = conn_recv(&h1->session.conn, room, len);
        if (got > 0) {
            hot_drain(station->hot); /* a request may follow the body, and this came after the round's look */
            h1_feed(h1, slice_of(room, (size_t)got));
        }
    }
    if (got == CONN_CLOSED || (got == 0 && h1->session.conn.is_at_end)) {
        session_close(&h1->session); /* a body cut short: nothing is stored (H1-40) */
        return false;
    }
    return got > 0 && !h1->session.is_closed && h1->reading == READING_BODY;
}
