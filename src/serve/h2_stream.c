/*
 * h2_stream.c - requests: what nghttp2 tells of them, and the exchanges that begin with them.
 */
#include <stdlib.h>
#include <string.h>

#include "h2_private.h"
#include "hot.h"
#include "method/method.h"

enum {
    FRAME_MAX = 16384, /* the most that we let a client send, the least that can be said (RFC 9113 §6.5.2) */
    SPARE_MAX = 256,   /* streams kept for reuse */
    CRUMB = 64,        /* octets of DATA below which a frame is hardly worth its head */
};

static struct slice slice_bytes(const uint8_t *bytes, size_t len)
{
    return slice_of((const char *)bytes, len);
}

/* ---- streams ---- */

struct h2_stream *h2_stream_new(struct h2 *h2, int32_t id)
{
    struct h2_loop *shared = h2->shared;
    struct link *spare = list_shift(&shared->spare_streams);
    struct h2_stream *stream = spare ? CONTAINER(spare, struct h2_stream, link) : xcalloc(1, sizeof(*stream));

    shared->spare_count -= spare != NULL;
    stream->h2 = h2;
    stream->id = id;
    stream->progress_ms = h2_now(h2);
    list_append(&h2->streams, &stream->link);
    h2->stream_count++;
    nghttp2_session_set_stream_user_data(h2->frames, id, stream);
    return stream;
}

static LOOP_SIDE void end_exchange(struct h2_stream *stream)
{
    struct exchange *ex = stream->ex;

    if (stream->has_source && !ex->job)
        source_release(&stream->source);
    session_log(&stream->h2->session, ex, ex->body_sent);
    exchange_end(ex);
}

void h2_stream_free(struct h2_stream *stream)
{
    struct h2 *h2 = stream->h2;
    struct h2_loop *shared = h2->shared;

    h2->uploads -= !stream->is_whole;
    if (stream->ex)
        end_exchange(stream);
    if (stream->entry)
        hot_entry_unref(stream->entry);
    if (stream->held && h2->frames)
        nghttp2_session_consume_connection(h2->frames, stream->held);
    buf_release(&stream->surplus);
    list_remove(&stream->link);
    h2->stream_count--;
    if (list_is_empty(&h2->streams))
        h2->idle_ms = h2_now(h2);
    if (shared->spare_count >= SPARE_MAX) {
        free(stream);
        return;
    }
    memset(stream, 0, sizeof(*stream));
    list_push(&shared->spare_streams, &stream->link);
    shared->spare_count++;
}

/* ---- a request ---- */

void h2_head_drop(struct h2 *h2)
{
    struct h2_loop *shared = h2->shared;

    if (!h2->head)
        return;
    if (shared->spare_head) {
        h2_head_release(h2->head);
        free(h2->head);
    } else {
        shared->spare_head = h2->head;
    }
    h2->head = NULL;
}

static LOOP_SIDE void begin_head(struct h2 *h2)
{
    struct head_limits limits = session_head_limits(&h2->session);

    h2_head_drop(h2);
    h2->head = h2->shared->spare_head ? h2->shared->spare_head : xcalloc(1, sizeof(*h2->head));
    h2->shared->spare_head = NULL;
    h2->head_began_ms = h2_now(h2);
    h2_head_begin(h2->head, &limits);
}

static LOOP_SIDE struct exchange *begin_exchange(struct h2 *h2, int32_t id, const struct head *head, struct slice bytes,
                                                 bool is_whole)
{
    struct h2_stream *stream = h2_stream_new(h2, id);
    struct exchange *ex = session_exchange(&h2->session, head, bytes, &h2_wire);

    stream->ex = ex;
    stream->is_whole = is_whole;
    h2->uploads += !is_whole;
    ex->wire_owner = stream;
    return ex;
}

