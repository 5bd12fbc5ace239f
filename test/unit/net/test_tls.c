/*
 * test_tls.c - TLS on a connection, with a real client: bytes both ways, and how it begins and ends.
 */
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "pki.h"
#include "visit.h"

/* Most tests: one site with one ECDSA certificate. */
static struct tls *one_site(void)
{
    static bool is_made;
    struct setting setting;

    if (!is_made)
        pki_make("one", &(struct pki_wish){.cn = "one.example", .san = "DNS:one.example"});
    is_made = true;
    setting_begin(&setting);
    setting_site(&setting, "one.example", "one");
    return tls_must_load(&setting, NULL);
}

static void is_fine(struct visit *visit, size_t echoed)
{
    CHECK_INT(visit->handshake, 1);
    CHECK_INT(visit->received, echoed);
    CHECK_FALSE(visit->is_wrong);
    CHECK(visit->is_clean_end);
    CHECK(visit->has_facts);
    CHECK(visit->is_end_seen);
}

TEST(tls__bytes_go_both_ways_and_both_say_goodbye)
{
    struct visit v = {.tls = one_site(), .client = client_usual, .server_name = "One.Example"};

    visit(&v);
    is_fine(&v, 100);
    CHECK_STR(v.cn, "one.example");
    CHECK_STR(v.version, "TLSv1.3");
    CHECK_STR(v.name, "one.example");
    CHECK_STR(v.facts.version, "TLSv1.3");
    CHECK_STR(v.facts.cipher, "TLS_AES_128_GCM_SHA256");
    CHECK_FALSE(v.facts.is_h2);
    CHECK_FALSE(v.facts.is_resumed);
    CHECK_STR(v.client_name, "");
    visit_free(&v);
}

