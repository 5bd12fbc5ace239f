/*
 * h1_parts.c - small things around a connection: limits, the log, memory.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "h1.h"

struct head_limits h1_head_limits(const struct limits *limits)
{
    return (struct head_limits){.request_line_max = limits->request_line_max,
                                .field_line_max = limits->field_line_max,
                                .fields_total_max = limits->fields_total_max,
                                .field_count_max = limits->field_count_max};
}

void head_wait_free(struct h1 *h1)
{
    if (!h1->wait)
        return;
    buf_release(&h1->wait->bytes);
    free(h1->wait);
    h1->wait = NULL;
}

void h1_log(struct h1 *h1, struct exchange *ex)
{
    struct access_entry entry = {.address = ex->peer,
                                 .user = ex->user,
                                 .method = ex->head.method_text,
                                 .target = ex->head.target,
                                 .version = ex->head.minor ? SLICE("HTTP/1.1") : SLICE("HTTP/1.0"),
                                 .host = head_value(&ex->head, FIELD_HOST),
                                 .referer = head_value(&ex->head, FIELD_REFERER),
                                 .agent = head_value(&ex->head, FIELD_USER_AGENT),
                                 .status = (unsigned)ex->answer.status,
                                 .body_bytes = h1->out.ex == ex ? h1->out.sent : 0,
                                 .exchange_id = ex->id};

    if (!h1->station->server->access_log)
        return;
    entry.time = (struct timespec){ex->started_wall_ns / 1000000000, ex->started_wall_ns % 1000000000};
    entry.duration_us = (clock_mono_ns() - ex->started_ns) / 1000;
    access_log_write(h1->station->server->access_log, &entry);
}