/* A request that is answered before it is looked at (414, 431). */
static LOOP_SIDE void refuse_head(struct h2 *h2, int32_t id, bool is_whole)
{
    const struct h2_head *head = h2->head;
    struct head known = {.method = head->head.method, .minor = 1}; /* HEAD: the answer has no content */
    struct exchange *ex = begin_exchange(h2, id, &known, SLICE_NONE, is_whole);
    struct verdict verdict = {.status = head->status, .detail = slice_str(head->why)};

    if (head->culprit.len)
        verdict.detail = arena_printf(&ex->arena, "%s The field is: %.*s", head->why, SLICE_FMT(head->culprit));
    exchange_refuse(ex, verdict);
}

static LOOP_SIDE void take_head(struct h2 *h2, int32_t id, bool is_whole)
{
    struct h2_head *head = h2->head;
    struct exchange *ex;

    switch (h2_head_end(head, is_whole)) {
    case H2_HEAD_MALFORMED:
        nghttp2_submit_rst_stream(h2->frames, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
        break;
    case H2_HEAD_REFUSED:
        refuse_head(h2, id, is_whole);
        break;
    case H2_HEAD_DONE:
        guard_earn(&h2->guard, GUARD_EARNS_REQUEST);
        if (is_whole && h2_answer_hot(h2, id, &head->head))
            break;
        ex = begin_exchange(h2, id, &head->head, buf_slice(&head->text), is_whole);
        ex->framing = head->framing;
        session_stages(&h2->session, ex);
        break;
    }
    h2_head_drop(h2);
}

/* ---- what nghttp2 tells: received ---- */

static unsigned cost_of(const nghttp2_frame_hd *hd)
{
    switch (hd->type) {
    case NGHTTP2_DATA:
        return hd->length < CRUMB && !(hd->flags & NGHTTP2_FLAG_END_STREAM) ? GUARD_COST_CRUMBS : 0;
    case NGHTTP2_HEADERS:
    case NGHTTP2_GOAWAY:
        return 0;
    case NGHTTP2_PRIORITY:
    case NGHTTP2_PRIORITY_UPDATE:
        return GUARD_COST_PRIORITY;
    case NGHTTP2_RST_STREAM:
        return GUARD_COST_RESET;
    case NGHTTP2_SETTINGS:
        return GUARD_COST_SETTINGS;
    case NGHTTP2_PING:
        return GUARD_COST_PING;
    case NGHTTP2_WINDOW_UPDATE:
        return GUARD_COST_WINDOW;
    case NGHTTP2_CONTINUATION:
        return GUARD_COST_CONTINUATION;
    default:
        return GUARD_COST_OTHER;
    }
}

/* What nghttp2 lets pass: CONTINUATION of any length (RFC 9113 §4.2), PRIORITY of no stream (§6.3). */
static uint32_t fault_of(const nghttp2_frame_hd *hd)
{
    if (hd->length > FRAME_MAX)
        return NGHTTP2_FRAME_SIZE_ERROR;
    if (hd->type == NGHTTP2_PRIORITY && hd->stream_id == 0)
        return NGHTTP2_PROTOCOL_ERROR;
    return NGHTTP2_NO_ERROR;
}

static int on_begin_frame(nghttp2_session *frames, const nghttp2_frame_hd *hd, void *user_data)
{
    struct h2 *h2 = user_data;

    role_assert_loop();
    h2_charge(h2, cost_of(hd));
    h2->fault = fault_of(hd);
    return h2->is_flooded || h2->fault ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_begin_headers(nghttp2_session *frames, const nghttp2_frame *frame, void *user_data)
{
    struct h2 *h2 = user_data;

    role_assert_loop();
    h2->trailer_octets = 0;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        begin_head(h2);
    return 0;
}

/* More fields than anybody wants to see. The stream is reset, the rest of the block only decoded. */
static LOOP_SIDE int drop_block(struct h2 *h2)
{
    h2_charge(h2, GUARD_COST_BOMB);
    h2_head_drop(h2);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int on_header(nghttp2_session *frames, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *user_data)
{
    struct h2 *h2 = user_data;

    role_assert_loop();
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST && h2->head) {
        h2_head_add(h2->head, slice_bytes(name, name_len), slice_bytes(value, value_len));
        return h2_head_is_bomb(h2->head) ? drop_block(h2) : 0;
    }
    h2->trailer_octets += name_len + value_len + 1; /* nothing here wants them (RFC 9110 §6.5.1) */
    return h2->trailer_octets > session_limits(&h2->session)->trailer_total_max ? drop_block(h2) : 0;
}

/* Malformed (RFC 9113 §8.1.1): nghttp2 would only leave the field out. */
static int on_invalid_header(nghttp2_session *frames, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                             const uint8_t *value, size_t value_len, uint8_t flags, void *user_data)
{
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* nghttp2 resets the stream by itself. Its head is over, too: its time must not run on, and end the connection. */
static int on_invalid_frame(nghttp2_session *frames, const nghttp2_frame *frame, int why, void *user_data)
{
    role_assert_loop();
    if (frame->hd.type == NGHTTP2_HEADERS)
        h2_head_drop(user_data);
    return 0;
}

static int on_frame_recv(nghttp2_session *frames, const nghttp2_frame *frame, void *user_data)
{
    struct h2 *h2 = user_data;
    bool is_end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    struct h2_stream *stream;

    role_assert_loop();
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        if (h2->head)
            take_head(h2, frame->hd.stream_id, is_end);
    } else if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && is_end) {
        stream = nghttp2_session_get_stream_user_data(frames, frame->hd.stream_id);
        if (stream)
            h2_body_ended(stream);
    } else if (frame->hd.type == NGHTTP2_PRIORITY_UPDATE &&
               ((const nghttp2_ext_priority_update *)frame->ext.payload)->stream_id == 0) {
        nghttp2_session_terminate_session(frames, NGHTTP2_PROTOCOL_ERROR); /* RFC 9218 §7.1 */
    } else if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & NGHTTP2_FLAG_ACK) {
        h2_pinged(h2);
    }
    return 0;
}