TEST(tls__version_1_2_with_forward_secrecy)
{
    struct visit v = {.tls = one_site(), .client = client_usual, .version_max = TLS1_2_VERSION};

    visit(&v);
    is_fine(&v, 100);
    CHECK_STR(v.version, "TLSv1.2");
    CHECK_STR(v.facts.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
    SSL_SESSION_free(v.session);
    v.session = NULL;
    v.ciphers = "ECDHE-ECDSA-AES128-SHA256"; /* CBC */
    visit(&v);
    CHECK(v.handshake != 1);
    CHECK_INT(v.trouble, SSL_AD_HANDSHAKE_FAILURE);
    v.version_max = TLS1_1_VERSION;
    v.ciphers = "DEFAULT@SECLEVEL=0";
    visit(&v);
    CHECK_INT(v.trouble, SSL_AD_PROTOCOL_VERSION);
    visit_free(&v);
}

static void client_much(struct visit *visit)
{
    if (!client_hello(visit))
        return;
    client_echo(visit, 1024 * 1024);
    client_bye(visit);
}

TEST(tls__a_mebibyte_each_way_at_once)
{
    struct visit v = {.tls = one_site(), .client = client_much};

    visit(&v);
    is_fine(&v, 1024 * 1024);
    CHECK(v.receives < 1024 * 1024 / 4096);
    visit_free(&v);
}

TEST(tls__small_rooms_and_full_sockets_lose_nothing)
{
    static const size_t rooms[] = {1500, 100, 16000};
    struct visit v = {.tls = one_site(), .client = client_much, .small_buffers = 4096};

    for (unsigned i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
        v.room = rooms[i];
        visit(&v);
        is_fine(&v, 1024 * 1024);
    }
    visit_free(&v);
}

TEST(tls__a_room_of_one_byte_gets_them_all)
{
    struct visit v = {.tls = one_site(), .client = client_usual, .room = 1};

    visit(&v);
    CHECK_INT(v.handshake, 1);
    CHECK_INT(v.received, 100);
    CHECK_FALSE(v.is_wrong);
    visit_free(&v);
}

static void client_no_answer_read(struct visit *visit)
{
    if (!client_hello(visit))
        return;
    client_echo(visit, 4000);
    client_bye(visit);
}

TEST(tls__goes_on_when_it_moved_in_memory)
{
    struct visit v = {.tls = one_site(), .client = client_no_answer_read, .moves = true};

    visit(&v);
    CHECK_INT(v.received, 4000);
    CHECK_FALSE(v.is_wrong);
    CHECK(v.is_clean_end);
    CHECK(v.at == &v.moved);
    visit_free(&v);
}

/* All is sent, then half closed while the socket is full: what was taken arrives, and the end after it. */
static void client_slow_reader(struct visit *visit)
{
    static char much[300 * 1024];
    char room[4096];
    size_t wrote, got;
    int done;

    if (!client_hello(visit))
        return;
    SSL_write_ex(visit->ssl, much, sizeof(much), &wrote);
    SSL_shutdown(visit->ssl);
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    while ((done = SSL_read_ex(visit->ssl, room, sizeof(room), &got)) == 1)
        visit->received += got;
    visit->is_clean_end = SSL_get_error(visit->ssl, done) == SSL_ERROR_ZERO_RETURN;
}

TEST(tls__half_closed_with_a_full_socket_everything_arrives_before_the_end)
{
    struct visit v = {.tls = one_site(), .client = client_slow_reader};

    visit(&v);
    CHECK_INT(v.received, 300 * 1024);
    CHECK(v.is_clean_end);
    visit_free(&v);
}

/* Sends nothing more, and sleeps before it reads. */
static void client_sleeper(struct visit *visit)
{
    char room[4096];
    size_t wrote, got;
    int done;

    if (!client_hello(visit))
        return;
    SSL_write_ex(visit->ssl, "x", 1, &wrote);
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    while ((done = SSL_read_ex(visit->ssl, room, sizeof(room), &got)) == 1)
        visit->received += got;
    visit->is_clean_end = SSL_get_error(visit->ssl, done) == SSL_ERROR_ZERO_RETURN;
}

TEST(tls__what_was_taken_arrives_also_when_it_was_closed_with_a_full_socket)
{
    struct visit v = {.tls = one_site(), .client = client_sleeper, .small_buffers = 4096, .sends_and_closes = 30000};

    visit(&v);
    CHECK(v.is_closed);
    CHECK_FALSE(v.is_wrong);
    CHECK_INT(v.received, 30000);
    CHECK(v.is_clean_end);
    visit_free(&v);
}

static void client_cut(struct visit *visit)
{
    if (client_hello(visit))
        client_echo(visit, 100);
    close(visit->fd);
    visit->fd = -1;
}

TEST(tls__an_end_without_goodbye_is_an_end)
{
    struct visit v = {.tls = one_site(), .client = client_cut};

    visit(&v);
    CHECK_INT(v.received, 100);
    CHECK_FALSE(v.is_wrong);
    visit_free(&v);
}

/* ---- key updates (RFC 8446 §4.6.3) ---- */

static void update_keys(struct visit *visit, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        SSL_key_update(visit->ssl, SSL_KEY_UPDATE_REQUESTED);
        if (SSL_do_handshake(visit->ssl) != 1)
            return;
    }
}

static void client_fresh_keys(struct visit *visit)
{
    if (!client_hello(visit))
        return;
    for (unsigned i = 0; i < 5; i++) {
        update_keys(visit, 1);
        client_echo(visit, 20000);
    }
    client_bye(visit);
}

static void client_key_flood(struct visit *visit)
{
    if (!client_hello(visit))
        return;
    update_keys(visit, 2000);
    client_echo(visit, 100);
}

TEST(tls__keys_are_updated_but_not_for_sport)
{
    struct visit v = {.tls = one_site(), .client = client_fresh_keys};

    visit(&v);
    is_fine(&v, 5 * 20000);
    v.client = client_key_flood;
    visit(&v);
    CHECK_INT(v.handshake, 1);
    CHECK(v.is_closed);
    CHECK_INT(v.received, 0);
    visit_free(&v);
}

static void client_renegotiates(struct visit *visit)
{
    if (!client_hello(visit))
        return;
    client_echo(visit, 100);
    SSL_renegotiate(visit->ssl);
    visit->handshake = SSL_do_handshake(visit->ssl);
}

TEST(tls__there_is_no_renegotiation)
{
    struct visit v = {.tls = one_site(), .client = client_renegotiates, .version_max = TLS1_2_VERSION};

    visit(&v);
    CHECK_INT(v.received, 100);
    CHECK(v.handshake != 1);
    CHECK_INT(v.trouble, SSL_AD_NO_RENEGOTIATION);
    visit_free(&v);
}

/* ---- what is no TLS ---- */

