/*
 * pot_start.c - a pot's process: how it is made, and what it does until the server ends.
 *
 * Signals from a terminal or the service manager are the server's to obey: who finishes requests may still have to tell
 * a pot to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pot_private.h"

/* The server is trusted to be no more than it is: words that become arguments are words. */
static bool is_words(const char *text, size_t room)
{
    size_t len = strnlen(text, room);

    for (size_t i = 0; i < len; i++)
        if (!ascii_is_digit(text[i]) && !(ascii_lower(text[i]) >= 'a' && ascii_lower(text[i]) <= 'z') &&
            !strchr("-_.= ", text[i]))
            return false;
    return len < room && text[0] != '-';
}

static bool is_sound(const struct pot_request *request)
{
    return request->what >= POT_WISH_START && request->what <= POT_WISH_WHEN &&
           is_words(request->tea, sizeof(request->tea)) && is_words(request->recipe, sizeof(request->recipe));
}

static void obey(const struct pot_driver *driver, const struct pot_request *request, struct pot_answer *answer)
{
    *answer = (struct pot_answer){.number = request->number, .err = ERR_INVALID};
    if (is_sound(request))
        answer->err = pot_command_run(driver, request, answer->text);
}

static void obey_all(const struct pot_driver *driver)
{
    struct pot_request request;
    struct pot_answer answer;

    for (;;) {
        ssize_t got = recv(POT_SERVER_FD, &request, sizeof(request), MSG_TRUNC);

        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof(request))
            return;
        obey(driver, &request, &answer);
        if (send(POT_SERVER_FD, &answer, sizeof(answer), MSG_NOSIGNAL) != (ssize_t)sizeof(answer))
            return;
    }
}

static void ignore_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        signal(numbers[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

static void become(const struct pot_driver *driver, enum err (*become_less)(void *, struct buf *), void *arg, int end)
{
    struct buf why = BUF_INIT(1024);

    prctl(PR_SET_NAME, "samovar-pot");
    ignore_signals();
    if (dup2(end, POT_SERVER_FD) < 0)
        _exit(126);
    closefrom(POT_SERVER_FD + 1);
    if (become_less(arg, &why))
        _exit(126);
    obey_all(driver);
    _exit(0);
}

enum err pot_start(const struct pot_driver *driver, enum err (*become_less)(void *arg, struct buf *why), void *arg,
                   int *fd, struct buf *why)
{
    int ends[2];
    pid_t child;

    *fd = -1;
    if (access(driver->command[0], X_OK) < 0) {
        buf_printf(why, "pot %s: its program %s cannot be run: %s", driver->name, driver->command[0], strerror(errno));
        return ERR_MISSING;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_from_errno(errno);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        become(driver, become_less, arg, ends[1]);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return ERR_TOO_MANY;
    }
    *fd = ends[0];
    return ERR_NONE;
}