static int on_data_chunk(nghttp2_session *frames, uint8_t flags, int32_t id, const uint8_t *data, size_t len,
                         void *user_data)
{
    role_assert_loop();
    h2_body_came(user_data, nghttp2_session_get_stream_user_data(frames, id), slice_bytes(data, len));
    return 0;
}

static int on_stream_close(nghttp2_session *frames, int32_t id, uint32_t code, void *user_data)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(frames, id);

    role_assert_loop();
    if (stream)
        h2_stream_free(stream);
    return 0;
}

/* ---- sent ---- */

/* A reset that the client brought about. */
static bool is_clients_fault(uint32_t code)
{
    return code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR && code != NGHTTP2_CANCEL;
}

static int on_frame_send(nghttp2_session *frames, const nghttp2_frame *frame, void *user_data)
{
    int32_t id = frame->hd.stream_id;

    role_assert_loop();
    if (frame->hd.type == NGHTTP2_RST_STREAM && is_clients_fault(frame->rst_stream.error_code)) {
        h2_charge(user_data, GUARD_COST_RESET);
    } else if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
               frame->hd.flags & NGHTTP2_FLAG_END_STREAM && nghttp2_session_get_stream_remote_close(frames, id) == 0) {
        struct h2_stream *stream = nghttp2_session_get_stream_user_data(frames, id);

        if (stream)
            h2_body_unwanted(stream); /* answered before its content was complete (RFC 9113 §8.1) */
    }
    return 0;
}

static int on_frame_not_send(nghttp2_session *frames, const nghttp2_frame *frame, int why, void *user_data)
{
    if (frame->hd.type == NGHTTP2_HEADERS)
        nghttp2_submit_rst_stream(frames, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_INTERNAL_ERROR);
    return 0;
}

void h2_set_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_send);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, h2_send_content);
}
