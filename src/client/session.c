/*
 * session.c - see session.h; and the command.
 */
#include "session.h"

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/etag.h"
#include "login.h"

enum { WHY_MAX = 1024, SAID_MAX = 600 };

/* ---- telling ---- */

int session_fail(struct session *session, int status, const char *format, ...)
{
    va_list args;

    fputs("samovar: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    buf_clear(&session->why);
    return status;
}

void session_tell(const struct session *session, const char *format, ...)
{
    va_list args;

    if (session->transfer->is_quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static bool take_some(void *arg, struct slice bytes)
{
    struct buf *said = arg;

    buf_add(said, slice_upto(bytes, said->max - said->len));
    return said->len < said->max;
}

/* Nothing of it may reach a terminal but text; U+0080 to U+009F are controls, too. */
static void make_plain(struct buf *said)
{
    for (size_t i = 0; i < said->len; i++) {
        unsigned char next = i + 1 < said->len ? (unsigned char)said->ptr[i + 1] : 0;

        if ((unsigned char)said->ptr[i] < 0x20 || said->ptr[i] == 0x7f)
            said->ptr[i] = ' ';
        else if ((unsigned char)said->ptr[i] == 0xc2 && next >= 0x80 && next < 0xa0)
            said->ptr[i] = said->ptr[i + 1] = ' ';
    }
    while (said->len && said->ptr[said->len - 1] == ' ')
        said->len--;
}

void make_printable(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->ptr[i] != '\n' && (text->ptr[i] < ' ' || text->ptr[i] > '~'))
            text->ptr[i] = ' ';
}

/* "404 Not Found", or what a plain text says beside it. */
static void say_refusal(struct session *session, struct buf *said)
{
    struct answer_head *head = &session->answer.head;
    struct buf body = BUF_INIT(SAID_MAX), why = BUF_INIT(WHY_MAX);
    bool is_text = slice_starts_nocase(answer_head_value(head, SLICE("Content-Type")), SLICE("text/plain"));

    buf_printf(said, "%d %.*s", head->status, SLICE_FMT(slice_upto(head->phrase, SAID_MAX / 4)));
    client_content(session->client, &session->answer, take_some, &body, &why);
    if (is_text && slice_starts(buf_slice(&body), buf_slice(said)))
        buf_clear(said); /* it begins with that */
    if (is_text && body.len)
        buf_printf(said, "%s%.*s", said->len ? ": " : "", SLICE_FMT(buf_slice(&body)));
    make_plain(said);
    buf_release(&body);
    buf_release(&why);
}

int session_refused(struct session *session)
{
    bool wants_login = session->answer.head.status == 401;
    struct buf said = BUF_INIT(2 * SAID_MAX);

    say_refusal(session, &said);
    session_fail(session, TRANSFER_REFUSED, "%.*s: %s%s", SLICE_FMT(session->address), buf_str(&said),
                 wants_login ? " (--login NAME says who you are)" : "");
    buf_release(&said);
    return TRANSFER_REFUSED;
}

/* ---- asking ---- */

void session_request(struct session *session, const char *method, struct client_request *out)
{
    *out = (struct client_request){.method = method,
                                   .url = session->url,
                                   .login = session->login,
                                   .secret = session->secret,
                                   .ask_login = login_ask,
                                   .login_arg = session,
                                   .arena = &session->arena};
}

int session_ask(struct session *session, struct client_request *request)
{
    enum err err;

    buf_clear(&session->why);
    err = client_ask(session->client, request, &session->answer, &session->why);
    if (err == ERR_NONE)
        return TRANSFER_OK;
    make_plain(&session->why); /* it may tell what a server said */
    return session_fail(session, err == ERR_DENIED ? TRANSFER_LOCAL : TRANSFER_UNREACHABLE, "%.*s: %s",
                        SLICE_FMT(session->address), buf_str(&session->why));
}

struct slice session_tag(struct session *session)
{
    struct slice tag = answer_head_value(&session->answer.head, SLICE("ETag"));
    struct etag parsed;

    return etag_parse(tag, &parsed) && !parsed.is_weak ? arena_slice(&session->arena, tag) : SLICE_NONE;
}

/* ---- files ---- */

static enum err file_read(void *arg, uint64_t at, void *room, size_t len)
{
    const int *fd = arg;
    char *to = room;

    while (len) {
        ssize_t got = pread(*fd, to, len, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? err_from_errno(errno) : ERR_CHANGED;
        to += got;
        at += (uint64_t)got;
        len -= (size_t)got;
    }
    return ERR_NONE;
}

struct delta_source file_source(int *fd, uint64_t size)
{
    return (struct delta_source){.size = size, .read = file_read, .arg = fd};
}

static enum err file_write(void *arg, struct slice bytes)
{
    const int *fd = arg;

    while (bytes.len) {
        ssize_t done = write(*fd, bytes.ptr, bytes.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return err_from_errno(errno);
        bytes = slice_from(bytes, (size_t)done);
    }
    return ERR_NONE;
}

struct delta_sink file_sink(int *fd)
{
    return (struct delta_sink){.write = file_write, .arg = fd};
}

bool file_size(int fd, uint64_t *size)
{
    struct stat got;

    if (fstat(fd, &got) < 0 || !S_ISREG(got.st_mode))
        return false;
    *size = (uint64_t)got.st_size;
    return true;
}

bool file_sha256(int fd, unsigned char out[SHA256_OCTETS])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    char *room = xmalloc(1 << 18);
    bool is_good = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;
    off_t at = 0;

    while (is_good) {
        ssize_t got = pread(fd, room, 1 << 18, at);

        if (got < 0 && errno == EINTR)
            continue;
        is_good = got >= 0 && EVP_DigestUpdate(hash, room, (size_t)(got > 0 ? got : 0)) == 1;
        if (got == 0)
            break;
        at += got;
    }
    is_good = is_good && EVP_DigestFinal_ex(hash, out, NULL) == 1;
    EVP_MD_CTX_free(hash);
    free(room);
    return is_good;
}

/* ---- the command ---- */

static struct slice address_of(struct arena *arena, const struct client_url *url)
{
    if (!slice_starts(url->path, SLICE("/")))
        return url->path; /* a coffee URI */
    return arena_printf(arena, "%s://%.*s%.*s", url->is_tls ? "https" : "http", SLICE_FMT(url->authority),
                        SLICE_FMT(url->path));
}

static int session_begin(struct session *session)
{
    const struct transfer *transfer = session->transfer;
    struct client_options options = {.ca_file = transfer->ca_file, .is_insecure = transfer->is_insecure};

    if (!client_url_read(slice_str(transfer->url), &session->arena, &session->url, &session->why))
        return session_fail(session, TRANSFER_USAGE, "%s", buf_str(&session->why));
    session->address = address_of(&session->arena, &session->url);
    login_begin(session);
    session->client = client_new(&options, &session->why);
    return session->client ? TRANSFER_OK : session_fail(session, TRANSFER_LOCAL, "%s", buf_str(&session->why));
}

int session_run(const struct transfer *transfer, int (*command)(struct session *session), void *arg)
{
    struct session *session = xcalloc(1, sizeof(*session));
    int status;

    signal(SIGPIPE, SIG_IGN); /* TLS writes without MSG_NOSIGNAL */
    session->transfer = transfer;
    session->arg = arg;
    session->why = BUF_INIT(WHY_MAX);
    status = session_begin(session);
    if (status == TRANSFER_OK)
        status = command(session);
    client_free(session->client);
    buf_release(&session->why);
    arena_release(&session->arena);
    free(session);
    return status;
}

int transfer_command(const struct transfer *transfer)
{
    return session_run(transfer, transfer->is_put ? put_command : get_command, NULL);
}
