/*
 * tls_data.c - plain bytes in and out of a TLS connection.
 *
 * In: what the socket has is received into the thread's desk and decrypted straight into the caller's room; only what
 * did not fit is kept. Out: pieces are gathered into records, sealed on the desk, and sent in one call; what the
 * socket does not take is kept sealed, so what was taken from the caller is never asked for again.
 */
#include "tls_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

enum {
    EMPTY_RECEIVES_MAX = 64, /* in one call without a plain byte: much that says nothing */
    OWN_RECORDS_MAX = 16,    /* in one call, for TLS itself: key updates cost us far more than the one who sends them */
};

/* ---- out ---- */

/* What of `bytes` the socket takes, -1 when it is broken. */
static ssize_t give(int fd, const struct pile *bytes, bool more)
{
    ssize_t took = send(fd, pile_bytes(bytes), bytes->len, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));

    if (took < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return took;
}

static LOOP_SIDE bool give_kept(struct tls_conn *tls, bool more)
{
    ssize_t took = give(tls->conn->watch.fd, &tls->kept_out, more);

    if (took < 0)
        return false;
    tls->conn->is_writable = (size_t)took == tls->kept_out.len;
    pile_eat(&tls->kept_out, (size_t)took);
    return true;
}

bool tls_push(struct tls_conn *tls, struct pile *sealed, bool more)
{
    ssize_t took;

    if (tls->kept_out.len) {
        if (tls->kept_out.len + sealed->len > KEPT_MAX)
            return false;
        pile_add(&tls->kept_out, pile_bytes(sealed), sealed->len);
        pile_clear(sealed);
        return !tls->conn->is_writable || give_kept(tls, more);
    }
    if (sealed->len == 0)
        return true;
    took = tls->conn->is_writable ? give(tls->conn->watch.fd, sealed, more) : 0;
    if (took < 0)
        return false;
    if ((size_t)took < sealed->len) {
        pile_add(&tls->kept_out, pile_bytes(sealed) + took, sealed->len - (size_t)took);
        tls->conn->is_writable = false;
    }
    pile_clear(sealed);
    return true;
}

void tls_flush(struct tls_conn *tls)
{
    struct conn *conn = tls->conn;

    if (tls->state == TLS_SHAKING && tls->is_on_socket) {
        conn->is_writable = conn->is_readable = true; /* the handshake goes on where it stopped */
        return;
    }
    if (tls->kept_out.len == 0)
        conn->is_writable = true;
    else if (!give_kept(tls, false)) {
        tls->state = TLS_BROKEN;
        conn->is_readable = conn->is_writable = true; /* whoever owns it learns of it by its next call */
        pile_free(&tls->kept_out);
        return;
    }
    if (tls->is_finishing && conn->is_writable) {
        tls->is_finishing = false;
        if (tls->is_sealed_below)
            tls_goodbye_below(conn->watch.fd);
        shutdown(conn->watch.fd, SHUT_WR);
    }
}

/* Where in the caller's pieces we are. */
struct reader {
    const struct iovec *piece;
    unsigned count; /* pieces left, with this one */
    size_t at;      /* in this piece */
};

static size_t reader_run(struct reader *reader)
{
    while (reader->count && reader->at == reader->piece->iov_len) {
        reader->piece++;
        reader->count--;
        reader->at = 0;
    }
    return reader->count ? reader->piece->iov_len - reader->at : 0;
}

/* The next bytes in one run: the caller's own where they fill records, else gathered into `room`. */
static struct slice reader_take(struct reader *reader, char *room, size_t max)
{
    size_t run = reader_run(reader), len = 0;

    if (run >= RECORD_MAX || run >= max || reader->count == 1) {
        struct slice got = slice_of((const char *)reader->piece->iov_base + reader->at, run < max ? run : max);

        if (run < max)
            got.len -= got.len % RECORD_MAX; /* whole records; the rest goes with what follows */
        reader->at += got.len;
        return got;
    }
    if (max > RECORD_MAX)
        max = RECORD_MAX;
    while (len < max && (run = reader_run(reader))) {
        size_t part = run < max - len ? run : max - len;

        memcpy(room + len, (const char *)reader->piece->iov_base + reader->at, part);
        reader->at += part;
        len += part;
    }
    return slice_of(room, len);
}

