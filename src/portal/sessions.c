/*
 * sessions.c - sessions in memory, found by address and by hardware address.
 */
#include "portal_private.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 64 };

/* ---- addresses ---- */

bool address_parse(struct slice text, struct firewall_address *out)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[INET6_ADDRSTRLEN];

    *out = (struct firewall_address){0};
    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, out->octets) == 1) {
        out->family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, copy, out->octets) != 1)
        return false;
    out->family = AF_INET6;
    if (memcmp(out->octets, mapped, sizeof(mapped)) == 0) {
        out->family = AF_INET;
        memmove(out->octets, out->octets + 12, 4);
        memset(out->octets + 4, 0, 12);
    }
    return true;
}

void address_text(const struct firewall_address *address, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];

    if (inet_ntop(address->family, address->octets, text, sizeof(text)))
        buf_add_str(out, text);
}

bool address_same(const struct firewall_address *a, const struct firewall_address *b)
{
    return a->family == b->family && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

/* ---- the two indexes ---- */

static struct seat **place_of(const struct table *table, const struct firewall_address *address)
{
    struct slice octets = slice_of((const char *)address->octets, sizeof(address->octets));

    return &table->by_address[hash64(&table->key, octets) & (table->room - 1)];
}

static struct session **place_of_mac(const struct table *table, const uint8_t mac[MAC_LEN])
{
    return &table->by_mac[hash64(&table->key, slice_of((const char *)mac, MAC_LEN)) & (table->room - 1)];
}

struct seat *seat_find(const struct table *table, const struct firewall_address *address)
{
    struct seat *seat = *place_of(table, address);

    while (seat && !address_same(&seat->address, address))
        seat = seat->next;
    return seat;
}

struct session *session_of_mac(const struct table *table, const uint8_t mac[MAC_LEN])
{
    struct session *session = *place_of_mac(table, mac);

    while (session && memcmp(session->mac, mac, MAC_LEN) != 0)
        session = session->next_of_mac;
    return session;
}

static struct voucher **place_of_code(const struct table *table, const char *code)
{
    return &table->by_code[hash64(&table->key, slice_str(code)) & (table->room - 1)];
}

static void list_seat(struct table *table, struct seat *seat)
{
    struct seat **place = place_of(table, &seat->address);

    seat->next = *place;
    *place = seat;
}

static void list_mac(struct table *table, struct session *session)
{
    struct session **place = place_of_mac(table, session->mac);

    session->next_of_mac = *place;
    *place = session;
}

static void list_session(struct table *table, struct session *session)
{
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        if (session->seats[i].address.family)
            list_seat(table, &session->seats[i]);
    if (session->has_mac)
        list_mac(table, session);
}

void voucher_add(struct table *table, struct voucher *voucher)
{
    struct voucher **place = place_of_code(table, voucher->code);

    voucher->next = *place;
    *place = voucher;
}

static void unlist_voucher(struct table *table, struct voucher *voucher)
{
    struct voucher **at = place_of_code(table, voucher->code);

    while (*at != voucher)
        at = &(*at)->next;
    *at = voucher->next;
}

static void list_vouchers_anew(struct table *table, struct voucher **old, unsigned old_room)
{
    for (unsigned i = 0; i < old_room; i++)
        for (struct voucher *at = old[i], *next; at; at = next) {
            next = at->next;
            voucher_add(table, at);
        }
}

/* Chains stay about one long. */
static void grow(struct table *table)
{
    struct voucher **vouchers = table->by_code;
    unsigned room = table->room;

    if (room && table->seats < room)
        return;
    free(table->by_address);
    free(table->by_mac);
    table->room = room ? 2 * room : ROOM_FIRST;
    table->by_address = xcalloc(table->room, sizeof(struct seat *));
    table->by_mac = xcalloc(table->room, sizeof(struct session *));
    table->by_code = xcalloc(table->room, sizeof(struct voucher *));
    list_vouchers_anew(table, vouchers, room);
    free(vouchers);
    for (struct link *at = table->sessions.next; at != &table->sessions; at = at->next)
        list_session(table, CONTAINER(at, struct session, link));
}

void sessions_init(struct table *table)
{
    *table = (struct table){0};
    random_bytes(&table->key, sizeof(table->key));
    list_init(&table->sessions);
    grow(table);
}

void session_free(struct session *session)
{
    free(session->user);
    free(session);
}

void voucher_leave(struct table *table, struct voucher *voucher)
{
    if (!voucher || --voucher->sessions)
        return;
    unlist_voucher(table, voucher);
    free(voucher);
}

void sessions_release(struct table *table)
{
    while (!list_is_empty(&table->sessions))
        session_remove(table, CONTAINER(table->sessions.next, struct session, link));
    free(table->by_address);
    free(table->by_mac);
    free(table->by_code);
}

/* ---- sessions ---- */

void session_add(struct table *table, struct session *session)
{
    grow(table);
    table->count++;
    table->seats += session->seat_count;
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        session->seats[i].position = (uint8_t)i;
    if (session->voucher)
        session->voucher->sessions++;
    list_append(&table->sessions, &session->link);
    list_session(table, session);
}

static void unlist_mac(struct table *table, struct session *session)
{
    struct session **at = place_of_mac(table, session->mac);

    while (*at != session)
        at = &(*at)->next_of_mac;
    *at = session->next_of_mac;
}

void session_remove(struct table *table, struct session *session)
{
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        if (session->seats[i].address.family)
            seat_leave(table, &session->seats[i]);
    if (session->has_mac)
        unlist_mac(table, session);
    list_remove(&session->link);
    table->count--;
    voucher_leave(table, session->voucher);
    session_free(session);
}

struct seat *seat_take(struct table *table, struct session *session, const struct firewall_address *address)
{
    if (session->seat_count == PORTAL_ADDRESSES_MAX || seat_find(table, address))
        return NULL;
    grow(table);
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++) {
        struct seat *seat = &session->seats[i];

        if (seat->address.family)
            continue;
        *seat = (struct seat){.address = *address, .position = (uint8_t)i};
        session->seat_count++;
        table->seats++;
        list_seat(table, seat);
        return seat;
    }
    return NULL;
}

void seat_leave(struct table *table, struct seat *seat)
{
    struct seat **at = place_of(table, &seat->address);

    while (*at != seat)
        at = &(*at)->next;
    *at = seat->next;
    seat->address.family = 0;
    seat_session(seat)->seat_count--;
    table->seats--;
}

struct voucher *voucher_in_use(const struct table *table, const char *code)
{
    struct voucher *voucher = *place_of_code(table, code);

    while (voucher && strcmp(voucher->code, code) != 0)
        voucher = voucher->next;
    return voucher;
}
