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
#include "program.h"

#define MQTT_PROGRAM "samovar-mqtt"

static void obey(const struct pot_driver *driver, const struct pot_request *request, struct pot_answer *answer)
{
    *answer = (struct pot_answer){.number = request->number, .err = ERR_INVALID};
    if (pot_request_is_sound(request))
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

/* Who talks to a broker is another program, so that no other part of the server needs its library. */
static void become_program(const struct pot_driver *driver)
{
    char room[PATH_MAX], patience[16];
    const char *program = program_find(MQTT_PROGRAM, room);

    snprintf(patience, sizeof(patience), "%u", driver->patience_ms);
    if (dup2(POT_SERVER_FD, STDIN_FILENO) < 0)
        _exit(126);
    close(POT_SERVER_FD);
    execl(program, MQTT_PROGRAM, "--serve", driver->name, driver->broker, driver->topic, driver->discovery,
          driver->login, driver->password_file, driver->broker_ca, patience, (char *)NULL);
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
    if (driver->command)
        obey_all(driver);
    else
        become_program(driver);
    _exit(127);
}

static const char *program_of(const struct pot_driver *driver, char room[PATH_MAX])
{
    return driver->command ? driver->command[0] : program_find(MQTT_PROGRAM, room);
}

enum err pot_start(const struct pot_driver *driver, enum err (*become_less)(void *arg, struct buf *why), void *arg,
                   int *fd, struct buf *why)
{
    char room[PATH_MAX];
    const char *program = program_of(driver, room);
    int ends[2];
    pid_t child;

    *fd = -1;
    if (access(program, X_OK) < 0) {
        buf_printf(why, "pot %s: its program %s cannot be run: %s", driver->name, program, strerror(errno));
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
