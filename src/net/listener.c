/*
 * listener.c - binding addresses and accepting connections.
 *
 * Each loop has its own SO_REUSEPORT socket, so that the kernel spreads connections and no accept is
 * shared. SO_REUSEPORT alone would let a second server of the same user share our port unseen; the first
 * socket of an address is therefore bound without it, which fails if anybody is there, and gets the flag
 * afterwards so that its sisters may follow.
 */
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"

enum {
    BACKLOG = 4096,       /* the kernel cuts it to somaxconn */
    ACCEPTS_A_ROUND = 64, /* so that a flood of new connections does not starve the old ones */
    PAUSE_MS = 200,
};

static void set_flag(int fd, int level, int name)
{
    int on = 1;

    setsockopt(fd, level, name, &on, sizeof(on));
}

static enum err say(struct buf *why, const struct listener *listener, int code)
{
    enum err err = code == EADDRINUSE ? ERR_BUSY : err_from_errno(code);

    buf_printf(why, "cannot listen on %.*s: ", SLICE_FMT(listener->spec->text));
    if (code == EADDRINUSE)
        buf_printf(why, "another program is listening there; choose another with --%s",
                   listener->is_metrics ? "metrics" : "listen");
    else if (code == EACCES || code == EPERM)
        buf_add_str(why,
                    "not permitted; ports below 1024 need a privilege (start as root with --run-as, or choose 8080)");
    else if (code == EADDRNOTAVAIL)
        buf_add_str(why, "this machine does not have that address");
    else
        buf_add_str(why, strerror(code));
    return err;
}

static int tcp_socket(const struct sockaddr *addr)
{
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR); /* a restart need not wait for old connections' TIME_WAIT */
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY); /* accepted sockets inherit it */
    if (addr->sa_family == AF_INET6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY); /* [::] and 0.0.0.0 are two addresses */
    return fd;
}

/* One more socket for an address that the first one has found free. */
static enum err bind_sister(struct listener *listener, unsigned loop)
{
    FD_GUARD fd = tcp_socket((struct sockaddr *)&listener->addr);

    if (fd < 0)
        return err_from_errno(errno);
    set_flag(fd, SOL_SOCKET, SO_REUSEPORT);
    if (bind(fd, (struct sockaddr *)&listener->addr, listener->spec->addr_len) || listen(fd, BACKLOG))
        return err_from_errno(errno);
    listener->fds[loop] = fd_take(&fd);
    return ERR_NONE;
}

static enum err bind_tcp(struct listener *listener, unsigned loops, struct buf *why)
{
    socklen_t len = listener->spec->addr_len;
    FD_GUARD fd = -1;

    memcpy(&listener->addr, &listener->spec->addr, len);
    fd = tcp_socket((struct sockaddr *)&listener->addr);
    if (fd < 0)
        return say(why, listener, errno);
    if (bind(fd, (struct sockaddr *)&listener->addr, len))
        return say(why, listener, errno);
    set_flag(fd, SOL_SOCKET, SO_REUSEPORT);
    if (getsockname(fd, (struct sockaddr *)&listener->addr, &len) || listen(fd, BACKLOG))
        return say(why, listener, errno);
    listener->fds[0] = fd_take(&fd);
    for (unsigned i = 1; i < loops; i++)
        if (bind_sister(listener, i))
            return say(why, listener, errno);
    return ERR_NONE;
}

/* One socket for all loops. */
static void spread(struct listener *listener, int fd, unsigned loops)
{
    for (unsigned i = 0; i < loops; i++)
        listener->fds[i] = fd;
    listener->is_shared = true;
}

/* A socket file that nobody listens on is a leftover of a crash and is replaced. */
static bool unix_is_stale(const struct sockaddr_un *addr)
{
    struct stat st;
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (lstat(addr->sun_path, &st) || !S_ISSOCK(st.st_mode) || fd < 0)
        return false;
    return connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) && errno == ECONNREFUSED;
}

