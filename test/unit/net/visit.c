/*
 * visit.c - a client of OpenSSL's in a thread of its own, and a server over net/ that sends back what it gets.
 */
#include "visit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pki.h"

/* ---- settings ---- */

char notices[4096];

void notice_take(const char *line)
{
    size_t len = strlen(notices);

    snprintf(notices + len, sizeof(notices) - len, "%s\n", line);
}

void setting_begin(struct setting *setting)
{
    *setting = (struct setting){0};
    setting->conf.sites = setting->sites;
    setting->conf.http2 = true;
    setting->conf.ticket_lifetime_ms = 3600 * 1000;
}

struct site *setting_site(struct setting *setting, const char *host, const char *name)
{
    unsigned at = setting->conf.site_count++;
    struct site *site = &setting->sites[at];

    site->hosts = setting->hosts[at];
    site->tls.certificates = setting->certificates[at];
    site->tls.ocsp = setting->ocsp[at];
    if (host)
        site->hosts[site->host_count++] = slice_str(host);
    if (name)
        setting_certificate(site, name);
    return site;
}

void setting_certificate(struct site *site, const char *name)
{
    site->tls.certificates[site->tls.certificate_count++] =
        (struct certificate){pki_path(name, ".pem"), pki_path(name, ".key")};
}

struct tls *tls_must_load(const struct setting *setting, struct tls *old)
{
    struct buf why = BUF_INIT(2048);
    struct tls *tls = NULL;
    enum err err;

    notices[0] = '\0';
    err = tls_load(&setting->conf, old, notice_take, &tls, &why);
    if (err)
        print_message("%s\n", buf_str(&why));
    CHECK_INT(err, ERR_NONE);
    assert_non_null(tls);
    buf_release(&why);
    return tls;
}

/* ---- the server ---- */

static const struct peer nobody = {.family = AF_UNIX};

static void copy_text(char *room, size_t size, struct slice text)
{
    snprintf(room, size, "%.*s", SLICE_FMT(text));
}

static LOOP_SIDE void note_facts(struct visit *visit)
{
    const struct tls_facts *facts = conn_tls(visit->at);

    if (!facts || visit->has_facts)
        return;
    visit->has_facts = true;
    visit->facts = *facts;
    copy_text(visit->name, sizeof(visit->name), facts->server_name);
    copy_text(visit->client_name, sizeof(visit->client_name), facts->client_name);
}

static void server_end(struct visit *visit)
{
    role_assert_loop();
    if (!visit->is_closed)
        conn_close(visit->at);
    visit->is_closed = true;
}

static void server_changed(struct conn *conn);
static void server_changed_moved(struct conn *conn);

static void server_move(struct visit *visit)
{
    role_assert_loop();
    conn_move(&visit->moved, &visit->conn, server_changed_moved);
    visit->at = &visit->moved;
    visit->moves = false;
}

static LOOP_SIDE bool server_receive(struct visit *visit, char *room, size_t len)
{
    ssize_t got = conn_recv(visit->at, room, len);

    note_facts(visit);
    visit->receives++;
    visit->has_gone_away |= visit->at->tls && visit->at->tls->state == TLS_AWAY;
    if (got == CONN_CLOSED) {
        server_end(visit);
        return false;
    }
    visit->is_plain_on_tls |= visit->at->is_plain_on_tls;
    visit->is_end_seen |= visit->at->is_at_end;
    if (got > 0) {
        if (visit->taken == 0)
            copy_text(visit->first, sizeof(visit->first), slice_of(room, (size_t)got));
        visit->taken += (size_t)got;
        if (!visit->is_silent)
            buf_add(&visit->back, slice_of(room, (size_t)got));
        if (visit->moves)
            server_move(visit);
    }
    return got > 0;
}

/* A few pieces, as a head and a body would be. */
static void server_send(struct visit *visit)
{
    role_assert_loop();
    while (visit->back.len && visit->at->is_writable && !visit->is_closed) {
        size_t len = visit->back.len, head = len > 300 ? 300 : len / 2;
        struct iovec pieces[3] = {{visit->back.ptr, head}, {NULL, 0}, {visit->back.ptr + head, len - head}};
        ssize_t took = conn_sendv(visit->at, pieces, 3, false);

        if (took == CONN_CLOSED)
            server_end(visit);
        else
            buf_eat(&visit->back, (size_t)took);
    }
}

static void server_send_and_close(struct visit *visit)
{
    char *much = xcalloc(1, visit->sends_and_closes);

    role_assert_loop();
    visit->is_wrong |= conn_send(visit->at, much, visit->sends_and_closes, false) != (ssize_t)visit->sends_and_closes ||
                       visit->at->is_writable; /* the socket should have been full */
    free(much);
    server_end(visit);
}

