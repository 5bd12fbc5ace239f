/*
 * h1_log.c - lines of the access log.
 */
#include "base/clock.h"
#include "h1.h"

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

void h1_log_hot(struct h1 *h1, const struct head *head, unsigned status, uint64_t bytes)
{
    char peer[PEER_TEXT_MAX];
    struct access_entry entry = {.address = peer_text(&h1->conn.peer, peer),
                                 .method = head->method_text,
                                 .target = head->target,
                                 .version = SLICE("HTTP/1.1"),
                                 .host = head_value(head, FIELD_HOST),
                                 .referer = head_value(head, FIELD_REFERER),
                                 .agent = head_value(head, FIELD_USER_AGENT),
                                 .status = status,
                                 .body_bytes = bytes};

    clock_gettime(CLOCK_REALTIME, &entry.time);
    access_log_write(h1->station->server->access_log, &entry);
}
