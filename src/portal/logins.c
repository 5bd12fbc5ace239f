/*
 * logins.c - who is let in, and by what: vouchers and claims are judged, sessions made or prolonged.
 *
 * Each is recorded first, then opened, then looked at by others. A login that the firewall refuses takes its records
 * back.
 */
#include <stdlib.h>
#include <string.h>

#include "portal_private.h"

enum { RENEW_S = 10, RENEW_PART = 10 }; /* a session is renewed no sooner; of a short one, after a tenth of it */

struct voucher *voucher_find(struct portal *portal, const char *code, struct voucher **fresh)
{
    struct voucher *voucher = voucher_in_use(&portal->table, code);
    struct buf value = BUF_INIT(RECORD_ROOM);
    struct voucher read;

    *fresh = NULL;
    if (voucher)
        return voucher;
    if (store_guest(portal->store, GUEST_VOUCHER, slice_str(code), &value) == ERR_NONE &&
        voucher_read(slice_str(code), buf_slice(&value), &read)) {
        voucher = *fresh = xcalloc(1, sizeof(read));
        *voucher = read;
    }
    buf_release(&value);
    return voucher;
}

/* session: the one that the device has already; NULL: none. */
static enum portal_said judge_voucher(const struct voucher *voucher, const struct session *session)
{
    unsigned others = voucher->sessions - (session && session->voucher == voucher);

    if (voucher->first_s && voucher->grant.seconds &&
        voucher->first_s + (int64_t)voucher->grant.seconds <= guests_now_s())
        return PORTAL_SPENT;
    if (voucher->grant.bytes && voucher->used >= voucher->grant.bytes)
        return PORTAL_SPENT;
    return others >= voucher->grant.devices ? PORTAL_TOO_MANY : PORTAL_LET_IN;
}

static WORKER_SIDE enum portal_said grant_voucher(struct portal *portal, struct slice text,
                                                  const struct session *session, struct grant *out)
{
    char code[PORTAL_CODE_MAX + 1];
    enum portal_said said;

    if (!code_parse(text, code) || !(out->voucher = voucher_find(portal, code, &out->fresh)))
        return PORTAL_UNKNOWN_VOUCHER;
    said = judge_voucher(out->voucher, session);
    if (said != PORTAL_LET_IN) {
        free(out->fresh);
        return said;
    }
    out->is_first_use = out->voucher->first_s == 0;
    if (out->is_first_use)
        out->voucher->first_s = guests_now_s();
    return PORTAL_LET_IN;
}

static unsigned sessions_of(const struct portal *portal, struct slice user, const struct session *but)
{
    struct link *at, *next;
    unsigned count = 0;

    LIST_EACH (&portal->table.sessions, at, next) {
        const struct session *session = CONTAINER(at, struct session, link);

        count += session != but && session->user && slice_eq(slice_str(session->user), user);
    }
    return count;
}

/* Octets that are used up are not given anew by another tick: until the session's time is over. */
static enum portal_said grant_time(struct portal *portal, const struct portal_claim *claim,
                                   const struct session *session, struct grant *out)
{
    const struct portal_conf *conf = portal->conf->portal; /* changes with `changing` held only */

    if (session && !session->voucher && session_is_spent(session))
        return PORTAL_SPENT;
    if (claim->by == PORTAL_BY_USER && conf->devices && sessions_of(portal, claim->text, session) >= conf->devices)
        return PORTAL_TOO_MANY;
    out->user = claim->by == PORTAL_BY_USER ? claim->text : SLICE_NONE;
    out->until_s = conf->session_seconds ? guests_now_s() + (int64_t)conf->session_seconds : 0;
    out->bytes_max = conf->session_bytes;
    return PORTAL_LET_IN;
}

static WORKER_SIDE enum portal_said grant_find(struct portal *portal, const struct portal_claim *claim,
                                               const struct session *session, struct grant *out)
{
    *out = (struct grant){.by = claim->by};
    if (!session && portal->table.count >= PORTAL_SESSIONS_MAX)
        return PORTAL_FULL;
    if (claim->by == PORTAL_BY_VOUCHER)
        return grant_voucher(portal, claim->text, session, out);
    return claim->text.len > PORTAL_NAME_MAX ? PORTAL_NOT_KEPT : grant_time(portal, claim, session, out);
}

/* Its voucher was never used, then. */
static void grant_take_back(const struct grant *grant)
{
    if (grant->is_first_use)
        grant->voucher->first_s = 0;
    free(grant->fresh);
}

/* What a voucher's session carried is the voucher's use, and takes nothing from what is granted without one. */
static void wear(struct session *session, const struct grant *grant)
{
    if (session->voucher && !grant->voucher)
        session->used = session->recorded = 0;
    session->by = grant->by;
    session->voucher = grant->voucher;
    session->user = grant->user.len ? xstrdup(grant->user) : NULL;
    session->until_s = grant->until_s;
    session->bytes_max = grant->bytes_max;
}

static void seat_first(struct session *session, const struct firewall_address *address)
{
    session->seats[session->seat_count].address = *address;
    session->seats[session->seat_count].position = (uint8_t)session->seat_count;
    session->seat_count++;
}

/* The addresses that the device uses beside the one it asks from. */
static WORKER_SIDE void seat_others(struct portal *portal, struct session *session)
{
    struct gateway_list list = {0};

    if (session->has_mac && gateway_list(portal, FIREWALL_NEIGHBOURS, &list) == ERR_NONE)
        for (unsigned i = 0; i < list.count && session->seat_count < PORTAL_ADDRESSES_MAX; i++) {
            const struct gateway_entry *at = &list.list[i];

            if (at->has_mac && memcmp(at->mac, session->mac, MAC_LEN) == 0 &&
                !address_same(&at->address, &session->seats[0].address) && !seat_find(&portal->table, &at->address))
                seat_first(session, &at->address);
        }
    free(list.list);
}

