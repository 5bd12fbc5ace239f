/*
 * tls_conn.c - the life of a TLS connection: opened, half closed, closed.
 */
#include "tls_private.h"

#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void tls_ready(struct watch *watch, uint32_t events)
{
    struct conn *conn = CONTAINER(watch, struct conn, watch);
    struct tls_conn *tls = conn->tls;

    role_assert_loop();
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        conn->is_readable = true;
        tls->is_drained = false;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        conn->is_ending = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && !conn->is_writable)
        tls_flush(tls);
    conn->changed(conn);
}

bool conn_open_tls(struct conn *conn, struct loop *loop, struct pool *pool, int fd, const struct peer *peer,
                   void (*changed)(struct conn *), struct tls *tls)
{
    if (!conn_open(conn, loop, fd, peer, changed))
        return false;
    conn->watch.ready = tls_ready;
    conn->can_sendfile = false;
    conn->tls = xcalloc(1, sizeof(*conn->tls));
    conn->tls->tls = tls_ref(tls);
    conn->tls->conn = conn;
    conn->tls->pool = pool;
    conn->tls->fd_left = -1;
    return true;
}

const struct tls_facts *conn_tls(const struct conn *conn)
{
    const struct tls_conn *tls = conn->tls;

    return tls && tls->facts.version ? &tls->facts : NULL;
}

void tls_conn_free(struct tls_conn *tls)
{
    SSL_free(tls->ssl);
    pile_free(&tls->kept_in);
    pile_free(&tls->kept_out);
    if (tls->fd_left >= 0)
        close(tls->fd_left);
    free(tls->server_name);
    free(tls->client_name);
    tls_unref(tls->tls);
    free(tls);
}

void tls_give_up(struct conn *conn)
{
    tls_conn_free(conn->tls);
    conn->tls = NULL;
    conn->watch.ready = conn_ready;
    conn->is_plain_on_tls = true;
    conn->can_sendfile = true;
}

/* The alert close_notify (RFC 8446 §6.1), after what is kept. False: it could not be. */
static LOOP_SIDE bool say_goodbye(struct tls_conn *tls)
{
    struct desk *desk = desk_get();
    struct wire wire = {.out = &desk->out};
    bool is_said;

    if (tls->is_sealed_below)
        return tls_goodbye_below(tls->conn->watch.fd);
    pile_clear(&desk->out);
    tls->wire = &wire;
    ERR_clear_error();
    is_said = SSL_shutdown(tls->ssl) >= 0;
    ERR_clear_error();
    tls->wire = NULL;
    return is_said && tls_push(tls, &desk->out, false);
}

/*
 * Where the kernel encrypts it may hold a record or two that TCP has no room for yet. Shut down or closed now, the
 * socket would lose them; once it says that it can be written to, its room is more than that.
 */
static LOOP_SIDE bool is_held_below(const struct tls_conn *tls)
{
    struct pollfd ask = {.fd = tls->conn->watch.fd, .events = POLLOUT};

    return tls->is_sealed_below && poll(&ask, 1, 0) == 0;
}

static bool may_say_goodbye(const struct tls_conn *tls)
{
    return (tls->state == TLS_OPEN || tls->state == TLS_FINISHED) && !tls->is_half_closed;
}

void tls_half_close(struct conn *conn)
{
    struct tls_conn *tls = conn->tls;

    if (tls->is_half_closed)
        return;
    if (is_held_below(tls)) {
        tls->is_half_closed = tls->is_finishing = true; /* tls_flush() does the rest */
        conn->is_writable = false;
        return;
    }
    if (may_say_goodbye(tls))
        say_goodbye(tls);
    tls->is_half_closed = true;
    tls->is_finishing = tls->kept_out.len && tls->state != TLS_BROKEN;
    if (!tls->is_finishing)
        shutdown(conn->watch.fd, SHUT_WR);
}

/* While a worker has the SSL: shake_done() frees it. False: the descriptor stays until then. */
static LOOP_SIDE bool close_away(struct tls_conn *tls)
{
    int fd = tls->conn->watch.fd;

    tls->conn = NULL;
    atomic_store_explicit(&tls->has_left, true, memory_order_relaxed);
    if (!tls->is_on_socket)
        return true;
    shutdown(fd, SHUT_RDWR);
    tls->fd_left = fd;
    return false;
}

bool tls_close(struct conn *conn)
{
    struct tls_conn *tls = conn->tls;
    bool is_left = false;

    conn->tls = NULL;
    if (tls->state == TLS_AWAY)
        return close_away(tls);
    if (is_held_below(tls) && tls->state != TLS_BROKEN) {
        is_left = leave(conn->loop, conn->watch.fd, NULL);
        tls_conn_free(tls);
        return !is_left;
    }
    /* To one that left nothing is said: it would only be answered with a reset. */
    if (may_say_goodbye(tls) && !conn->is_ending && !tls->is_socket_end)
        say_goodbye(tls);
    if (tls->kept_out.len && !conn->is_writable && tls->facts.version && tls->state != TLS_BROKEN)
        is_left = leave(conn->loop, conn->watch.fd, &tls->kept_out);
    tls_conn_free(tls);
    return !is_left;
}
