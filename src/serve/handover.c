/*
 * handover.c - a new process takes the place of the one that runs, and nobody notices.
 *
 * Every line of the old one's answer carries descriptors, but the last: so the kernel never puts two lines into one
 * receive, and which descriptors belong to which line needs no more framing.
 *
 * Known limit: addresses that the new one does not listen on end when the old one has drained, and the file of such a
 * unix socket stays.
 */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "base/fd.h"
#include "control.h"

enum {
    FDS_A_LINE = 8,
    LINE_ROOM = 8 * 1024,
    SERVING_WITHIN_MS = 30000, /* the new one opens folders and reads certificates meanwhile; that takes no second */
    WAIT_MS = 100,             /* for the control sockets to be made */
    PART_MS = 256,             /* how often we look whether the others are gone */
    ANSWER_WITHIN_S = 60,      /* the old one waits for what is being committed */
};

/* ---- lines with descriptors ---- */

union ancillary {
    struct cmsghdr head;
    char room[CMSG_SPACE(FDS_A_LINE * sizeof(int))];
};

static bool send_line(int to, const int *fds, unsigned count, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool send_line(int to, const int *fds, unsigned count, const char *format, ...)
{
    char line[LINE_ROOM];
    union ancillary with = {
        .head = {.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {.iov_base = line};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    va_list args;

    va_start(args, format);
    piece.iov_len = (size_t)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (count) {
        memcpy(CMSG_DATA(&with.head), fds, count * sizeof(int));
        message.msg_control = with.room;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    }
    return piece.iov_len < sizeof(line) && sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)piece.iov_len;
}

/* False: the end, or something that is no line. All of fds are set, to -1 where nothing came. */
static bool receive_line(int from, char line[LINE_ROOM], int fds[FDS_A_LINE])
{
    union ancillary with;
    struct iovec piece = {.iov_base = line, .iov_len = LINE_ROOM - 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = with.room, .msg_controllen = sizeof(with.room)};
    ssize_t got = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;

    for (unsigned i = 0; i < FDS_A_LINE; i++)
        fds[i] = -1;
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
    if (got <= 0 || line[got - 1] != '\n')
        return false;
    line[got - 1] = '\0';
    return true;
}

/* Releases what must not be left in memory. */
static void buf_wipe(struct buf *buf)
{
    if (buf->ptr)
        explicit_bzero(buf->ptr, buf->len);
    buf_release(buf);
}

/* ---- the old one: giving ---- */

struct offer {
    struct control *control;
    struct watch watch;
    struct timer timer;
    struct job job;
    bool has_job, is_given;
    pid_t pid;
    struct store_shared *shared;
    struct buf tickets; /* TLS's, as text */
};

static bool send_listener(int to, const struct listener *listener)
{
    int fd;

    for (unsigned i = 0; (fd = listener_socket(listener, i)) >= 0; i++)
        if (!send_line(to, &fd, 1, "%s %.*s\n", listener->is_metrics ? "metrics" : "listen",
                       SLICE_FMT(listener->spec->text)))
            return false;
    return true;
}

static bool send_store(int to, const struct store_shared *shared)
{
    int fds[3] = {shared->root, shared->page, shared->state};

    return send_line(to, fds, shared->state < 0 ? 2 : 3, "store %llu %llu %d %u %s\n", (unsigned long long)shared->dev,
                     (unsigned long long)shared->ino, shared->is_read_only, shared->form, shared->state_path);
}

static bool send_all(struct offer *offer)
{
    struct server *server = offer->control->station->server;
    const int bound = offer->control->watch.fd, named = offer->control->named.fd;
    int to = offer->watch.fd;
    bool is_sent = true;

    for (unsigned i = 0; i < server->listeners.count && is_sent; i++)
        is_sent = send_listener(to, &server->listeners.list[i]);
    for (unsigned i = 0; i < server->store_count && is_sent; i++)
        is_sent = send_store(to, &offer->shared[i]);
    if (bound >= 0 && is_sent)
        is_sent = send_line(to, &bound, 1, "control %s\n", offer->control->path);
    if (named >= 0 && is_sent)
        is_sent = send_line(to, &named, 1, "control-name\n");
    is_sent = is_sent && send_line(to, NULL, 0, "end %s\n", buf_str(&offer->tickets));
    buf_wipe(&offer->tickets);
    return is_sent;
}

static WORKER_SIDE bool share_all(struct offer *offer)
{
    struct server *server = offer->control->station->server;

    for (unsigned i = 0; i < server->store_count; i++) {
        enum err err = store_share(server->stores[i], &offer->shared[i]);

        if (err != ERR_NONE) {
            send_line(offer->watch.fd, NULL, 0, "refused %s cannot be shared: %s\n", store_root_path(server->stores[i]),
                      err_text(err));
            return false;
        }
    }
    return true;
}

static void offer_act(struct job *job)
{
    struct offer *offer = CONTAINER(job, struct offer, job);
    struct server *server = offer->control->station->server;
    int none = SUCCESSION_NONE;

    role_assert_worker();
    if (!share_all(offer))
        return;
    if (!atomic_compare_exchange_strong(&server->succession, &none, SUCCESSION_SENDING)) {
        send_line(offer->watch.fd, NULL, 0, "refused the server is stopping\n");
        return;
    }
    atomic_store(&server->listeners.is_foreign, true);
    offer->is_given = send_all(offer);
    atomic_store(&server->succession, SUCCESSION_OFFERED);
}

static LOOP_SIDE void offer_free(struct offer *offer)
{
    struct control *control = offer->control;

    timer_cancel(control->station->loop, &offer->timer);
    loop_unwatch(control->station->loop, &offer->watch);
    fd_close(&offer->watch.fd);
    free(offer->shared);
    buf_wipe(&offer->tickets);
    free(offer);
    control->offer = NULL;
}

/* All is as it was, as soon as the other one is really gone. */
static LOOP_SIDE void offer_fail(struct offer *offer)
{
    struct control *control = offer->control;
    struct server *server = control->station->server;
    int offered = SUCCESSION_OFFERED;

    if (atomic_compare_exchange_strong(&server->succession, &offered, SUCCESSION_NONE))
        atomic_store(&server->listeners.is_foreign, false);
    offer_free(offer);
    parting_begin(control);
}

static void offer_late(struct timer *timer)
{
    struct offer *offer = CONTAINER(timer, struct offer, timer);

    role_assert_loop();
    send_line(offer->watch.fd, NULL, 0, "late\n");
    offer_fail(offer);
}

static void offer_ready(struct watch *watch, uint32_t events)
{
    struct offer *offer = CONTAINER(watch, struct offer, watch);
    struct server *server = offer->control->station->server;
    char line[32];
    ssize_t got = recv(watch->fd, line, sizeof(line), MSG_DONTWAIT);

    role_assert_loop();
    (void)events;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !slice_eq(slice_of(line, (size_t)got), SLICE("serving\n"))) {
        offer_fail(offer);
        return;
    }
    timer_cancel(offer->control->station->loop, &offer->timer);
    loop_unwatch(offer->control->station->loop, &offer->watch);
    control_let_go(offer->control);
    server->successor = offer->pid;
    atomic_store(&server->succession, SUCCESSION_DONE);
    station_reported(offer->control->station); /* the main thread goes on from here */
}

static void offer_done(struct job *job)
{
    struct offer *offer = CONTAINER(job, struct offer, job);
    struct control *control = offer->control;

    role_assert_loop();
    offer->has_job = false;
    for (unsigned i = 0; i < control->station->server->store_count; i++)
        fd_close(&offer->shared[i].page); /* of a description that is the new one's alone from now on */
    if (control->is_stopping) {
        offer_free(offer);
    } else if (!offer->is_given) {
        offer_fail(offer);
    } else {
        offer->timer.fire = offer_late;
        timer_set(control->station->loop, &offer->timer, SERVING_WITHIN_MS);
        loop_watch(control->station->loop, &offer->watch, EPOLLIN);
    }
}

/* A socket that is being made could neither be handed over nor made by the new one. */
static void offer_try(struct timer *timer)
{
    struct offer *offer = CONTAINER(timer, struct offer, timer);
    struct station *station = offer->control->station;

    role_assert_loop();
    if (offer->control->is_binding) {
        timer_set(station->loop, timer, WAIT_MS);
        return;
    }
    tls_give_tickets(station->house->tls, &offer->tickets);
    offer->has_job = true;
    offer->job = (struct job){.home = station->loop, .act = offer_act, .done = offer_done};
    pool_submit(station->server->pool, LANE_COMMIT, &offer->job);
}

void offer_begin(struct control *control, int fd)
{
    struct server *server = control->station->server;
    struct offer *offer;
    struct ucred peer = {0};
    socklen_t len = sizeof(peer);

    if (control->offer || atomic_load(&server->succession) != SUCCESSION_NONE) {
        send_line(fd, NULL, 0, "refused it stops, or is being replaced already\n");
        close(fd);
        return;
    }
    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    offer = xcalloc(1, sizeof(*offer));
    *offer = (struct offer){.control = control,
                            .watch = {.fd = fd, .ready = offer_ready},
                            .pid = peer.pid,
                            .tickets = BUF_INIT(LINE_ROOM / 2),
                            .shared = xcalloc(server->store_count, sizeof(*offer->shared))};
    for (unsigned i = 0; i < server->store_count; i++)
        offer->shared[i].page = -1;
    control->offer = offer;
    offer_try(&offer->timer);
}

void offer_stop(struct control *control)
{
    timer_cancel(control->station->loop, &control->parting);
    if (control->offer && !control->offer->has_job) /* else when that is home */
        offer_free(control->offer);
}

/* ---- both: alone again ---- */

static void unshare_act(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, unsharing);
    struct server *server = control->station->server;

    role_assert_worker();
    control->is_alone = true;
    for (unsigned i = 0; i < server->store_count; i++)
        control->is_alone &= store_unshare(server->stores[i]);
    if (control->is_alone)
        server->notice("the folders are no longer shared: the other process has ended");
}

