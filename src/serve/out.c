/*
 * out.c - pumping an answer into a socket, without ever waiting for it or for the disk.
 */
#include "out.h"

enum { TURN = 8 * 1024 * 1024 }; /* sent in one go, while others wait */

void out_init(struct out *out, struct conn *conn, struct exchange *ex, struct slice head, struct content *content,
              bool is_chunked, char room[OUT_ROOM], void (*on_progress)(struct exchange *))
{
    *out = (struct out){.conn = conn, .head = head, .room = room};
    source_init(&out->source, ex, content, is_chunked, on_progress);
}

void out_release(struct out *out)
{
    source_release(&out->source);
}

/* OUT_DONE: it was taken, there may be more. */
static enum out_step after(ssize_t took, size_t len)
{
    if (took == CONN_CLOSED)
        return OUT_BROKEN;
    return (size_t)took < len ? OUT_BLOCKED : OUT_DONE;
}

/* What can go out with the head in one call. */
static LOOP_SIDE struct slice first_bytes(struct out *out, bool *has_more)
{
    const struct content *content = out->source.content;
    struct source_view view = {0};

    *has_more = content && content->kind == CONTENT_PIECES && content->length;
    if (*has_more && (content->pieces[0].bytes.len || !out->conn->can_sendfile) &&
        source_look(&out->source, out->room, OUT_ROOM, out->conn->can_sendfile, &view) == SOURCE_BYTES)
        *has_more = view.has_more;
    return view.bytes;
}

static LOOP_SIDE enum out_step send_head(struct out *out)
{
    bool has_more;
    struct slice first = first_bytes(out, &has_more);
    size_t head_len = out->head.len;
    struct iovec pieces[2] = {{(void *)out->head.ptr, head_len}, {(void *)first.ptr, first.len}};
    ssize_t took = conn_sendv(out->conn, pieces, first.len ? 2 : 1, has_more);

    if (took == CONN_CLOSED)
        return OUT_BROKEN;
    if ((size_t)took < head_len) {
        out->head = slice_from(out->head, (size_t)took);
        return OUT_BLOCKED;
    }
    out->head = SLICE_NONE;
    if ((size_t)took > head_len)
        source_took(&out->source, (size_t)took - head_len);
    return after(took, head_len + first.len);
}

static LOOP_SIDE enum out_step send_file(struct out *out, const struct source_view *view)
{
    ssize_t took = conn_sendfile(out->conn, view->fd, view->off, view->len);

    if (took <= 0)
        return after(took, view->len);
    source_took(&out->source, (size_t)took); /* less than all does not mean that the socket is full */
    return OUT_DONE;
}

static LOOP_SIDE enum out_step send_more(struct out *out)
{
    struct source_view view;
    ssize_t took;

    switch (source_look(&out->source, out->room, OUT_ROOM, out->conn->can_sendfile, &view)) {
    case SOURCE_BYTES:
        break;
    case SOURCE_FILE:
        return send_file(out, &view);
    case SOURCE_DONE:
        return OUT_DONE;
    case SOURCE_WAITING:
        return OUT_WAITING;
    case SOURCE_BROKEN:
        return OUT_BROKEN;
    }
    took = conn_send(out->conn, view.bytes.ptr, view.bytes.len, view.has_more);
    if (took > 0)
        source_took(&out->source, (size_t)took);
    return after(took, view.bytes.len);
}

enum out_step out_pump(struct out *out)
{
    uint64_t turn_ends = out->source.taken + TURN;

    while (out->head.len || !source_is_done(&out->source)) {
        enum out_step step = out->head.len ? send_head(out) : send_more(out);

        if (step != OUT_DONE)
            return step;
        if (out->source.taken >= turn_ends)
            return OUT_TURN; /* a client that reads as fast as we send must not have the loop for itself */
    }
    return OUT_DONE;
}
