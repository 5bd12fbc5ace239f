/*
 * session_log.c - lines of the access log.
 */
#include "base/clock.h"
#include "session.h"

void session_log(struct session *session, struct exchange *ex, uint64_t body_sent)
{
    struct access_entry entry = {.address = ex->peer,
                                 .user = slice_is_empty(ex->user) ? ex->claimed_name : ex->user,
                                 .method = ex->head.method_text,
                                 .target = ex->head.target,
                                 .version = ex->head.minor ? slice_str(ex->wire->version) : SLICE("HTTP/1.0"),
                                 .host = head_value(&ex->head, FIELD_HOST),
                                 .referer = head_value(&ex->head, FIELD_REFERER),
                                 .agent = head_value(&ex->head, FIELD_USER_AGENT),
                                 .status = (unsigned)ex->answer.status,
                                 .body_bytes = body_sent,
                                 .exchange_id = ex->id};

    if (!session->station->server->access_log)
        return;
    entry.time = (struct timespec){ex->started_wall_ns / 1000000000, ex->started_wall_ns % 1000000000};
    entry.duration_us = (clock_mono_ns() - ex->started_ns) / 1000;
    access_log_write(session->station->server->access_log, &entry);
}

void session_log_hot(struct session *session, const struct head *head, struct slice version, unsigned status,
                     uint64_t body_sent)
{
    char peer[PEER_TEXT_MAX];
    struct access_entry entry = {.address = peer_text(&session->conn.peer, peer),
                                 .method = head->method_text,
                                 .target = head->target,
                                 .version = version,
                                 .host = head_value(head, FIELD_HOST),
                                 .referer = head_value(head, FIELD_REFERER),
                                 .agent = head_value(head, FIELD_USER_AGENT),
                                 .status = status,
                                 .body_bytes = body_sent};

    clock_gettime(CLOCK_REALTIME, &entry.time);
    access_log_write(session->station->server->access_log, &entry);
}
