/*
 * server.c - start, reload, drain, stop. Runs on the main thread, which is neither loop nor worker.
 */
#include "serve/serve.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "gate/gate.h"
#include "handover.h"
#include "notice.h"
#include "helper/firewall.h"
#include "notify.h"
#include "portal/portal.h"
#include "pot/pot.h"
#include "repr/repr.h"
#include "station.h"

enum {
    WORKERS_QUICK = 8,
    WORKERS_SLOW = 4,    /* deep work is capped, so that it never takes the machine */
    WORKERS_ASIDE = 4,   /* logins at a captive portal, which change it one after another anyway */
    WORKERS_COMMIT = 32, /* those that wait for fsync: what waits together is batched by the journal */
    /*
     * Of requests under way when another process has taken over: nobody waits for us then, new clients are served, so
     * an upload of hours need not be thrown away. Not for ever, though: two versions are at work on the folder.
     */
    REPLACED_DRAIN_MS = 6 * 3600 * 1000,
};

/* ---- opening ---- */

/* Takes the reference of tls. */
static struct house *house_new(struct server *server, struct conf *conf, struct tls *tls, struct buf *why)
{
    struct house *house = xcalloc(1, sizeof(*house));

    house->refs = 1;
    house->conf = conf_ref(conf);
    house->tls = tls;
    house->sites = xcalloc(conf->site_count, sizeof(*house->sites));
    if (conf->country_database) {
        house->countries = countries_open(conf->country_database, why);
        if (!house->countries) {
            house_unref(house);
            return NULL;
        }
    }
    for (unsigned i = 0; i < conf->site_count; i++) {
        house->sites[i].knows_countries = house->countries && conf_knows_countries(&conf->sites[i]);
        house->sites[i].store = server->stores[i]; /* roots and their order cannot change while running */
        house->sites[i].users = users_load(&conf->sites[i], why);
        if (!house->sites[i].users) {
            house_unref(house);
            return NULL;
        }
        users_tell_strangers(house->sites[i].users, &conf->sites[i], server->notice);
    }
    return house;
}

static unsigned station_count(const struct conf *conf)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (conf->loops)
        return conf->loops;
    return cores > 0 ? (unsigned)cores : 1;
}

static enum err open_portal(struct server *server, struct conf *conf, struct buf *why)
{
    struct portal_options options = {.conf = conf, .store = server->stores[0], .firewall = fd_take(&server->firewall)};

    options.notice = server->notice;
    return portal_open(&options, &server->portal, why);
}

static enum err open_all(struct server *server, struct conf *conf, void (*notice)(const char *), struct buf *why)
{
    enum err err = conf->replaces ? handover_ask(conf, notice, &server->handover, why) : ERR_NONE;
    struct tls *tls = NULL;

    if (!err)
        err = listeners_open(conf, server->station_count, handover_sockets(server->handover), &server->listeners, why);
    if (!err)
        err = tls_load(conf, NULL, notice, &tls, why); /* while keys that only root may read can be read */
    handover_tickets(server->handover, tls);
    if (!err && conf->access_log)
        err = access_log_open(conf->access_log, (enum access_format)conf->log_format, &server->access_log, why);
    /* Each login at a portal is told: never by a loop that would wait for whoever reads standard output. */
    if (!err && (conf->audit_log || conf->portal))
        err = access_log_open(conf->audit_log ? conf->audit_log : "-", ACCESS_COMBINED, &server->audit_log, why);
    if (!err && conf->portal && conf->portal->firewall == FIREWALL_NFTABLES)
        err = firewall_start(conf->portal->firewall_program, &server->firewall, why); /* it needs the privilege */
    if (!err)
        err = pots_begin(server->pots, conf, server->before_stores, notice, why);
    if (!err && server->before_stores)
        err = server->before_stores(conf, why);
    if (!err)
        err = stores_open(server, conf, notice, why);
    if (!err && conf->portal)
        err = open_portal(server, conf, why);
    if (err) {
        tls_unref(tls);
        return err;
    }
    server->house = house_new(server, conf, tls, why);
    return server->house ? ERR_NONE : ERR_INVALID;
}

enum err server_open(struct conf *conf, enum err (*before_stores)(const struct conf *, struct buf *),
                     void (*notice)(const char *), struct server **out, struct buf *why)
{
    struct server *server = xcalloc(1, sizeof(*server));
    enum err err;

    server->station_count = station_count(conf);
    server->before_stores = before_stores;
    server->notice = notice;
    server->began_wall_ns = clock_real_ns();
    server->is_timed = conf->metrics != NULL;
    server->census = census_new();
    server->control = control_new();
    server->notify = notify_open();
    server->firewall = -1;
    server->pots = pots_new(NULL);
    server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    media_open();
    gate_learn_machine_name();
    err = open_all(server, conf, notice, why);
    if (err) {
        server_close(server);
        return err;
    }
    server->auth_memory = auth_memory_new();
    server->ledger = ledger_new();
    *out = server;
    return ERR_NONE;
}