/* A key seals so many records and no more; the kernel's own connections are asked by nobody. */
static bool key_is_fresh(struct tls_conn *tls, size_t len)
{
    tls->records += (unsigned)(len / RECORD_MAX) + 1;
    if (tls->records < RECORDS_A_KEY || SSL_version(tls->ssl) < TLS1_3_VERSION)
        return true;
    tls->records = 0;
    return SSL_key_update(tls->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
}

/* Seals up to SEAL_MAX of what the reader has into the wire. How many plain bytes; -1: broken. */
static ssize_t seal(struct tls_conn *tls, struct reader *reader, size_t left, char *room)
{
    size_t done = 0, wrote;

    if (left > SEAL_MAX)
        left = SEAL_MAX;
    while (done < left) {
        struct slice bytes = reader_take(reader, room, left - done);

        errors_clear();
        if (!key_is_fresh(tls, bytes.len) || SSL_write_ex(tls->ssl, bytes.ptr, bytes.len, &wrote) != 1 ||
            wrote != bytes.len) {
            ERR_clear_error();
            return -1;
        }
        done += bytes.len;
    }
    return (ssize_t)done;
}

static ssize_t send_below(struct conn *conn, const struct iovec *pieces, unsigned count, size_t len, bool more)
{
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = count};
    ssize_t took = sendmsg(conn->watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));

    if (took < 0 && errno != EAGAIN && errno != EINTR)
        return CONN_CLOSED;
    if (took < (ssize_t)len)
        conn->is_writable = false;
    return took > 0 ? took : 0;
}

ssize_t tls_send(struct conn *conn, const struct iovec *pieces, unsigned count, bool more)
{
    struct tls_conn *tls = conn->tls;
    struct desk *desk = desk_get();
    struct wire wire = {.out = &desk->out};
    struct reader reader = {.piece = pieces, .count = count};
    size_t len = 0, done = 0;

    if ((tls->state != TLS_OPEN && tls->state != TLS_FINISHED) || tls->is_half_closed)
        return CONN_CLOSED;
    for (unsigned i = 0; i < count; i++)
        len += pieces[i].iov_len;
    if (tls->is_sealed_below)
        return send_below(conn, pieces, count, len, more);
    tls->wire = &wire;
    while (done < len && conn->is_writable) {
        ssize_t sealed;

        pile_clear(&desk->out);
        sealed = seal(tls, &reader, len - done, (char *)desk->plain);
        if (sealed < 0 || !tls_push(tls, &desk->out, more || done + (size_t)sealed < len)) {
            tls->state = TLS_BROKEN;
            break;
        }
        done += (size_t)sealed;
    }
    tls->wire = NULL;
    return tls->state == TLS_BROKEN ? CONN_CLOSED : (ssize_t)done;
}

/* ---- in ---- */

/* One call's room, and how far it got. */
struct intake {
    struct tls_conn *tls;
    struct desk *desk;
    char *room;
    size_t len, got;
    unsigned own_records; /* seen in this call that held nothing for the caller */
    struct wire wire;
};

enum heard { HEARD_BYTES, HEARD_NOTHING, HEARD_END, HEARD_TROUBLE };

/* Asks for no more than what certainly fits the room once decrypted, but for a little: it need not be kept then. */
static LOOP_SIDE enum heard hear(struct intake *intake)
{
    struct tls_conn *tls = intake->tls;
    struct conn *conn = tls->conn;
    size_t ask = intake->len - intake->got;
    ssize_t got;

    ask += ask / 64 + 256; /* a record's head and tag */
    if (ask > CIPHER_ROOM)
        ask = CIPHER_ROOM;
    if (tls->is_socket_end)
        return HEARD_END;
    if (tls->is_drained)
        return HEARD_NOTHING;
    do
        got = recv(conn->watch.fd, intake->desk->in, ask, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got == 0) {
        tls->is_socket_end = true;
        return HEARD_END;
    }
    if (got < 0) {
        tls->is_drained = errno == EAGAIN;
        return errno == EAGAIN ? HEARD_NOTHING : HEARD_TROUBLE;
    }
    /* A short read emptied the socket: what comes later is a new edge, but for an end already told of. */
    tls->is_drained = (size_t)got < ask && !conn->is_ending;
    intake->wire.in = intake->desk->in;
    intake->wire.in_len = (size_t)got;
    return HEARD_BYTES;
}