static enum err bind_unix(struct listener *listener, unsigned loops, struct buf *why)
{
    const struct sockaddr_un *addr = (const struct sockaddr_un *)&listener->spec->addr;
    FD_GUARD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    memcpy(&listener->addr, &listener->spec->addr, sizeof(listener->addr));
    if (fd < 0)
        return say(why, listener, errno);
    if (unix_is_stale(addr))
        unlink(addr->sun_path);
    if (bind(fd, (const struct sockaddr *)addr, listener->spec->addr_len) || listen(fd, BACKLOG))
        return say(why, listener, errno);
    spread(listener, fd_take(&fd), loops);
    return ERR_NONE;
}

static bool is_loopback_address(const struct sockaddr_storage *addr)
{
    if (addr->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24 == 127;
    if (addr->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)addr)->sin6_addr);
    return addr->ss_family == AF_UNIX;
}

static enum err take_inherited(struct listener *listener, unsigned loops, struct buf *why)
{
    int fd = listener->spec->fd, listens = 0;
    socklen_t len = sizeof(listens);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) || !listens) {
        buf_printf(why, "cannot listen on %.*s: it is no listening socket (inherited ones start at fd:3)",
                   SLICE_FMT(listener->spec->text));
        return ERR_INVALID;
    }
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
        return say(why, listener, errno);
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    len = sizeof(listener->addr);
    getsockname(fd, (struct sockaddr *)&listener->addr, &len);
    spread(listener, fd, loops);
    return ERR_NONE;
}

static enum err open_one(struct listener *listener, unsigned loops, struct buf *why)
{
    switch (listener->spec->kind) {
    case LISTEN_UNIX:
        return bind_unix(listener, loops, why);
    case LISTEN_FD:
        return take_inherited(listener, loops, why);
    case LISTEN_TCP:
        break;
    }
    return bind_tcp(listener, loops, why);
}

/* ---- sockets that were handed over ---- */

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    const struct sockaddr_in *a4 = (const struct sockaddr_in *)a, *b4 = (const struct sockaddr_in *)b;
    const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a, *b6 = (const struct sockaddr_in6 *)b;

    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    if (a->ss_family == AF_INET6)
        return a6->sin6_port == b6->sin6_port && a6->sin6_scope_id == b6->sin6_scope_id &&
               IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
    return a->ss_family == AF_UNIX &&
           strcmp(((const struct sockaddr_un *)a)->sun_path, ((const struct sockaddr_un *)b)->sun_path) == 0;
}

/* The same words mean the same where they name no address that could be compared: a port 0, an inherited one. */
static bool is_for(const struct handed_socket *socket, const struct listener *listener)
{
    const struct listen_spec *spec = listener->spec;

    if (socket->fd < 0)
        return false;
    if (spec->kind != LISTEN_FD && same_address(&socket->addr, &spec->addr))
        return true;
    return slice_eq(socket->text, spec->text) && socket->is_metrics == listener->is_metrics &&
           (spec->kind == LISTEN_FD || socket->addr.ss_family == spec->addr.ss_family);
}

/* Up to one for each loop; how many. */
static unsigned take_handed(struct listener *listener, struct handed *handed, unsigned loops)
{
    unsigned count = 0;

    for (unsigned i = 0; handed && i < handed->count && count < loops; i++) {
        struct handed_socket *socket = &handed->list[i];

        if (!is_for(socket, listener))
            continue;
        listener->addr = socket->addr;
        listener->fds[count++] = socket->fd;
        socket->fd = -1;
    }
    return count;
}

/* They were for fewer loops, or for one that all shared. Another user's port cannot be bound once more. */
static void spread_handed(struct listener *listener, unsigned count, unsigned loops)
{
    for (unsigned i = count; i < loops; i++) {
        if (listener->spec->kind == LISTEN_TCP && !listener->is_shared && bind_sister(listener, i) == ERR_NONE)
            continue;
        listener->fds[i] = listener->fds[i % count];
        listener->is_shared = true;
    }
}

/* ---- all of them ---- */