static void unshare_done(struct job *job)
{
    struct control *control = CONTAINER(job, struct control, unsharing);

    role_assert_loop();
    control->is_unsharing = false;
    if (!control->is_alone && !control->is_stopping)
        timer_set(control->station->loop, &control->parting, PART_MS);
}

static void part(struct timer *timer)
{
    struct control *control = CONTAINER(timer, struct control, parting);

    role_assert_loop();
    control->is_unsharing = true;
    control->unsharing = (struct job){.home = control->station->loop, .act = unshare_act, .done = unshare_done};
    pool_submit(control->station->server->pool, LANE_SLOW, &control->unsharing);
}

void parting_begin(struct control *control)
{
    control->parting.fire = part;
    if (!control->is_unsharing)
        timer_set(control->station->loop, &control->parting, PART_MS);
}

/* ---- the new one: taking ---- */

struct handed_store {
    struct store_shared shared;
    char *state_path;
};

struct handover {
    int fd;
    struct handed handed;
    struct handed_store *stores; /* the old one's, then in the order of our sites */
    unsigned store_count;
    int bound, named;
    struct buf tickets;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void handed_store_release(struct handed_store *store)
{
    fd_close(&store->shared.root);
    fd_close(&store->shared.state);
    fd_close(&store->shared.page);
    free(store->state_path);
}

static void close_handed(struct handover *handover)
{
    for (unsigned i = 0; i < handover->handed.count; i++) {
        fd_close(&handover->handed.list[i].fd);
        free((char *)(uintptr_t)handover->handed.list[i].text.ptr);
    }
    free(handover->handed.list);
    handover->handed = (struct handed){0};
}

void handover_free(struct handover *handover)
{
    if (!handover)
        return;
    close_handed(handover);
    buf_wipe(&handover->tickets);
    for (unsigned i = 0; i < handover->store_count; i++)
        handed_store_release(&handover->stores[i]);
    free(handover->stores);
    fd_close(&handover->bound);
    fd_close(&handover->named);
    fd_close(&handover->fd);
    free(handover);
}

static void take_listener(struct handover *handover, const char *text, bool is_metrics, int *fd)
{
    struct handed *handed = &handover->handed;
    struct handed_socket *socket;
    socklen_t len = sizeof(socket->addr);

    handed->list = xrealloc(handed->list, (handed->count + 1) * sizeof(*handed->list));
    socket = &handed->list[handed->count++];
    *socket = (struct handed_socket){
        .fd = fd_take(fd), .text = slice_str(xstrdup(slice_str(text))), .is_metrics = is_metrics};
    getsockname(socket->fd, (struct sockaddr *)&socket->addr, &len);
}

static bool take_store(struct handover *handover, const char *text, int fds[FDS_A_LINE])
{
    unsigned long long dev, ino;
    struct handed_store *store;
    int is_read_only, path_at;
    unsigned form;

    if (sscanf(text, "%llu %llu %d %u %n", &dev, &ino, &is_read_only, &form, &path_at) != 4)
        return false;
    handover->stores = xrealloc(handover->stores, (handover->store_count + 1) * sizeof(*handover->stores));
    store = &handover->stores[handover->store_count++];
    *store = (struct handed_store){.state_path = xstrdup(slice_str(text + path_at))};
    store->shared = (struct store_shared){.root = fd_take(&fds[0]),
                                          .page = fd_take(&fds[1]),
                                          .state = fd_take(&fds[2]),
                                          .dev = dev,
                                          .ino = ino,
                                          .state_path = store->state_path,
                                          .is_read_only = is_read_only != 0,
                                          .form = form};
    return true;
}

static void take_control(struct handover *handover, const char *path, int *fd)
{
    size_t len = strlen(path);

    if (len >= sizeof(handover->path))
        return; /* no socket has such a path */
    fd_close(&handover->bound);
    handover->bound = fd_take(fd);
    memcpy(handover->path, path, len + 1);
}

static const char *after(const char *line, const char *word)
{
    size_t len = strlen(word);

    return strncmp(line, word, len) == 0 ? line + len : NULL;
}

/* What is not known here a later version gives away; it can do without an answer. */
static bool take_line(struct handover *handover, const char *line, int fds[FDS_A_LINE])
{
    const char *rest;

    if ((rest = after(line, "listen ")) && fds[0] >= 0)
        take_listener(handover, rest, false, &fds[0]);
    else if ((rest = after(line, "metrics ")) && fds[0] >= 0)
        take_listener(handover, rest, true, &fds[0]);
    else if ((rest = after(line, "store ")) && fds[1] >= 0)
        return take_store(handover, rest, fds);
    else if ((rest = after(line, "control ")))
        take_control(handover, rest, &fds[0]);
    else if (strcmp(line, "control-name") == 0)
        handover->named = fd_take(&fds[0]);
    return true;
}

static enum err take_answer(struct handover *handover, struct buf *why)
{
    char line[LINE_ROOM];
    bool is_good = true;

