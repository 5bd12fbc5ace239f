/*
 * round.c - a round: receive from every socket that has something, drain the hot cache's notifications,
 * answer what was received. In this order no answer was ever seen to be older than a write that had been
 * acknowledged before the request was sent.
 */
#include "hot.h"
#include "session.h"

enum { ROUNDS_MAX = 16 }; /* before other descriptors get their turn */

static LOOP_SIDE void receive(struct session *session, struct link *received)
{
    struct station *station = session->station;
    char *room = station->scratch + station->scratch_used;
    ssize_t got = conn_recv(&session->conn, room, RECEIVE_MAX);

    if (got == CONN_CLOSED)
        session_close(session);
    else if (got == 0 && session->conn.is_at_end)
        session->protocol->ended(session);
    if (got <= 0)
        return;
    session->fresh = slice_of(room, (size_t)got);
    station->scratch_used += (size_t)got;
    list_append(received, &session->ready);
}

static LOOP_SIDE void receive_all(struct station *station, struct link *received)
{
    struct link *link, waiting;

    list_init(&waiting);
    while ((link = list_shift(&station->ready)))
        list_append(&waiting, link);
    while (SCRATCH_BYTES - station->scratch_used >= RECEIVE_MAX && (link = list_shift(&waiting))) {
        struct session *session = CONTAINER(link, struct session, ready);

        if (!session->conn.is_readable)
            continue;
        if (session->protocol->may_receive(session))
            receive(session, received);
        else if (session->protocol->may_read_on(session))
            list_append(received, &session->ready);
    }
    while ((link = list_shift(&waiting)))
        list_append(&station->ready, link);
}

static LOOP_SIDE void answer_one(struct session *session)
{
    const struct protocol *protocol = session->protocol;
    struct slice fresh = session->fresh;

    session->fresh = SLICE_NONE;
    if (fresh.len)
        protocol->received(session, fresh);
    else
        protocol->read_on(session);
    /* Only what can make progress goes back into the queue. */
    if (!session->is_closed && (protocol->may_receive(session) || protocol->may_read_on(session)))
        session_wants_to_read(session);
}

/* Those that were sending when their turn was over, and those that have something to send since. */
static LOOP_SIDE void send_on(struct station *station)
{
    struct link senders, *link;

    list_init(&senders);
    while ((link = list_shift(&station->senders)))
        list_append(&senders, link);
    while ((link = list_shift(&senders))) {
        struct session *session = CONTAINER(link, struct session, turn);

        session->protocol->send_on(session);
    }
}

bool session_round(void *arg)
{
    struct station *station = arg;

    role_assert_loop();
    send_on(station);
    for (unsigned i = 0; i < ROUNDS_MAX && !list_is_empty(&station->ready); i++) {
        struct link received, *link;

        list_init(&received);
        station->scratch_used = 0;
        receive_all(station, &received);
        hot_drain(station->hot);
        while ((link = list_shift(&received)))
            answer_one(CONTAINER(link, struct session, ready));
    }
    session_bury(station);
    return !list_is_empty(&station->ready) || !list_is_empty(&station->senders);
}
