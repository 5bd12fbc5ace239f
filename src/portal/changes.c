/*
 * changes.c - sessions are recorded, take addresses and lose them, and end. How they begin: logins.c.
 *
 * Each change is recorded first, then the gateway follows, then the memory that others look at: a crash in between
 * leaves a record, and the next start brings the gateway to agree with it. A login that the firewall refuses takes its
 * records back.
 */
#include <stdlib.h>
#include <string.h>

#include "portal_private.h"

enum {
    NOTE_BYTES = 256 * 1024, /* used since the record was written, before it is written anew: as much a crash forgets */
};

/* ---- records ---- */

static struct guest_change session_change(const struct session *session, char room[RECORD_ROOM])
{
    return (struct guest_change){
        .kind = GUEST_SESSION, .name = slice_str(session->id), .value = session_record(session, room)};
}

static struct guest_change voucher_change(const struct voucher *voucher, char room[RECORD_ROOM])
{
    return (struct guest_change){
        .kind = GUEST_VOUCHER, .name = slice_str(voucher->code), .value = voucher_record(voucher, room)};
}

enum err session_keep(struct portal *portal, const struct session *session, const struct voucher *voucher)
{
    char session_room[RECORD_ROOM], voucher_room[RECORD_ROOM];
    struct guest_change changes[2] = {session_change(session, session_room)};

    if (voucher)
        changes[1] = voucher_change(voucher, voucher_room);
    return store_guests_commit(portal->store, changes, voucher ? 2 : 1);
}

void session_unkeep(struct portal *portal, const struct session *session, bool is_new, const struct voucher *voucher)
{
    char session_room[RECORD_ROOM], voucher_room[RECORD_ROOM];
    struct guest_change changes[2] = {session_change(session, session_room)};

    changes[0].is_drop = is_new;
    if (voucher)
        changes[1] = voucher_change(voucher, voucher_room);
    if (store_guests_commit(portal->store, changes, voucher ? 2 : 1) != ERR_NONE)
        store_guests_queue(portal->store, changes, voucher ? 2 : 1);
}

void session_note_use(struct portal *portal, struct session *session, bool all)
{
    struct voucher *voucher = session->voucher;
    char session_room[RECORD_ROOM], voucher_room[RECORD_ROOM];
    struct guest_change changes[2] = {{.kind = GUEST_SESSION}};
    unsigned count = 1;

    if (session->used - session->recorded < (all ? 1 : NOTE_BYTES))
        return;
    changes[0] = session_change(session, session_room);
    if (voucher && voucher->used != voucher->recorded) {
        changes[count++] = voucher_change(voucher, voucher_room);
        voucher->recorded = voucher->used;
    }
    session->recorded = session->used;
    store_guests_queue(portal->store, changes, count);
}

enum err session_forget(struct portal *portal, const char *id, bool is_awaited)
{
    struct guest_change change = {.kind = GUEST_SESSION, .name = slice_str(id), .is_drop = true};

    if (is_awaited)
        return store_guests_commit(portal->store, &change, 1);
    store_guests_queue(portal->store, &change, 1);
    return ERR_NONE;
}

/* ---- the end ---- */

static WORKER_SIDE enum err end(struct portal *portal, struct session *session, bool is_awaited)
{
    enum err err;

    gateway_close(portal, session);
    session_note_use(portal, session, true); /* of the voucher, which stays */
    err = session_forget(portal, session->id, is_awaited);
    pthread_mutex_lock(&portal->mutex);
    session_remove(&portal->table, session);
    pthread_mutex_unlock(&portal->mutex);
    return err;
}

void session_end(struct portal *portal, struct session *session)
{
    end(portal, session, false);
}

struct session *session_at(struct portal *portal, const struct firewall_address *address)
{
    struct seat *seat = seat_find(&portal->table, address);

    return seat ? seat_session(seat) : NULL;
}

enum err portal_logout(struct portal *portal, struct slice address)
{
    struct firewall_address parsed;
    struct session *session;
    enum err err = ERR_NONE;

    if (!address_parse(address, &parsed))
        return ERR_NONE;
    pthread_mutex_lock(&portal->changing);
    session = session_at(portal, &parsed);
    if (session)
        err = end(portal, session, true);
    pthread_mutex_unlock(&portal->changing);
    return err;
}

static bool is_meant(const struct session *session, struct slice whom, const struct firewall_address *address,
                     const char *code)
{
    char mac[3 * MAC_LEN + 1];

    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        if (address->family && session->seats[i].address.family && address_same(&session->seats[i].address, address))
            return true;
    snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", session->mac[0], session->mac[1], session->mac[2],
             session->mac[3], session->mac[4], session->mac[5]);
    if (session->has_mac && slice_eq_nocase(whom, slice_str(mac)))
        return true;
    if (session->user)
        return slice_eq(whom, slice_str(session->user));
    return session->voucher && *code && strcmp(session->voucher->code, code) == 0;
}

unsigned sessions_end_of(struct portal *portal, struct slice whom)
{
    struct firewall_address address;
    char code[PORTAL_CODE_MAX + 1];
    unsigned count = 0;

    if (!address_parse(whom, &address))
        address.family = 0;
    code_parse(whom, code);
    for (struct link *at = portal->table.sessions.next, *next; at != &portal->table.sessions; at = next) {
        struct session *session = CONTAINER(at, struct session, link);

        next = at->next;
        if (is_meant(session, whom, &address, code)) {
            end(portal, session, true);
            count++;
        }
    }
    return count;
}

unsigned portal_disconnect(struct portal *portal, struct slice whom)
{
    unsigned count;

    pthread_mutex_lock(&portal->changing);
    count = sessions_end_of(portal, whom);
    pthread_mutex_unlock(&portal->changing);
    return count;
}

/* ---- addresses of a device ---- */

void session_unseat(struct portal *portal, struct seat *seat)
{
    struct session *session = seat_session(seat);
    char room[RECORD_ROOM];
    struct guest_change change;

    gateway_close_seat(portal, seat);
    pthread_mutex_lock(&portal->mutex);
    seat_leave(&portal->table, seat);
    pthread_mutex_unlock(&portal->mutex);
    change = session_change(session, room);
    store_guests_queue(portal->store, &change, 1);
}

/* Its device has not shown up there for the longest, and not lately: NULL if it has everywhere. */
static struct seat *seat_unused(const struct portal *portal, struct session *session)
{
    struct seat *oldest = NULL;

    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++) {
        struct seat *seat = &session->seats[i];

        if (seat->address.family && seat->met + 1 < portal->look && (!oldest || seat->met < oldest->met))
            oldest = seat;
    }
    return oldest;
}

void session_seat(struct portal *portal, struct session *session, const struct firewall_address *address)
{
    struct seat *seat = session->seat_count == PORTAL_ADDRESSES_MAX ? seat_unused(portal, session) : NULL;

    if (seat)
        session_unseat(portal, seat);
    pthread_mutex_lock(&portal->mutex);
    seat = seat_take(&portal->table, session, address);
    pthread_mutex_unlock(&portal->mutex);
    if (!seat)
        return;
    if (session_keep(portal, session, NULL) == ERR_NONE &&
        (!session_is_free(session, guests_now_s()) || gateway_open_seat(portal, seat) == ERR_NONE)) {
        seat->looked = seat->met = portal->look;
        return;
    }
    pthread_mutex_lock(&portal->mutex);
    seat_leave(&portal->table, seat);
    pthread_mutex_unlock(&portal->mutex);
}
