/*
 * h2_answer.c - answers in HTTP/2: their fields, and their content as frames.
 *
 * Content is read straight into the place where it will be sent from, behind room for the frame's head.
 */
#include "h2_private.h"
#include "http/status.h"

enum {
    FRAME_HEAD = 9,
    READERS_MAX = 8,       /* streams whose files a worker may read far ahead */
    READ_MANY = 16 * 1024, /* ... and how far where there are more: together they hold no more than a few */
};

/* ---- fields ---- */

static nghttp2_nv field_of(struct slice name, struct slice value)
{
    /* Both live in the exchange's arena or are static: longer than the frame. */
    return (nghttp2_nv){.name = (uint8_t *)name.ptr,
                        .namelen = name.len,
                        .value = (uint8_t *)value.ptr,
                        .valuelen = value.len,
                        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

static struct slice lower(struct arena *arena, struct slice name)
{
    char *copy = arena_alloc(arena, name.len);

    for (size_t i = 0; i < name.len; i++)
        copy[i] = ascii_lower(name.ptr[i]);
    return slice_of(copy, name.len);
}

/* RFC 9113 §8.2.2: the connection is none of an answer's business. */
static bool is_of_connection(struct slice name)
{
    return slice_eq(name, SLICE("connection")) || slice_eq(name, SLICE("keep-alive")) ||
           slice_eq(name, SLICE("transfer-encoding")) || slice_eq(name, SLICE("upgrade"));
}

/* M-HEAD (RFC 2774): libraries know only HEAD itself to have a length and no content, and reset the stream. */
static bool is_veiled_head(const struct exchange *ex)
{
    return ex->answer.is_head && !slice_eq(ex->head.method_text, SLICE("HEAD"));
}

/* In the exchange's arena. */
static LOOP_SIDE nghttp2_nv *write_fields(struct h2 *h2, struct exchange *ex, size_t *count)
{
    const struct answer *answer = &ex->answer;
    nghttp2_nv *fields = arena_alloc(&ex->arena, (answer->field_count + 4) * sizeof(*fields));
    size_t n = 0;

    fields[n++] = field_of(SLICE(":status"), arena_printf(&ex->arena, "%03d", answer->status));
    fields[n++] = field_of(SLICE("date"), station_date(h2->session.station));
    fields[n++] = field_of(SLICE("server"), SLICE("Samovar"));
    for (unsigned i = 0; i < answer->field_count; i++) {
        struct slice name = lower(&ex->arena, answer->fields[i].name);

        if (!is_of_connection(name))
            fields[n++] = field_of(name, answer->fields[i].value);
    }
    if (!status_has_no_content(answer->status) && answer->content.kind != CONTENT_STREAM && !is_veiled_head(ex))
        fields[n++] = field_of(SLICE("content-length"),
                               arena_printf(&ex->arena, "%llu", (unsigned long long)answer->content.length));
    *count = n;
    return fields;
}

/* ---- content ---- */

/* Copies or reads what there is now, up to `length`. 0 and SOURCE_DONE: that was all. */
static LOOP_SIDE size_t read_source(struct source *source, char *room, size_t length, enum source_step *step)
{
    size_t have = 0;

    *step = SOURCE_BYTES;
    while (have < length && !source_is_done(source)) {
        struct source_view view;

        *step = source_look(source, room + have, length - have, false, &view);
        if (*step != SOURCE_BYTES)
            return have;
        if (view.bytes.ptr != room + have)
            memcpy(room + have, view.bytes.ptr, view.bytes.len);
        have += view.bytes.len;
        source_took(source, view.bytes.len);
    }
    if (source_is_done(source))
        *step = SOURCE_DONE;
    return have;
}

static LOOP_SIDE ssize_t read_hot(struct h2_stream *stream, char *room, size_t length, uint32_t *flags)
{
    size_t len = stream->left.len < length ? stream->left.len : length;

    memcpy(room, stream->left.ptr, len);
    stream->left = slice_from(stream->left, len);
    if (!stream->left.len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

ssize_t h2_read_content(nghttp2_session *frames, int32_t id, uint8_t *buf, size_t length, uint32_t *flags,
                        nghttp2_data_source *source, void *user_data)
{
    struct h2_stream *stream = source->ptr;
    struct h2_loop *shared = stream->h2->shared;
    char *room = shared->room + shared->used + FRAME_HEAD;
    enum source_step step;
    size_t have;

    role_assert_loop();
    if (H2_OUT_ROOM - shared->used < H2_FRAME_MOST) {
        shared->is_full = true;
        return NGHTTP2_ERR_PAUSE;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    stream->progress_ms = h2_now(stream->h2);
    if (!stream->ex)
        return read_hot(stream, room, length, flags);
    stream->source.cold_most = stream->h2->stream_count > READERS_MAX ? READ_MANY : 0;
    have = read_source(&stream->source, room, length, &step);
    if (step == SOURCE_DONE)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    else if (!have && step == SOURCE_BROKEN)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* RST_STREAM: what was sent is not all */
    else if (!have)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)have;
}

int h2_send_content(nghttp2_session *frames, nghttp2_frame *frame, const uint8_t *framehd, size_t length,
                    nghttp2_data_source *source, void *user_data)
{
    struct h2_stream *stream = source->ptr;
    struct h2_loop *shared = stream->h2->shared;

    role_assert_loop();
    memcpy(shared->room + shared->used, framehd, FRAME_HEAD); /* no padding: we ask for none */
    shared->used += FRAME_HEAD + length;
    stream->h2->unpaid += length;
    if (stream->ex)
        stream->ex->body_sent += length;
    return 0;
}

/* ---- what the exchange asks of its protocol ---- */

/* A worker is back. */
static void on_progress(struct exchange *ex)
{
    struct h2_stream *stream = ex->wire_owner;

    role_assert_loop();
    stream->progress_ms = h2_now(stream->h2); /* until now the client waited for the worker */
    nghttp2_session_resume_data(stream->h2->frames, stream->id);
    h2_wants_to_send(stream->h2);
}

static void answer(struct exchange *ex)
{
    struct h2_stream *stream = ex->wire_owner;
    struct h2 *h2 = stream->h2;
    nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = h2_read_content};
    struct content *content = &ex->answer.content;
    size_t count;
    nghttp2_nv *fields;

    role_assert_loop();
    fields = write_fields(h2, ex, &count);
    if (ex->answer.is_head || status_has_no_content(ex->answer.status) ||
        (content->kind != CONTENT_STREAM && !content->length))
        content = NULL;
    if (content) {
        source_init(&stream->source, ex, content, false, on_progress);
        stream->has_source = true;
    }
    stream->is_answered = true;
    stream->progress_ms = h2_now(h2);
    if (!ex->answer.must_close)
        hot_offer(&h2->session, ex);
    if (nghttp2_submit_response(h2->frames, stream->id, fields, count, content ? &provider : NULL))
        h2->is_broken = true;
    h2_body_feed(stream); /* the rest of the content is dropped */
    h2_wants_to_send(h2);
}

static void want_body(struct exchange *ex)
{
    struct h2_stream *stream = ex->wire_owner;
    nghttp2_nv status = field_of(SLICE(":status"), SLICE("100"));

    role_assert_loop();
    if (ex->framing.expects_continue && !stream->said_continue && !stream->is_whole && !stream->surplus.len) {
        stream->said_continue = true;
        if (nghttp2_submit_headers(stream->h2->frames, NGHTTP2_FLAG_NONE, stream->id, NULL, &status, 1, NULL))
            stream->h2->is_broken = true;
        h2_wants_to_send(stream->h2);
    }
    stream->progress_ms = h2_now(stream->h2);
    h2_body_feed(stream);
}

static void body_room(struct exchange *ex)
{
    struct h2_stream *stream = ex->wire_owner;

    role_assert_loop();
    stream->progress_ms = h2_now(stream->h2); /* until now the client waited for the disk */
    h2_body_feed(stream);
}

static void interim(struct exchange *ex, int status)
{
    struct h2_stream *stream = ex->wire_owner;
    char text[4];
    nghttp2_nv field;

    role_assert_loop();
    if (stream->is_answered || !stream->is_whole)
        return;
    snprintf(text, sizeof(text), "%03d", status);
    field = field_of(SLICE(":status"), slice_str(text));
    field.flags &= (uint8_t)~NGHTTP2_NV_FLAG_NO_COPY_VALUE; /* it waits for its turn in the frames' queue */
    if (nghttp2_submit_headers(stream->h2->frames, NGHTTP2_FLAG_NONE, stream->id, NULL, &field, 1, NULL))
        stream->h2->is_broken = true;
    stream->progress_ms = h2_now(stream->h2); /* the client waits, and not we for it */
    h2_wants_to_send(stream->h2);
}

const struct wire h2_wire = {"HTTP/2.0", answer, want_body, body_room, interim};