static void server_go_on(struct visit *visit)
{
    char room[16384];
    size_t len = visit->room ? visit->room : sizeof(room);

    role_assert_loop();
    while (!visit->is_closed && visit->at->is_readable)
        if (!server_receive(visit, room, len))
            break;
    if (visit->closes_while_away && visit->has_gone_away)
        server_end(visit);
    if (visit->taken && visit->sends_and_closes && !visit->is_closed)
        server_send_and_close(visit);
    server_send(visit);
    if (!visit->is_closed && visit->is_end_seen && visit->back.len == 0)
        conn_half_close(visit->at);
}

static void server_changed(struct conn *conn)
{
    server_go_on(CONTAINER(conn, struct visit, conn));
}

static void server_changed_moved(struct conn *conn)
{
    server_go_on(CONTAINER(conn, struct visit, moved));
}

static bool visit_is_over(void *arg)
{
    return atomic_load(&((struct visit *)arg)->is_over);
}

static void client_is_over(struct task *task)
{
    (void)task; /* the round is enough */
}

static void *client_main(void *arg)
{
    struct visit *visit = arg;
    struct timeval patience = {.tv_sec = ROUNDS_SECONDS_MAX / 2};

    setsockopt(visit->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(visit->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    visit->client(visit);
    SSL_free(visit->ssl);
    visit->ssl = NULL;
    if (visit->fd >= 0)
        close(visit->fd);
    atomic_store(&visit->is_over, true);
    loop_post(visit->loop, &visit->over);
    return NULL;
}

/* Two ends of a TCP connection on loopback. */
static void tcp_pair(int fds[2])
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK_INT(bind(listening, (struct sockaddr *)&addr, len), 0);
    CHECK_INT(listen(listening, 1), 0);
    CHECK_INT(getsockname(listening, (struct sockaddr *)&addr, &len), 0);
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(connect(fds[1], (struct sockaddr *)&addr, len), 0);
    fds[0] = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    CHECK(fds[0] >= 0);
    close(listening);
}

static void forget(struct visit *visit)
{
    visit->handshake = visit->trouble = 0;
    visit->is_resumed = visit->is_clean_end = visit->is_wrong = false;
    visit->cn[0] = visit->alpn[0] = visit->version[0] = visit->first[0] = visit->name[0] = visit->client_name[0] = 0;
    visit->staple_len = visit->received = visit->taken = 0;
    visit->has_facts = visit->is_plain_on_tls = visit->is_closed = visit->is_end_seen = false;
    visit->receives = 0;
    visit->has_gone_away = false;
    visit->facts = (struct tls_facts){0};
    visit->back = BUF_INIT(16 * 1024 * 1024);
    visit->at = &visit->conn;
    visit->over.run = client_is_over;
    atomic_store(&visit->is_over, false);
}

void visit(struct visit *visit)
{
    struct pool *pool = rounds_pool();
    int fds[2], *size = &visit->small_buffers;

    role_assert_loop();
    signal(SIGPIPE, SIG_IGN); /* of the client; the server must not need it: see test_conn.c */
    forget(visit);
    visit->loop = loop_new();
    if (*size) /* TCP with small windows is slow for reasons of its own */
        CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    else
        tcp_pair(fds);
    for (unsigned i = 0; i < 2 && *size; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, size, sizeof(*size));
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, size, sizeof(*size));
    }
    visit->fd = fds[1];
    CHECK(conn_open_tls(&visit->conn, visit->loop, pool, fds[0], &nobody, server_changed, visit->tls));
    CHECK_INT(pthread_create(&visit->thread, NULL, client_main, visit), 0);
    CHECK(rounds_until(visit->loop, visit_is_over, visit));
    pthread_join(visit->thread, NULL);
    if (!visit->is_closed) /* which says that the server wanted it */
        conn_close(visit->at);
    pool_free(pool);
    loop_free(visit->loop);
    buf_release(&visit->back);
}

void visit_free(struct visit *visit)
{
    SSL_SESSION_free(visit->session);
    SSL_CTX_free(visit->ctx);
    tls_unref(visit->tls);
}

/* ---- the client ---- */

static int session_came(SSL *ssl, SSL_SESSION *session)
{
    struct visit *visit = SSL_get_app_data(ssl);

    SSL_SESSION_free(visit->session);
    visit->session = session;
    return 1;
}

static void info_came(const SSL *ssl, int where, int value)
{
    struct visit *visit = SSL_get_app_data(ssl);

    if (where == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        visit->trouble = value & 0xff;
}

static int staple_came(SSL *ssl, void *arg)
{
    struct visit *visit = SSL_get_app_data(ssl);
    const unsigned char *bytes;
    long len = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);

    (void)arg;
    visit->staple_len = len > 0 ? (size_t)len : 0;
    return 1;
}