static WORKER_SIDE struct session *session_new(struct portal *portal, const struct firewall_address *address,
                                               const uint8_t *mac)
{
    struct session *session = xcalloc(1, sizeof(*session));
    unsigned char id[SESSION_ID_LEN / 2];

    random_bytes(id, sizeof(id));
    hex_encode(session->id, id, sizeof(id));
    session->began_s = guests_now_s();
    seat_first(session, address);
    session->has_mac = mac != NULL;
    if (mac)
        memcpy(session->mac, mac, MAC_LEN);
    seat_others(portal, session);
    return session;
}

static WORKER_SIDE enum portal_said admit(struct portal *portal, const struct firewall_address *address,
                                          const uint8_t *mac, const struct grant *grant)
{
    struct session *session = session_new(portal, address, mac);
    enum portal_said said = PORTAL_LET_IN;

    wear(session, grant);
    if (session_keep(portal, session, grant->is_first_use ? grant->voucher : NULL) != ERR_NONE)
        said = PORTAL_NOT_KEPT;
    else if (gateway_open(portal, session) != ERR_NONE)
        said = PORTAL_NO_FIREWALL;
    if (said != PORTAL_LET_IN) {
        if (grant->is_first_use)
            grant->voucher->first_s = 0;
        if (said == PORTAL_NO_FIREWALL)
            session_unkeep(portal, session, true, grant->is_first_use ? grant->voucher : NULL);
        free(grant->fresh);
        session_free(session);
        return said;
    }
    pthread_mutex_lock(&portal->mutex);
    if (grant->fresh)
        voucher_add(&portal->table, grant->fresh);
    session_add(&portal->table, session);
    pthread_mutex_unlock(&portal->mutex);
    return PORTAL_LET_IN;
}

void session_change_grant(struct portal *portal, struct session *session, const struct grant *grant)
{
    struct voucher *before = session->voucher;
    char *user = session->user;

    pthread_mutex_lock(&portal->mutex);
    if (grant->fresh)
        voucher_add(&portal->table, grant->fresh);
    if (grant->voucher)
        grant->voucher->sessions++;
    wear(session, grant);
    voucher_leave(&portal->table, before);
    pthread_mutex_unlock(&portal->mutex);
    free(user);
}

static WORKER_SIDE enum portal_said prolong(struct portal *portal, struct session *session, const struct grant *grant)
{
    struct session after = *session;
    enum err err;

    wear(&after, grant);
    err = session_keep(portal, &after, grant->is_first_use ? grant->voucher : NULL);
    free(after.user);
    if (err != ERR_NONE) {
        grant_take_back(grant);
        return PORTAL_NOT_KEPT;
    }
    if (!grant->voucher || grant->voucher != session->voucher)
        session_change_grant(portal, session, grant);
    return gateway_open(portal, session) == ERR_NONE ? PORTAL_LET_IN : PORTAL_NO_FIREWALL;
}

/* The session that the device has, from this address or another of its own. */
static WORKER_SIDE struct session *session_of_device(struct portal *portal, const struct firewall_address *address,
                                                     bool has_mac, const uint8_t mac[MAC_LEN])
{
    struct session *session = session_at(portal, address);

    if (session && session->has_mac && has_mac && memcmp(session->mac, mac, MAC_LEN) != 0) {
        session_unseat(portal, seat_find(&portal->table, address)); /* the address has changed its owner */
        if (session->seat_count == 0)
            session_end(portal, session);
        session = NULL;
    }
    if (!session && has_mac)
        session = session_of_mac(&portal->table, mac);
    if (session && session_is_over(session, guests_now_s())) {
        session_end(portal, session);
        session = NULL;
    }
    if (session && !seat_find(&portal->table, address))
        session_seat(portal, session, address);
    return session;
}

/*
 * The same way in, hardly later: there is nothing to write, and somebody who asks again and again does not keep the
 * others waiting.
 */
static bool is_renewed_already(const struct session *session, const struct grant *grant)
{
    int64_t now_s = guests_now_s(), part_s = (grant->until_s - now_s) / RENEW_PART;

    if (!session || grant->voucher || session->by != grant->by || !session_is_free(session, now_s) ||
        !slice_eq(slice_str(session->user), grant->user) || session->bytes_max != grant->bytes_max)
        return false;
    if (!grant->until_s || !session->until_s)
        return grant->until_s == session->until_s;
    return grant->until_s - session->until_s < (part_s < RENEW_S ? part_s : RENEW_S);
}

static WORKER_SIDE enum portal_said login(struct portal *portal, const struct portal_claim *claim,
                                          const struct firewall_address *address)
{
    uint8_t mac[MAC_LEN] = {0};
    bool has_mac = gateway_mac(portal, address, mac);
    struct session *session = session_of_device(portal, address, has_mac, mac);
    struct grant grant;
    enum portal_said said = grant_find(portal, claim, session, &grant);

    if (said != PORTAL_LET_IN || is_renewed_already(session, &grant))
        return said;
    return session ? prolong(portal, session, &grant) : admit(portal, address, has_mac ? mac : NULL, &grant);
}

enum portal_said portal_login(struct portal *portal, const struct portal_claim *claim, struct portal_state *out)
{
    struct firewall_address address;
    enum portal_said said = PORTAL_NO_ADDRESS;

    if (address_parse(claim->address, &address)) {
        pthread_mutex_lock(&portal->changing);
        said = login(portal, claim, &address);
        pthread_mutex_unlock(&portal->changing);
    }
    atomic_fetch_add(said == PORTAL_LET_IN ? &portal->logins : &portal->refused, 1);
    portal_look(portal, claim->address, out);
    return said;
}
