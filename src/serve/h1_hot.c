/*
 * h1_hot.c - the short way: a hot answer costs one receive and one send.
 */
#include "h1.h"
#include "hot.h"
#include "http/cond.h"

#define FIELD_BIT(id) (UINT64_C(1) << (id))

/* Whatever could change the answer, or needs more than sending it, takes the long way. */
static const uint64_t fields_not_hot = FIELD_BIT(FIELD_RANGE) | FIELD_BIT(FIELD_IF_RANGE) | FIELD_BIT(FIELD_IF_MATCH) |
                                       FIELD_BIT(FIELD_IF_UNMODIFIED_SINCE) | FIELD_BIT(FIELD_IF) |
                                       FIELD_BIT(FIELD_EXPECT) | FIELD_BIT(FIELD_CONTENT_LENGTH) |
                                       FIELD_BIT(FIELD_TRANSFER_ENCODING) | FIELD_BIT(FIELD_AUTHORIZATION) |
                                       FIELD_BIT(FIELD_A_IM) | FIELD_BIT(FIELD_NEGOTIATE) | FIELD_BIT(FIELD_MAN);

static const uint64_t fields_conditional = FIELD_BIT(FIELD_IF_NONE_MATCH) | FIELD_BIT(FIELD_IF_MODIFIED_SINCE);

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
    if ((head->method != METHOD_GET && head->method != METHOD_HEAD) || head->minor != 1)
        return false;
    if (head->present & fields_not_hot || h1->station->is_draining || !h1_limits(h1)->keepalive_timeout_ms)
        return false;
    return head_count_of(head, FIELD_HOST) == 1 && asks_for_nothing_special(head);
}

static LOOP_SIDE bool is_not_modified(struct h1 *h1, const struct head *head, const struct hot_entry *entry)
{
    struct arena arena = {0};
    struct conditions conditions;
    struct validators current = hot_validators(entry);
    enum cond_result result;

    if (!(head->present & fields_conditional))
        return false;
    conditions_from_head(head, loop_wall_s(h1->station->loop), &arena, &conditions);
    result = conditions_judge(&conditions, true, &current);
    arena_release(&arena);
    return result == COND_NOT_MODIFIED;
}

bool h1_answer_hot(struct h1 *h1, const struct head *head)
{
    struct station *station = h1->station;
    struct hot_entry *entry;
    struct slice bytes;
    ssize_t took;
    bool is_304;

    if (!may_be_hot(h1, head))
        return false;
    if (station->server->access_log && station->house->conf->trusted_proxy_count)
        return false; /* the log wants the address behind the proxy: the long way finds it */
    entry = hot_find(station->hot, head_value(head, FIELD_HOST), head->target, h1->is_loopback);
    if (!entry)
        return false;
    is_304 = is_not_modified(h1, head, entry);
    if (entry->is_large && !is_304 && head->method == METHOD_GET)
        return false;
    bytes = is_304 ? slice_of(entry->head304, entry->head304_len)
                   : slice_of(entry->bytes, head->method == METHOD_HEAD ? entry->head_len : entry->len);
    atomic_fetch_add_explicit(&station->counters.hot_hits, 1, memory_order_relaxed);
    if (station->server->access_log)
        h1_log_hot(h1, head, is_304 ? 304 : 200, is_304 ? 0 : bytes.len - entry->head_len);
    h1->deadline_ms = loop_now_ms(station->loop) + station->house->conf->limits.keepalive_timeout_ms;
    took = conn_send(&h1->conn, bytes.ptr, bytes.len, false);
    if (took == CONN_CLOSED) {
        h1_close(h1); /* also when the system is only short of memory: the next answer must not be taken for this one */
    } else if ((size_t)took < bytes.len) {
        h1->hot_out.entry = hot_entry_ref(entry);
        h1->hot_out.left = slice_from(bytes, (size_t)took);
        h1_deadline(h1, h1_limits(h1)->send_idle_timeout_ms);
    }
    return true;
}

struct known_file *h1_known_file(struct h1 *h1, const struct exchange *ex)
{
    struct hot_entry *entry;

    if ((ex->head.method != METHOD_GET && ex->head.method != METHOD_HEAD) || head_count_of(&ex->head, FIELD_HOST) != 1)
        return NULL;
    entry = hot_find(h1->station->hot, head_value(&ex->head, FIELD_HOST), ex->head.target, h1->is_loopback);
    return entry ? &entry->known : NULL;
}

bool h1_pump_hot(struct h1 *h1)
{
    ssize_t took = conn_send(&h1->conn, h1->hot_out.left.ptr, h1->hot_out.left.len, false);

    if (took == CONN_CLOSED)
        return false;
    h1->hot_out.left = slice_from(h1->hot_out.left, (size_t)took);
    if (h1->hot_out.left.len == 0) {
        hot_entry_unref(h1->hot_out.entry);
        h1->hot_out.entry = NULL;
        h1_deadline(h1, h1_limits(h1)->keepalive_timeout_ms);
    } else if (took) {
        h1_deadline(h1, h1_limits(h1)->send_idle_timeout_ms);
    }
    return true;
}