/* A machine without IPv6 still starts with one command. */
static bool may_be_left_out(const struct listener *listener)
{
    return listener->spec->is_default && listener->spec->addr.ss_family == AF_INET6 &&
           (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
}

/* An inherited socket's family is known only now. */
static bool speaks_tls(const struct conf *conf, const struct listener *listener)
{
    sa_family_t family = listener->addr.ss_family;

    return (family == AF_INET || family == AF_INET6) && !listener->spec->is_plain && !listener->is_metrics &&
           conf_has_tls(conf);
}

static struct listener *add_one(struct listeners *out, const struct conf *conf, const struct listen_spec *spec,
                                unsigned loops)
{
    struct listener *listener = &out->list[out->count++];

    *listener = (struct listener){.spec = spec, .fds = xmalloc(loops * sizeof(int)), .loops = loops};
    listener->is_intercept = spec->is_intercept;
    listener->is_metrics = spec == conf->metrics;
    atomic_store(&listener->accepting, loops);
    for (unsigned k = 0; k < loops; k++)
        listener->fds[k] = -1;
    return listener;
}

static void settle(struct listener *listener, const struct conf *conf)
{
    listener->is_loopback = is_loopback_address(&listener->addr);
    listener->is_tls = speaks_tls(conf, listener);
}

/* As many listeners as it takes for every socket to have a loop. False: there was none for this address. */
static bool take_all_handed(struct listeners *out, const struct conf *conf, const struct listen_spec *spec,
                            struct handed *handed, unsigned loops)
{
    struct listener *listener = add_one(out, conf, spec, loops);
    unsigned count = take_handed(listener, handed, loops);

    if (count == 0) {
        free(listener->fds);
        out->count--;
        return false;
    }
    if (count < loops)
        spread_handed(listener, count, loops);
    settle(listener, conf);
    while (count > 0) {
        listener = add_one(out, conf, spec, loops);
        count = take_handed(listener, handed, loops);
        listener->is_more = true;
        settle(listener, conf);
    }
    free(listener->fds);
    out->count--;
    return true;
}

static enum err open_spec(struct listeners *out, const struct conf *conf, const struct listen_spec *spec,
                          struct handed *handed, unsigned loops, struct buf *why)
{
    struct listener *listener;
    enum err err;

    if (take_all_handed(out, conf, spec, handed, loops))
        return ERR_NONE;
    listener = add_one(out, conf, spec, loops);
    err = open_one(listener, loops, why);
    settle(listener, conf);
    if (err && may_be_left_out(listener)) {
        free(listener->fds);
        out->count--;
        buf_clear(why);
        return ERR_NONE;
    }
    return err;
}

enum err listeners_open(const struct conf *conf, unsigned loops, struct handed *handed, struct listeners *out,
                        struct buf *why)
{
    unsigned specs = conf->listen_count + (conf->metrics ? 1 : 0);
    enum err err = ERR_NONE;

    /* each may have one too many for a moment, and each handed socket one of its own */
    *out = (struct listeners){.list = xcalloc(2 * specs + (handed ? handed->count : 0), sizeof(*out->list))};
    atomic_store(&out->is_foreign, handed != NULL);
    for (unsigned i = 0; i < specs && !err; i++)
        err = open_spec(out, conf, i < conf->listen_count ? &conf->listens[i] : conf->metrics, handed, loops, why);
    if (err)
        listeners_close(out);
    return err;
}

void listeners_close(struct listeners *listeners)
{
    bool is_foreign = atomic_load(&listeners->is_foreign);

    for (unsigned i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->list[i];

        if (listener->spec->kind == LISTEN_UNIX && listener->fds[0] >= 0 && !is_foreign)
            unlink(((const struct sockaddr_un *)&listener->addr)->sun_path);
        free(listener->fds);
    }
    free(listeners->list);
    *listeners = (struct listeners){0};
}

int listener_socket(const struct listener *listener, unsigned at)
{
    for (unsigned i = 0; i < listener->loops; i++) {
        bool is_first = listener->fds[i] >= 0;

        for (unsigned k = 0; k < i && is_first; k++)
            is_first = listener->fds[k] != listener->fds[i];
        if (is_first && at-- == 0)
            return listener->fds[i];
    }
    return -1;
}

void listener_describe(const struct listener *listener, struct buf *out)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&listener->addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&listener->addr;
    const char *scheme = listener->is_tls ? "https" : "http";
    char text[INET6_ADDRSTRLEN];

    if (listener->addr.ss_family == AF_INET && inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text)))
        buf_printf(out, "%s://%s:%u/", scheme, text, ntohs(v4->sin_port));
    else if (listener->addr.ss_family == AF_INET6 && inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text)))
        buf_printf(out, "%s://[%s]:%u/", scheme, text, ntohs(v6->sin6_port));
    else
        buf_add(out, listener->spec->text);
}

