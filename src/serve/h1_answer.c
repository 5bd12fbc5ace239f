/*
 * h1_answer.c - an answer's head in HTTP/1.1, and what happens when the answer is out.
 */
#include "h1.h"
#include "hot.h"
#include "http/status.h"

enum { HEAD_BYTES_MAX = 64 * 1024 }; /* our own fields; the longest is a Location of a long target */

static LOOP_SIDE void write_framing(struct h1 *h1, const struct exchange *ex, const struct answer *answer,
                                    struct buf *head, bool *is_chunked)
{
    const struct content *content = &answer->content;

    *is_chunked = false;
    if (status_has_no_content(answer->status))
        return;
    if (content->kind != CONTENT_STREAM) {
        buf_add_str(head, "Content-Length: ");
        buf_add_u64(head, content->length);
        buf_add_str(head, "\r\n");
    } else if (ex->head.minor == 0) {
        h1->is_last = true; /* the end of the connection is the end of the content (H1-57, H1-64) */
    } else if (!answer->is_head) {
        buf_add_str(head, "Transfer-Encoding: chunked\r\n");
        *is_chunked = true;
    }
}

static LOOP_SIDE void write_connection(const struct h1 *h1, const struct exchange *ex, const struct answer *answer,
                                       struct buf *head)
{
    const char *persistence = h1->is_last ? "close" : ex->framing.wants_keep_alive_field ? "keep-alive" : "";

    if (persistence[0] || answer->connection.len)
        buf_printf(head, "Connection: %s%s%.*s\r\n", persistence, persistence[0] && answer->connection.len ? ", " : "",
                   SLICE_FMT(answer->connection));
}

static LOOP_SIDE void write_head(struct h1 *h1, const struct exchange *ex, const struct answer *answer,
                                 struct buf *head, bool *is_chunked)
{
    answer_write_head(h1->session.station, answer, head);
    write_framing(h1, ex, answer, head, is_chunked);
    write_connection(h1, ex, answer, head);
    buf_add_str(head, "\r\n");
}

/* ---- sending ---- */

/* The answer is out. The next request, or the end. */
static LOOP_SIDE void h1_answered(struct h1 *h1)
{
    out_release(&h1->out);
    h1->is_sending = false;
    h1_drop_exchange(h1);
    if (h1->is_last) { /* and the answer says so: else the client may have sent another request already */
        h1_linger(h1);
        return;
    }
    session_deadline(&h1->session, session_idle_ms(&h1->session));
    if (h1->reading == READING_NOTHING)
        h1->reading = READING_HEAD;
    if (!h1->is_feeding)
        h1_continue(h1);
}

void h1_pump(struct h1 *h1)
{
    uint64_t before = h1->out.source.taken;

    list_remove(&h1->session.turn);
    switch (out_pump(&h1->out)) {
    case OUT_DONE:
        h1_answered(h1);
        break;
    case OUT_BROKEN:
        session_close(&h1->session); /* a cut connection says that the content is incomplete (H1-65) */
        break;
    case OUT_BLOCKED:
        if (h1->out.source.taken != before || h1->session.deadline_ms == 0)
            session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
        break;
    case OUT_TURN:
        session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
        session_wants_to_send(&h1->session);
        break;
    case OUT_WAITING:
        break;
    }
}

static void h1_progress(struct exchange *ex)
{
    struct h1 *h1 = ex->wire_owner;

    role_assert_loop();
    session_deadline(
        &h1->session,
        session_limits(&h1->session)->send_idle_timeout_ms); /* until now the client waited for the worker */
    h1_pump(h1);
}

/* Is the rest of the body worth reading, to keep the connection? */
static bool must_end(const struct h1 *h1, const struct exchange *ex)
{
    if (!ex->framing.keep_alive || !session_limits(&h1->session)->keepalive_timeout_ms || ex->framing.must_close ||
        ex->answer.must_close || ex->intake.broken.status || h1->session.station->is_draining)
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
    struct buf head = BUF_INIT(HEAD_BYTES_MAX);
    struct content *content;
    bool is_chunked;

    role_assert_loop();
    h1->is_last = must_end(h1, ex);
    write_head(h1, ex, &ex->answer, &head, &is_chunked);
    content = ex->answer.is_head || status_has_no_content(ex->answer.status) ? NULL : &ex->answer.content;
    out_init(&h1->out, &h1->session.conn, ex, arena_slice(&ex->arena, buf_slice(&head)), content, is_chunked,
             h1->session.station->out_room, h1_progress);
    buf_release(&head);
    h1->is_sending = true;
    if (!h1->is_last)
        hot_offer(&h1->session, ex);
    session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
    h1_pump(h1);
    if (!h1->is_feeding && h1->reading == READING_BODY)
        h1_continue(h1); /* to drop what is left of it */
}

/* ---- what the exchange asks of its protocol ---- */
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
        const ssize_t len = sizeof(say_continue) - 1;

        h1->said_continue = true;
        if (!h1->early.len && conn_send(&h1->session.conn, say_continue, (size_t)len, false) < len) {
            session_close(&h1->session); /* gone, or one who takes no answers: half a 100 would spoil the next */
            return;
        }
    }
    session_deadline(&h1->session, session_limits(&h1->session)->body_idle_timeout_ms);
    if (!h1->is_feeding)
        h1_continue(h1);
}

static void h1_interim(struct exchange *ex, int status)
{
    struct h1 *h1 = ex->wire_owner;
    struct buf head = BUF_INIT(256);
    ssize_t len;

    role_assert_loop();
    if (h1->is_sending || h1->reading != READING_NOTHING || ex->head.minor == 0)
        return;
    /* No fields, no content, no length (DAV-196). */
    buf_printf(&head, "HTTP/1.1 %d %.*s\r\n\r\n", status, SLICE_FMT(status_phrase(status)));
    len = (ssize_t)head.len;
    if (conn_send(&h1->session.conn, buf_str(&head), head.len, false) < len)
        session_close(&h1->session); /* as for a 100: half of it would spoil the answer */
    buf_release(&head);
}

static void h1_on_room(struct exchange *ex)
{
    struct h1 *h1 = ex->wire_owner;

    role_assert_loop();
    session_deadline(&h1->session,
                     session_limits(&h1->session)->body_idle_timeout_ms); /* until now the client waited for the disk */
    if (!h1->is_feeding)
        h1_continue(h1);
}

const struct wire h1_wire = {"HTTP/1.1", h1_answer, h1_want_body, h1_on_room, h1_interim};
