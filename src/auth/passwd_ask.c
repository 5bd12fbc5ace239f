/*
 * passwd_ask.c - a password is asked for.
 *
 * The terminal shows again what is typed, however this ends: a signal that would end the process is taken, the terminal
 * set right, and the signal sent anew.
 */
#include "passwd_ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "auth/auth.h"
#include "scheme.h"

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { SIGNALS = sizeof(numbers) / sizeof(*numbers) };

/* `waiting`: the signals that are held back but while we wait, so that none comes unseen just before; NULL: none are.
 */
static bool await_input(const sigset_t *waiting)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    while (waiting && !caught) {
        if (ppoll(&input, 1, NULL, waiting) >= 0)
            return true;
        if (errno != EINTR)
            return false;
    }
    return !caught;
}

/* One line, without its end. A byte at a time: what follows it is not ours. */
static bool read_line(struct buf *out, const sigset_t *waiting)
{
    for (;;) {
        char c;
        ssize_t got;

        if (!await_input(waiting))
            return false;
        got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0 || c == '\n')
            break;
        buf_add_char(out, c);
    }
    if (slice_ends(buf_slice(out), SLICE("\r")))
        out->len--;
    return !out->overflown;
}

/* Takes the signals, and holds them back; `before` is what was held back before. */
static void hold_signals(struct sigaction old[SIGNALS], sigset_t *before)
{
    struct sigaction taking = {.sa_handler = catch};
    sigset_t held;

    sigemptyset(&held);
    caught = 0;
    for (unsigned i = 0; i < SIGNALS; i++) {
        sigaddset(&held, numbers[i]);
        sigaction(numbers[i], NULL, &old[i]);
    }
    sigprocmask(SIG_BLOCK, &held, before);
    for (unsigned i = 0; i < SIGNALS; i++)
        if (old[i].sa_handler != SIG_IGN) /* as nohup has it */
            sigaction(numbers[i], &taking, NULL);
}

static void let_signals_go(const struct sigaction old[SIGNALS], const sigset_t *before)
{
    for (unsigned i = 0; i < SIGNALS; i++)
        sigaction(numbers[i], &old[i], NULL);
    sigprocmask(SIG_SETMASK, before, NULL);
    if (caught) {
        fputc('\n', stderr);
        raise(caught);
    }
}

static bool read_hidden(const char *prompt, struct slice user, struct buf *out)
{
    struct sigaction old[SIGNALS];
    struct termios shown, hidden;
    sigset_t before;
    bool is_good;

    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return false;
    hold_signals(old, &before);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, prompt, SLICE_FMT(user));
    fflush(stderr);
    is_good = read_line(out, &before);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    let_signals_go(old, &before);
    return is_good && !caught;
}

static bool judge(struct slice password, struct buf *why)
{
    if (password.len == 0)
        buf_add_str(why, "the password is empty; nothing was changed");
    else if (password.len > AUTH_PASSWORD_BYTES_MAX || !text_is_plain(password))
        buf_printf(why, "a password is UTF-8 without control characters, at most %u bytes; nothing was changed",
                   AUTH_PASSWORD_BYTES_MAX);
    return why->len == 0;
}

static bool ask_twice(struct slice user, struct buf *out, struct buf *why)
{
    struct buf again = BUF_INIT(out->max);
    bool is_good = read_hidden("New password of %.*s: ", user, out) && judge(buf_slice(out), why);

    if (is_good)
        is_good = read_hidden("The same again, for %.*s: ", user, &again);
    if (is_good && !slice_eq(buf_slice(out), buf_slice(&again))) {
        buf_add_str(why, "these two are not the same; nothing was changed");
        is_good = false;
    }
    if (again.len > 0)
        explicit_bzero(again.ptr, again.len);
    buf_release(&again);
    if (!is_good && why->len == 0)
        buf_add_str(why, "no password was read; nothing was changed");
    return is_good;
}

bool passwd_ask(struct slice user, struct buf *out, struct buf *why)
{
    if (isatty(STDIN_FILENO))
        return ask_twice(user, out, why);
    if (!read_line(out, NULL)) {
        buf_printf(why, "standard input has no line of at most %u bytes; nothing was changed", AUTH_PASSWORD_BYTES_MAX);
        return false;
    }
    return judge(buf_slice(out), why);
}