/* ---- accepting ---- */

static void peer_from(struct peer *peer, const struct sockaddr_storage *addr)
{
    *peer = (struct peer){.family = addr->ss_family};
    if (addr->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

        memcpy(peer->addr, &v4->sin_addr, 4);
        peer->port = v4->sin_port;
    } else if (addr->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;

        memcpy(peer->addr, &v6->sin6_addr, 16);
        peer->port = v6->sin6_port;
    }
}

/* Or a little later: watching takes memory, and without it the loop would be deaf to new clients for good. */
static LOOP_SIDE void start_accepting(struct acceptor *acceptor)
{
    uint32_t events = EPOLLIN | (acceptor->listener->is_shared ? EPOLLEXCLUSIVE : 0);
    int code = loop_watch(acceptor->loop, &acceptor->watch, events);

    acceptor->is_paused = code && code != EEXIST;
    if (acceptor->is_paused)
        timer_set(acceptor->loop, &acceptor->pause, PAUSE_MS);
}

static void pause_over(struct timer *timer)
{
    role_assert_loop();
    start_accepting(CONTAINER(timer, struct acceptor, pause));
}

/* Level-triggered, an unaccepted connection would wake us for ever while there are no descriptors. */
static LOOP_SIDE void pause_accepting(struct acceptor *acceptor)
{
    loop_unwatch(acceptor->loop, &acceptor->watch);
    acceptor->is_paused = true;
    timer_set(acceptor->loop, &acceptor->pause, PAUSE_MS);
}

static LOOP_SIDE void accept_some(struct acceptor *acceptor, unsigned max)
{
    struct watch *watch = &acceptor->watch;

    for (unsigned i = 0; i < max && watch->fd >= 0; i++) {
        struct sockaddr_storage addr = {.ss_family = AF_UNIX};
        socklen_t len = sizeof(addr);
        struct peer peer;
        int fd = accept4(watch->fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                pause_accepting(acceptor);
            return;
        }
        peer_from(&peer, &addr);
        acceptor->accepted(acceptor, fd, &peer);
    }
}

static void acceptor_ready(struct watch *watch, uint32_t events)
{
    role_assert_loop();
    (void)events;
    accept_some(CONTAINER(watch, struct acceptor, watch), ACCEPTS_A_ROUND);
}

void acceptor_start(struct acceptor *acceptor, struct loop *loop, struct listener *listener, unsigned loop_index,
                    void (*accepted)(struct acceptor *, int, const struct peer *), void *owner)
{
    *acceptor = (struct acceptor){.watch = {.fd = listener->fds[loop_index], .ready = acceptor_ready},
                                  .loop = loop,
                                  .listener = listener,
                                  .accepted = accepted,
                                  .owner = owner,
                                  .pause = {.fire = pause_over}};
    if (acceptor->watch.fd >= 0)
        start_accepting(acceptor);
}

void acceptor_empty(struct acceptor *acceptor)
{
    if (acceptor->watch.fd >= 0 && !acceptor->is_paused)
        accept_some(acceptor, BACKLOG);
}

/* Nobody accepts any more: who comes now is to hear it at once. */
static void close_shared(const struct listener *listener)
{
    int fd;

    for (unsigned i = 0; (fd = listener_socket(listener, i)) >= 0; i++)
        close(fd);
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (acceptor->watch.fd < 0)
        return;
    timer_cancel(acceptor->loop, &acceptor->pause);
    if (!acceptor->is_paused)
        loop_unwatch(acceptor->loop, &acceptor->watch);
    if (!acceptor->listener->is_shared)
        close(acceptor->watch.fd);
    else if (atomic_fetch_sub(&acceptor->listener->accepting, 1) == 1)
        close_shared(acceptor->listener);
    acceptor->watch.fd = -1;
}