void server_close(struct server *server)
{
    house_unref(server->house);
    auth_memory_free(server->auth_memory);
    ledger_free(server->ledger);
    access_log_flush_close(server->access_log);
    access_log_flush_close(server->audit_log);
    portal_close(server->portal);
    pots_free(server->pots);
    fd_close(&server->firewall);
    for (unsigned i = 0; i < server->store_count; i++)
        store_close(server->stores[i]);
    closed_release(server);
    free(server->stores);
    listeners_close(&server->listeners);
    census_free(server->census);
    control_free(server->control);
    handover_free(server->handover);
    notify_close(server->notify);
    media_close();
    close(server->wake_fd);
    free(server);
}

/* ---- running ---- */

static void make_pool(struct server *server)
{
    unsigned quick = server->house->conf->workers;
    const unsigned threads[LANE_COUNT] = {quick ? quick : WORKERS_QUICK, WORKERS_SLOW, WORKERS_COMMIT,
                                          server->station_count,
                                          WORKERS_ASIDE + POT_WAITS_MAX * pots_driven(server->pots)};

    server->pool = pool_new(threads);
}

static int make_threads(struct server *server)
{
    server->stations = xcalloc(server->station_count, sizeof(*server->stations));
    server->threads = xcalloc(server->station_count, sizeof(*server->threads));
    for (unsigned i = 0; i < server->station_count; i++)
        station_init(&server->stations[i], server, i);
    for (unsigned i = 0; i < server->store_count; i++)
        store_begin(server->stores[i]);
    if (server->portal)
        portal_begin(server->portal);
    atomic_store(&server->running, server->station_count);
    for (unsigned i = 0; i < server->station_count; i++)
        if (pthread_create(&server->threads[i], NULL, station_main, &server->stations[i]))
            return -1;
    return 0;
}

void station_reported(struct station *station)
{
    uint64_t one = 1;
    ssize_t ignored = write(station->server->wake_fd, &one, sizeof(one));

    (void)ignored;
}

static void say(struct server *server, const char *format, const char *detail)
{
    struct buf line = BUF_INIT(8192);

    buf_printf(&line, format, detail);
    server->notice(buf_str(&line));
    buf_release(&line);
}

/* A new snapshot for everybody, or the old one for everybody. */
static void reload(struct server *server)
{
    struct buf why = BUF_INIT(4096);
    struct conf *conf = NULL;
    struct house *house = NULL;
    struct tls *tls = NULL;

    notify_reloading(server->notify);
    if (conf_reload(server->house->conf, &conf, &why) == ERR_NONE) {
        if (conf_has_tls(conf) != (server->house->tls != NULL))
            buf_add_str(&why, "whether there are certificates at all needs a restart");
        else if (tls_load(conf, server->house->tls, server->notice, &tls, &why) == ERR_NONE)
            house = house_new(server, conf, tls, &why);
        conf_unref(conf);
    }
    if (house) {
        house_unref(server->house);
        server->house = house;
        stores_configure(server, house->conf);
        if (server->portal)
            portal_configure(server->portal, house->conf);
        for (unsigned i = 0; i < server->station_count; i++) {
            struct station *station = &server->stations[i];
            struct house *unused = atomic_exchange(&station->next_house, house_ref(house));

            if (unused)
                house_unref(unused); /* the loop had not come to it; its task is posted already */
            else
                loop_post(station->loop, &station->reload);
        }
        say(server, "%s", "reloaded");
    } else {
        say(server, "not reloaded, the old configuration stays: %s", buf_str(&why));
    }
    notify_ready(server->notify, house ? "reloaded" : "not reloaded, the old configuration stays (the log says why)");
    buf_release(&why);
}

static void post_to_all(struct server *server, size_t offset)
{
    for (unsigned i = 0; i < server->station_count; i++) {
        struct task *task = (struct task *)((char *)&server->stations[i] + offset);

        loop_post(server->stations[i].loop, task);
    }
}

static bool all_ended(struct server *server)
{
    return atomic_load(&server->running) == 0;
}

/* True if each loop came to the task that it was given the last time; gives each a new one. */
static bool feel_pulses(struct server *server)
{
    bool are_all_well = true;

    for (unsigned i = 0; i < server->station_count; i++) {
        struct station *station = &server->stations[i];

        if (atomic_exchange(&station->is_pulse_due, true))
            are_all_well = false; /* the task is with the loop still */
        else
            loop_post(station->loop, &station->pulse);
    }
    return are_all_well;
}

/*
 * Tells the service manager that we live, as long as each loop does; one that hangs keeps us silent, so that we are
 * started anew. Gives the milliseconds until it is due again, -1: nobody waits for it.
 */
static int keep_alive(struct server *server)
{
    uint64_t now = clock_mono_ms(), every = notify_watchdog_ms(server->notify), left;

    if (every == 0)
        return -1;
    if (now >= server->pulse_at_ms) {
        if (server->is_stopping || feel_pulses(server))
            notify_alive(server->notify);
        server->pulse_at_ms = now + every;
    }
    left = server->pulse_at_ms - now;
    return left < INT_MAX ? (int)left : INT_MAX;
}

