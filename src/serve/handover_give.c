/*
 * handover_give.c - the old one's side of a hand-over, and how both find out that they are alone again.
 *
 * Who asks for our place (control.c hands the connection over) is offered every socket and the folders' locks; until it
 * says that it serves, everything stays as it was. On the loop of the first station, but for what asks the store.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "control.h"
#include "handover.h"
#include "handover_private.h"

enum {
    SERVING_WITHIN_MS = 30000, /* the new one opens folders and reads certificates meanwhile; that takes no second */
    WAIT_MS = 100,             /* for the control sockets to be made */
    PART_MS = 256,             /* how often we look whether the others are gone */
};

struct offer {
    struct control *control;
    struct watch watch;
    struct timer timer;
    struct job job;
    bool has_job, is_given;
    pid_t pid;
    struct store_shared *shared;
    struct buf tickets; /* TLS's, as text */
};

static bool send_listener(int to, const struct listener *listener)
{
    int fd;

    for (unsigned i = 0; (fd = listener_socket(listener, i)) >= 0; i++)
        if (!send_line(to, &fd, 1, "%s %.*s\n", listener->is_metrics ? "metrics" : "listen",
                       SLICE_FMT(listener->spec->text)))
            return false;
    return true;
}

static bool send_store(int to, const struct store_shared *shared)
{
    int fds[3] = {shared->root, shared->page, shared->state};

    return send_line(to, fds, shared->state < 0 ? 2 : 3, "store %llu %llu %d %u %s\n", (unsigned long long)shared->dev,
                     (unsigned long long)shared->ino, shared->is_read_only, shared->form, shared->state_path);
}

static bool send_all(struct offer *offer)
{
    struct server *server = offer->control->station->server;
    const int bound = offer->control->watch.fd, named = offer->control->named.fd;
    int to = offer->watch.fd;
    bool is_sent = true;

    for (unsigned i = 0; i < server->listeners.count && is_sent; i++)
        is_sent = send_listener(to, &server->listeners.list[i]);
    for (unsigned i = 0; i < server->store_count && is_sent; i++)
        is_sent = send_store(to, &offer->shared[i]);
    if (bound >= 0 && is_sent)
        is_sent = send_line(to, &bound, 1, "control %s\n", offer->control->path);
    if (named >= 0 && is_sent)
        is_sent = send_line(to, &named, 1, "control-name\n");
    is_sent = is_sent && send_line(to, NULL, 0, "end %s\n", buf_str(&offer->tickets));
    buf_wipe(&offer->tickets);
    return is_sent;
}

static WORKER_SIDE bool share_all(struct offer *offer)
{
    struct server *server = offer->control->station->server;

    for (unsigned i = 0; i < server->store_count; i++) {
        enum err err = store_share(server->stores[i], &offer->shared[i]);

        if (err != ERR_NONE) {
            send_line(offer->watch.fd, NULL, 0, "refused %s cannot be shared: %s\n", store_root_path(server->stores[i]),
                      err_text(err));
            return false;
        }
    }
    return true;
}

static void offer_act(struct job *job)
{
    struct offer *offer = CONTAINER(job, struct offer, job);
    struct server *server = offer->control->station->server;
    int none = SUCCESSION_NONE;

    role_assert_worker();
    if (!share_all(offer))
        return;
    if (!atomic_compare_exchange_strong(&server->succession, &none, SUCCESSION_SENDING)) {
        send_line(offer->watch.fd, NULL, 0, "refused the server is stopping\n");
        return;
    }
    atomic_store(&server->listeners.is_foreign, true);
    offer->is_given = send_all(offer);
    atomic_store(&server->succession, SUCCESSION_OFFERED);
}

static LOOP_SIDE void offer_free(struct offer *offer)
{
    struct control *control = offer->control;

    timer_cancel(control->station->loop, &offer->timer);
    loop_unwatch(control->station->loop, &offer->watch);
    fd_close(&offer->watch.fd);
    free(offer->shared);
    buf_wipe(&offer->tickets);
    free(offer);
    control->offer = NULL;
}

/* All is as it was, as soon as the other one is really gone. */
static LOOP_SIDE void offer_fail(struct offer *offer)
{
    struct control *control = offer->control;
    struct server *server = control->station->server;
    int offered = SUCCESSION_OFFERED;

    if (atomic_compare_exchange_strong(&server->succession, &offered, SUCCESSION_NONE))
        atomic_store(&server->listeners.is_foreign, false);
    offer_free(offer);
    parting_begin(control);
}

