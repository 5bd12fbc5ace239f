/*
 * passwd_ask.c - a password is asked for.
 *
 * The terminal shows again what is typed, however this ends: a signal that would end the process is taken, the terminal
 * set right, and the signal sent anew.
 */
#include "passwd_ask.h"

#include <errno.h>
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

/* One line, without its end. A byte at a time: what follows it is not ours. */
static bool read_line(struct buf *out)
{
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);

        if (got < 0 && errno == EINTR && !caught)
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

static bool read_hidden(const char *prompt, struct slice user, struct buf *out)
{
    struct sigaction taking = {.sa_handler = catch}, old[SIGNALS];
    struct termios shown, hidden;
    bool is_good;

    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return false;
    caught = 0;
    for (unsigned i = 0; i < SIGNALS; i++) {
        sigaction(numbers[i], NULL, &old[i]);
        if (old[i].sa_handler != SIG_IGN) /* as nohup has it */
            sigaction(numbers[i], &taking, NULL);
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, prompt, SLICE_FMT(user));
    fflush(stderr);
    is_good = read_line(out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    for (unsigned i = 0; i < SIGNALS; i++)
        sigaction(numbers[i], &old[i], NULL);
    if (caught) {
        fputc('\n', stderr);
        raise(caught);
    }
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
    if (!read_line(out)) {
        buf_printf(why, "standard input has no line of at most %u bytes; nothing was changed", AUTH_PASSWORD_BYTES_MAX);
        return false;
    }
    return judge(buf_slice(out), why);
}
