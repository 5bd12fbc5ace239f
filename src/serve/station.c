/*
 * station.c - one loop's own things, and the thread that runs it.
 */
#include "station.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "gate/gate.h"
#include "h2.h"
#include "hot.h"
#include "http/date.h"
#include "out.h"

enum { CROWD_LEAST = 64 }; /* fewer connections leave nothing worth giving back */

/* ---- houses ---- */

struct house *house_ref(struct house *house)
{
    atomic_fetch_add(&house->refs, 1);
    return house;
}

void house_unref(struct house *house)
{
    if (!house || atomic_fetch_sub(&house->refs, 1) != 1)
        return;
    for (unsigned i = 0; i < house->conf->site_count; i++)
        users_unref(house->sites[i].users);
    free(house->sites);
    tls_unref(house->tls);
    countries_close(house->countries);
    conf_unref(house->conf);
    free(house);
}

/* ---- a loop's clock for people ---- */

struct slice station_date(struct station *station)
{
    int64_t now = loop_wall_s(station->loop);

    if (now != station->date_s) {
        station->date_s = now;
        date_format(now, station->date);
    }
    return slice_of(station->date, sizeof(station->date));
}

/* ---- accepting ---- */

static void accepted(struct acceptor *acceptor, int fd, const struct peer *peer)
{
    struct station *station = acceptor->owner;

    role_assert_loop();
    h1_accept(station, fd, peer, acceptor->listener);
}

/* ---- messages from the main thread ---- */

static void on_reload(struct task *task)
{
    struct station *station = CONTAINER(task, struct station, reload);

    role_assert_loop();
    house_unref(station->house);
    station->house = atomic_exchange(&station->next_house, NULL);
    hot_clear(station->hot);
}

static LOOP_SIDE void stop_if_empty(struct station *station)
{
    if (station->is_draining && !tally_get(&station->tally.open_connections)) /* who asks for metrics holds up nobody */
        loop_stop(station->loop);
}

static void on_drain(struct task *task)
{
    struct station *station = CONTAINER(task, struct station, drain);

    role_assert_loop();
    station->is_draining = true;
    for (unsigned i = 0; i < station->server->listeners.count; i++) {
        if (station->server->listeners.list[i].is_metrics && !station->server->is_replaced)
            continue;                      /* /health says that we stop, as long as we do */
        if (!station->server->is_replaced) /* else they are accepted where the sockets are now */
            acceptor_empty(&station->acceptors[i]);
        acceptor_stop(&station->acceptors[i]);
    }
    session_drain_all(station);
    stop_if_empty(station);
}

static void on_hurry(struct task *task)
{
    struct station *station = CONTAINER(task, struct station, hurry);

    role_assert_loop();
    session_close_all(station);
    stop_if_empty(station);
}

/* What is in flight, for SIGUSR1. */
static void on_report(struct task *task)
{
    struct station *station = CONTAINER(task, struct station, report);
    struct link *link, *next;

    role_assert_loop();
    atomic_store(&station->is_report_due, false);
    fprintf(stderr, "loop %u: %llu connections, %llu requests, %llu of them hot\n", station->index,
            (unsigned long long)tally_get(&station->tally.open_connections),
            (unsigned long long)tally_get(&station->tally.requests) +
                (unsigned long long)tally_get(&station->tally.hot_hits),
            (unsigned long long)tally_get(&station->tally.hot_hits));
    LIST_EACH (&station->exchanges, link, next) {
        struct exchange *ex = CONTAINER(link, struct exchange, link);

        fprintf(stderr, "  #%llu %s %.*s %.*s from %.*s, %llu ms\n", (unsigned long long)ex->id,
                exchange_state_name(ex->state), SLICE_FMT(ex->head.method_text), SLICE_FMT(ex->head.target),
                SLICE_FMT(ex->peer), (unsigned long long)((clock_mono_ns() - ex->started_ns) / 1000000));
    }
}

static void on_pulse(struct task *task)
{
    struct station *station = CONTAINER(task, struct station, pulse);

    role_assert_loop();
    atomic_store(&station->is_pulse_due, false);
}

/*
 * The C library keeps what many connections needed at once, in pieces all over its heaps. When most of them
 * are gone the main thread gives it back to the system; it takes milliseconds, so no loop does it.
 */
static LOOP_SIDE void note_ebb(struct station *station)
{
    uint64_t open = tally_get(&station->tally.open_connections);

    if (open > station->crowd)
        station->crowd = open;
    if (station->crowd < CROWD_LEAST || open > station->crowd / 8)
        return;
    station->crowd = open;
    atomic_store(&station->server->is_ebb, true);
    station_reported(station);
}

static bool round_of(void *arg)
{
    struct station *station = arg;
    bool again;

    role_assert_loop();
    again = session_round(station);
    note_ebb(station);
    stop_if_empty(station);
    return again;
}

/* ---- its life ---- */

void station_init(struct station *station, struct server *server, unsigned index)
{
    station->server = server;
    station->index = index;
    station->loop = loop_new();
    station->house = house_ref(server->house);
    station->hot = hot_new(station);
    station->scratch = xmalloc(SCRATCH_BYTES);
    station->out_room = xmalloc(OUT_ROOM);
    station->acceptors = xcalloc(server->listeners.count ? server->listeners.count : 1, sizeof(*station->acceptors));
    list_init(&station->conns);
    list_init(&station->exchanges);
    list_init(&station->ready);
    list_init(&station->senders);
    list_init(&station->graves);
    station->reload.run = on_reload;
    station->drain.run = on_drain;
    station->hurry.run = on_hurry;
    station->report.run = on_report;
    station->pulse.run = on_pulse;
    loop_each_round(station->loop, round_of, station);
}

void *station_main(void *arg)
{
    struct station *station = arg;
    char name[16];

    snprintf(name, sizeof(name), "loop-%u", station->index);
    role_take(ROLE_LOOP, name);
    role_assert_loop();
    pthread_mutex_lock(&station->server->gate);
    pthread_mutex_unlock(&station->server->gate);
    for (unsigned i = 0; i < station->server->listeners.count; i++) {
        acceptor_start(&station->acceptors[i], station->loop, &station->server->listeners.list[i], station->index,
                       accepted, station);
    }
    if (station->index == 0)
        control_start(station->server->control, station);
    loop_run(station->loop, name);
    for (unsigned i = 0; i < station->server->listeners.count; i++)
        acceptor_stop(&station->acceptors[i]); /* those that were left open to the last */
    if (station->index == 0)
        control_stop(station->server->control);
    session_close_all(station);
    hot_clear(station->hot);
    loop_settle(station->loop); /* jobs of clients that left, descriptors being closed */
    hot_end(station->hot);
    atomic_fetch_sub(&station->server->running, 1);
    station_reported(station);
    return NULL;
}

void station_release(struct station *station)
{
    hot_free(station->hot);
    loop_free(station->loop);
    house_unref(station->house);
    free(station->scratch);
    free(station->out_room);
    h2_loop_free(station->h2);
    free(station->acceptors);
}