/* The first bytes are received into the room: if they are no TLS, they are what the caller wants. */
static LOOP_SIDE ssize_t meet(struct conn *conn, char *room, size_t len)
{
    struct tls_conn *tls = conn->tls;
    bool is_peek = tls->tls->ktls || tls_test_on_socket;
    ssize_t got = recv(conn->watch.fd, room, is_peek ? 1 : len, MSG_DONTWAIT | (is_peek ? MSG_PEEK : 0));

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        conn->is_readable = errno == EINTR;
        return 0;
    }
    if (got <= 0)
        return CONN_CLOSED;
    conn->is_readable = is_peek || (size_t)got == len || conn->is_ending;
    if ((unsigned char)room[0] != SSL3_RT_HANDSHAKE) {
        tls_give_up(conn);
        return is_peek ? conn_recv(conn, room, len) : got;
    }
    tls->is_drained = !conn->is_readable;
    if (!is_peek)
        pile_add(&tls->kept_in, room, (size_t)got);
    shake_begin(tls);
    return 0;
}

/* Nothing is left that could be decrypted; asking OpenSSL would cost as much as a record. */
static bool is_used_up(const struct intake *intake)
{
    return intake->wire.in_len == 0 && !intake->tls->is_on_socket && !SSL_pending(intake->tls->ssl);
}

/*
 * The client wants new keys of ours, and OpenSSL would tell it of some with the next chance: but the kernel keeps its
 * own. So this is as good as the client's goodbye: what it asked for goes out under the old key, and then the end.
 */
static bool is_asked_for_keys(const struct tls_conn *tls)
{
    return tls->is_sealed_below && SSL_get_key_update_type(tls->ssl) != SSL_KEY_UPDATE_NONE;
}

/* Decrypts into the room. False: no more can be had without more from the socket, or ever (tls->state). */
static bool open_more(struct intake *intake)
{
    struct tls_conn *tls = intake->tls;
    size_t got;

    while (intake->got < intake->len && !is_used_up(intake)) {
        int done;

        errors_clear();
        done = SSL_read_ex(tls->ssl, intake->room + intake->got, intake->len - intake->got, &got);
        if (done == 1)
            intake->got += got;
        if (is_asked_for_keys(tls)) {
            tls->state = TLS_FINISHED;
            return false;
        }
        if (done == 1)
            continue;
        switch (SSL_get_error(tls->ssl, done)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            if (intake->wire.in_len == 0)
                return false;
            if (++intake->own_records <= OWN_RECORDS_MAX)
                break; /* it came back after a record of its own */
            tls->state = TLS_BROKEN;
            return false;
        case SSL_ERROR_ZERO_RETURN:
            tls->state = TLS_FINISHED;
            return false;
        default:
            ERR_clear_error();
            tls->state = TLS_BROKEN;
            return false;
        }
    }
    return intake->got == intake->len;
}

/* What OpenSSL had to say by itself: its part of a handshake, answers to key updates, alerts. */
static LOOP_SIDE void say_own(struct intake *intake, bool is_just_open)
{
    struct tls_conn *tls = intake->tls;
    struct pile *out = intake->wire.out;

    if (out->len == 0)
        return;
    /* In TLS 1.3 that is the ticket, for which nobody waits: it goes out with the first answer and saves a packet. */
    if (is_just_open && tls->conn->is_writable && SSL_version(tls->ssl) == TLS1_3_VERSION) {
        pile_add(&tls->kept_out, pile_bytes(out), out->len);
        pile_clear(out);
        return;
    }
    if (!tls_push(tls, out, false))
        tls->state = TLS_BROKEN;
}

