/*
 * login.c - see login.h.
 *
 * A user who was named is sent with the first request; one of .netrc only to a server that asks.
 */
#include "login.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"

enum { NETRC_MAX = 256 * 1024, SECRET_MAX = 1024 };

/* ---- .netrc ---- */

static bool netrc_read(struct arena *arena, struct slice *out)
{
    const char *named = getenv("NETRC"), *home = getenv("HOME");
    struct slice path = named && named[0] ? slice_str(named)
                        : home            ? arena_printf(arena, "%s/.netrc", home)
                                          : SLICE_NONE;
    char *name = xstrdup(path);
    FD_GUARD fd = path.len ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    char *text;
    ssize_t len;

    free(name);
    if (fd < 0)
        return false;
    text = arena_alloc(arena, NETRC_MAX);
    len = read(fd, text, NETRC_MAX);
    *out = slice_of(text, len > 0 ? (size_t)len : 0);
    return len > 0;
}

static bool word_take(struct slice *rest, struct slice *word)
{
    size_t at = 0;

    while (at < rest->len && memchr(" \t\r\n", rest->ptr[at], 4))
        at++;
    *rest = slice_from(*rest, at);
    at = 0;
    while (at < rest->len && !memchr(" \t\r\n", rest->ptr[at], 4))
        at++;
    *word = slice_upto(*rest, at);
    *rest = slice_from(*rest, at);
    return word->len > 0;
}

/* The first entry of this host, or the default; of this user, if one is named. */
static bool netrc_find(struct session *session, struct slice host, struct slice *login, struct slice *secret)
{
    struct slice rest, word, value, user = SLICE_NONE;
    bool is_ours = false;

    if (!netrc_read(&session->arena, &rest))
        return false;
    while (word_take(&rest, &word)) {
        if (slice_eq(word, SLICE("default"))) {
            is_ours = true;
            user = SLICE_NONE;
        } else if (slice_eq(word, SLICE("machine")) && word_take(&rest, &value)) {
            is_ours = slice_eq_nocase(value, host);
            user = SLICE_NONE;
        } else if (slice_eq(word, SLICE("login")) && word_take(&rest, &value)) {
            user = value;
        } else if (slice_eq(word, SLICE("password")) && word_take(&rest, &value) && is_ours &&
                   (!login->len || slice_eq(*login, user))) {
            *login = user;
            *secret = value;
            return login->len > 0;
        }
    }
    return false;
}

/* ---- the terminal ---- */

static bool prompt(struct session *session, struct slice login, struct slice *secret)
{
    char text[SECRET_MAX];
    struct termios was, silent;
    FD_GUARD fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    ssize_t len;

    if (fd < 0 || tcgetattr(fd, &was) < 0)
        return false;
    silent = was;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(fd, "Password of %.*s at %.*s: ", SLICE_FMT(login), SLICE_FMT(session->url.authority));
    tcsetattr(fd, TCSAFLUSH, &silent);
    len = read(fd, text, sizeof(text));
    tcsetattr(fd, TCSAFLUSH, &was);
    dprintf(fd, "\n");
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (len > 0)
        *secret = arena_slice(&session->arena, slice_of(text, (size_t)len));
    explicit_bzero(text, sizeof(text));
    return len > 0;
}

/* ---- who ---- */

static bool is_this_machine(struct slice host)
{
    return slice_eq_nocase(host, SLICE("localhost")) || slice_starts(host, SLICE("127.")) ||
           slice_eq(host, SLICE("::1"));
}

static void warn(const struct session *session)
{
    if (session->url.is_tls || is_this_machine(session->url.host))
        return;
    fprintf(stderr, "samovar: the password goes to %.*s as it is, for anybody on the way to read: https would not\n",
            SLICE_FMT(session->url.authority));
}

/* For who is named; what the terminal is asked for waits until the server wants it. */
static bool find_secret(struct session *session, struct slice login, struct slice *secret)
{
    const char *given = getenv("SAMOVAR_PASSWORD");
    struct slice user = login;

    if (given && given[0])
        *secret = slice_str(given);
    else if (session->url.secret.len && slice_eq(login, session->url.user))
        *secret = session->url.secret;
    else
        return netrc_find(session, session->url.host, &user, secret);
    return true;
}

void login_begin(struct session *session)
{
    struct slice login = session->transfer->login ? slice_str(session->transfer->login) : session->url.user;

    if (!login.len || !find_secret(session, login, &session->secret))
        return;
    session->login = login;
    warn(session);
}

bool login_ask(void *arg, struct client_request *request)
{
    struct session *session = arg;
    struct slice login = session->transfer->login ? slice_str(session->transfer->login) : session->url.user;
    struct slice secret = SLICE_NONE;

    if (request->login.len) /* it was sent, and is wrong */
        return false;
    if (login.len ? !find_secret(session, login, &secret) && !prompt(session, login, &secret)
                  : !netrc_find(session, session->url.host, &login, &secret))
        return false;
    request->login = session->login = login;
    request->secret = session->secret = secret;
    warn(session);
    return true;
}
