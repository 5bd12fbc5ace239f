/*
 * inn.c - see inn.h.
 */
#include "inn.h"

#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "census.h"
#include "repr/repr.h"

enum { TRIES = 4000 }; /* of a millisecond and more each */

/* ---- on the loop ---- */

struct errand {
    struct task task;
    struct inn *inn;
    void (*run)(struct inn *inn, void *arg);
    void *arg;
    sem_t is_done;
};

static void errand_run(struct task *task)
{
    struct errand *errand = CONTAINER(task, struct errand, task);

    role_assert_loop();
    errand->run(errand->inn, errand->arg);
    sem_post(&errand->is_done);
}

void inn_on_loop(struct inn *inn, void (*run)(struct inn *, void *), void *arg)
{
    struct errand errand = {.task.run = errand_run, .inn = inn, .run = run, .arg = arg};

    sem_init(&errand.is_done, 0, 0);
    loop_post(inn->station.loop, &errand.task);
    while (sem_wait(&errand.is_done))
        ;
    sem_destroy(&errand.is_done);
}

static void accept_it(struct inn *inn, void *arg)
{
    static const struct peer peer = {.family = AF_UNIX};
    static const struct listener listener = {.is_loopback = true};

    role_assert_loop();
    h1_accept(&inn->station, *(int *)arg, &peer, &listener);
}

int inn_connect(struct inn *inn)
{
    struct timeval patience = {.tv_sec = 20};
    int fds[2];

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_INT(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    inn_on_loop(inn, accept_it, &fds[0]);
    return fds[1];
}

/* ---- its life ---- */

struct inn *inn_open(const char *site)
{
    struct inn *inn = xcalloc(1, sizeof(*inn));

    signal(SIGPIPE, SIG_IGN); /* as the server does */
    inn->conf = conf_of_site(site);
    media_open_file(NULL);
    folder_make(&inn->folder);
    folder_serve(&inn->folder, NULL);
    inn->site.store = inn->folder.store;
    inn->house = (struct house){.refs = 2, .conf = inn->conf, .sites = &inn->site}; /* ours is never given back */
    inn->server.pool = pool_new((const unsigned[LANE_COUNT]){2, 2, 2, 2});
    inn->server.house = &inn->house;
    inn->server.census = census_new();
    inn->server.station_count = 1;
    inn->server.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&inn->server.running, 1);
    station_init(&inn->station, &inn->server, 1); /* not the one that answers the control socket */
    CHECK_INT(pthread_create(&inn->thread, NULL, station_main, &inn->station), 0);
    inn->client = inn_connect(inn);
    return inn;
}

void inn_close(struct inn *inn)
{
    if (inn->client >= 0)
        close(inn->client);
    loop_stop(inn->station.loop);
    pthread_join(inn->thread, NULL);
    pool_free(inn->server.pool);
    station_release(&inn->station);
    census_free(inn->server.census);
    close(inn->server.wake_fd);
    folder_remove(&inn->folder);
    conf_unref(inn->conf);
    media_close();
    buf_release(&inn->head);
    buf_release(&inn->body);
    free(inn);
}

/* ---- asking ---- */

static void receive(struct inn *inn, struct buf *to, size_t at_most)
{
    char *room = buf_reserve(to, at_most);
    ssize_t got;

    assert_non_null(room);
    got = read(inn->client, room, at_most);
    CHECK(got > 0);
    buf_grown(to, (size_t)got);
}

/* Octet by octet, so that nothing of the content is taken along. */
static void receive_head(struct inn *inn)
{
    buf_release(&inn->head);
    inn->head = BUF_INIT(16384);
    while (!slice_ends(buf_slice(&inn->head), SLICE("\r\n\r\n")))
        receive(inn, &inn->head, 1);
}

static void receive_body(struct inn *inn, bool has_none)
{
    uint64_t length = 0;
    const char *told = inn_field(inn, "Content-Length");

    buf_release(&inn->body);
    inn->body = BUF_INIT(1024 * 1024);
    if (has_none || !slice_u64(slice_str(told), &length))
        return;
    while (inn->body.len < length)
        receive(inn, &inn->body, length - inn->body.len);
}

int inn_ask(struct inn *inn, const char *method, const char *target, const char *fields)
{
    uint64_t hits = tally_get(&inn->station.tally.hot_hits);
    struct buf request = BUF_INIT(4096);

    buf_printf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, target, fields);
    CHECK_INT(send(inn->client, request.ptr, request.len, MSG_NOSIGNAL), request.len);
    buf_release(&request);
    receive_head(inn);
    CHECK(inn->head.len > 12);
    inn->status = atoi(inn->head.ptr + 9);
    receive_body(inn, inn->status == 304 || strcmp(method, "HEAD") == 0);
    inn->was_hot = tally_get(&inn->station.tally.hot_hits) != hits;
    return inn->status;
}

int inn_get(struct inn *inn, const char *target)
{
    return inn_ask(inn, "GET", target, "");
}

bool inn_get_hot(struct inn *inn, const char *target)
{
    for (unsigned i = 0; i < TRIES; i++) {
        inn_get(inn, target);
        if (inn->was_hot)
            return true;
        usleep(1000);
    }
    return false;
}

/* ---- looking ---- */

struct look {
    const char *target;
    bool is_there;
};

static void look(struct inn *inn, void *arg)
{
    struct look *look = arg;
    struct hot_asked asked = {SLICE("localhost"), slice_str(look->target), true, SLICE_NONE};

    role_assert_loop();
    hot_drain(inn->station.hot);
    look->is_there = hot_find(inn->station.hot, &asked) != NULL;
}

bool inn_has_entry(struct inn *inn, const char *target)
{
    struct look found = {.target = target};

    inn_on_loop(inn, look, &found);
    return found.is_there;
}

bool inn_waits_for_entry(struct inn *inn, const char *target)
{
    for (unsigned i = 0; i < TRIES; i++) {
        if (inn_has_entry(inn, target))
            return true;
        usleep(100);
    }
    return false;
}

const char *inn_field(const struct inn *inn, const char *name)
{
    static char value[1024];
    struct slice rest = buf_slice(&inn->head), line, before, after;

    while (slice_cut(rest, '\n', &line, &rest))
        if (slice_cut(line, ':', &before, &after) && slice_eq_nocase(before, slice_str(name))) {
            after = slice_upto(after, slice_index(after, '\r'));
            snprintf(value, sizeof(value), "%.*s", SLICE_FMT(slice_trim(after)));
            return value;
        }
    return "(none)";
}
