/*
 * control.c - the control socket: how `samovar status` and later commands speak to a running server.
 *
 * It stands in the state folder as `control`, made when that folder is first there (a server that was only
 * read leaves nothing behind), owned by the user who runs the server, mode 0600. A second one has no file, only a name
 * made of the folder's numbers: by it a server is found that has no state folder. Only root and the user who runs the
 * server are listened to. One question a connection, a line; the answer is text until the end, and made by a
 * worker; who asks to take our place is handover_give.c's.
 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "handover.h"
#include "portal/portal.h"

enum {
    LOOK_MS = 2000, /* how often we look whether the state folder is there by now */
    TALKS_MAX = 16,
    TALK_MS = 5000, /* without a question, or without taking the answer */
};

/* Answered by what runs, or by the configuration of the moment as well. */
struct question {
    const char *word;
    void (*answers)(struct server *server, struct slice about, struct buf *out);
    enum lane lane;
    void (*answers_by_conf)(struct server *server, const struct conf *conf, struct slice about, struct buf *out);
};

struct talk {
    struct link link; /* of those that are open */
    struct watch watch;
    struct control *control;
    struct job job;
    bool has_job; /* a worker has it */
    const struct question *question;
    struct conf *conf;                /* a reference, once it was asked */
    char about[CONTROL_QUESTION_MAX]; /* what stands behind the question's first word */
    size_t about_len;
    struct buf answer; /* what is left of it */
    struct timer timer;
};

/* ---- one question ---- */

static LOOP_SIDE void talk_end(struct talk *talk)
{
    struct control *control = talk->control;

    timer_cancel(control->station->loop, &talk->timer);
    loop_unwatch(control->station->loop, &talk->watch);
    list_remove(&talk->link);
    fd_close(&talk->watch.fd);
    buf_release(&talk->answer);
    conf_unref(talk->conf);
    control->talks--;
    free(talk);
}

static void add_counters(struct server *server, struct buf *out)
{
    unsigned long long requests = 0, hot = 0;
    unsigned long long connections = 0;

    for (unsigned i = 0; i < server->station_count; i++) {
        const struct tally *tally = &server->stations[i].tally;

        hot += tally_get(&tally->hot_hits);
        requests += tally_get(&tally->requests);
        connections += tally_get(&tally->open_connections);
    }
    buf_printf(out, "process %ld\nloops %u\nconnections %llu\nrequests %llu\nrequests-hot %llu\n", (long)getpid(),
               server->station_count, connections, requests + hot, hot);
}

static void add_portal(struct portal *portal, struct buf *out)
{
    struct portal_figures figures;

    portal_figures(portal, &figures);
    buf_printf(out, "portal-sessions %llu\nportal-logins %llu\nportal-refused %llu\nportal-firewall %s\n",
               (unsigned long long)figures.sessions, (unsigned long long)figures.logins,
               (unsigned long long)figures.refused, figures.is_firewall_well ? "well" : "gone");
}

static void answer_status(struct server *server, struct slice about, struct buf *out)
{
    role_assert_worker();
    (void)about;
    add_counters(server, out);
    for (unsigned i = 0; i < server->store_count; i++)
        store_describe(server->stores[i], out);
    if (server->portal)
        add_portal(server->portal, out);
}

