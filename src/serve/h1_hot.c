/*
 * h1_hot.c - the short way: a hot answer costs one receive and one send.
 */
#include "h1.h"
#include "hot.h"

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

bool h1_answer_hot(struct h1 *h1, const struct head *head)
{
    struct station *station = h1->session.station;
    struct hot_pick pick;
    struct hot_entry *entry;
    struct slice bytes;
    ssize_t took;

    if (!may_be_hot(h1, head))
        return false;
    pick = hot_pick(&h1->session, head);
    entry = pick.entry;
    if (!entry)
        return false;
    bytes = pick.is_not_modified ? slice_of(entry->head304, entry->head304_len)
                                 : slice_of(entry->bytes, pick.has_body ? entry->len : entry->head_len);
    hot_pick_took(&h1->session, head, SLICE("HTTP/1.1"), &pick);
    h1->session.deadline_ms = loop_now_ms(station->loop) + station->house->conf->limits.keepalive_timeout_ms;
    took = conn_send(&h1->session.conn, bytes.ptr, bytes.len, false);
    hot_pick_sent(&h1->session, &pick);
    if (took == CONN_CLOSED) {
        session_close(&h1->session); /* also when the system is only short of memory: the next answer must not be taken
                                        for this one */
    } else if ((size_t)took < bytes.len) {
        h1->hot_out.entry = hot_entry_ref(entry);
        h1->hot_out.left = slice_from(bytes, (size_t)took);
        session_deadline(&h1->session, session_limits(&h1->session)->send_idle_timeout_ms);
    }
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