static void offer_late(struct timer *timer)
{
    struct offer *offer = CONTAINER(timer, struct offer, timer);

    role_assert_loop();
    send_line(offer->watch.fd, NULL, 0, "late\n");
    offer_fail(offer);
}

static void offer_ready(struct watch *watch, uint32_t events)
{
    struct offer *offer = CONTAINER(watch, struct offer, watch);
    struct server *server = offer->control->station->server;
    char line[32];
    ssize_t got = recv(watch->fd, line, sizeof(line), MSG_DONTWAIT);

    role_assert_loop();
    (void)events;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !slice_eq(slice_of(line, (size_t)got), SLICE("serving\n"))) {
        offer_fail(offer);
        return;
    }
    timer_cancel(offer->control->station->loop, &offer->timer);
    loop_unwatch(offer->control->station->loop, &offer->watch);
    control_let_go(offer->control);
    server->successor = offer->pid;
    atomic_store(&server->succession, SUCCESSION_DONE);
    station_reported(offer->control->station); /* the main thread goes on from here */
}

static void offer_done(struct job *job)
{
    struct offer *offer = CONTAINER(job, struct offer, job);
    struct control *control = offer->control;

    role_assert_loop();
    offer->has_job = false;
    for (unsigned i = 0; i < control->station->server->store_count; i++)
        fd_close(&offer->shared[i].page); /* of a description that is the new one's alone from now on */
    if (control->is_stopping) {
        offer_free(offer);
    } else if (!offer->is_given) {
        offer_fail(offer);
    } else {
        offer->timer.fire = offer_late;
        timer_set(control->station->loop, &offer->timer, SERVING_WITHIN_MS);
        loop_watch(control->station->loop, &offer->watch, EPOLLIN);
    }
}

/* A socket that is being made could neither be handed over nor made by the new one. */
static void offer_try(struct timer *timer)
{
    struct offer *offer = CONTAINER(timer, struct offer, timer);
    struct station *station = offer->control->station;

    role_assert_loop();
    if (offer->control->is_binding) {
        timer_set(station->loop, timer, WAIT_MS);
        return;
    }
    tls_give_tickets(station->house->tls, &offer->tickets);
    offer->has_job = true;
    offer->job = (struct job){.home = station->loop, .act = offer_act, .done = offer_done};
    pool_submit(station->server->pool, LANE_COMMIT, &offer->job);
}

void offer_begin(struct control *control, int fd)
{
    struct server *server = control->station->server;
    struct offer *offer;
    struct ucred peer = {0};
    socklen_t len = sizeof(peer);

    if (control->offer || atomic_load(&server->succession) != SUCCESSION_NONE) {
        send_line(fd, NULL, 0, "refused it stops, or is being replaced already\n");
        close(fd);
        return;
    }
    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    offer = xcalloc(1, sizeof(*offer));
    *offer = (struct offer){.control = control,
                            .watch = {.fd = fd, .ready = offer_ready},
                            .pid = peer.pid,
                            .tickets = BUF_INIT(LINE_ROOM / 2),
                            .shared = xcalloc(server->store_count, sizeof(*offer->shared))};
    for (unsigned i = 0; i < server->store_count; i++)
        offer->shared[i].page = -1;
    control->offer = offer;
    offer_try(&offer->timer);
}

void offer_stop(struct control *control)
{
    timer_cancel(control->station->loop, &control->parting);
    if (control->offer && !control->offer->has_job) /* else when that is home */
        offer_free(control->offer);
}

/* ---- both: alone again ---- */

static void unshare_act(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, unsharing);
    struct server *server = control->station->server;

    role_assert_worker();
    control->is_alone = true;
    for (unsigned i = 0; i < server->store_count; i++)
        control->is_alone &= store_unshare(server->stores[i]);
    if (control->is_alone)
        server->notice("the folders are no longer shared: the other process has ended");
}

static void unshare_done(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, unsharing);

    role_assert_loop();
    control->is_unsharing = false;
    if (!control->is_alone && !control->is_stopping)
        timer_set(control->station->loop, &control->parting, PART_MS);
}

static void part(struct timer *timer)
{
    struct control *control = CONTAINER(timer, struct control, parting);

    role_assert_loop();
    control->is_unsharing = true;
    control->unsharing = (struct job){.home = control->station->loop, .act = unshare_act, .done = unshare_done};
    pool_submit(control->station->server->pool, LANE_SLOW, &control->unsharing);
}

void parting_begin(struct control *control)
{
    control->parting.fire = part;
    if (!control->is_unsharing)
        timer_set(control->station->loop, &control->parting, PART_MS);
}
