/*
 * tls_shake.c - a handshake's steps, here or with a worker.
 *
 * A signature by ECDSA takes as long as a small answer and is made on the loop. One by RSA holds everybody else up,
 * so when a client's hello asks for one (hello_choose() says so by asking to be called again), the step is done by a
 * worker, with all that was received, and what it has to say is sent from here when it comes home. When many clients
 * come at once, workers have what is more than a round's share, so that those who are there already are served.
 */
#include "tls_private.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/trace.h"

enum { SIGNED_A_ROUND = 8 }; /* by the loop itself: a millisecond or two */

/* A step with a worker; the SSL is its own until done(). */
struct shake {
    struct job job;
    struct tls_conn *tls;
    struct pile in, out;
    enum step step;
};

static struct tls_counts counts;

const struct tls_counts *tls_counts(void)
{
    return &counts;
}

/* A handshake takes so long that its count may be shared by all loops. */
static void count(const struct tls_conn *tls, enum step step)
{
    if (step == STEP_FAILED) {
        atomic_fetch_add_explicit(&counts.failed, 1, memory_order_relaxed);
    } else if (step == STEP_DONE) {
        atomic_fetch_add_explicit(tls->facts.is_resumed ? &counts.resumed : &counts.full, 1, memory_order_relaxed);
        histogram_count_shared(&counts.durations, clock_mono_ns() - tls->began_ns);
    }
}

void shake_begin(struct tls_conn *tls)
{
    const struct tls *house = tls->tls;
    BIO *bio;

    tls->ssl = SSL_new(house->sites[house->first].ctx);
    if (!tls->ssl || !SSL_set_app_data(tls->ssl, tls))
        abort(); /* no memory */
    SSL_set_accept_state(tls->ssl);
    tls->state = TLS_SHAKING;
    tls->began_ns = clock_mono_ns();
    if (house->ktls || tls_test_on_socket) {
        tls->is_on_socket = true;
        SSL_set_options(tls->ssl, SSL_OP_ENABLE_KTLS);
        SSL_set_mode(tls->ssl, SSL_MODE_AUTO_RETRY); /* "nothing now" must mean that the socket is empty */
        if (SSL_set_fd(tls->ssl, tls->conn->watch.fd) != 1)
            abort();
        return;
    }
    bio = wire_bio(&tls->wire);
    SSL_set_bio(tls->ssl, bio, bio);
}

/* Any side; whoever calls it has the SSL. */
static enum step step_on(struct tls_conn *tls)
{
    int done;

    ERR_clear_error();
    done = SSL_do_handshake(tls->ssl);
    if (done == 1)
        return STEP_DONE;
    switch (SSL_get_error(tls->ssl, done)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return STEP_WAITING;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
        return STEP_AWAY;
    default:
        TRACE(TRACE_NET, 0, "handshake failed: %s", ERR_reason_error_string(ERR_peek_error()));
        ERR_clear_error();
        return STEP_FAILED;
    }
}

/*
 * Handshakes begin on the socket where the kernel may encrypt. Where it does not come to that (a cipher that it does
 * not know), OpenSSL gets memory like everywhere else: what it had not read is still in the socket.
 */
static void leave_socket(struct tls_conn *tls)
{
    BIO *bio;

    if (BIO_get_ktls_send(SSL_get_wbio(tls->ssl)) == 1) {
        tls->is_sealed_below = true;
        tls->conn->can_sendfile = true;
        return;
    }
    bio = wire_bio(&tls->wire);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_clear_mode(tls->ssl, SSL_MODE_AUTO_RETRY);
    tls->is_on_socket = false;
}

static LOOP_SIDE enum step after_step(struct tls_conn *tls, enum step step)
{
    if (step == STEP_DONE) {
        tls->state = TLS_OPEN;
        hello_facts(tls);
        if (tls->is_on_socket)
            leave_socket(tls);
    } else if (step == STEP_FAILED) {
        tls->state = TLS_BROKEN;
    } else if (SSL_want_write(tls->ssl)) {
        tls->conn->is_writable = false;
    }
    count(tls, step);
    return step;
}

static void shake_free(struct shake *shake)
{
    pile_free(&shake->in);
    pile_free(&shake->out);
    free(shake);
}

static void shake_act(struct job *job)
{
    struct shake *shake = CONTAINER(job, struct shake, job);
    struct wire wire = {pile_bytes(&shake->in), shake->in.len, &shake->out};

    role_assert_worker();
    if (atomic_load_explicit(&shake->tls->has_left, memory_order_relaxed))
        return; /* clients that say hello and leave must not keep others waiting for signatures that nobody wants */
    shake->tls->wire = &wire;
    shake->step = step_on(shake->tls);
    shake->tls->wire = NULL;
    shake->in.at += shake->in.len - wire.in_len;
    shake->in.len = wire.in_len;
}

static void shake_done(struct job *job)
{
    struct shake *shake = CONTAINER(job, struct shake, job);
    struct tls_conn *tls = shake->tls;
    struct conn *conn = tls->conn;

    role_assert_loop();
    if (!conn) { /* closed meanwhile */
        shake_free(shake);
        tls_conn_free(tls);
        return;
    }
    tls->state = TLS_SHAKING;
    after_step(tls, shake->step);
    if (!tls_push(tls, &shake->out, false))
        tls->state = TLS_BROKEN;
    tls->kept_in = shake->in;
    shake->in = (struct pile){0};
    if (tls->kept_in.len == 0)
        pile_free(&tls->kept_in);
    shake_free(shake);
    tls->is_drained = false; /* whatever came meanwhile was not listened to */
    conn->is_readable = true;
    conn->changed(conn);
}

static LOOP_SIDE void send_away(struct tls_conn *tls)
{
    struct shake *shake = xcalloc(1, sizeof(*shake));

    shake->job = (struct job){.home = tls->conn->loop, .act = shake_act, .done = shake_done};
    shake->tls = tls;
    if (tls->wire) {
        pile_add(&shake->in, tls->wire->in, tls->wire->in_len);
        tls->wire->in_len = 0;
    }
    pile_free(&tls->kept_in); /* the wire pointed there, or to the desk */
    tls->state = TLS_AWAY;
    tls->wire = NULL;
    pool_submit(tls->pool, LANE_CRYPTO, &shake->job);
}

bool shake_has_share(struct tls_conn *tls)
{
    struct desk *desk = desk_get();
    uint64_t round_ms = loop_now_ms(tls->conn->loop);

    if (desk->round_ms != round_ms)
        desk->signed_in_round = 0;
    desk->round_ms = round_ms;
    return desk->signed_in_round++ < SIGNED_A_ROUND;
}

enum step shake_step(struct tls_conn *tls)
{
    enum step step = step_on(tls);

    if (step == STEP_AWAY) {
        send_away(tls);
        return step;
    }
    return after_step(tls, step);
}
