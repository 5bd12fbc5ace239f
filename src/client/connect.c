/*
 * connect.c - the connection: TCP, or TLS over it; octets that come and go.
 *
 * The socket never waits, poll() does: so a moment that was set holds under TLS, too, where a read may take any number
 * of octets from the socket before it gives one.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client_private.h"

/* ---- making ---- */

static bool trust(struct client *client, struct buf *why)
{
    const char *file = client->options.ca_file;

    SSL_CTX_set_verify(client->context, client->options.is_insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (client->options.is_insecure)
        return true;
    if (file ? SSL_CTX_load_verify_locations(client->context, file, NULL) == 1
             : SSL_CTX_set_default_verify_paths(client->context) == 1)
        return true;
    buf_printf(why, "%s holds no certificates that could be trusted", file ? file : "the system");
    return false;
}

struct client *client_new(const struct client_options *options, struct buf *why)
{
    struct client *client = xcalloc(1, sizeof(*client));

    client->options = *options;
    client->fd = -1;
    client->in = BUF_INIT(IN_MAX);
    client->context = SSL_CTX_new(TLS_client_method());
    if (!client->context || SSL_CTX_set_min_proto_version(client->context, TLS1_2_VERSION) != 1) {
        buf_add_str(why, "TLS could not be set up");
    } else if (trust(client, why)) {
        return client;
    }
    client_free(client);
    return NULL;
}

void client_close(struct client *client)
{
    SSL_free(client->ssl);
    client->ssl = NULL;
    fd_close(&client->fd);
    buf_clear(&client->in);
    client->eaten = 0;
    free(client->origin);
    client->origin = NULL;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    client_close(client);
    SSL_CTX_free(client->context);
    buf_release(&client->in);
    buf_release(&client->head);
    free(client);
}

/* ---- waiting ---- */

enum { OVER_MS = 300 };

static unsigned idle_ms(const struct client *client)
{
    return (client->options.idle_s ? client->options.idle_s : CLIENT_IDLE_S) * 1000;
}

/* So long at most, and not past the moment that was set. */
static unsigned patience(const struct client *client, unsigned ms)
{
    uint64_t now = clock_mono_ms();

    if (!client->until_ms)
        return ms;
    if (client->until_ms <= now)
        return 0;
    return client->until_ms - now < ms ? (unsigned)(client->until_ms - now) : ms;
}

static bool is_over(const struct client *client)
{
    return client->options.is_over && client->options.is_over(client->options.over_arg);
}

/* Who may end it is asked now and then: a signal may come just before the wait begins. */
static int poll_slice(const struct client *client, uint64_t end)
{
    uint64_t now = clock_mono_ms(), left = end > now ? end - now : 0;

    return (int)(client->options.is_over && left > OVER_MS ? OVER_MS : left);
}

/* False, with errno: nothing happened for so long (EAGAIN), or it is to end. */
static bool await(const struct client *client, int fd, short events, unsigned ms)
{
    struct pollfd one = {.fd = fd, .events = events};
    uint64_t end = clock_mono_ms() + patience(client, ms);
    int ready = 0;

    do {
        if (is_over(client))
            break;
        ready = poll(&one, 1, poll_slice(client, end));
    } while (ready <= 0 && (ready == 0 || errno == EINTR) && clock_mono_ms() < end);
    if (ready <= 0)
        errno = EAGAIN;
    return ready > 0;
}

void client_until(struct client *client, uint64_t mono_ms)
{
    client->until_ms = mono_ms;
}

/* ---- opening ---- */

/* A socket in that state; -1 with errno. */
static int socket_make(const struct client *client, const struct addrinfo *at)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol), yes = 1;
    int room = (int)client->options.receive_room;

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (room)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    return fd;
}

/* 0, or an errno. */
static int connect_to(const struct client *client, int fd, const struct addrinfo *at)
{
    int code = 0;
    socklen_t len = sizeof(code);

    if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (!await(client, fd, POLLOUT, CLIENT_CONNECT_S * 1000))
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0 ? errno : code;
}

