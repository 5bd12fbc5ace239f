/*
 * h2_body.c - content of requests: into the exchange's intake, or dropped when nobody wants it.
 *
 * Credit for more (RFC 9113 §5.2) is given back for octets that a worker has taken over or that were dropped, so
 * the windows bound what waits in memory: that of the connection for all streams together. What finds the
 * intake full waits in the stream, and other streams go on.
 */
#include "h2_private.h"

enum {
    UNWANTED_MAX = 512 * 1024
}; /* half of a stream's window: a client that never stops is told before it stands still */

/* Octets that are neither in the stream nor in the intake any more may be followed by as many. */
static LOOP_SIDE void give_credit(struct h2_stream *stream)
{
    uint64_t waiting = stream->surplus.len + stream->ex->intake.bytes.len;

    if (stream->held <= waiting)
        return;
    nghttp2_session_consume(stream->h2->frames, stream->id, stream->held - waiting);
    stream->held = waiting;
    h2_wants_to_send(stream->h2);
}

/* As much as the intake has room for. True: the exchange has something to look at. */
static bool fill_intake(struct h2_stream *stream)
{
    struct intake *intake = &stream->ex->intake;
    size_t room = INTAKE_MAX - intake->bytes.len, len = stream->surplus.len < room ? stream->surplus.len : room;
    bool is_end;

    buf_add(&intake->bytes, slice_upto(buf_slice(&stream->surplus), len));
    buf_eat(&stream->surplus, len);
    intake->total += len;
    is_end = stream->is_whole && !stream->surplus.len && !intake->has_ended;
    intake->has_ended |= is_end;
    return len || is_end;
}

void h2_body_feed(struct h2_stream *stream)
{
    struct exchange *ex = stream->ex;

    while (ex->intake.is_wanted && ex->state != EXCH_ANSWERED && fill_intake(stream))
        ex->on_body(ex);
    if (!stream->surplus.len || ex->state == EXCH_ANSWERED)
        buf_release(&stream->surplus);
    give_credit(stream);
}

static LOOP_SIDE void drop(struct h2_stream *stream, size_t len)
{
    stream->unwanted += len;
    if (stream->is_over && stream->unwanted > UNWANTED_MAX)
        h2_body_let_go(stream);
}

void h2_body_let_go(struct h2_stream *stream)
{
    if (stream->is_let_go)
        return;
    stream->is_let_go = true;
    nghttp2_submit_rst_stream(stream->h2->frames, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    h2_wants_to_send(stream->h2);
}

/*
 * Not told to stop at once: clients that meet the reset in one read with the answer (curl 7.88) drop the answer,
 * and most stop by themselves as soon as they have seen it.
 */
void h2_body_unwanted(struct h2_stream *stream)
{
    stream->is_over = true;
    stream->progress_ms = h2_now(stream->h2);
    drop(stream, 0);
}

void h2_body_came(struct h2 *h2, struct h2_stream *stream, struct slice bytes)
{
    struct exchange *ex = stream ? stream->ex : NULL;

    if (!ex || ex->state == EXCH_ANSWERED) { /* reset, refused or answered already */
        nghttp2_session_consume_connection(h2->frames, bytes.len);
        if (stream)
            drop(stream, bytes.len);
        return;
    }
    stream->held += bytes.len;
    stream->progress_ms = h2_now(h2);
    if (ex->intake.is_wanted && !stream->surplus.len && bytes.len <= INTAKE_MAX - ex->intake.bytes.len) {
        buf_add(&ex->intake.bytes, bytes); /* the usual case: nothing waits */
        ex->intake.total += bytes.len;
        ex->on_body(ex);
        give_credit(stream);
        return;
    }
    stream->surplus.max = 2 * H2_STREAM_WINDOW; /* nghttp2 holds the peer to its window */
    buf_add(&stream->surplus, bytes);
    h2_body_feed(stream);
}

void h2_body_ended(struct h2_stream *stream)
{
    stream->h2->uploads -= !stream->is_whole;
    stream->is_whole = true;
    if (stream->ex)
        h2_body_feed(stream);
}

bool h2_body_is_awaited(const struct h2_stream *stream)
{
    const struct exchange *ex = stream->ex;

    return ex && ex->intake.is_wanted && !ex->intake.has_ended && !ex->job && ex->state != EXCH_ANSWERED;
}