static void client_plain(struct visit *visit)
{
    char room[64];
    ssize_t got;

    send(visit->fd, "GET / HTTP/1.1\r\n\r\n", 18, 0);
    got = recv(visit->fd, room, sizeof(room), 0);
    visit->received = got > 0 ? (size_t)got : 0;
}

TEST(tls__plain_http_is_delivered_as_it_came)
{
    struct visit v = {.tls = one_site(), .client = client_plain};

    visit(&v);
    CHECK(v.is_plain_on_tls);
    CHECK_STR(v.first, "GET / HTTP/1.1\r\n\r\n");
    CHECK_INT(v.received, 18); /* and could be answered */
    CHECK_FALSE(v.has_facts);
    visit_free(&v);
}

static void client_garbage(struct visit *visit)
{
    static const unsigned char record[] = {0x16, 3, 1, 0, 8, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4};
    char room[64];
    ssize_t got;

    send(visit->fd, record, sizeof(record), 0);
    while ((got = recv(visit->fd, room, sizeof(room), 0)) > 0)
        visit->received += (size_t)got;
}

TEST(tls__garbage_in_a_record_gets_an_alert_and_the_end)
{
    struct visit v = {.tls = one_site(), .client = client_garbage};

    visit(&v);
    CHECK(v.is_closed);
    CHECK_INT(v.received, 7); /* one alert */
    CHECK_INT(v.taken, 0);
    visit_free(&v);
}

static void client_half_a_hello(struct visit *visit)
{
    static const unsigned char record[] = {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
    char room[64];

    send(visit->fd, record, sizeof(record), 0);
    shutdown(visit->fd, SHUT_WR);
    visit->received = (size_t)recv(visit->fd, room, sizeof(room), 0);
}

TEST(tls__a_handshake_that_ends_early_is_closed)
{
    struct visit v = {.tls = one_site(), .client = client_half_a_hello};

    visit(&v);
    CHECK(v.is_closed);
    CHECK_FALSE(v.is_end_seen);
    CHECK_INT(v.received, 0);
    visit_free(&v);
}

/* What a client of OpenSSL's says first. */
static size_t first_hello(unsigned char *room, size_t len)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    BIO *out = BIO_new(BIO_s_mem());
    int got;

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_tlsext_host_name(ssl, "one.example");
    SSL_set_alpn_protos(ssl, (const unsigned char *)"\x02h2", 3);
    SSL_connect(ssl);
    got = BIO_read(out, room, (int)len);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return got > 0 ? (size_t)got : 0;
}

static void nothing_changed(struct conn *conn)
{
    (void)conn;
}

/* The server's last word on it: CONN_CLOSED, or 0 while it waits for more. */
static ssize_t judge(struct tls *tls, struct loop *loop, const unsigned char *bytes, size_t len)
{
    static const struct peer nobody = {.family = AF_UNIX};
    struct conn conn;
    char room[4096];
    ssize_t got;
    int fds[2];

    role_assert_loop();
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_INT(write(fds[1], bytes, len), len);
    CHECK(conn_open_tls(&conn, loop, NULL, fds[0], &nobody, nothing_changed, tls));
    do
        got = conn_recv(&conn, room, sizeof(room));
    while (got > 0);
    CHECK(got == CONN_CLOSED || !conn.is_readable);
    conn_close(&conn);
    close(fds[1]);
    return got;
}

TEST(tls__damaged_hellos_are_waited_for_or_closed)
{
    struct tls *tls = one_site();
    struct loop *loop = loop_new();
    unsigned char hello[4096], bad[4096];
    size_t len = first_hello(hello, sizeof(hello));
    uint32_t dice = 1;

    CHECK(len > 100);
    CHECK_INT(judge(tls, loop, hello, len), 0);
    for (size_t cut = 1; cut < len; cut += 7)
        CHECK_INT(judge(tls, loop, hello, cut), 0);
    for (unsigned i = 0; i < 3000; i++) {
        memcpy(bad, hello, len);
        for (unsigned k = 0; k <= i % 3; k++) {
            dice = dice * 1664525 + 1013904223;
            bad[1 + (dice >> 8) % (len - 1)] ^= (unsigned char)(1 << (dice >> 4) % 8);
        }
        judge(tls, loop, bad, len);
    }
    loop_free(loop);
    tls_unref(tls);
}

/* ---- a worker signs ---- */

enum { CROWD = 12, SHARE = 8 };