    while (is_good) {
        int fds[FDS_A_LINE];
        const char *reason;

        is_good = receive_line(handover->fd, line, fds);
        if (is_good && (reason = after(line, "end "))) {
            buf_add_str(&handover->tickets, reason);
            explicit_bzero(line, sizeof(line));
            return ERR_NONE;
        }
        if (is_good && (reason = after(line, "refused "))) {
            buf_printf(why, "the server that runs is not replaced: %s", reason);
            return ERR_REFUSED;
        }
        is_good = is_good && take_line(handover, line, fds);
        for (unsigned i = 0; i < FDS_A_LINE; i++)
            fd_close(&fds[i]);
    }
    buf_add_str(why, "the server that runs did not hand its place over: another user's, or of a version that cannot");
    return ERR_REFUSED;
}

/* ---- finding the old one ---- */

static bool connect_to(int fd, const struct sockaddr_un *addr, socklen_t len)
{
    return len && connect(fd, (const struct sockaddr *)addr, len) == 0;
}

static bool connect_by_state(int fd, const struct site *site)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int len = site->state ? snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", site->state)
                          : snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/.samovar/control", site->root);

    return len > 0 && (size_t)len < sizeof(addr.sun_path) && connect_to(fd, &addr, sizeof(addr));
}

static bool connect_by_name(int fd, const struct site *site)
{
    struct sockaddr_un addr;

    return connect_to(fd, &addr, control_name(site->root, &addr));
}

