/*
 * notice.c - what a start says: the folders, the addresses with what may be done there, and what is unwise about them.
 */
#include "notice.h"

#include "auth/auth.h"

static void notice_metrics(const struct listener *listener, void (*notice)(const char *))
{
    struct buf line = BUF_INIT(4096);

    buf_add_str(&line, "metrics on ");
    listener_describe(listener, &line);
    if (listener->addr.ss_family != AF_UNIX)
        buf_add_str(&line, "metrics");
    if (!listener->is_loopback)
        buf_add_str(&line, " (for everybody who can reach it)");
    notice(buf_str(&line));
    buf_release(&line);
}

static void notice_address(struct server *server, const struct listener *listener, void (*notice)(const char *))
{
    const struct conf *conf = server->house->conf;
    unsigned rights = conf_rights(&conf->sites[0], SLICE_NONE, &(struct asker){.is_loopback = listener->is_loopback});
    bool can_write = rights & (RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE) && !store_is_read_only(server->stores[0]);
    struct buf line = BUF_INIT(4096);

    buf_add_str(&line, "listening on ");
    listener_describe(listener, &line);
    /* Clients' certificates are users, too. */
    if (users_exist(server->house->sites[0].users) || conf->sites[0].tls.client_certificates != CLIENT_CERT_NONE)
        buf_add_str(&line, !rights     ? " (users only)"
                           : can_write ? " (everybody reads and writes)"
                                       : " (everybody reads)");
    else
        buf_add_str(&line, can_write ? " (reading and writing, for everybody who can reach it)"
                                     : " (reading only, for everybody who can reach it)");
    notice(buf_str(&line));
    buf_release(&line);
}

static void notice_portal(const struct conf *conf, const struct listener *listener, void (*notice)(const char *))
{
    struct buf line = BUF_INIT(4096);

    buf_printf(&line, "captive portal %.*s: intercepted requests on ", SLICE_FMT(conf->portal->authority));
    listener_describe(listener, &line);
    notice(buf_str(&line));
    buf_release(&line);
}

/* Phones ask the API over TLS or not at all (RFC 8908 §4). */
static void warn_of_portal(const struct conf *conf, void (*notice)(const char *))
{
    if (conf->portal && !conf_has_tls(conf))
        notice("warning: the captive portal has no certificate: clients get no API, and what they log in with crosses "
               "the network in clear text (give certificate and key)");
}

/* Basic credentials and tokens are readable by whoever is on the way. */
static void warn_of_passwords(struct server *server, void (*notice)(const char *))
{
    bool has_users = false;

    for (unsigned i = 0; i < server->house->conf->site_count; i++)
        has_users |= users_tell_secrets(server->house->sites[i].users);
    for (unsigned i = 0; i < server->listeners.count && has_users; i++) {
        const struct listener *listener = &server->listeners.list[i];
        struct buf line = BUF_INIT(4096);

        if (listener->is_tls || listener->is_loopback || listener->is_metrics || listener->is_intercept)
            continue;
        buf_add_str(&line, "warning: passwords cross the network in clear text on ");
        listener_describe(listener, &line);
        buf_add_str(&line, " (give --certificate and --key, or listen on a loopback address behind a proxy)");
        notice(buf_str(&line));
        buf_release(&line);
    }
}

void notice_start(struct server *server, void (*notice)(const char *))
{
    const struct conf *conf = server->house->conf;
    struct buf line = BUF_INIT(8192);

    for (unsigned i = 0; i < conf->site_count; i++) {
        buf_clear(&line);
        buf_printf(&line, "serving %s", conf->sites[i].root);
        if (store_is_read_only(server->stores[i]))
            buf_add_str(&line, conf->sites[i].read_only ? ", read-only as asked"
                                                        : ", read-only: the folder cannot be written by this user");
        notice(buf_str(&line));
    }
    for (unsigned i = 0; i < server->listeners.count; i++)
        if (server->listeners.list[i].is_metrics && !server->listeners.list[i].is_more)
            notice_metrics(&server->listeners.list[i], notice);
        else if (server->listeners.list[i].is_intercept && !server->listeners.list[i].is_more)
            notice_portal(conf, &server->listeners.list[i], notice);
        else if (!server->listeners.list[i].is_more)
            notice_address(server, &server->listeners.list[i], notice);
    warn_of_passwords(server, notice);
    warn_of_portal(conf, notice);
    buf_release(&line);
}
