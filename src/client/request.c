/*
 * request.c - a request and what it takes to get its answer: redirects, a login, a connection that had gone.
 */
#include <stdlib.h>

#include "base/base64.h"
#include "client_private.h"

enum {
    HEAD_MAX = 32 * 1024,
    REDIRECTS_MAX = 10,
    TRIES_MAX = 2, /* of a request on a connection that was kept */
    SEND = 256 * 1024,
    GO_ON_MS = 1000,     /* a server that says no 100 by then is of those that never do */
    DRAIN_MAX = 1 << 20, /* of a refusal's page, to keep the connection; more than that is not worth it */
};

void client_field(struct client_request *request, struct slice name, struct slice value)
{
    if (request->field_count < CLIENT_FIELDS_MAX)
        request->fields[request->field_count++] = (struct client_field){name, value};
}

/* ---- sending ---- */

static void add_login(const struct client_request *request, struct buf *head)
{
    struct buf text = BUF_INIT(1024);

    if (!request->login.len)
        return;
    buf_printf(&text, "%.*s:%.*s", SLICE_FMT(request->login), SLICE_FMT(request->secret));
    buf_add_str(head, "Authorization: Basic ");
    base64_encode(head, (const unsigned char *)text.ptr, text.len, BASE64_PADDED);
    buf_add_str(head, "\r\n");
    buf_release(&text);
}

static void head_write(const struct client_request *request, struct buf *head)
{
    buf_printf(head, "%s %.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: samovar/" SAMOVAR_VERSION "\r\n", request->method,
               SLICE_FMT(request->url.path), SLICE_FMT(request->url.authority));
    for (unsigned i = 0; i < request->field_count; i++)
        buf_printf(head, "%.*s: %.*s\r\n", SLICE_FMT(request->fields[i].name), SLICE_FMT(request->fields[i].value));
    add_login(request, head);
    if (request->content)
        buf_printf(head, "Content-Length: %llu\r\n", (unsigned long long)request->length);
    if (request->content && request->waits)
        buf_add_str(head, "Expect: 100-continue\r\n");
    buf_add_str(head, "\r\n");
}

static enum err content_send(struct client *client, const struct client_request *request, struct buf *why)
{
    char *room = xmalloc(SEND);
    enum err err = ERR_NONE;

    for (uint64_t at = 0; at < request->length && err == ERR_NONE;) {
        uint64_t rest = request->length - at;
        size_t len = rest < SEND ? (size_t)rest : SEND;

        err = request->content(request->arg, at, room, len);
        if (err != ERR_NONE) {
            buf_printf(why, "the file cannot be read any more: %s", err_text(err));
            err = ERR_DENIED; /* of ours: no answer is to be waited for */
            break;
        }
        err = client_send(client, slice_of(room, len), why);
        at += len;
        if (err == ERR_NONE && request->sent)
            request->sent(request->sent_arg, at);
    }
    free(room);
    return err;
}

/* ---- one exchange ---- */

static enum err exchange(struct client *client, struct client_request *request, struct client_answer *out,
                         struct buf *why)
{
    struct buf head = BUF_INIT(HEAD_MAX), trouble = BUF_INIT(512);
    bool is_sent = !request->content || request->length == 0;
    enum err err;

    head_write(request, &head);
    err = head.overflown ? ERR_TOO_LARGE : client_send(client, buf_slice(&head), &trouble);
    if (err == ERR_NONE && !is_sent && (!request->waits || client_may_go_on(client, GO_ON_MS))) {
        err = content_send(client, request, &trouble);
        is_sent = err == ERR_NONE;
    }
    if (err == ERR_NONE || err == ERR_CLOSED) { /* who stopped reading may have said why */
        enum err got = client_answer(client, strcmp(request->method, "HEAD") == 0, out, err ? why : &trouble);

        err = got == ERR_NONE ? ERR_NONE : err == ERR_CLOSED ? ERR_CLOSED : got;
        out->ends |= !is_sent; /* the server may still wait for it (RFC 9110 §10.1.1): nothing else can follow */
    }
    if (err != ERR_NONE && why->len == 0)
        buf_add(why, buf_slice(&trouble));
    buf_release(&head);
    buf_release(&trouble);
    return err;
}

/* A server may close what it had kept at the moment when we use it again (RFC 9112 §9.3.1). */
static enum err exchange_again(struct client *client, struct client_request *request, struct client_answer *out,
                               struct buf *why)
{
    enum err err = ERR_CLOSED;

    for (int tries = 0; tries < TRIES_MAX; tries++) {
        bool was_kept = client->fd >= 0;

        buf_clear(why);
        err = client_connect(client, &request->url, why);
        if (err != ERR_NONE)
            return err;
        err = exchange(client, request, out, why);
        if (err == ERR_NONE)
            return ERR_NONE;
        client_close(client);
        if (!was_kept || (err != ERR_CLOSED && err != ERR_MISSING))
            break;
    }
    return err == ERR_DENIED ? err : ERR_IO;
}

/* ---- what an answer asks for ---- */

static bool count_down(void *arg, struct slice bytes)
{
    size_t *left = arg;

    *left -= bytes.len < *left ? bytes.len : *left;
    return *left > 0;
}

/* What nobody reads is taken off the connection, or that ends. */
static void drain(struct client *client, struct client_answer *answer)
{
    struct buf why = BUF_INIT(256);
    size_t left = DRAIN_MAX;

    if (!answer->is_read)
        client_content(client, answer, count_down, &left, &why);
    else if (answer->ends)
        client_close(client);
    buf_release(&why);
}

static bool is_redirect(const struct client_request *request, int status)
{
    bool is_read = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

    return status == 307 || status == 308 || (is_read && (status == 301 || status == 302 || status == 303));
}

/* The password is nobody else's business. */
static bool follow(struct client_request *request, const struct client_answer *answer, struct buf *why)
{
    struct client_url to;

    if (!client_url_resolve(&request->url, answer_head_value(&answer->head, SLICE("Location")), request->arena, &to,
                            why))
        return false;
    if (request->url.is_tls && !to.is_tls) {
        buf_printf(why, "the server leads to an address without TLS, http://%.*s%.*s", SLICE_FMT(to.authority),
                   SLICE_FMT(to.path));
        return false;
    }
    if (!client_url_same_origin(&request->url, &to)) {
        request->login = to.user;
        request->secret = to.secret;
        request->ask_login = NULL;
    }
    request->url = to;
    return true;
}

static bool log_in(struct client_request *request, unsigned *logins)
{
    return (*logins)++ == 0 && request->ask_login && request->ask_login(request->login_arg, request);
}

enum err client_ask(struct client *client, struct client_request *request, struct client_answer *out, struct buf *why)
{
    unsigned logins = 0;

    for (int redirects = 0; redirects <= REDIRECTS_MAX;) {
        enum err err = exchange_again(client, request, out, why);

        if (err != ERR_NONE)
            return err;
        if (is_redirect(request, out->head.status) && answer_head_has(&out->head, SLICE("Location"))) {
            redirects++;
            if (!follow(request, out, why))
                return ERR_IO;
        } else if (out->head.status != 401 || !log_in(request, &logins)) {
            return ERR_NONE;
        }
        drain(client, out);
    }
    buf_add_str(why, "the server leads in circles");
    return ERR_IO;
}