/* Gives OpenSSL what the wire has. False: there is nothing more to be had by it. */
static LOOP_SIDE bool feed(struct intake *intake)
{
    struct tls_conn *tls = intake->tls;
    bool was_open = tls->state == TLS_OPEN, is_full = false;

    if (tls->state == TLS_SHAKING) {
        size_t before = intake->wire.in_len;

        if (shake_step(tls) == STEP_AWAY) /* a worker has it: not another look */
            return true;
        tls->received += (unsigned)(before - intake->wire.in_len);
        if (tls->state == TLS_SHAKING && tls->received > HANDSHAKE_MAX)
            tls->state = TLS_BROKEN;
    }
    /* A handshake that left the socket finds the rest there, by hear(). */
    if (tls->state == TLS_OPEN)
        is_full = open_more(intake);
    say_own(intake, !was_open && tls->state == TLS_OPEN);
    return is_full;
}

/* Turns what the socket has into plain bytes until the room is full or the socket empty. */
static LOOP_SIDE enum heard take_in(struct intake *intake)
{
    struct tls_conn *tls = intake->tls;

    for (unsigned empty = 0; empty < EMPTY_RECEIVES_MAX; empty++) {
        enum heard heard;

        if (feed(intake))
            return HEARD_BYTES;
        if (tls->state == TLS_BROKEN)
            return HEARD_TROUBLE;
        if (tls->state == TLS_FINISHED)
            return HEARD_END;
        if (tls->is_on_socket) {
            tls->is_drained = true;
            return HEARD_NOTHING;
        }
        pile_free(&tls->kept_in); /* all of it was used, or more would not have been asked for */
        heard = hear(intake);
        if (heard != HEARD_BYTES)
            return heard;
        if (intake->got)
            empty = 0;
    }
    return HEARD_TROUBLE;
}

/* What did not fit is kept, for the next call. */
static void keep_rest(struct intake *intake)
{
    struct tls_conn *tls = intake->tls;
    struct pile rest = {0};

    if (intake->wire.in_len)
        pile_add(&rest, intake->wire.in, intake->wire.in_len);
    pile_free(&tls->kept_in);
    tls->kept_in = rest;
}

/* What the call gives, after it heard this last. */
static LOOP_SIDE ssize_t conclude(struct intake *intake, enum heard heard)
{
    struct tls_conn *tls = intake->tls;
    struct conn *conn = tls->conn;
    bool was_open = tls->facts.version != NULL;

    conn->is_readable = true;
    if (heard == HEARD_TROUBLE)
        tls->state = TLS_BROKEN;
    if (heard == HEARD_BYTES && tls->state == TLS_OPEN)
        conn->is_readable = !tls->is_drained || tls->kept_in.len || SSL_pending(tls->ssl);
    else if (heard == HEARD_NOTHING)
        conn->is_readable = false;
    if (intake->got || heard == HEARD_NOTHING || heard == HEARD_BYTES)
        return (ssize_t)intake->got; /* trouble, or the end, is told by the next call */
    if (heard == HEARD_TROUBLE || !was_open)
        return CONN_CLOSED;
    conn->is_at_end = true;
    conn->is_readable = false;
    return 0;
}

/*
 * While a worker has the SSL nothing is read; shake_done() makes it readable again. A client that ends what it sends
 * has left: it could not finish the handshake.
 */
static LOOP_SIDE ssize_t wait_for_worker(struct conn *conn)
{
    conn->is_readable = false;
    return conn->is_ending ? CONN_CLOSED : 0;
}

ssize_t tls_recv(struct conn *conn, void *room, size_t len)
{
    struct tls_conn *tls = conn->tls;
    struct intake intake = {.tls = tls, .desk = desk_get(), .room = room, .len = len};
    enum heard heard;

    if (tls->state == TLS_FRESH) {
        ssize_t got = meet(conn, room, len);

        if (!conn->tls || tls->state == TLS_FRESH)
            return got;
    }
    if (tls->state == TLS_AWAY)
        return wait_for_worker(conn);
    pile_clear(&intake.desk->out);
    intake.wire = (struct wire){pile_bytes(&tls->kept_in), tls->kept_in.len, &intake.desk->out};
    tls->wire = &intake.wire;
    heard = take_in(&intake);
    if (tls->state == TLS_AWAY)
        return wait_for_worker(conn); /* tls->wire is the worker's now */
    tls->wire = NULL;
    keep_rest(&intake);
    return conclude(&intake, heard);
}
