/*
 * pot_command.c - a pot's program is run: never by a shell, for a bounded time, and of what it says a bounded part is
 * kept.
 *
 *     PROGRAM ARGUMENTS... start coffee Cream=2 Sugar=1
 *     PROGRAM ARGUMENTS... start tea earl-grey Sugar=1
 *     PROGRAM ARGUMENTS... stop
 *     PROGRAM ARGUMENTS... when
 *
 * Status 0: the pot has done it. Whatever it leaves running in its own group ends with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "pot_private.h"

enum {
    WORDS_MAX = 64,      /* of one command line: the configuration's, and what was ordered */
    SAID_MAX = 4 * 1024, /* octets that a program may say; what comes behind them is dropped */
};

struct words {
    const char *list[WORDS_MAX + 1];
    unsigned count;
};

static void word_add(struct words *words, const char *word)
{
    if (words->count < WORDS_MAX)
        words->list[words->count++] = word;
    words->list[words->count] = NULL;
}

/* recipe: room of the caller's, cut into words in place. */
static void words_of(const struct pot_driver *driver, const struct pot_request *request, char *recipe,
                     struct words *out)
{
    char *rest = NULL;

    *out = (struct words){.count = 0};
    for (const char *const *word = driver->command; *word; word++)
        word_add(out, *word);
    word_add(out, request->what == POT_WISH_START ? "start" : request->what == POT_WISH_STOP ? "stop" : "when");
    if (request->what != POT_WISH_START)
        return;
    word_add(out, request->tea[0] ? "tea" : "coffee");
    if (request->tea[0])
        word_add(out, request->tea);
    for (char *word = strtok_r(recipe, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        word_add(out, word);
}

/* The child: nothing of ours is open in it but what it says. */
static void become_program(const struct pot_driver *driver, const struct words *words, int said)
{
    char name[POT_WORD_MAX + 8];
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *environment[] = {path, name, NULL};
    int nothing = open("/dev/null", O_RDONLY);
    sigset_t none;

    snprintf(name, sizeof(name), "POT=%s", driver->name);
    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(said, STDOUT_FILENO) < 0 ||
        dup2(said, STDERR_FILENO) < 0)
        _exit(126);
    closefrom(STDERR_FILENO + 1);
    execve(words->list[0], (char *const *)(uintptr_t)words->list, environment);
    dprintf(STDERR_FILENO, "%s: %s\n", words->list[0], strerror(errno));
    _exit(127);
}

/*
 * Reads until it is closed, or who said it has ended (`ended`: its pidfd) and all was read: what he left behind may
 * have it open for long. The time is over: false.
 */
static bool hear(int said, int ended, uint64_t until_ms, char room[SAID_MAX], size_t *len)
{
    char dropped[SAID_MAX];

    for (;;) {
        uint64_t now = clock_mono_ms();
        struct pollfd wait[] = {{.fd = said, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
        int got = now < until_ms ? poll(wait, 2, (int)(until_ms - now)) : 0;
        ssize_t octets;

        if (got == 0)
            return false;
        if (got > 0 && !wait[0].revents)
            return true;
        octets = *len < SAID_MAX ? read(said, room + *len, SAID_MAX - *len) : read(said, dropped, sizeof(dropped));
        if (octets < 0 && errno != EINTR)
            return true;
        if (octets == 0)
            return true;
        if (octets > 0 && *len < SAID_MAX)
            *len += (size_t)octets;
    }
}

/* It closed its output: it ends soon, or is made to. False: it was made to. */
static bool wait_for_end(pid_t child, uint64_t until_ms, int *status)
{
    enum { STEP_MS = 5 };

    while (waitpid(child, status, WNOHANG) == 0) {
        if (clock_mono_ms() >= until_ms)
            return false;
        poll(NULL, 0, STEP_MS);
    }
    return true;
}

/* The last line of what it said. */
static void last_line(const char *said, size_t len, char *out, size_t room)
{
    size_t begin;

    while (len && (said[len - 1] == '\n' || said[len - 1] == '\r' || said[len - 1] == ' '))
        len--;
    for (begin = len; begin && said[begin - 1] != '\n';)
        begin--;
    snprintf(out, room, "%.*s", (int)(len - begin), said + begin);
}

static enum err tell_end(bool is_over, int status, const char *said, size_t len, char *text, size_t room)
{
    char line[96];

    last_line(said, len, line, sizeof(line));
    if (!is_over)
        snprintf(text, room, "its program took too long, and was ended");
    else if (WIFSIGNALED(status))
        snprintf(text, room, "its program was ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        snprintf(text, room, "its program ended with %d%s%s", WEXITSTATUS(status), line[0] ? ": " : "", line);
    return is_over && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ERR_NONE : ERR_IO;
}

enum err pot_command_run(const struct pot_driver *driver, const struct pot_request *request,
                         char text[sizeof(((struct pot_answer *)NULL)->text)])
{
    size_t room = sizeof(((struct pot_answer *)NULL)->text), len = 0;
    uint64_t until_ms = clock_mono_ms() + driver->patience_ms;
    char recipe[POT_RECIPE_MAX], said[SAID_MAX];
    struct words words;
    int ends[2], ended = -1, status = 0;
    bool is_over;
    pid_t child;

    memcpy(recipe, request->recipe, sizeof(recipe));
    words_of(driver, request, recipe, &words);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_from_errno(errno);
    child = fork();
    if (child == 0)
        become_program(driver, &words, ends[1]);
    close(ends[1]);
    if (child > 0)
        ended = pidfd_open(child, 0); /* -1 on an old kernel: then only the end of its output tells */
    is_over = child > 0 && hear(ends[0], ended, until_ms, said, &len) && wait_for_end(child, until_ms, &status);
    fd_close(&ended);
    close(ends[0]);
    if (child < 0)
        return ERR_TOO_MANY;
    kill(-child, SIGKILL); /* with all that it left behind */
    if (!is_over)
        waitpid(child, &status, 0);
    return tell_end(is_over, status, said, len, text, room);
}
