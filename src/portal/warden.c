/*
 * warden.c - the thread that ends sessions when they are due, and keeps them and the gateway in agreement.
 *
 * Each second it ends those whose time is over; the kernel has closed their addresses by then, by the timeout that they
 * were opened with. Every few seconds it looks at the gateway: what went through is counted; who has used up his octets
 * is closed; an address that another device has by now is taken from its session, and a new address of a known device
 * is opened; what is open and nobody's is closed; what is somebody's and not open is opened again. After a restart of
 * the machine nothing is open and the neighbour table is empty: an address is opened again once its device shows up
 * there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "portal_private.h"

enum {
    ROUND_MS = 1000,
    LOOK_MS = 2000, /* a look at the gateway: for so long somebody may go on whose octets are used up */
    LOOK_SHARE =
        50, /* of its time the warden may spend on looks, one in so many: with 10 000 sessions a look takes long */
};

static WORKER_SIDE void end_due(struct portal *portal)
{
    int64_t now_s = guests_now_s();

    for (struct link *at = portal->table.sessions.next, *next; at != &portal->table.sessions; at = next) {
        struct session *session = CONTAINER(at, struct session, link);

        next = at->next;
        if (session_is_over(session, now_s))
            session_end(portal, session);
    }
}

/* ---- a look at the gateway ---- */

/* What is open: counted; nobody's is closed. */
static WORKER_SIDE void look_at_open(struct portal *portal, const struct gateway_list *open)
{
    for (unsigned i = 0; i < open->count; i++) {
        struct seat *seat = seat_find(&portal->table, &open->list[i].address);

        if (!seat) {
            struct session nobody = {.seats[0].address = open->list[i].address};

            gateway_close(portal, &nobody);
            continue;
        }
        seat_count_up(portal, seat, open->list[i].bytes);
        seat->looked = portal->look;
    }
}

static WORKER_SIDE void look_at_neighbour(struct portal *portal, const struct gateway_entry *neighbour)
{
    struct seat *seat = seat_find(&portal->table, &neighbour->address);
    struct session *device;

    if (seat && seat_session(seat)->has_mac && memcmp(seat_session(seat)->mac, neighbour->mac, MAC_LEN) != 0) {
        struct session *former = seat_session(seat);

        session_unseat(portal, seat);
        if (former->seat_count == 0)
            session_end(portal, former);
        seat = NULL;
    }
    if (seat) {
        seat->met = portal->look;
        return;
    }
    device = session_of_mac(&portal->table, neighbour->mac);
    if (device && session_is_free(device, guests_now_s()))
        session_seat(portal, device, &neighbour->address);
}

/* Open as it should be: again, or no more. */
static WORKER_SIDE void set_right(struct portal *portal, struct session *session)
{
    bool is_spent = session_is_spent(session);

    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++) {
        struct seat *seat = &session->seats[i];
        bool is_open = seat->looked == portal->look;

        if (!seat->address.family)
            continue;
        if (is_open && is_spent)
            gateway_close_seat(portal, seat);
        else if (!is_open && !is_spent && (!session->has_mac || seat->met == portal->look))
            (void)!gateway_open_seat(portal, seat);
    }
    session_note_use(portal, session, is_spent);
}

static WORKER_SIDE void look(struct portal *portal)
{
    struct gateway_list open = {0}, neighbours = {0};
    bool is_shared = store_is_shared(portal->store);

    portal->look++;
    if (is_shared || portal->was_shared) /* once more behind the last one that it may have let in */
        sessions_load(portal);
    portal->was_shared = is_shared;
    if (portal->firewall >= 0 && gateway_list(portal, FIREWALL_LIST, &open) == ERR_NONE &&
        gateway_list(portal, FIREWALL_NEIGHBOURS, &neighbours) == ERR_NONE) {
        look_at_open(portal, &open);
        for (unsigned i = 0; i < neighbours.count; i++)
            if (neighbours.list[i].has_mac)
                look_at_neighbour(portal, &neighbours.list[i]);
        for (struct link *at = portal->table.sessions.next; at != &portal->table.sessions; at = at->next)
            set_right(portal, CONTAINER(at, struct session, link));
    }
    free(open.list);
    free(neighbours.list);
}

/* ---- the thread ---- */

static WORKER_SIDE void round_of(struct portal *portal, bool is_first)
{
    uint64_t began = clock_mono_ms(), took;

    pthread_mutex_lock(&portal->changing);
    if (is_first)
        sessions_load(portal);
    end_due(portal);
    if (began >= portal->look_at_ms) {
        look(portal);
        took = clock_mono_ms() - began;
        portal->look_at_ms = began + (LOOK_SHARE * took > LOOK_MS ? LOOK_SHARE * took : LOOK_MS);
    }
    pthread_mutex_unlock(&portal->changing);
}

static void wait_a_round(struct portal *portal)
{
    uint64_t due_ms = clock_mono_ms() + ROUND_MS;
    struct timespec due = {.tv_sec = (time_t)(due_ms / 1000), .tv_nsec = (long)(due_ms % 1000) * 1000000};

    pthread_cond_timedwait(&portal->wake, &portal->waking, &due);
}

static WORKER_SIDE void note_all(struct portal *portal)
{
    pthread_mutex_lock(&portal->changing);
    for (struct link *at = portal->table.sessions.next; at != &portal->table.sessions; at = at->next)
        session_note_use(portal, CONTAINER(at, struct session, link), true);
    pthread_mutex_unlock(&portal->changing);
}

static void *warden_run(void *arg)
{
    struct portal *portal = arg;
    bool is_first = true;

    role_take(ROLE_WORKER, "portal-warden");
    role_assert_worker();
    pthread_mutex_lock(&portal->waking);
    while (!portal->is_stopping) {
        pthread_mutex_unlock(&portal->waking);
        round_of(portal, is_first);
        pthread_mutex_lock(&portal->waking);
        if (is_first) {
            is_first = false;
            portal->is_loaded = true;
            pthread_cond_broadcast(&portal->wake);
        }
        if (!portal->is_stopping)
            wait_a_round(portal);
    }
    pthread_mutex_unlock(&portal->waking);
    note_all(portal); /* nothing is forgotten by a stop */
    return NULL;
}

void warden_start(struct portal *portal)
{
    pthread_mutex_lock(&portal->waking);
    portal->has_thread = pthread_create(&portal->thread, NULL, warden_run, portal) == 0;
    if (!portal->has_thread)
        portal_tell(portal, "captive portal: there is no thread left for it: sessions do not end");
    while (portal->has_thread && !portal->is_loaded)
        pthread_cond_wait(&portal->wake, &portal->waking);
    pthread_mutex_unlock(&portal->waking);
}

void warden_stop(struct portal *portal)
{
    bool has_thread;

    pthread_mutex_lock(&portal->waking);
    has_thread = portal->has_thread;
    portal->has_thread = false;
    portal->is_stopping = true;
    pthread_cond_broadcast(&portal->wake);
    pthread_mutex_unlock(&portal->waking);
    if (has_thread)
        pthread_join(portal->thread, NULL);
}