/* The name without a file could be anybody's. */
static bool is_trusted(int fd, const struct conf *conf)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    struct slice name =
        conf->run_as ? slice_upto(slice_str(conf->run_as), slice_index(slice_str(conf->run_as), ':')) : SLICE_NONE;
    char text[256] = "";
    struct passwd *known;
    uint64_t number;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
        return false;
    if (peer.uid == 0 || peer.uid == geteuid())
        return true;
    if (!name.len || name.len >= sizeof(text))
        return false;
    memcpy(text, name.ptr, name.len);
    known = getpwnam(text);
    return known ? known->pw_uid == peer.uid : slice_u64(name, &number) && number == peer.uid;
}

static int connect_to_old(const struct conf *conf)
{
    const struct timeval patience = {.tv_sec = ANSWER_WITHIN_S};
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_found = false;

    for (unsigned i = 0; i < conf->site_count && !is_found && fd >= 0; i++) /* it may have them in another order */
        is_found = connect_by_state(fd, &conf->sites[i]) || connect_by_name(fd, &conf->sites[i]);
    if (!is_found || !is_trusted(fd, conf))
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd_take(&fd);
}

/* Each site's at the site's own place. */
static enum err order_stores(struct handover *handover, const struct conf *conf, struct buf *why)
{
    for (unsigned i = 0; i < conf->site_count; i++) {
        struct handed_store *stores = handover->stores, swap;
        struct stat st;
        unsigned at = i;

        if (stat(conf->sites[i].root, &st))
            st.st_ino = 0;
        while (at < handover->store_count && (stores[at].shared.dev != st.st_dev || stores[at].shared.ino != st.st_ino))
            at++;
        if (at >= handover->store_count) {
            buf_printf(why, "%s is not served by the server that runs: other folders need a restart",
                       conf->sites[i].root);
            return ERR_INVALID;
        }
        swap = stores[i];
        stores[i] = stores[at];
        stores[at] = swap;
    }
    if (handover->store_count == conf->site_count)
        return ERR_NONE;
    buf_add_str(why, "the server that runs serves more folders than these: other folders need a restart");
    return ERR_INVALID;
}

