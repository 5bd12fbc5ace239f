/*
 * test_start.c - the firewall's program is started, and what is said if that does not work. In its place stand scripts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "helper/firewall.h"

enum { WHY_MAX_BYTES = 1024 };

struct script {
    char folder[32], path[64];
};

/* A program that does this; %s of it is an answer to the greeting, in octal for printf. */
static struct script script_write(const char *act, const struct firewall_answer *answer)
{
    struct script script = {.folder = "/tmp/samovar-helper-XXXXXX"};
    char octal[sizeof(*answer) * 4 + 1];
    FILE *file;

    for (size_t i = 0; i < sizeof(*answer); i++)
        snprintf(octal + 4 * i, 5, "\\%03o", ((const unsigned char *)answer)[i]);
    CHECK(mkdtemp(script.folder));
    snprintf(script.path, sizeof(script.path), "%s/program", script.folder);
    file = fopen(script.path, "we");
    CHECK(file);
    fprintf(file, "#!/bin/sh\nanswer='%s'\n%s\n", octal, act);
    fclose(file);
    CHECK_INT(chmod(script.path, 0755), 0);
    return script;
}

static void script_remove(const struct script *script)
{
    unlink(script->path);
    rmdir(script->folder);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

#define ANSWERS "printf \"$answer\" >&0\nexec cat >/dev/null"

static const struct firewall_answer good = {.is_last = 1};

TEST(start__gives_a_socket_that_programs_started_later_do_not_get)
{
    struct script script = script_write(ANSWERS, &good);
    struct buf why = BUF_INIT(WHY_MAX_BYTES);
    int fd = -1;

    CHECK_INT(firewall_start(script.path, &fd, &why), ERR_NONE);
    CHECK_INT(why.len, 0);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    script_remove(&script);
    buf_release(&why);
}

TEST(start__hands_over_what_the_program_says_against_it)
{
    const struct firewall_answer bad = {.is_last = 1, .err = ERR_MISSING, .text = "load the rules first"};
    struct script script = script_write(ANSWERS, &bad);
    struct buf why = BUF_INIT(WHY_MAX_BYTES);
    int fd = 99;

    CHECK_INT(firewall_start(script.path, &fd, &why), ERR_MISSING);
    CHECK_SLICE(buf_slice(&why), "load the rules first");
    CHECK_INT(fd, -1);
    script_remove(&script);
    buf_release(&why);
}

TEST(start__says_what_to_do_where_there_is_no_program)
{
    struct buf why = BUF_INIT(WHY_MAX_BYTES);
    int fd = 99;

    CHECK_INT(firewall_start("/no/such/program", &fd, &why), ERR_MISSING);
    CHECK_INT(fd, -1);
    CHECK(strstr(buf_str(&why), "/no/such/program"));
    CHECK(strstr(buf_str(&why), "firewall-program"));
    buf_release(&why);
}

TEST(start__a_program_that_ends_at_once_is_told_of_by_its_name)
{
    struct script script = script_write("exit 1", &good);
    struct buf why = BUF_INIT(WHY_MAX_BYTES);
    int fd = 99;

    CHECK_INT(firewall_start(script.path, &fd, &why), ERR_IO);
    CHECK_INT(fd, -1);
    CHECK(strstr(buf_str(&why), script.path));
    script_remove(&script);
    buf_release(&why);
}

/* The socket pair gets the very number that the program's end is to have. */
static int start_without_input(const char *path)
{
    struct buf why = BUF_INIT(WHY_MAX_BYTES);
    int fd, status;
    pid_t child = fork();

    if (child == 0) {
        close(STDIN_FILENO);
        _exit(firewall_start(path, &fd, &why) == ERR_NONE ? 0 : 1);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    return status;
}

TEST(start__works_where_standard_input_is_closed)
{
    struct script script = script_write(ANSWERS, &good);

    CHECK_INT(start_without_input(script.path), 0);
    script_remove(&script);
}
