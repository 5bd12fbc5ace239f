/*
 * h1_head.c - requests' heads, and the exchanges that begin with them.
 *
 * A head that arrives in one piece is parsed where it was received; only one that does not gets memory and
 * a parser of its own.
 */
#include <stdlib.h>

#include "h1.h"
#include "h2.h"
#include "http/framing.h"
#include "method/method.h"

void head_wait_free(struct h1 *h1)
{
    if (!h1->wait)
        return;
    buf_release(&h1->wait->bytes);
    free(h1->wait);
    h1->wait = NULL;
}

static LOOP_SIDE struct exchange *begin_exchange(struct h1 *h1, const struct head *head, struct slice bytes)
{
    struct exchange *ex = session_exchange(&h1->session, head, bytes, &h1_wire);

    ex->wire_owner = h1;
    h1->ex = ex;
    h1->said_continue = false;
    h1->dropped = 0;
    return ex;
}

/* A head that is no request: answered, and the connection ends. */
void h1_reject_head(struct h1 *h1, const struct head_parser *parser)
{
    struct head known = {.method = parser->head.method}; /* HEAD: the answer has no content */
    struct exchange *ex = begin_exchange(h1, &known, SLICE_NONE);
    struct verdict verdict = {.status = parser->status, .detail = slice_str(parser->why)};

    if (parser->culprit.len)
        verdict.detail = arena_printf(&ex->arena, "%s The field is: %.*s", parser->why, SLICE_FMT(parser->culprit));
    if (h1->session.conn.is_plain_on_tls) /* HTTP/2 with prior knowledge, say: what is wrong with it matters less */
        verdict = VERDICT(400, "This port speaks HTTPS, and what came is neither TLS nor a request of HTTP/1.1.");
    h1->reading = READING_NOTHING;
    ex->framing.must_close = true;
    exchange_refuse(ex, verdict);
}

static LOOP_SIDE void begin_body(struct h1 *h1, const struct framing *framing)
{
    h1->reading = READING_NOTHING;
    h1->body_left = framing->length;
    if (framing->kind == BODY_CHUNKED) {
        h1->chunked = xcalloc(1, sizeof(*h1->chunked));
        h1->chunked->most = session_limits(&h1->session)->trailer_total_max;
    }
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
    if (status && !ex->framing.expects_unknown)
        exchange_refuse(ex, (struct verdict){.status = status, .detail = slice_str(why)});
    else
        session_stages(&h1->session, ex);
}

/* From now on the head has its own time to become complete. */
static LOOP_SIDE void head_begins(struct h1 *h1)
{
    h1->session.deadline_ms = 0;
    timer_cancel(h1->session.station->loop, &h1->session.timer);
    session_deadline(&h1->session, session_limits(&h1->session)->head_timeout_ms);
}

/* The head is not complete: what there is of it is kept, with a parser of its own. */
static LOOP_SIDE void keep_head(struct h1 *h1, struct slice bytes)
{
    struct head_limits limits = session_head_limits(&h1->session);

    if (!h1->wait) {
        h1->wait = xcalloc(1, sizeof(*h1->wait));
        h1->wait->bytes = BUF_INIT((size_t)limits.request_line_max + limits.fields_total_max + 64 * 1024);
        head_parser_init(&h1->wait->parser, &limits, h1->wait->fields, HEAD_FIELDS_MAX);
        head_begins(h1);
    }
    buf_add(&h1->wait->bytes, bytes);
}

/* A head that began earlier goes on; `bytes` are kept behind it already. How many of them it took. */
static LOOP_SIDE size_t parse_kept(struct h1 *h1, struct slice bytes)
{
    struct head_wait *wait = h1->wait;
    size_t had = wait->bytes.len - bytes.len, taken;
    struct head head;

    switch (head_parse(&wait->parser, buf_slice(&wait->bytes), &head)) {
    case HEAD_MORE:
        return bytes.len;
    case HEAD_BAD:
        h1_reject_head(h1, &wait->parser);
        return bytes.len;
    case HEAD_DONE:
        break;
    }
    taken = head.len - had;
    take_request(h1, &head, buf_slice(&wait->bytes));
    return taken;
}

size_t h1_feed_head(struct h1 *h1, struct slice bytes)
{
    struct station *station = h1->session.station;
    struct head_limits limits;
    struct head_parser parser;
    struct head head;

    if (h1->wait) {
        keep_head(h1, bytes);
        return parse_kept(h1, bytes);
    }
    limits = session_head_limits(&h1->session);
    head_parser_init(&parser, &limits, station->fields, HEAD_FIELDS_MAX);
    switch (head_parse(&parser, bytes, &head)) {
    case HEAD_MORE:
        keep_head(h1, bytes);
        return parse_kept(h1, bytes);
    case HEAD_BAD:
        h1_reject_head(h1, &parser);
        return bytes.len;
    case HEAD_DONE:
        break;
    }
    if (!h1_answer_hot(h1, &head))
        take_request(h1, &head, bytes);
    return head.len;
}

/* ---- the connection's first bytes ---- */

static LOOP_SIDE bool speaks_h2(const struct h1 *h1)
{
    const struct tls_facts *tls = conn_tls(&h1->session.conn);

    if (h1->session.is_metrics || h1->session.conn.is_plain_on_tls)
        return false;
    return tls ? tls->is_h2 : h1->session.station->house->conf->http2;
}

/* What ALPN promised is not what came. */
static LOOP_SIDE bool breaks_promise(const struct h1 *h1)
{
    const struct tls_facts *tls = conn_tls(&h1->session.conn);

    return tls && tls->is_h2;
}

/* What was kept is read by the one who goes on, while all else of ours is given back. */
static LOOP_SIDE void hand_over(struct h1 *h1, struct slice bytes)
{
    struct head_wait *wait = h1->wait;

    h1->wait = NULL;
    h2_take_over(&h1->session, bytes);
    buf_release(&wait->bytes);
    free(wait);
}

size_t h1_feed_first(struct h1 *h1, struct slice bytes)
{
    struct slice preface = SLICE(H2_PREFACE);

    if (speaks_h2(h1) && (h1->wait || bytes.ptr[0] == preface.ptr[0])) {
        struct slice all;

        keep_head(h1, bytes);
        all = buf_slice(&h1->wait->bytes);
        if (all.len < preface.len && slice_starts(preface, all))
            return bytes.len;
        if (slice_starts(all, preface)) {
            hand_over(h1, all);
            return bytes.len;
        }
    }
    if (breaks_promise(h1)) {
        session_close(&h1->session);
        return bytes.len;
    }
    h1->reading = READING_HEAD;
    return h1->wait ? parse_kept(h1, bytes) : h1_feed_head(h1, bytes);
}
