/*
 * changes.c - sessions come, grow and end.
 *
 * Each change is recorded first, then the gateway follows, then the memory that others look at: a crash in between
 * leaves a record, and the next start brings the gateway to agree with it. A login that the firewall refuses takes its
 * records back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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

/* voucher NULL: its record stays. */
static WORKER_SIDE enum err record(struct portal *portal, const struct session *session, const struct voucher *voucher)
{
    char session_room[RECORD_ROOM], voucher_room[RECORD_ROOM];
    struct guest_change changes[2] = {session_change(session, session_room)};

    if (voucher)
        changes[1] = voucher_change(voucher, voucher_room);
    return store_guests_commit(portal->store, changes, voucher ? 2 : 1);
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

static WORKER_SIDE enum err drop_record(struct portal *portal, const char *id, bool is_awaited)
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
    err = drop_record(portal, session->id, is_awaited);
    pthread_mutex_lock(&portal->mutex);
    session_remove(&portal->table, session);
    pthread_mutex_unlock(&portal->mutex);
    return err;
}

void session_end(struct portal *portal, struct session *session)
{
    end(portal, session, false);
}

static struct session *session_at(struct portal *portal, const struct firewall_address *address)
{
    struct seat *seat = seat_find(&portal->table, address);

    return seat ? seat->session : NULL;
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

unsigned portal_disconnect(struct portal *portal, struct slice whom)
{
    struct firewall_address address;
    char code[PORTAL_CODE_MAX + 1];
    unsigned count = 0;

    if (!address_parse(whom, &address))
        address.family = 0;
    code_parse(whom, code);
    pthread_mutex_lock(&portal->changing);
    for (struct link *at = portal->table.sessions.next, *next; at != &portal->table.sessions; at = next) {
        struct session *session = CONTAINER(at, struct session, link);

        next = at->next;
        if (is_meant(session, whom, &address, code)) {
            end(portal, session, true);
            count++;
        }
    }
    pthread_mutex_unlock(&portal->changing);
    return count;
}

/* ---- addresses of a device ---- */

void session_seat(struct portal *portal, struct session *session, const struct firewall_address *address)
{
    struct seat *seat;

    pthread_mutex_lock(&portal->mutex);
    seat = seat_take(&portal->table, session, address);
    pthread_mutex_unlock(&portal->mutex);
    if (!seat)
        return;
    if (record(portal, session, NULL) == ERR_NONE && gateway_open_seat(portal, seat) == ERR_NONE) {
        seat->looked = portal->look;
        return;
    }
    pthread_mutex_lock(&portal->mutex);
    seat_leave(&portal->table, seat);
    pthread_mutex_unlock(&portal->mutex);
}

void session_unseat(struct portal *portal, struct seat *seat)
{
    struct session *session = seat->session;
    char room[RECORD_ROOM];
    struct guest_change change;

    gateway_close_seat(portal, seat);
    pthread_mutex_lock(&portal->mutex);
    seat_leave(&portal->table, seat);
    pthread_mutex_unlock(&portal->mutex);
    change = session_change(session, room);
    store_guests_queue(portal->store, &change, 1);
}

/* ---- login ---- */

/* What a claim is worth, once it was looked at. */
struct grant {
    enum portal_login by;
    struct voucher *voucher; /* in the table, or `fresh` */
    struct voucher *fresh;   /* read from its record, and owned until the table has it */
    bool is_first_use;
    struct slice user;
    int64_t until_s;
    uint64_t bytes_max;
};

static WORKER_SIDE struct voucher *voucher_find(struct portal *portal, const char *code, struct voucher **fresh)
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
        voucher->first_s + (int64_t)voucher->grant.seconds <= clock_real_s())
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
        out->voucher->first_s = clock_real_s();
    return PORTAL_LET_IN;
}

