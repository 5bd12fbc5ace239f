/*
 * portal.c - a portal is opened, asked and closed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "portal_private.h"

void portal_tell(struct portal *portal, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (portal->notice)
        portal->notice(line);
}

static struct portal *portal_new(const struct portal_options *options)
{
    struct portal *portal = xcalloc(1, sizeof(*portal));
    pthread_condattr_t monotonic;

    portal->store = options->store;
    portal->notice = options->notice;
    portal->firewall = options->firewall;
    portal->conf = conf_ref(options->conf);
    atomic_store(&portal->is_well, true);
    sessions_init(&portal->table);
    pthread_mutex_init(&portal->changing, NULL);
    pthread_mutex_init(&portal->mutex, NULL);
    pthread_mutex_init(&portal->waking, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&portal->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return portal;
}

enum err portal_open(const struct portal_options *options, struct portal **out, struct buf *why)
{
    *out = NULL;
    if (store_is_read_only(options->store)) {
        if (options->firewall >= 0)
            close(options->firewall);
        buf_printf(
            why,
            "the captive portal keeps its sessions with the first site, and %s cannot be written: give that site "
            "a state folder, and let it be written",
            store_root_path(options->store));
        return ERR_READ_ONLY;
    }
    *out = portal_new(options);
    return ERR_NONE;
}

void portal_begin(struct portal *portal)
{
    warden_start(portal);
}

void portal_configure(struct portal *portal, struct conf *conf)
{
    struct conf *former;

    pthread_mutex_lock(&portal->changing);
    pthread_mutex_lock(&portal->mutex);
    former = portal->conf;
    portal->conf = conf_ref(conf);
    pthread_mutex_unlock(&portal->mutex);
    pthread_mutex_unlock(&portal->changing);
    conf_unref(former);
}

void portal_rest(struct portal *portal)
{
    warden_stop(portal);
}

void portal_close(struct portal *portal)
{
    if (!portal)
        return;
    warden_stop(portal);
    if (portal->firewall >= 0)
        close(portal->firewall);
    sessions_release(&portal->table);
    conf_unref(portal->conf);
    pthread_cond_destroy(&portal->wake);
    pthread_mutex_destroy(&portal->waking);
    pthread_mutex_destroy(&portal->mutex);
    pthread_mutex_destroy(&portal->changing);
    free(portal);
}

void portal_figures(struct portal *portal, struct portal_figures *out)
{
    out->logins = atomic_load(&portal->logins);
    out->refused = atomic_load(&portal->refused);
    out->is_firewall_well = atomic_load(&portal->is_well);
    pthread_mutex_lock(&portal->mutex);
    out->sessions = portal->table.count;
    pthread_mutex_unlock(&portal->mutex);
}

/* With the mutex held. */
static void state_of(const struct portal *portal, const struct session *session, struct portal_state *out)
{
    int64_t now_s = guests_now_s(), until_s = session_until(session);
    uint64_t most = session_bytes_max(session), used = session_bytes_used(session);

    *out = (struct portal_state){.is_free = session_is_free(session, now_s),
                                 .seconds_left = PORTAL_ENDLESS,
                                 .bytes_left = PORTAL_ENDLESS,
                                 .can_extend = portal->conf->portal->logins & PORTAL_BY_VOUCHER};
    if (until_s)
        out->seconds_left = until_s > now_s ? (uint64_t)(until_s - now_s) : 0;
    if (most)
        out->bytes_left = used < most ? most - used : 0;
}

void portal_look(struct portal *portal, struct slice address, struct portal_state *out)
{
    struct firewall_address parsed;
    struct seat *seat;

    *out = (struct portal_state){0};
    if (!address_parse(address, &parsed))
        return;
    pthread_mutex_lock(&portal->mutex);
    seat = seat_find(&portal->table, &parsed);
    if (seat)
        state_of(portal, seat_session(seat), out);
    pthread_mutex_unlock(&portal->mutex);
}
