/*
 * listing.c - who is in, as lines for people.
 *
 *     ADDRESS[,ADDRESS...]  HARDWARE  BY  IN FOR  LEFT  OCTETS
 */
#include <inttypes.h>
#include <stdlib.h>

#include "portal_private.h"
#include "repr/repr.h"

static void add_span(struct buf *out, int64_t seconds)
{
    buf_printf(out, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static void add_size(struct buf *out, uint64_t bytes)
{
    static const char units[] = " KMGTPE";
    double value = (double)bytes;
    unsigned unit = 0;

    while (value >= 999.5 && unit < sizeof(units) - 2) {
        value /= 1024;
        unit++;
    }
    if (unit)
        buf_printf(out, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
    else
        buf_printf(out, "%" PRIu64, bytes);
}

/* At least as wide; two spaces behind it. */
static void pad(struct buf *out, size_t began, size_t width)
{
    for (size_t len = out->len - began; len < width; len++)
        buf_add_char(out, ' ');
    buf_add_str(out, "  ");
}

static void add_addresses(const struct session *session, struct buf *out)
{
    bool is_first = true;

    for (unsigned i = 0; i < PORTAL_ADDRESSES_MAX; i++) {
        if (!session->seats[i].address.family)
            continue;
        if (!is_first)
            buf_add_char(out, ',');
        address_text(&session->seats[i].address, out);
        is_first = false;
    }
}

static void add_mac(const struct session *session, struct buf *out)
{
    const uint8_t *mac = session->mac;

    if (session->has_mac)
        buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    else
        buf_add_char(out, '-');
}

static void add_by(const struct session *session, struct buf *out)
{
    if (session->voucher) {
        buf_add_str(out, "voucher ");
        code_print(session->voucher->code, out);
    } else if (session->user) {
        buf_add_str(out, "user ");
        text_escape(out, slice_str(session->user)); /* a name may hold anything; a terminal should not */
    } else {
        buf_add_str(out, "terms");
    }
}

static void add_octets(const struct session *session, struct buf *out)
{
    add_size(out, session_bytes_used(session));
    if (session_bytes_max(session)) {
        buf_add_str(out, " of ");
        add_size(out, session_bytes_max(session));
    }
    if (session_is_spent(session))
        buf_add_str(out, " (used up)");
}

static void add_session(const struct session *session, int64_t now_s, struct buf *out)
{
    size_t began = out->len;

    add_addresses(session, out);
    pad(out, began, 15);
    began = out->len;
    add_mac(session, out);
    pad(out, began, 17);
    began = out->len;
    add_by(session, out);
    pad(out, began, 19);
    buf_add_str(out, "in for ");
    add_span(out, now_s > session->began_s ? now_s - session->began_s : 0);
    buf_add_str(out, "  left ");
    if (!session_until(session))
        buf_add_char(out, '-');
    else
        add_span(out, session_until(session) > now_s ? session_until(session) - now_s : 0);
    buf_add_str(out, "  ");
    add_octets(session, out);
    buf_add_char(out, '\n');
}

void portal_list(struct portal *portal, struct buf *out)
{
    int64_t now_s = guests_now_s();

    pthread_mutex_lock(&portal->changing);
    for (struct link *at = portal->table.sessions.next; at != &portal->table.sessions; at = at->next)
        add_session(CONTAINER(at, struct session, link), now_s, out);
    pthread_mutex_unlock(&portal->changing);
}

struct recorded {
    struct store *store;
    struct buf *out;
};

static bool add_recorded(struct slice name, struct slice value, void *arg)
{
    struct recorded *recorded = arg;
    struct session session;
    struct voucher voucher = {0};
    char code[PORTAL_CODE_MAX + 1];
    struct buf record = BUF_INIT(RECORD_ROOM);

    role_assert_worker();
    if (!session_read(name, value, &session, code))
        return true;
    if (session.by == PORTAL_BY_VOUCHER &&
        store_guest(recorded->store, GUEST_VOUCHER, slice_str(code), &record) == ERR_NONE &&
        voucher_read(slice_str(code), buf_slice(&record), &voucher))
        session.voucher = &voucher;
    if (!session_is_over(&session, guests_now_s()))
        add_session(&session, guests_now_s(), recorded->out);
    free(session.user);
    buf_release(&record);
    return true;
}

void portal_list_recorded(struct store *store, struct buf *out)
{
    store_guests_each(store, GUEST_SESSION, add_recorded, &(struct recorded){store, out});
}

/* ---- vouchers ---- */

/* CODE  for TIME  OCTETS  DEVICES  used or not */
static void add_voucher(const struct voucher *voucher, int64_t now_s, struct buf *out)
{
    const struct portal_grant *grant = &voucher->grant;

    code_print(voucher->code, out);
    buf_add_str(out, "  time ");
    if (grant->seconds)
        add_span(out, (int64_t)grant->seconds);
    else
        buf_add_char(out, '-');
    buf_add_str(out, "  ");
    add_size(out, voucher->used);
    buf_add_str(out, " of ");
    if (grant->bytes)
        add_size(out, grant->bytes);
    else
        buf_add_char(out, '-');
    buf_printf(out, "  devices %u  ", grant->devices);
    if (!voucher->first_s)
        buf_add_str(out, "unused");
    else if ((grant->seconds && voucher->first_s + (int64_t)grant->seconds <= now_s) ||
             (grant->bytes && voucher->used >= grant->bytes))
        buf_add_str(out, "used up");
    else
        buf_add_str(out, "in use");
    buf_add_char(out, '\n');
}

static bool add_each_voucher(struct slice name, struct slice value, void *arg)
{
    struct voucher voucher;

    if (voucher_read(name, value, &voucher))
        add_voucher(&voucher, guests_now_s(), arg);
    return true;
}

void vouchers_list(struct store *store, struct buf *out)
{
    store_guests_each(store, GUEST_VOUCHER, add_each_voucher, out);
}
