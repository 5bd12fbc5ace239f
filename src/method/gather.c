/*
 * gather.c - a request's content taken whole, for bodies that are small by their nature.
 */
#include "content_digest.h"

#include <stdlib.h>

struct gather {
    struct buf bytes;
    struct content_digests digests;
    void (*ready)(struct exchange *ex, struct slice body);
};

static void gather_release(struct exchange *ex)
{
    struct gather *gather = ex->method_state;

    if (gather->bytes.ptr)
        explicit_bzero(gather->bytes.ptr, gather->bytes.len); /* it may be a form with a password */
    buf_release(&gather->bytes);
    content_digests_release(&gather->digests);
    free(gather);
}

/* The exchange is free for the method's own state again. */
static LOOP_SIDE void gather_end(struct exchange *ex)
{
    ex->intake.is_wanted = false;
    ex->on_body = NULL;
    ex->method_release = NULL;
    gather_release(ex);
    ex->method_state = NULL;
}

static LOOP_SIDE void refuse_body(struct exchange *ex, struct verdict verdict)
{
    gather_end(ex);
    exchange_refuse(ex, verdict);
}

static void gather_on_body(struct exchange *ex)
{
    struct gather *gather = ex->method_state;
    void (*ready)(struct exchange * ex, struct slice body) = gather->ready;
    const char *wrong;
    struct slice body;

    role_assert_loop();
    buf_add(&gather->bytes, buf_slice(&ex->intake.bytes));
    content_digests_add(&gather->digests, buf_slice(&ex->intake.bytes));
    buf_clear(&ex->intake.bytes);
    if (ex->intake.broken.status) {
        refuse_body(ex, ex->intake.broken);
    } else if (gather->bytes.overflown) {
        refuse_body(ex, VERDICT(413, "The content is larger than this method takes."));
    } else if (ex->intake.has_ended && (wrong = content_digests_judge(&gather->digests))) {
        refuse_body(ex, content_digests_verdict(ex, wrong));
    } else if (ex->intake.has_ended) {
        body = arena_slice(&ex->arena, buf_slice(&gather->bytes));
        gather_end(ex);
        ready(ex, body);
    }
}

void gather_body(struct exchange *ex, size_t max, void (*ready)(struct exchange *ex, struct slice body))
{
    struct gather *gather;
    struct verdict verdict;

    if (ex->framing.kind == BODY_LENGTH && ex->framing.length > max) {
        exchange_refuse(ex, VERDICT(413, "The content is larger than this method takes."));
        return;
    }
    gather = xcalloc(1, sizeof(*gather));
    *gather = (struct gather){.bytes = BUF_INIT(max), .ready = ready};
    ex->method_state = gather;
    ex->method_release = gather_release;
    verdict = content_digests_read(ex, &gather->digests);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    ex->on_body = gather_on_body;
    exchange_state(ex, EXCH_RECEIVING);
    ex->intake.is_wanted = true;
    ex->wire->want_body(ex);
}
