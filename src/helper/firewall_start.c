/*
 * firewall_start.c - the server's side: the program is started, and says whether it can do its work.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "helper/firewall.h"
#include "program.h"

#define PROGRAM "samovar-firewall"

/* The child: its end is descriptor 0, and it has nothing else of ours but standard output and error. */
static void become(const char *program, int end)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(end, STDIN_FILENO) < 0)
        _exit(127);
    execl(program, PROGRAM, "--serve", (char *)NULL);
    _exit(127);
}

static enum err spawn(const char *program, int *fd, struct buf *why)
{
    int ends[2];
    pid_t child;

    if (access(program, X_OK) < 0) {
        buf_printf(
            why,
            "the captive portal needs %s, which is not there (%s): install it, name it with firewall-program, or "
            "go without by firewall = none",
            program, strerror(errno));
        return ERR_MISSING;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_from_errno(errno);
    child = fork();
    if (child == 0)
        become(program, ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        buf_printf(why, "%s cannot be started: %s", program, strerror(errno));
        return err_from_errno(errno);
    }
    *fd = ends[0];
    return ERR_NONE;
}

static void take_text(const struct firewall_answer *answer, void *arg)
{
    if (answer->text[0])
        buf_add_str(arg, answer->text);
}

static enum err say_hello(const char *program, int fd, struct buf *why)
{
    struct firewall_request hello = {.what = FIREWALL_HELLO};
    enum err err = firewall_ask(fd, &hello, take_text, why);

    if (err != ERR_NONE && !why->len)
        buf_printf(why, "%s does not answer", program);
    return err;
}

enum err firewall_start(const char *program, int *fd, struct buf *why)
{
    char room[PATH_MAX];
    enum err err;

    *fd = -1;
    if (!program)
        program = program_find(PROGRAM, room);
    err = spawn(program, fd, why);
    if (err == ERR_NONE)
        err = say_hello(program, *fd, why);
    if (err != ERR_NONE)
        fd_close(fd);
    return err;
}
