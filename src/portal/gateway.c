/*
 * gateway.c - what the firewall's program is asked to do for sessions.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "portal_private.h"

enum { MUTE_MS = 5000 }; /* as long as one silence: no more than half of the time is spent on waiting */

/* Whether it does what matters, told when that changes: once, and not at each look. */
static void note_health(struct portal *portal, bool is_well, const char *text)
{
    if (atomic_exchange(&portal->is_well, is_well) == is_well)
        return;
    if (is_well)
        portal_tell(portal, "captive portal: the firewall does its work again");
    else
        portal_tell(portal,
                    "captive portal: the firewall does not do its work (%s): nobody new is let through until it does; "
                    "who is in stays in",
                    *text ? text : "its program does not answer: a restart of the server starts it anew");
}

struct reply {
    struct firewall_answer last;
    struct gateway_list *list; /* NULL: only the last one counts */
};

/* What no packet on its way out has (fe80::/10): it would take the place of an address that counts. */
static bool is_link_local(const struct firewall_address *address)
{
    return address->family == AF_INET6 && address->octets[0] == 0xfe && (address->octets[1] & 0xc0) == 0x80;
}

static void take_answer(const struct firewall_answer *answer, void *arg)
{
    struct reply *reply = arg;
    struct gateway_list *list = reply->list;
    struct gateway_entry *entry;

    reply->last = *answer;
    if (!list || !answer->address.family || is_link_local(&answer->address))
        return;
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->list = xrealloc(list->list, list->room * sizeof(*list->list));
    }
    entry = &list->list[list->count++];
    *entry = (struct gateway_entry){.address = answer->address, .has_mac = answer->has_mac, .bytes = answer->bytes};
    memcpy(entry->mac, answer->mac, MAC_LEN);
}

/*
 * Each silence takes seconds, with `changing` held: a thousand sessions that end while the program hangs would hold up
 * logins, a reload and the server's stop for hours. So it is left alone for a while. What was not closed in that time
 * is found at the next look.
 */
static WORKER_SIDE enum err ask_unless_mute(struct portal *portal, struct firewall_request *request,
                                            struct reply *reply)
{
    enum err err;

    if (clock_mono_ms() < portal->mute_until_ms)
        return ERR_IO;
    request->number = ++portal->number;
    err = firewall_ask(portal->firewall, request, take_answer, reply);
    portal->mute_until_ms = reply->last.is_last ? 0 : clock_mono_ms() + MUTE_MS;
    return err;
}

static WORKER_SIDE enum err ask(struct portal *portal, enum firewall_what what, const struct firewall_address *address,
                                uint32_t seconds, struct reply *reply)
{
    struct firewall_request request = {.what = what, .seconds = seconds};
    enum err err;

    if (address)
        request.address = *address;
    err = ask_unless_mute(portal, &request, reply);
    if (what == FIREWALL_OPEN || what == FIREWALL_LIST)
        note_health(portal, err == ERR_NONE, reply->last.text);
    return err;
}

void seat_count_up(struct portal *portal, struct seat *seat, uint64_t counter)
{
    struct session *session = seat_session(seat);
    uint64_t more = counter >= seat->counted ? counter - seat->counted : counter; /* else it was opened anew */

    pthread_mutex_lock(&portal->mutex);
    session->used += more;
    if (session->voucher)
        session->voucher->used += more;
    seat->counted = counter;
    pthread_mutex_unlock(&portal->mutex);
}

/* For how long the kernel is to let it through by itself. */
static uint32_t seconds_of(const struct session *session)
{
    int64_t until_s = session_until(session), left_s = until_s - guests_now_s();

    if (!until_s)
        return 0;
    return left_s < 1 ? 1 : left_s > FIREWALL_SECONDS_MAX ? FIREWALL_SECONDS_MAX : (uint32_t)left_s;
}

enum err gateway_open_seat(struct portal *portal, struct seat *seat)
{
    struct reply reply = {0};
    enum err err;

    if (portal->firewall < 0)
        return ERR_NONE;
    err = ask(portal, FIREWALL_OPEN, &seat->address, seconds_of(seat_session(seat)), &reply);
    if (err == ERR_NONE && reply.last.bytes)
        seat_count_up(portal, seat, reply.last.bytes); /* it was open: its counter begins anew */
    if (err == ERR_NONE)
        seat->counted = 0;
    return err;
}

enum err gateway_open(struct portal *portal, struct session *session)
{
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX && err == ERR_NONE; i++)
        if (session->seats[i].address.family)
            err = gateway_open_seat(portal, &session->seats[i]);
    if (err != ERR_NONE)
        gateway_close(portal, session);
    return err;
}

void gateway_close_seat(struct portal *portal, struct seat *seat)
{
    struct reply reply = {0};

    if (portal->firewall < 0)
        return;
    if (ask(portal, FIREWALL_CLOSE, &seat->address, 0, &reply) != ERR_NONE)
        return; /* it may be open still, with its counter */
    if (reply.last.bytes)
        seat_count_up(portal, seat, reply.last.bytes);
    seat->counted = 0;
}

void gateway_close(struct portal *portal, struct session *session)
{
    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++)
        if (session->seats[i].address.family)
            gateway_close_seat(portal, &session->seats[i]);
}

enum err gateway_list(struct portal *portal, enum firewall_what what, struct gateway_list *out)
{
    struct reply reply = {.list = out};

    return portal->firewall < 0 ? ERR_NONE : ask(portal, what, NULL, 0, &reply);
}

bool gateway_mac(struct portal *portal, const struct firewall_address *address, uint8_t mac[MAC_LEN])
{
    struct reply reply = {0};

    if (portal->firewall < 0 || ask(portal, FIREWALL_FIND, address, 0, &reply) != ERR_NONE || !reply.last.has_mac)
        return false;
    memcpy(mac, reply.last.mac, MAC_LEN);
    return true;
}
