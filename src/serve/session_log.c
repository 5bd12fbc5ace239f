/*
 * session_log.c - a request is over: it is counted, and gets a line in the access log.
 */
#include "base/clock.h"
#include "session.h"

static enum tally_version version_of(struct slice version)
{
    return slice_ends(version, SLICE("2.0"))   ? TALLY_HTTP_2
           : slice_ends(version, SLICE("1.1")) ? TALLY_HTTP_1_1
                                               : TALLY_HTTP_1_0;
}

static LOOP_SIDE void count(struct session *session, const struct exchange *ex, uint64_t body_sent,
                            uint64_t duration_ns)
{
    bool is_old = !ex->head.minor && ex->head.target.len; /* what was no request at all is answered in 1.1 */
    struct tally_request request = {
        .version = is_old ? TALLY_HTTP_1_0 : version_of(slice_str(ex->wire->version)),
        .method = ex->head.method,
        .status = (unsigned)ex->answer.status,
        .received = ex->intake.total,
        .sent = body_sent,
    };

    tally_add(&session->station->tally.ended, 1);
    tally_request(&session->station->tally, &request);
    tally_duration(&session->station->tally, request.status, duration_ns);
}

void session_log(struct session *session, struct exchange *ex, uint64_t body_sent)
{
    uint64_t duration_ns = clock_mono_ns() - ex->started_ns;
    struct access_entry entry = {.address = ex->peer,
                                 .user = slice_is_empty(ex->asker.user) ? ex->claimed_name : ex->asker.user,
                                 .method = ex->head.method_text,
                                 .target = ex->head.target,
                                 .version = ex->head.minor ? slice_str(ex->wire->version) : SLICE("HTTP/1.0"),
                                 .host = head_value(&ex->head, FIELD_HOST),
                                 .referer = head_value(&ex->head, FIELD_REFERER),
                                 .agent = head_value(&ex->head, FIELD_USER_AGENT),
                                 .status = (unsigned)ex->answer.status,
                                 .body_bytes = body_sent,
                                 .duration_us = duration_ns / 1000,
                                 .exchange_id = ex->id};

    ex->body_sent = body_sent; /* limits on content count it when the exchange is let go */
    if (session->is_metrics)
        return;
    count(session, ex, body_sent, duration_ns);
    if (!session->station->server->access_log)
        return;
    entry.time = (struct timespec){ex->started_wall_ns / 1000000000, ex->started_wall_ns % 1000000000};
    access_log_write(session->station->server->access_log, &entry);
}

static LOOP_SIDE void log_hot(struct session *session, const struct head *head, struct slice version, unsigned status,
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

void session_log_hot(struct session *session, const struct head *head, struct slice version, unsigned status,
                     uint64_t body_sent)
{
    struct tally_request request = {
        .version = version_of(version), .method = head->method, .status = status, .sent = body_sent};

    tally_request(&session->station->tally, &request);
    if (session->station->server->access_log)
        log_hot(session, head, version, status, body_sent);
}