TEST(tls__of_a_crowd_a_loop_takes_its_share_and_workers_the_rest)
{
    static const struct peer nobody = {.family = AF_UNIX};
    struct tls *tls = one_site();
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    struct conn conns[CROWD];
    unsigned char hello[4096];
    size_t len = first_hello(hello, sizeof(hello));
    int fds[2], others[CROWD];
    char room[4096];

    role_assert_loop();
    for (unsigned i = 0; i < CROWD; i++) { /* all in one round, as far as the loop's clock knows */
        CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        others[i] = fds[1];
        CHECK_INT(write(fds[1], hello, len), len);
        CHECK(conn_open_tls(&conns[i], loop, pool, fds[0], &nobody, nothing_changed, tls));
        CHECK_INT(conn_recv(&conns[i], room, sizeof(room)), 0);
        CHECK_INT(conns[i].tls->state, i < SHARE ? TLS_SHAKING : TLS_AWAY);
    }
    loop_settle(loop);
    for (unsigned i = 0; i < CROWD; i++) {
        CHECK_INT(conns[i].tls->state, TLS_SHAKING);
        CHECK(read(others[i], room, sizeof(room)) > 100); /* everybody has been answered */
        conn_close(&conns[i]);
        close(others[i]);
    }
    pool_free(pool);
    loop_free(loop);
    tls_unref(tls);
}

static struct tls *one_slow_site(void)
{
    struct tls *tls;

    tls_test_slow_keys = true;
    tls = one_site();
    tls_test_slow_keys = false;
    return tls;
}

TEST(tls__a_worker_signs_with_a_slow_key)
{
    struct visit v = {.tls = one_slow_site(), .client = client_much};

    visit(&v);
    is_fine(&v, 1024 * 1024);
    v.version_max = TLS1_2_VERSION;
    visit(&v);
    is_fine(&v, 1024 * 1024);
    visit_free(&v);
}

/* The worker has the first handshake; the second signs nothing. The pool has no thread for it if nobody asked. */
TEST(tls__a_session_that_goes_on_needs_no_worker)
{
    struct visit v = {.tls = one_slow_site(), .client = client_usual};

    for (unsigned version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        v.version_max = (int)version;
        v.server_name = version == TLS1_2_VERSION ? "old.example" : "new.example";
        visit(&v);
        is_fine(&v, 100);
        CHECK(v.has_gone_away);
        visit(&v);
        is_fine(&v, 100);
        CHECK(v.is_resumed);
        CHECK_FALSE(v.has_gone_away);
        SSL_SESSION_free(v.session);
        v.session = NULL;
    }
    visit_free(&v);
}

TEST(tls__closed_while_a_worker_has_it)
{
    struct visit v = {.tls = one_slow_site(), .client = client_usual, .closes_while_away = true};

    for (unsigned i = 0; i < 20; i++) {
        visit(&v);
        CHECK(v.handshake != 1);
        CHECK(v.has_gone_away);
        CHECK(v.is_closed);
    }
    visit_free(&v);
}

/* ---- on the socket, as for kTLS ---- */

TEST(tls__handshakes_on_the_socket_end_up_in_the_same_place)
{
    struct visit v = {.tls = one_site(), .client = client_much};

    tls_test_on_socket = true;
    visit(&v);
    is_fine(&v, 1024 * 1024);
    v.version_max = TLS1_2_VERSION;
    visit(&v);
    is_fine(&v, 1024 * 1024);
    v.client = client_plain;
    visit(&v);
    CHECK(v.is_plain_on_tls);
    CHECK_STR(v.first, "GET / HTTP/1.1\r\n\r\n");
    v.client = client_half_a_hello;
    visit(&v);
    CHECK(v.is_closed);
    v.client = client_garbage;
    visit(&v);
    CHECK(v.is_closed);
    visit_free(&v);
    v = (struct visit){.tls = one_slow_site(), .client = client_usual};
    visit(&v);
    is_fine(&v, 100);
    v.closes_while_away = true;
    SSL_SESSION_free(v.session);
    v.session = NULL;
    visit(&v);
    CHECK(v.has_gone_away); /* the worker may have sent its part already */
    CHECK(v.is_closed);
    tls_test_on_socket = false;
    visit_free(&v);
}

TEST(tls__says_whether_the_kernel_encrypts)
{
    CHECK(slice_starts(slice_str(tls_kernel_report()), SLICE("kTLS: o")));
}
