/*
 * tls_stub.c - the TLS part of the door while it is being built: there is none.
 */
#include "net/net.h"

#include <unistd.h>

enum err tls_load(const struct conf *conf, struct tls *old, void (*notice)(const char *line), struct tls **out,
                  struct buf *why)
{
    *out = NULL;
    return ERR_NONE;
}

void tls_unref(struct tls *tls)
{
    (void)tls;
}

bool conn_open_tls(struct conn *conn, struct loop *loop, struct pool *pool, int fd, const struct peer *peer,
                   void (*changed)(struct conn *), struct tls *tls)
{
    return conn_open(conn, loop, fd, peer, changed);
}

const struct tls_facts *conn_tls(const struct conn *conn)
{
    return NULL;
}

void conn_move(struct conn *to, struct conn *from, void (*changed)(struct conn *))
{
    role_assert_loop();
    loop_unwatch(from->loop, &from->watch);
    conn_open(to, from->loop, from->watch.fd, &from->peer, changed);
    to->is_readable = true;
    from->watch.fd = -1;
}
