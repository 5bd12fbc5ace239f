/*
 * h1_hot.c - the short way: a hot answer costs one receive and one send.
 */
#include "h1.h"
#include "hot.h"

enum { REFUSAL_MAX = 8 * 1024 }; /* head and page of a refusal; 2 KiB as they are */

/* Every line counts: `close` may stand in the second. */
static bool asks_for_nothing_special(const struct head *head)
{
    for (const struct field *at = NULL; (at = head_next(head, FIELD_CONNECTION, at));)
        if (!slice_eq_nocase(at->value, SLICE("keep-alive")))
            return false;
    return true;
}

static bool may_be_hot(const struct h1 *h1, const struct head *head)
{
    return head->minor == 1 && !h1->session.station->is_draining &&
           session_limits(&h1->session)->keepalive_timeout_ms && asks_for_nothing_special(head);
}

/* What the socket does not take goes out with the next bytes of `entry`, which is NULL for bytes of this moment. */
static LOOP_SIDE void send_ready(struct h1 *h1, struct hot_entry *entry, struct slice bytes)
{
    struct station *station = h1->session.station;
    ssize_t took;

    h1->session.deadline_ms = loop_now_ms(station->loop) + station->house->conf->limits.keepalive_timeout_ms;
    took = conn_send(&h1->session.conn, bytes.ptr, bytes.len, false);
    if (took == CONN_CLOSED) {
        session_close(&h1->session); /* also when the system is only short of memory: the next answer must not be taken
                                        for this one */
    } else if ((size_t)took < bytes.len) {
        bytes = slice_from(bytes, (size_t)took);
        h1->hot_out.entry = entry ? hot_entry_ref(entry) : hot_entry_of(station->hot, bytes);
        h1->hot_out.left = entry ? bytes : slice_of(h1->hot_out.entry->bytes, bytes.len);
        session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
    }
}

static LOOP_SIDE bool refuse(struct h1 *h1, const struct head *head, const struct hot_pick *pick)
{
    const struct hot_entry *refusal = hot_refusal(&h1->session, head, &pick->limited);
    char room[REFUSAL_MAX];
    size_t body_len = head->method == METHOD_HEAD ? 0 : refusal->len - refusal->head_len;
    size_t len = hot_refusal_fill(slice_of(refusal->bytes, refusal->head_len + body_len), pick->limited.wait_s, room,
                                  sizeof(room));

    if (!len)
        return false;
    hot_pick_refused(&h1->session, head, SLICE("HTTP/1.1"), body_len);
    send_ready(h1, NULL, slice_of(room, len));
    hot_pick_sent(&h1->session, pick);
    return true;
}

bool h1_answer_hot(struct h1 *h1, const struct head *head)
{
    struct hot_pick pick;
    struct hot_entry *entry;
    struct slice bytes;

    if (!may_be_hot(h1, head))
        return false;
    pick = hot_pick(&h1->session, head);
    entry = pick.entry;
    if (pick.is_refused)
        return refuse(h1, head, &pick);
    if (!entry)
        return false;
    bytes = pick.is_not_modified ? slice_of(entry->head304, entry->head304_len)
                                 : slice_of(entry->bytes, pick.has_body ? entry->len : entry->head_len);
    hot_pick_took(&h1->session, head, SLICE("HTTP/1.1"), &pick);
    send_ready(h1, entry, bytes);
    hot_pick_sent(&h1->session, &pick);
    return true;
}

bool h1_pump_hot(struct h1 *h1)
{
    ssize_t took = conn_send(&h1->session.conn, h1->hot_out.left.ptr, h1->hot_out.left.len, false);

    if (took == CONN_CLOSED)
        return false;
    h1->hot_out.left = slice_from(h1->hot_out.left, (size_t)took);
    if (h1->hot_out.left.len == 0) {
        hot_entry_unref(h1->hot_out.entry);
        h1->hot_out.entry = NULL;
        session_deadline(&h1->session, session_idle_ms(&h1->session));
    } else if (took) {
        session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
    }
    return true;
}