/* Waits for a signal or a word from a loop. 0: neither in time. */
static int wait_for_signal(struct server *server, int signal_fd, int timeout_ms)
{
    struct pollfd fds[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = server->wake_fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    int alive_ms = keep_alive(server);
    uint64_t count;

    if (timeout_ms < 0 || (alive_ms >= 0 && alive_ms < timeout_ms))
        timeout_ms = alive_ms;
    if (poll(fds, 2, timeout_ms) <= 0)
        return 0;
    if (fds[1].revents && read(server->wake_fd, &count, sizeof(count)) < 0)
        return 0;
    if (atomic_exchange(&server->is_ebb, false))
        malloc_trim(0);
    if (!fds[0].revents || read(signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return 0;
    return (int)info.ssi_signo;
}

/* From here on nobody is given our sockets: they are about to be closed. */
static void end_succession(struct server *server)
{
    int none = SUCCESSION_NONE;

    while (!atomic_compare_exchange_strong(&server->succession, &none, SUCCESSION_OVER) && none == SUCCESSION_SENDING) {
        none = SUCCESSION_NONE;
        usleep(1000);
    }
}

static void say_leaving(struct server *server, uint64_t drain_ms)
{
    char line[128];

    if (!server->is_replaced) {
        say(server, "%s", "stopping: no new connections, requests under way are finished (once more to stop at once)");
        notify_stopping(server->notify, drain_ms);
        return;
    }
    snprintf(line, sizeof(line), "process %d serves from now on; requests under way are finished here",
             (int)server->successor);
    say(server, "%s", line);
    if (server->successor > 0) /* else it is in a container that sees other process ids */
        notify_successor(server->notify, server->successor);
}

static void drain(struct server *server, int signal_fd)
{
    uint64_t drain_ms = server->house->conf->limits.drain_timeout_ms, until;
    bool is_hurried = false, is_patient = server->is_replaced;

    until = clock_mono_ms() + (is_patient && drain_ms < REPLACED_DRAIN_MS ? REPLACED_DRAIN_MS : drain_ms);
    end_succession(server);
    say_leaving(server, drain_ms);
    server->is_stopping = true;
    post_to_all(server, offsetof(struct station, drain));
    while (!all_ended(server)) {
        uint64_t now = clock_mono_ms();
        int signal = wait_for_signal(server, signal_fd, now < until ? (int)(until - now) : 1000);

        if (is_patient && (signal == SIGTERM || signal == SIGINT)) {
            is_patient = false; /* whoever stops the successor stops us, too, and grants the usual time */
            until = clock_mono_ms() + drain_ms;
            continue;
        }
        if (!is_hurried && (signal == SIGTERM || signal == SIGINT || clock_mono_ms() >= until)) {
            is_hurried = true;
            post_to_all(server, offsetof(struct station, hurry));
        }
    }
}

/* Signals may come faster than a loop gets to its task. */
static void ask_for_reports(struct server *server)
{
    for (unsigned i = 0; i < server->station_count; i++) {
        struct station *station = &server->stations[i];

        if (!atomic_exchange(&station->is_report_due, true))
            loop_post(station->loop, &station->report);
    }
}

static void serve_until_stopped(struct server *server, int signal_fd)
{
    for (;;) {
        switch (wait_for_signal(server, signal_fd, -1)) {
        case SIGHUP:
            reload(server);
            break;
        case SIGUSR1:
            access_log_reopen(server->access_log);
            access_log_reopen(server->audit_log);
            ask_for_reports(server);
            break;
        case SIGTERM:
        case SIGINT:
            drain(server, signal_fd);
            return;
        default:
            break;
        }
        if (atomic_load(&server->succession) == SUCCESSION_DONE) {
            server->is_replaced = true;
            if (server->portal)
                portal_rest(server->portal);
            drain(server, signal_fd);
            return;
        }
    }
}

static int block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int server_run(struct server *server)
{
    int signal_fd = block_signals();

    make_pool(server);
    control_open(server->control, server);
    access_log_start(server->access_log);
    access_log_start(server->audit_log);
    if (!handover_is_awaited(server->handover)) {
        say(server, "cannot start: %s", "the server that runs has waited too long for it, and goes on");
        return 1;
    }
    /*
     * Everything is there before the other one is told to go, and nothing is accepted before: should we end in between,
     * nobody has lost anything. Connections wait in the sockets meanwhile.
     */
    pthread_mutex_lock(&server->gate);
    if (signal_fd < 0 || make_threads(server)) {
        say(server, "cannot start: %s", strerror(errno));
        return 1;
    }
    handover_serving(server->handover);
    atomic_store(&server->listeners.is_foreign, false);
    pthread_mutex_unlock(&server->gate);
    notice_start(server, server->notice);
    notify_ready(server->notify, "serving");
    serve_until_stopped(server, signal_fd);
    for (unsigned i = 0; i < server->station_count; i++)
        pthread_join(server->threads[i], NULL);
    pool_free(server->pool);
    for (unsigned i = 0; i < server->station_count; i++)
        station_release(&server->stations[i]);
    free(server->stations);
    free(server->threads);
    close(signal_fd);
    return 0;
}