/* A long one goes as fast as it is read. */
static LOOP_SIDE void send_some(struct talk *talk)
{
    struct loop *loop = talk->control->station->loop;
    struct slice left = buf_slice(&talk->answer);
    ssize_t took = send(talk->watch.fd, left.ptr, left.len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if ((took < 0 && errno != EAGAIN) || (size_t)took == left.len) {
        talk_end(talk);
        return;
    }
    if (took > 0)
        buf_eat(&talk->answer, (size_t)took);
    timer_set(loop, &talk->timer, TALK_MS);
}

static void send_ready(struct watch *watch, uint32_t events)
{
    role_assert_loop();
    (void)events;
    send_some(CONTAINER(watch, struct talk, watch));
}

static void answer_act(struct job *job)
{
    struct talk *talk = CONTAINER(job, struct talk, job);
    struct slice about = slice_of(talk->about, talk->about_len);

    role_assert_worker();
    if (talk->question->answers_by_conf)
        talk->question->answers_by_conf(talk->control->station->server, talk->conf, about, &talk->answer);
    else
        talk->question->answers(talk->control->station->server, about, &talk->answer);
}

static void answer_done(struct job *job)
{
    struct talk *talk = CONTAINER(job, struct talk, job);

    role_assert_loop();
    talk->has_job = false;
    if (talk->control->is_stopping || !talk->answer.len) {
        talk_end(talk);
        return;
    }
    talk->watch.ready = send_ready;
    loop_watch(talk->control->station->loop, &talk->watch, EPOLLOUT);
    timer_set(talk->control->station->loop, &talk->timer, TALK_MS);
}

static LOOP_SIDE void ask_worker(struct talk *talk, struct slice about, enum lane lane)
{
    struct station *station = talk->control->station;

    loop_unwatch(station->loop, &talk->watch); /* one question */
    timer_cancel(station->loop, &talk->timer);
    memcpy(talk->about, about.ptr, about.len);
    talk->about_len = about.len;
    talk->job = (struct job){.home = station->loop, .act = answer_act, .done = answer_done};
    talk->has_job = true;
    talk->conf = conf_ref(station->house->conf);
    pool_submit(station->server->pool, lane, &talk->job);
}

static const struct question questions[] = {
    {"status", answer_status, LANE_QUICK},     {"locks", answer_locks, LANE_QUICK},
    {"break", answer_break, LANE_QUICK},       {"forwards", answer_forwards, LANE_QUICK},
    {"history", answer_history, LANE_SLOW},    {"forget", answer_forget, LANE_QUICK},
    {"check", NULL, LANE_SLOW, answer_check},  {"portal", answer_portal, LANE_ASIDE},
    {"vouchers", answer_vouchers, LANE_SLOW},  {"make", answer_make, LANE_SLOW},
    {"withdraw", answer_withdraw, LANE_ASIDE}, {"disconnect", answer_disconnect, LANE_ASIDE},
};

/* False: there is none of this name. */
static LOOP_SIDE bool ask(struct talk *talk, struct slice line)
{
    struct slice word = line, about = slice_from(line, line.len);

    slice_cut(line, ' ', &word, &about);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (slice_eq(word, slice_str(questions[i].word))) {
            talk->question = &questions[i];
            ask_worker(talk, about, questions[i].lane);
            return true;
        }
    return false;
}

static LOOP_SIDE void give_place(struct talk *talk)
{
    struct control *control = talk->control;

    loop_unwatch(control->station->loop, &talk->watch);
    offer_begin(control, fd_take(&talk->watch.fd));
    talk_end(talk);
}

static void talk_ready(struct watch *watch, uint32_t events)
{
    struct talk *talk = CONTAINER(watch, struct talk, watch);
    char question[CONTROL_QUESTION_MAX];
    ssize_t got = recv(watch->fd, question, sizeof(question), MSG_DONTWAIT);
    struct slice line = got > 0 ? slice_of(question, (size_t)got) : SLICE_NONE;

    role_assert_loop();
    (void)events;
    if (got < 0 && errno == EAGAIN)
        return;
    line = slice_trim(slice_upto(line, slice_index(line, '\n')));
    if (slice_eq(line, SLICE("replace 1")))
        give_place(talk);
    else if (!ask(talk, line))
        talk_end(talk);
}

static void talk_late(struct timer *timer)
{
    role_assert_loop();
    talk_end(CONTAINER(timer, struct talk, timer));
}

/* The name without a file is for everybody to connect to. */
static bool may_ask(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

static LOOP_SIDE void talk_begin(struct control *control, int listening)
{
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct talk *talk;

    if (fd < 0)
        return;
    if (control->talks >= TALKS_MAX || !may_ask(fd)) {
        close(fd);
        return;
    }
    talk = xcalloc(1, sizeof(*talk));
    talk->control = control;
    talk->watch = (struct watch){.fd = fd, .ready = talk_ready};
    talk->answer = BUF_INIT(CONTROL_ANSWER_MAX);
    talk->timer.fire = talk_late;
    control->talks++;
    list_append(&control->open_talks, &talk->link);
    timer_set(control->station->loop, &talk->timer, TALK_MS);
    loop_watch(control->station->loop, &talk->watch, EPOLLIN);
}

static void control_ready(struct watch *watch, uint32_t events)
{
    role_assert_loop();
    (void)events;
    talk_begin(CONTAINER(watch, struct control, watch), watch->fd);
}

static void named_ready(struct watch *watch, uint32_t events)
{
    role_assert_loop();
    (void)events;
    talk_begin(CONTAINER(watch, struct control, named), watch->fd);
}

/* ---- the sockets ---- */

socklen_t control_name(const char *root, struct sockaddr_un *out)
{
    struct stat st;
    int len;

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (stat(root, &st))
        return 0;
    len = snprintf(out->sun_path + 1, sizeof(out->sun_path) - 1, "samovar-%llx-%llx", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static int listen_at(const struct sockaddr_un *addr, socklen_t len)
{
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    /* The mode before bind(), which takes the file's from it. A umask would be every thread's. */
    if (fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)addr, len) || listen(fd, 16))
        return -1;
    return fd_take(&fd);
}

/* False: too long a path for a socket. */
static bool state_address(const struct server *server, const char *name, struct sockaddr_un *out)
{
    const char *state = store_state_path(server->stores[0]);
    int len = snprintf(out->sun_path, sizeof(out->sun_path), "%s/%s", state, name);

    out->sun_family = AF_UNIX;
    return len >= 0 && (size_t)len < sizeof(out->sun_path);
}

/* Under another name until it listens: who finds the name is never refused. The descriptor, or -1. */
static int listen_in_state(const struct server *server, const struct sockaddr_un *addr)
{
    struct sockaddr_un making;
    FD_GUARD fd = -1;

    if (!state_address(server, "control.new", &making))
        return -1;
    unlink(making.sun_path); /* the store's lock is ours: whoever made it is gone */
    fd = listen_at(&making, sizeof(making));
    if (fd < 0 || rename(making.sun_path, addr->sun_path))
        return -1;
    return fd_take(&fd);
}

static void bind_missing(struct control *control, struct server *server)
{
    struct sockaddr_un addr;
    struct stat st;
    socklen_t len = control_name(store_root_path(server->stores[0]), &addr);

    if (control->needs_name && len)
        control->named_fd = listen_at(&addr, len);
    if (!state_address(server, "control", &addr) || stat(store_state_path(server->stores[0]), &st) ||
        !S_ISDIR(st.st_mode))
        return; /* not there yet */
    control->bound_fd = listen_in_state(server, &addr);
    if (control->bound_fd >= 0)
        memcpy(control->path, addr.sun_path, sizeof(control->path));
}

static void bind_act(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, binding);

    role_assert_worker();
    bind_missing(control, control->station->server);
}

static LOOP_SIDE void listen_on(struct control *control, struct watch *watch, int *fd,
                                void (*ready)(struct watch *, uint32_t))
{
    if (*fd < 0)
        return;
    *watch = (struct watch){.fd = fd_take(fd), .ready = ready};
    loop_watch(control->station->loop, watch, EPOLLIN);
}

/* Those that were made, or handed over. */
static LOOP_SIDE void listen_on_all(struct control *control)
{
    listen_on(control, &control->named, &control->named_fd, named_ready);
    listen_on(control, &control->watch, &control->bound_fd, control_ready);
    if (control->watch.fd < 0)
        timer_set(control->station->loop, &control->look, LOOK_MS);
}

static void bind_done(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, binding);

    role_assert_loop();
    control->is_binding = false;
    if (control->is_stopping) {
        fd_close(&control->bound_fd);
        fd_close(&control->named_fd);
    } else {
        listen_on_all(control);
    }
}