static unsigned sessions_of(const struct portal *portal, struct slice user, const struct session *but)
{
    unsigned count = 0;

    for (struct link *at = portal->table.sessions.next; at != &portal->table.sessions; at = at->next) {
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
    out->until_s = conf->session_seconds ? clock_real_s() + (int64_t)conf->session_seconds : 0;
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

static void wear(struct session *session, const struct grant *grant)
{
    session->by = grant->by;
    session->voucher = grant->voucher;
    session->user = grant->user.len ? xstrdup(grant->user) : NULL;
    session->until_s = grant->until_s;
    session->bytes_max = grant->bytes_max;
}

/* What was recorded is taken back: the firewall did not open. */
static WORKER_SIDE void unrecord(struct portal *portal, const struct session *session, bool is_new,
                                 const struct voucher *voucher)
{
    char session_room[RECORD_ROOM], voucher_room[RECORD_ROOM];
    struct guest_change changes[2] = {session_change(session, session_room)};

    changes[0].is_drop = is_new;
    if (voucher)
        changes[1] = voucher_change(voucher, voucher_room);
    if (store_guests_commit(portal->store, changes, voucher ? 2 : 1) != ERR_NONE)
        store_guests_queue(portal->store, changes, voucher ? 2 : 1);
}

static void seat_first(struct session *session, const struct firewall_address *address)
{
    session->seats[session->seat_count].address = *address;
    session->seats[session->seat_count].session = session;
    session->seat_count++;
}

/* The addresses that the device uses beside the one it asks from. */
static WORKER_SIDE void seat_others(struct portal *portal, struct session *session)
{
    struct arena arena = {0};
    struct gateway_list list = {.arena = &arena};

    if (session->has_mac && gateway_list(portal, FIREWALL_NEIGHBOURS, &list) == ERR_NONE)
        for (unsigned i = 0; i < list.count && session->seat_count < PORTAL_ADDRESSES_MAX; i++) {
            const struct firewall_answer *at = &list.list[i];

            if (at->has_mac && memcmp(at->mac, session->mac, MAC_LEN) == 0 &&
                !address_same(&at->address, &session->seats[0].address) && !seat_find(&portal->table, &at->address))
                seat_first(session, &at->address);
        }
    arena_release(&arena);
}

static WORKER_SIDE struct session *session_new(struct portal *portal, const struct firewall_address *address,
                                               const uint8_t *mac)
{
    struct session *session = xcalloc(1, sizeof(*session));
    unsigned char id[SESSION_ID_LEN / 2];

    random_bytes(id, sizeof(id));
    hex_encode(session->id, id, sizeof(id));
    session->began_s = clock_real_s();
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
    if (record(portal, session, grant->is_first_use ? grant->voucher : NULL) != ERR_NONE)
        said = PORTAL_NOT_KEPT;
    else if (gateway_open(portal, session) != ERR_NONE)
        said = PORTAL_NO_FIREWALL;
    if (said != PORTAL_LET_IN) {
        if (grant->is_first_use)
            grant->voucher->first_s = 0;
        if (said == PORTAL_NO_FIREWALL)
            unrecord(portal, session, true, grant->is_first_use ? grant->voucher : NULL);
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

/* Another grant for a session that is there; what it had counts no more. */
static void change_grant(struct portal *portal, struct session *session, const struct grant *grant)
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
    err = record(portal, &after, grant->is_first_use ? grant->voucher : NULL);
    free(after.user);
    if (err != ERR_NONE) {
        grant_take_back(grant);
        return PORTAL_NOT_KEPT;
    }
    if (!grant->voucher || grant->voucher != session->voucher)
        change_grant(portal, session, grant);
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
    if (session && session_is_over(session, clock_real_s())) {
        session_end(portal, session);
        session = NULL;
    }
    if (session && !seat_find(&portal->table, address))
        session_seat(portal, session, address);
    return session;
}

static WORKER_SIDE enum portal_said login(struct portal *portal, const struct portal_claim *claim,
                                          const struct firewall_address *address)
{
    uint8_t mac[MAC_LEN] = {0};
    bool has_mac = gateway_mac(portal, address, mac);
    struct session *session = session_of_device(portal, address, has_mac, mac);
    struct grant grant;
    enum portal_said said = grant_find(portal, claim, session, &grant);

    if (said != PORTAL_LET_IN)
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

/* ---- what is recorded ---- */

/* What is in memory of this device, or of one of these addresses. */
static struct session *session_known(const struct portal *portal, const struct session *session)
{
    for (unsigned i = 0; i < session->seat_count; i++) {
        const struct seat *seat = seat_find(&portal->table, &session->seats[i].address);

        if (seat)
            return seat->session;
    }
    return session->has_mac ? session_of_mac(&portal->table, session->mac) : NULL;
}

static bool is_same_grant(const struct session *a, const struct session *b, const char *code_of_b)
{
    return a->by == b->by && a->until_s == b->until_s && a->bytes_max == b->bytes_max &&
           slice_eq(slice_str(a->user), slice_str(b->user)) &&
           slice_eq(slice_str(a->voucher ? a->voucher->code : NULL), slice_str(code_of_b));
}

/* Another process, which still serves, has prolonged it. */
static WORKER_SIDE void take_up_grant(struct portal *portal, struct session *session, const struct session *read,
                                      const char *code)
{
    struct grant grant = {
        .by = read->by, .user = slice_str(read->user), .until_s = read->until_s, .bytes_max = read->bytes_max};

    if (strcmp(session->id, read->id) != 0 || is_same_grant(session, read, code))
        return;
    if (read->by == PORTAL_BY_VOUCHER && !(grant.voucher = voucher_find(portal, code, &grant.fresh)))
        return;
    change_grant(portal, session, &grant);
}

/* A session whose voucher is gone has nothing to stand on. */
static WORKER_SIDE bool find_voucher_of(struct portal *portal, struct session *session, const char *code)
{
    struct voucher *fresh;

    if (session->by != PORTAL_BY_VOUCHER)
        return true;
    session->voucher = voucher_find(portal, code, &fresh);
    if (!session->voucher)
        drop_record(portal, session->id, false);
    if (fresh) {
        pthread_mutex_lock(&portal->mutex);
        voucher_add(&portal->table, fresh);
        pthread_mutex_unlock(&portal->mutex);
    }
    return session->voucher != NULL;
}

static WORKER_SIDE void load_one(struct portal *portal, struct slice name, struct slice value)
{
    struct session *session = xcalloc(1, sizeof(*session)), *known;
    char code[PORTAL_CODE_MAX + 1] = "";
    bool is_good = session_read(name, value, session, code) && session->seat_count > 0;

    known = is_good ? session_known(portal, session) : NULL;
    if (known)
        take_up_grant(portal, known, session, session->by == PORTAL_BY_VOUCHER ? code : "");
    if (!is_good || known || !find_voucher_of(portal, session, code)) {
        session_free(session);
        return;
    }
    pthread_mutex_lock(&portal->mutex);
    session_add(&portal->table, session);
    pthread_mutex_unlock(&portal->mutex);
}

static bool load_each(struct slice name, struct slice value, void *arg)
{
    struct portal *portal = arg;

    role_assert_worker();
    load_one(portal, name, value);
    return portal->table.count < PORTAL_SESSIONS_MAX;
}

void sessions_load(struct portal *portal)
{
    struct buf value = BUF_INIT(RECORD_ROOM);

    for (struct link *at = portal->table.sessions.next, *next; at != &portal->table.sessions; at = next) {
        struct session *session = CONTAINER(at, struct session, link);

        next = at->next;
        if (store_guest(portal->store, GUEST_SESSION, slice_str(session->id), &value) == ERR_MISSING) {
            pthread_mutex_lock(&portal->mutex);
            session_remove(&portal->table, session); /* another process ended it */
            pthread_mutex_unlock(&portal->mutex);
        }
    }
    buf_release(&value);
    store_guests_each(portal->store, GUEST_SESSION, load_each, portal);
}