/* The first of its addresses that answers; errno of the last one. */
static int dial(const struct client *client, const struct addrinfo *list)
{
    int fd = -1, code = ECONNREFUSED;

    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
        fd = socket_make(client, at);
        code = fd < 0 ? errno : connect_to(client, fd, at);
        if (code)
            fd_close(&fd);
    }
    errno = code;
    return fd;
}

static enum err open_tcp(struct client *client, const struct client_url *url, struct buf *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV}, *list;
    char *host = xstrdup(url->host), *port = xstrdup(url->port);
    int code = getaddrinfo(host, port, &hints, &list);

    if (code) {
        hints.ai_flags = AI_NUMERICSERV; /* a machine that has loopback alone */
        code = getaddrinfo(host, port, &hints, &list);
    }
    if (code) {
        buf_printf(why, "%s is not found: %s", host, gai_strerror(code));
    } else {
        client->fd = dial(client, list);
        if (client->fd < 0)
            buf_printf(why, "%s, port %s, does not answer: %s", host, port, strerror(errno));
        freeaddrinfo(list);
    }
    free(host);
    free(port);
    return client->fd < 0 ? ERR_IO : ERR_NONE;
}

static void tell_tls(struct client *client, const struct client_url *url, struct buf *why)
{
    long verdict = SSL_get_verify_result(client->ssl);
    unsigned long code = ERR_peek_last_error();

    if (verdict != X509_V_OK && !client->options.is_insecure)
        buf_printf(
            why,
            "%.*s shows a certificate that is not trusted: %s (--cacert FILE names who is, --insecure trusts anybody)",
            SLICE_FMT(url->host), X509_verify_cert_error_string(verdict));
    else
        buf_printf(why, "TLS with %.*s failed: %s", SLICE_FMT(url->host),
                   code ? ERR_reason_error_string(code) : "the connection ended");
}

static bool is_address(const char *host)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *list;

    if (getaddrinfo(host, NULL, &hints, &list))
        return false;
    freeaddrinfo(list);
    return true;
}

