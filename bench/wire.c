/* wire.c - see wire.h. OpenSSL on a non-blocking socket; read-ahead saves the client a call for each record. */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_AHEAD (64u << 10) /* bytes; four full records in one call */
#define SOURCES 64             /* 127.0.0.2 and on: closed connections block no port of the next ones */

static SSL_CTX *context;
static bool keeps_tickets;
static char trouble[160];

static void give_up(const char *what)
{
    unsigned long code = ERR_get_error();

    fprintf(stderr, "load: %s: %s\n", what, code ? ERR_reason_error_string(code) : strerror(errno));
    exit(2);
}

const char *wire_trouble(void)
{
    return trouble;
}

static void trouble_note(void)
{
    unsigned long code = ERR_get_error();
    const char *words = code ? ERR_reason_error_string(code) : errno ? strerror(errno) : "closed";

    snprintf(trouble, sizeof(trouble), "%s", words ? words : "?");
    ERR_clear_error();
}

/* A ticket has come: it takes the place of the one before. */
static int ticket_take(SSL *tls, SSL_SESSION *session)
{
    struct wire *wire = SSL_get_app_data(tls);

    SSL_SESSION_free(wire->session);
    wire->session = session;
    return 1; /* the reference is ours */
}

void wire_tls_init(bool resume)
{
    keeps_tickets = resume;
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") || !SSL_CTX_set1_groups_list(context, "X25519"))
        give_up("TLS");
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
    if (resume) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, ticket_take);
    } else {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
}

/* A copy: OpenSSL uses a ticket once, but some servers give no other to who comes with one, and take it again. */
static void ticket_offer(struct wire *wire)
{
    SSL_SESSION *copy = SSL_SESSION_dup(wire->session);

    if (!copy || !SSL_set_session(wire->tls, copy))
        give_up("the ticket");
    SSL_SESSION_free(copy);
}

static void tls_start(struct wire *wire)
{
    wire->tls = SSL_new(context);
    if (!wire->tls || !SSL_set_fd(wire->tls, wire->fd))
        give_up("TLS");
    SSL_set_app_data(wire->tls, wire);
    SSL_set_connect_state(wire->tls);
    wire->offered = keeps_tickets && wire->session;
    if (wire->offered)
        ticket_offer(wire);
}

/* Each connection from another address than the one before, where many are made and dropped. */
static void source_bind(int fd)
{
    static unsigned turn;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + turn % SOURCES)};
    int one = 1;

    turn++;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
        give_up("bind");
}

void wire_open(struct wire *wire, uint16_t port, bool tls)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;

    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (wire->fd < 0)
        give_up("socket");
    if (tls)
        source_bind(wire->fd);
    if (connect(wire->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        give_up("connect");
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    wire->is_shaken = !tls;
    wire->is_resumed = false;
    if (!tls)
        return;
    fcntl(wire->fd, F_SETFL, O_NONBLOCK);
    tls_start(wire);
}

void wire_close(struct wire *wire)
{
    if (wire->tls) {
        SSL_shutdown(wire->tls); /* says close_notify and does not wait; without it OpenSSL drops the ticket */
        SSL_free(wire->tls);
        ERR_clear_error();
        wire->tls = NULL;
    }
    close(wire->fd);
    wire->fd = -1;
}

/* What OpenSSL's return means; notices when the handshake has been done by the way. */
static ssize_t tls_result(struct wire *wire, int n)
{
    int why = SSL_get_error(wire->tls, n);

    if (!wire->is_shaken && SSL_is_init_finished(wire->tls)) {
        wire->is_shaken = true;
        wire->is_resumed = SSL_session_reused(wire->tls);
    }
    if (n > 0)
        return n;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return WIRE_LATER;
    if (why == SSL_ERROR_ZERO_RETURN)
        return 0;
    trouble_note();
    return WIRE_BROKEN;
}

static ssize_t plain_result(ssize_t n)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN)
        return WIRE_LATER;
    trouble_note();
    return WIRE_BROKEN;
}

ssize_t wire_sendv(struct wire *wire, const struct iovec *parts, int count)
{
    struct msghdr msg = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};

    if (!wire->tls)
        return plain_result(sendmsg(wire->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT));
    while (count > 1 && parts->iov_len == 0)
        parts++, count--;
    errno = 0;
    return tls_result(wire, SSL_write(wire->tls, parts->iov_base, (int)parts->iov_len));
}

ssize_t wire_recv(struct wire *wire, void *room, size_t len)
{
    if (!wire->tls)
        return plain_result(recv(wire->fd, room, len, MSG_DONTWAIT));
    errno = 0;
    return tls_result(wire, SSL_read(wire->tls, room, (int)len));
}

ssize_t wire_skip(struct wire *wire, size_t len)
{
    static char dropped[READ_AHEAD];

    if (!wire->tls)
        return plain_result(recv(wire->fd, NULL, len, MSG_TRUNC | MSG_DONTWAIT)); /* tcp(7): dropped unread */
    return wire_recv(wire, dropped, len < sizeof(dropped) ? len : sizeof(dropped));
}

bool wire_has_more(const struct wire *wire)
{
    return wire->tls && SSL_has_pending(wire->tls);
}

void wire_describe(const struct wire *wire, char *out, size_t size)
{
    X509 *shown = wire->tls ? SSL_get0_peer_certificate(wire->tls) : NULL;
    EVP_PKEY *key = shown ? X509_get0_pubkey(shown) : NULL;

    snprintf(out, size, "%s", "");
    if (wire->tls)
        snprintf(out, size, "%s %s %s %s %d", SSL_get_version(wire->tls), SSL_get_cipher_name(wire->tls),
                 OBJ_nid2sn(SSL_get_negotiated_group(wire->tls)), key ? EVP_PKEY_get0_type_name(key) : "?",
                 key ? EVP_PKEY_get_bits(key) : 0);
}
