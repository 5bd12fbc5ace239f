/*
 * h1_round.c - a round: receive from every socket that has something, drain the hot cache's notifications,
 * answer what was received. In this order no answer was ever seen to be older than a write that had been
 * acknowledged before the request was sent.
 */
#include <stdlib.h>

#include "h1.h"
#include "hot.h"

enum {
    LINGER_BYTES = 8 * 1024 * 1024, /* read and dropped after the last answer */
    ROUNDS_MAX = 16,                /* before other descriptors get their turn */
    PORTIONS_MAX = 16,              /* of a body in one turn */
};

/* False: it is not the time to read from this connection. */
static bool may_receive(const struct h1 *h1)
{
    if (h1->early.len || h1->hot_out.entry)
        return false;
    return h1->reading == READING_HEAD || h1->reading == READING_LINGER;
}

static LOOP_SIDE void receive(struct h1 *h1, struct link *received)
{
    struct station *station = h1->station;
    char *room = station->scratch + station->scratch_used;
    ssize_t got = conn_recv(&h1->conn, room, RECEIVE_MAX);

    if (got == CONN_CLOSED || (got == 0 && h1->conn.is_at_end)) {
        h1_close(h1); /* nothing is under way: an incomplete head goes with it */
        return;
    }
    if (got <= 0)
        return;
    if (h1->reading == READING_LINGER) {
        h1->dropped += (uint64_t)got;
        if (h1->dropped > LINGER_BYTES)
            h1_close(h1);
        else
            h1_wants_to_read(h1);
        return;
    }
    h1->fresh = slice_of(room, (size_t)got);
    station->scratch_used += (size_t)got;
    list_append(received, &h1->ready);
}

static LOOP_SIDE void receive_all(struct station *station, struct link *received)
{
    struct link *link, waiting;

    list_init(&waiting);
    while ((link = list_shift(&station->ready)))
        list_append(&waiting, link);
    while (SCRATCH_BYTES - station->scratch_used >= RECEIVE_MAX && (link = list_shift(&waiting))) {
        struct h1 *h1 = CONTAINER(link, struct h1, ready);

        if (!h1->conn.is_readable)
            continue;
        if (may_receive(h1))
            receive(h1, received);
        else if (h1->reading == READING_BODY)
            list_append(received, &h1->ready);
    }
    while ((link = list_shift(&waiting)))
        list_append(&station->ready, link);
}

/* After a turn: only what can make progress goes back into the queue. */
static LOOP_SIDE void read_again(struct h1 *h1)
{
    if (may_receive(h1) ||
        (h1->reading == READING_BODY && !h1->early.len && !h1_body_is_paused(h1) && h1_body_space(h1)))
        h1_wants_to_read(h1);
}

static LOOP_SIDE void answer_one(struct h1 *h1)
{
    struct slice fresh = h1->fresh;

    h1->fresh = SLICE_NONE;
    if (fresh.len)
        h1_feed(h1, fresh);
    else
        for (unsigned i = 0; i < PORTIONS_MAX && !h1->early.len && h1_receive_body(h1); i++)
            ;
    if (!h1->is_closed)
        read_again(h1);
}

void h1_bury(struct station *station)
{
    struct link *link;

    while ((link = list_shift(&station->graves)))
        free(CONTAINER(link, struct h1, all));
}

/* Those that were sending when their turn was over. */
static LOOP_SIDE void send_on(struct station *station)
{
    struct link senders, *link;

    list_init(&senders);
    while ((link = list_shift(&station->senders)))
        list_append(&senders, link);
    while ((link = list_shift(&senders)))
        h1_pump(CONTAINER(link, struct h1, turn));
}

bool h1_round(void *arg)
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
            answer_one(CONTAINER(link, struct h1, ready));
    }
    h1_bury(station);
    return !list_is_empty(&station->ready) || !list_is_empty(&station->senders);
}