/* Names go into the first message and must be in the certificate; addresses only the latter. */
static bool name_peer(SSL *ssl, const char *host)
{
    if (is_address(host))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

/* What a TLS call that gave nothing waits for; 0: nothing, it failed. */
static short tls_wants(const struct client *client, int result)
{
    int code = SSL_get_error(client->ssl, result);

    return code == SSL_ERROR_WANT_READ ? POLLIN : code == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

static bool shake_hands(struct client *client)
{
    int result;
    short wanted;

    while ((result = SSL_connect(client->ssl)) != 1) {
        wanted = tls_wants(client, result);
        if (!wanted || !await(client, client->fd, wanted, CLIENT_CONNECT_S * 1000))
            return false;
    }
    return true;
}

static enum err open_tls(struct client *client, const struct client_url *url, struct buf *why)
{
    static const unsigned char alpn[] = "\x08http/1.1";
    char *host = xstrdup(url->host);
    bool is_open;

    ERR_clear_error();
    client->ssl = SSL_new(client->context);
    is_open = client->ssl && SSL_set_fd(client->ssl, client->fd) == 1 && name_peer(client->ssl, host) &&
              SSL_set_alpn_protos(client->ssl, alpn, sizeof(alpn) - 1) == 0 && shake_hands(client);
    free(host);
    if (is_open)
        return ERR_NONE;
    if (client->ssl)
        tell_tls(client, url, why);
    return ERR_IO;
}

enum err client_connect(struct client *client, const struct client_url *url, struct buf *why)
{
    struct buf origin = BUF_INIT(1024);
    enum err err;

    buf_printf(&origin, "%d %.*s %.*s", url->is_tls, SLICE_FMT(url->host), SLICE_FMT(url->port));
    if (client->fd >= 0 && client->origin && strcmp(client->origin, buf_str(&origin)) == 0) {
        buf_release(&origin);
        return ERR_NONE;
    }
    client_close(client);
    err = open_tcp(client, url, why);
    if (err == ERR_NONE && url->is_tls)
        err = open_tls(client, url, why);
    if (err == ERR_NONE) {
        client->origin = buf_take(&origin);
    } else {
        client_close(client);
    }
    buf_release(&origin);
    return err;
}

/* ---- octets ---- */

/* One call. *wanted: what it waits for, where it gave -1 for that reason; else 0 and errno. */
static ssize_t write_once(struct client *client, struct slice bytes, short *wanted)
{
    ssize_t done;

    *wanted = 0;
    errno = 0;
    if (!client->ssl) {
        done = send(client->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            *wanted = POLLOUT;
        return done;
    }
    ERR_clear_error();
    done = SSL_write(client->ssl, bytes.ptr, bytes.len < INT32_MAX ? (int)bytes.len : INT32_MAX);
    if (done > 0)
        return done;
    *wanted = tls_wants(client, (int)done);
    if (errno == 0)
        errno = EPIPE;
    return -1;
}

static ssize_t write_some(struct client *client, struct slice bytes)
{
    for (;;) {
        short wanted;
        ssize_t done = write_once(client, bytes, &wanted);

        if (done >= 0 || !wanted)
            return done;
        if (!await(client, client->fd, wanted, idle_ms(client)))
            return -1;
    }
}

enum err client_send(struct client *client, struct slice bytes, struct buf *why)
{
    while (bytes.len) {
        ssize_t done = write_some(client, bytes);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            buf_printf(why, "sending failed: %s", errno == EAGAIN ? "the server takes nothing" : strerror(errno));
            return ERR_CLOSED;
        }
        bytes = slice_from(bytes, (size_t)done);
    }
    return ERR_NONE;
}

/* As write_once(); 0: the end. */
static ssize_t read_once(struct client *client, char *room, size_t len, short *wanted)
{
    ssize_t got;

    *wanted = 0;
    errno = 0;
    if (!client->ssl) {
        got = recv(client->fd, room, len, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            *wanted = POLLIN;
        return got;
    }
    ERR_clear_error();
    got = SSL_read(client->ssl, room, (int)len);
    if (got > 0)
        return got;
    if (SSL_get_error(client->ssl, (int)got) == SSL_ERROR_ZERO_RETURN)
        return 0;
    *wanted = tls_wants(client, (int)got);
    if (errno == 0)
        errno = EPIPE; /* it ended without saying so: somebody may have cut it */
    return -1;
}

/* 0: the end; -1 with errno. */
static ssize_t read_some(struct client *client, char *room, size_t len)
{
    for (;;) {
        short wanted;
        ssize_t got = read_once(client, room, len, &wanted);

        if (got >= 0 || !wanted)
            return got;
        if (!await(client, client->fd, wanted, idle_ms(client)))
            return -1;
    }
}

struct slice client_bytes(const struct client *client)
{
    return slice_from(buf_slice(&client->in), client->eaten);
}

void client_eat(struct client *client, size_t count)
{
    client->eaten += count;
    if (client->eaten == client->in.len) {
        buf_clear(&client->in);
        client->eaten = 0;
    }
}

enum err client_fill(struct client *client, struct buf *why)
{
    ssize_t got;
    char *room;

    if (client->eaten) {
        buf_eat(&client->in, client->eaten);
        client->eaten = 0;
    }
    room = buf_reserve(&client->in, FILL);
    if (!room) {
        buf_add_str(why, "the answer's head is too long");
        return ERR_TOO_LARGE;
    }
    do
        got = read_some(client, room, FILL);
    while (got < 0 && errno == EINTR);
    client->is_late = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (got < 0)
        buf_printf(why, "the connection broke: %s", client->is_late ? "nothing came for too long" : strerror(errno));
    else
        buf_grown(&client->in, (size_t)got);
    return got < 0 ? ERR_IO : got == 0 ? ERR_MISSING : ERR_NONE;
}

enum err client_fill_within(struct client *client, unsigned ms, struct buf *why)
{
    uint64_t until = client->until_ms;
    enum err err;

    client->until_ms = clock_mono_ms() + patience(client, ms ? ms : 1);
    err = client_fill(client, why);
    client->until_ms = until;
    return err;
}

size_t client_stray(struct client *client, unsigned ms)
{
    struct buf why = BUF_INIT(256);

    if (client->fd >= 0 && !client_bytes(client).len && client_fill_within(client, ms, &why) != ERR_NONE &&
        !client->is_late)
        client_close(client);
    buf_release(&why);
    return client_bytes(client).len;
}

bool client_is_open(const struct client *client)
{
    return client->fd >= 0;
}