static void client_prepare(struct visit *visit)
{
    if (!visit->ctx) {
        visit->ctx = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_session_cache_mode(visit->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(visit->ctx, session_came);
        SSL_CTX_set_info_callback(visit->ctx, info_came);
        SSL_CTX_set_tlsext_status_cb(visit->ctx, staple_came);
    }
    visit->ssl = SSL_new(visit->ctx);
    SSL_set_app_data(visit->ssl, visit);
    SSL_set_fd(visit->ssl, visit->fd);
    if (visit->server_name)
        SSL_set_tlsext_host_name(visit->ssl, visit->server_name);
    if (visit->alpn_wire)
        SSL_set_alpn_protos(visit->ssl, (const unsigned char *)visit->alpn_wire, (unsigned)strlen(visit->alpn_wire));
    if (visit->session)
        SSL_set_session(visit->ssl, visit->session);
    if (visit->asks_staple)
        SSL_set_tlsext_status_type(visit->ssl, TLSEXT_STATUSTYPE_ocsp);
    if (visit->version_max)
        SSL_set_max_proto_version(visit->ssl, visit->version_max);
    if (visit->ciphers)
        SSL_set_cipher_list(visit->ssl, visit->ciphers);
    if (visit->certificate) {
        SSL_use_certificate_file(visit->ssl, pki_path(visit->certificate, ".pem"), SSL_FILETYPE_PEM);
        SSL_use_PrivateKey_file(visit->ssl, pki_path(visit->certificate, ".key"), SSL_FILETYPE_PEM);
    }
}

bool client_hello(struct visit *visit)
{
    const unsigned char *alpn;
    unsigned alpn_len;
    X509 *cert;

    ERR_clear_error();
    client_prepare(visit);
    visit->handshake = SSL_connect(visit->ssl);
    if (visit->handshake != 1)
        return false;
    visit->is_resumed = SSL_session_reused(visit->ssl);
    snprintf(visit->version, sizeof(visit->version), "%s", SSL_get_version(visit->ssl));
    SSL_get0_alpn_selected(visit->ssl, &alpn, &alpn_len);
    snprintf(visit->alpn, sizeof(visit->alpn), "%.*s", (int)alpn_len, (const char *)alpn);
    cert = SSL_get0_peer_certificate(visit->ssl);
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, visit->cn, sizeof(visit->cn));
    return true;
}

static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

static size_t echo_send(struct visit *visit, size_t from, size_t len)
{
    unsigned char room[20000];
    size_t part = len - from < sizeof(room) ? len - from : sizeof(room), wrote = 0;

    for (size_t i = 0; i < part; i++)
        room[i] = pattern(from + i);
    SSL_write_ex(visit->ssl, room, part, &wrote);
    return wrote;
}

static size_t echo_receive(struct visit *visit, size_t from, int *error)
{
    unsigned char room[20000];
    size_t got = 0;
    int done = SSL_read_ex(visit->ssl, room, sizeof(room), &got);

    *error = done == 1 ? 0 : SSL_get_error(visit->ssl, done);
    for (size_t i = 0; i < got; i++)
        visit->is_wrong |= room[i] != pattern(from + i);
    return got;
}

/* Without waiting while both directions are under way: the server may be waiting for us to read. */
void client_echo(struct visit *visit, size_t len)
{
    size_t sent = 0, received = 0;
    struct pollfd poll_fd = {.fd = visit->fd};

    fcntl(visit->fd, F_SETFL, O_NONBLOCK);
    SSL_set_mode(visit->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    while (received < len) {
        int error = 0;

        if (sent < len)
            sent += echo_send(visit, sent, len);
        received += echo_receive(visit, received, &error);
        if (error && error != SSL_ERROR_WANT_READ)
            break;
        poll_fd.events = (short)(POLLIN | (sent < len ? POLLOUT : 0));
        if (error && poll(&poll_fd, 1, ROUNDS_SECONDS_MAX * 500) <= 0)
            break;
    }
    visit->received += received;
    fcntl(visit->fd, F_SETFL, 0);
}

void client_bye(struct visit *visit)
{
    char room[512];
    size_t got;
    int done;

    SSL_shutdown(visit->ssl);
    if (visit->session && SSL_version(visit->ssl) < TLS1_3_VERSION) { /* a new ticket in 1.2 is not told of */
        SSL_SESSION_free(visit->session);
        visit->session = SSL_get1_session(visit->ssl);
    }
    while ((done = SSL_read_ex(visit->ssl, room, sizeof(room), &got)) == 1)
        visit->received += got;
    visit->is_clean_end = SSL_get_error(visit->ssl, done) == SSL_ERROR_ZERO_RETURN;
}

void client_usual(struct visit *visit)
{
    if (!client_hello(visit)) {
        return;
    }
    client_echo(visit, 100);
    client_bye(visit);
}
