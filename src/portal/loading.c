/*
 * loading.c - sessions are read from their records: at the start, and while another process serves the same folder.
 */
#include <string.h>

#include "portal_private.h"

/* What is in memory of this device, or of one of these addresses. */
static struct session *session_known(const struct portal *portal, const struct session *session)
{
    for (unsigned i = 0; i < session->seat_count; i++) {
        const struct seat *seat = seat_find(&portal->table, &session->seats[i].address);

        if (seat)
            return seat_session(seat);
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
    session_change_grant(portal, session, &grant);
}

/* A session whose voucher is gone has nothing to stand on. */
static WORKER_SIDE bool find_voucher_of(struct portal *portal, struct session *session, const char *code)
{
    struct voucher *fresh;

    if (session->by != PORTAL_BY_VOUCHER)
        return true;
    session->voucher = voucher_find(portal, code, &fresh);
    if (!session->voucher)
        session_forget(portal, session->id, false);
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