static void look(struct timer *timer)
{
    struct control *control = CONTAINER(timer, struct control, look);

    role_assert_loop();
    if (control->offer) { /* who takes our place makes them, or has them already */
        timer_set(control->station->loop, &control->look, LOOK_MS);
        return;
    }
    control->is_binding = true;
    control->needs_name = control->named.fd < 0;
    control->binding = (struct job){.home = control->station->loop, .act = bind_act, .done = bind_done};
    pool_submit(control->station->server->pool, LANE_QUICK, &control->binding);
}

struct control *control_new(void)
{
    struct control *control = xcalloc(1, sizeof(*control));

    control->bound_fd = control->named_fd = control->watch.fd = control->named.fd = -1;
    control->look.fire = look;
    list_init(&control->open_talks);
    return control;
}

void control_open(struct control *control, struct server *server)
{
    if (server->handover) { /* what that one had not made yet may be in its making: later */
        handover_controls(server->handover, &control->bound_fd, control->path, sizeof(control->path),
                          &control->named_fd);
        return;
    }
    control->needs_name = true;
    bind_missing(control, server);
}

void control_start(struct control *control, struct station *station)
{
    control->station = station;
    listen_on_all(control);
    if (station->server->handover)
        parting_begin(control);
}

static LOOP_SIDE void listen_no_more(struct control *control)
{
    struct watch *both[2] = {&control->watch, &control->named};

    timer_cancel(control->station->loop, &control->look);
    for (int i = 0; i < 2; i++)
        if (both[i]->fd >= 0) {
            loop_unwatch(control->station->loop, both[i]);
            fd_close(&both[i]->fd);
        }
}

void control_let_go(struct control *control)
{
    listen_no_more(control);
    control->path[0] = '\0';
}

void control_stop(struct control *control)
{
    struct link *at, *next;

    control->is_stopping = true;
    listen_no_more(control);
    offer_stop(control);
    LIST_EACH (&control->open_talks, at, next) {
        struct talk *talk = CONTAINER(at, struct talk, link);

        if (!talk->has_job) /* else it ends when that is home */
            talk_end(talk);
    }
}

void control_free(struct control *control)
{
    if (!control)
        return;
    if (control->path[0])
        unlink(control->path);
    free(control);
}
