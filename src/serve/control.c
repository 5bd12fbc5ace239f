/*
 * control.c - the control socket: how `samovar status` and later commands speak to a running server.
 *
 * It stands in the state folder as `control`, made when that folder is first there (a server that was only
 * read leaves nothing behind), owned by the user who runs the server, mode 0600. One question a connection,
 * a line; the answer is text until the end. What needs the store is a job.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "serve/serve.h"
#include "station.h"

enum {
    LOOK_MS = 2000, /* how often we look whether the state folder is there by now */
    QUESTION_MAX = 256,
    TALKS_MAX = 16,
};

struct control {
    struct station *station;
    struct watch watch; /* the listening socket */
    struct timer look;
    struct job binding; /* the folder is looked for, and the socket made, by a worker */
    int bound_fd;
    unsigned talks;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    bool is_stopping;
};

struct talk {
    struct watch watch;
    struct control *control;
    struct job job;
    struct buf answer;
    struct timer timer;
};

/* ---- one question ---- */

static LOOP_SIDE void talk_end(struct talk *talk)
{
    struct control *control = talk->control;

    timer_cancel(control->station->loop, &talk->timer);
    loop_unwatch(control->station->loop, &talk->watch);
    close(talk->watch.fd);
    buf_release(&talk->answer);
    control->talks--;
    free(talk);
}

static void status_act(struct job *job)
{
    struct talk *talk = CONTAINER(job, struct talk, job);
    struct server *server = talk->control->station->server;

    role_assert_worker();
    for (unsigned i = 0; i < server->store_count; i++)
        store_describe(server->stores[i], &talk->answer);
}

static void status_done(struct job *job)
{
    struct talk *talk = CONTAINER(job, struct talk, job);
    struct slice left;
    ssize_t took;

    role_assert_loop();
    left = buf_slice(&talk->answer);
    took = send(talk->watch.fd, left.ptr, left.len, MSG_DONTWAIT | MSG_NOSIGNAL); /* fits a socket's buffer */
    (void)took;
    talk_end(talk);
}

static void add_counters(struct server *server, struct buf *out)
{
    unsigned long long requests = 0, hot = 0;
    int connections = 0;

    for (unsigned i = 0; i < server->station_count; i++) {
        const struct counters *counters = &server->stations[i].counters;

        hot += atomic_load(&counters->hot_hits);
        requests += atomic_load(&counters->requests);
        connections += atomic_load(&counters->open_connections);
    }
    buf_printf(out, "process %ld\nloops %u\nconnections %d\nrequests %llu\nrequests-hot %llu\n", (long)getpid(),
               server->station_count, connections, requests + hot, hot);
}

static void talk_ready(struct watch *watch, uint32_t events)
{
    struct talk *talk = CONTAINER(watch, struct talk, watch);
    char question[QUESTION_MAX];
    ssize_t got = recv(watch->fd, question, sizeof(question), MSG_DONTWAIT);

    role_assert_loop();
    (void)events;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !slice_eq(slice_trim(slice_upto(slice_of(question, (size_t)got),
                                                    slice_index(slice_of(question, (size_t)got), '\n'))),
                              SLICE("status"))) {
        talk_end(talk);
        return;
    }
    loop_unwatch(talk->control->station->loop, &talk->watch); /* one question */
    timer_cancel(talk->control->station->loop, &talk->timer);
    add_counters(talk->control->station->server, &talk->answer);
    talk->job = (struct job){.home = talk->control->station->loop, .act = status_act, .done = status_done};
    pool_submit(talk->control->station->server->pool, LANE_QUICK, &talk->job);
}

static void talk_late(struct timer *timer)
{
    role_assert_loop();
    talk_end(CONTAINER(timer, struct talk, timer));
}

static void control_ready(struct watch *watch, uint32_t events)
{
    struct control *control = CONTAINER(watch, struct control, watch);
    int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct talk *talk;

    role_assert_loop();
    (void)events;
    if (fd < 0)
        return;
    if (control->talks >= TALKS_MAX) {
        close(fd);
        return;
    }
    talk = xcalloc(1, sizeof(*talk));
    talk->control = control;
    talk->watch = (struct watch){.fd = fd, .ready = talk_ready};
    talk->answer = BUF_INIT(64 * 1024);
    talk->timer.fire = talk_late;
    control->talks++;
    timer_set(control->station->loop, &talk->timer, 5000);
    loop_watch(control->station->loop, &talk->watch, EPOLLIN);
}

/* ---- the socket ---- */

static void bind_act(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, binding);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const char *state = store_state_path(control->station->server->stores[0]);
    struct stat st;
    int len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", state);
    FD_GUARD fd = -1;

    role_assert_worker();
    if (len < 0 || (size_t)len >= sizeof(addr.sun_path) || stat(state, &st) || !S_ISDIR(st.st_mode))
        return; /* not there yet, or too long a path for a socket */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(addr.sun_path); /* the store's lock is ours: whoever made it is gone */
    /* Before bind(), which takes the file's mode from it. A umask would be every thread's. */
    if (fd >= 0 && fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
        listen(fd, 16) == 0) {
        memcpy(control->path, addr.sun_path, sizeof(control->path));
        control->bound_fd = fd_take(&fd);
    }
}

static void bind_done(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, binding);

    role_assert_loop();
    if (control->is_stopping) {
        if (control->bound_fd >= 0)
            close(control->bound_fd);
        return;
    }
    if (control->bound_fd < 0) {
        timer_set(control->station->loop, &control->look, LOOK_MS);
        return;
    }
    control->watch = (struct watch){.fd = control->bound_fd, .ready = control_ready};
    loop_watch(control->station->loop, &control->watch, EPOLLIN);
}

static void look(struct timer *timer)
{
    struct control *control = CONTAINER(timer, struct control, look);

    role_assert_loop();
    control->binding = (struct job){.home = control->station->loop, .act = bind_act, .done = bind_done};
    pool_submit(control->station->server->pool, LANE_QUICK, &control->binding);
}

struct control *control_new(void)
{
    struct control *control = xcalloc(1, sizeof(*control));

    control->bound_fd = -1;
    control->watch.fd = -1;
    control->look.fire = look;
    return control;
}

void control_start(struct control *control, struct station *station)
{
    control->station = station;
    timer_set(station->loop, &control->look, 0);
}

void control_stop(struct control *control)
{
    control->is_stopping = true;
    timer_cancel(control->station->loop, &control->look);
    if (control->watch.fd < 0)
        return;
    loop_unwatch(control->station->loop, &control->watch);
    close(control->watch.fd);
}

void control_free(struct control *control)
{
    if (!control)
        return;
    if (control->path[0])
        unlink(control->path);
    free(control);
}

/* ---- the other end ---- */

int control_ask(const char *state, const char *question)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    char answer[4096];
    ssize_t got;
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", state);

    if (fd < 0 || len < 0 || (size_t)len >= sizeof(addr.sun_path) ||
        connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
        fprintf(stderr, "samovar: no running server can be asked through %s/control (%s)\n", state, strerror(errno));
        return 1;
    }
    len = snprintf(answer, sizeof(answer), "%s\n", question);
    if (send(fd, answer, (size_t)len, MSG_NOSIGNAL) != len)
        return 1;
    while ((got = read(fd, answer, sizeof(answer))) > 0)
        fwrite(answer, 1, (size_t)got, stdout);
    return got < 0;
}
