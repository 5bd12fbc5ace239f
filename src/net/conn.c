/*
 * conn.c - one TCP or unix connection; what is special to TLS is in tls_*.c.
 */
#include "tls_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };

struct slice peer_text(const struct peer *peer, char out[PEER_TEXT_MAX])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const void *addr = peer->addr;
    int family = peer->family;

    if (family == AF_UNIX)
        return SLICE("unix");
    if (family == AF_INET6 && memcmp(peer->addr, mapped, sizeof(mapped)) == 0) {
        family = AF_INET;
        addr = peer->addr + sizeof(mapped);
    }
    return inet_ntop(family, addr, out, PEER_TEXT_MAX) ? slice_str(out) : SLICE("unknown");
}

void conn_ready(struct watch *watch, uint32_t events)
{
    struct conn *conn = CONTAINER(watch, struct conn, watch);

    role_assert_loop();
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        conn->is_readable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        conn->is_ending = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        conn->is_writable = true;
    conn->changed(conn);
}

bool conn_open(struct conn *conn, struct loop *loop, int fd, const struct peer *peer, void (*changed)(struct conn *))
{
    conn->watch = (struct watch){.fd = fd, .ready = conn_ready};
    conn->loop = loop;
    conn->peer = *peer;
    conn->changed = changed;
    conn->tls = NULL;
    conn->is_readable = conn->is_at_end = conn->is_ending = conn->is_plain_on_tls = false;
    conn->is_writable = true;
    conn->can_sendfile = true;
    if (loop_watch(loop, &conn->watch, EVENTS)) {
        close(fd);
        conn->watch.fd = -1;
        return false;
    }
    return true;
}

/* Registered anew under its new address, which also tells once more of whatever is there. */
void conn_move(struct conn *to, struct conn *from, void (*changed)(struct conn *))
{
    *to = *from;
    to->changed = changed;
    if (to->tls)
        to->tls->conn = to;
    loop_rewatch(to->loop, &from->watch, &to->watch, EVENTS);
    from->watch.fd = -1;
    from->tls = NULL;
}

ssize_t conn_recv(struct conn *conn, void *room, size_t len)
{
    ssize_t got;

    if (conn->tls)
        return tls_recv(conn, room, len);
    got = recv(conn->watch.fd, room, len, MSG_DONTWAIT);
    if (got > 0) {
        /* A short read emptied the socket: what comes later is a new edge, but for an end already told of. */
        if ((size_t)got < len && !conn->is_ending)
            conn->is_readable = false;
        return got;
    }
    if (got == 0) {
        conn->is_at_end = true;
        conn->is_readable = false;
        return 0;
    }
    if (errno == EAGAIN || errno == EINTR) {
        conn->is_readable = errno == EINTR;
        return 0;
    }
    return CONN_CLOSED;
}

static ssize_t sent(struct conn *conn, ssize_t took, size_t len)
{
    if (took >= 0) {
        if ((size_t)took < len)
            conn->is_writable = false;
        return took;
    }
    if (errno == EAGAIN || errno == EINTR) {
        conn->is_writable = false;
        return 0;
    }
    return CONN_CLOSED;
}

ssize_t conn_send(struct conn *conn, const void *bytes, size_t len, bool more)
{
    if (conn->tls)
        return tls_send(conn, &(struct iovec){(void *)bytes, len}, 1, more);
    return sent(conn, send(conn->watch.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0)), len);
}

ssize_t conn_sendv(struct conn *conn, struct iovec *pieces, unsigned count, bool more)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    size_t len = 0;

    if (conn->tls)
        return tls_send(conn, pieces, count, more);
    for (unsigned i = 0; i < count; i++)
        len += pieces[i].iov_len;
    return sent(conn, sendmsg(conn->watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0)), len);
}

ssize_t conn_sendfile(struct conn *conn, int fd, uint64_t offset, size_t len)
{
    off_t at = (off_t)offset;
    ssize_t took = sendfile(conn->watch.fd, fd, &at, len);

    /* Nothing left to send although there should be: the file was cut short by somebody. */
    if (took == 0 && len)
        return CONN_CLOSED;
    /* Less than all: the socket is full, or the file ends here. Only another try tells, and only that may wait. */
    return took > 0 ? took : sent(conn, took, len);
}

void conn_half_close(struct conn *conn)
{
    if (conn->tls)
        tls_half_close(conn);
    else
        shutdown(conn->watch.fd, SHUT_WR);
}

void conn_close(struct conn *conn)
{
    if (conn->watch.fd < 0)
        return;
    loop_unwatch(conn->loop, &conn->watch);
    if (!conn->tls || tls_close(conn))
        close(conn->watch.fd);
    conn->watch.fd = -1;
}