enum err handover_ask(const struct conf *conf, void (*notice)(const char *), struct handover **out, struct buf *why)
{
    static const char question[] = "replace 1\n";
    int fd = connect_to_old(conf);
    struct handover *handover;
    enum err err;

    *out = NULL;
    if (fd < 0) {
        notice("--replace: no server runs for these folders, so this is an ordinary start");
        return ERR_NONE;
    }
    handover = xcalloc(1, sizeof(*handover));
    *handover = (struct handover){.fd = fd, .bound = -1, .named = -1, .tickets = BUF_INIT(LINE_ROOM)};
    if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) < 0)
        shutdown(fd, SHUT_RDWR); /* it hung up: then there is no answer */
    err = take_answer(handover, why);
    if (err == ERR_NONE)
        err = order_stores(handover, conf, why);
    if (err == ERR_NONE)
        *out = handover;
    else
        handover_free(handover);
    return err;
}

/* ---- what we were given ---- */

struct handed *handover_sockets(struct handover *handover)
{
    return handover ? &handover->handed : NULL;
}

struct store_shared *handover_store(struct handover *handover, unsigned site)
{
    return handover ? &handover->stores[site].shared : NULL;
}

void handover_tickets(struct handover *handover, struct tls *tls)
{
    if (handover)
        tls_take_tickets(tls, buf_slice(&handover->tickets));
}

void handover_controls(struct handover *handover, int *bound, char *path, size_t room, int *named)
{
    snprintf(path, room, "%s", handover->path);
    *bound = fd_take(&handover->bound);
    *named = fd_take(&handover->named);
}

bool handover_is_awaited(const struct handover *handover)
{
    char late;

    /* That it ended is fine: then nobody else serves. That it said something is not. */
    return !handover || recv(handover->fd, &late, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void handover_serving(struct handover *handover)
{
    static const char said[] = "serving\n";

    if (!handover)
        return;
    if (send(handover->fd, said, sizeof(said) - 1, MSG_NOSIGNAL) < 0) /* it ended by itself meanwhile */
        fd_close(&handover->fd);
    fd_close(&handover->fd);
    close_handed(handover);
}
