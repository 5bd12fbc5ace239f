/*
 * demo.c - `samovar demo`: a folder that is thrown away afterwards, served so that each of the 22 codes is a line of
 * the shell away.
 *
 * A process of its own serves, since it confines itself to what it serves; the one that was started removes the folder
 * when that has ended.
 */
#include "demo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "demo_witness.h"
#include "repr/repr.h"

enum { LINE_MAX_BYTES = 4096, CONFIG_MAX = 16384, OPEN_AT_ONCE = 16, PATH_ROOM = 1024 };

/* ---- the lines ---- */

/* "@" before a "/" is where the server is; brackets are in quotes, since some shells look for files of such a name. */
static void add_line(const char *line, const char *address, struct buf *out)
{
    const char *quote = strchr(address, '[') ? "\"" : "";

    for (; *line; line++)
        if (line[0] == '@' && line[1] == '/')
            buf_printf(out, "%shttp://%s%s", quote, address, quote);
        else
            buf_add_char(out, *line);
}

int demo_list(const char *address)
{
    for (unsigned i = 0; i < DEMO_ROWS; i++) {
        struct buf line = BUF_INIT(LINE_MAX_BYTES);

        add_line(demo_rows[i].line, address, &line);
        printf("%d\t%s\n", demo_rows[i].code, buf_str(&line));
        buf_release(&line);
    }
    return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- the folder ---- */

static bool make_folders(int folder, char *path)
{
    for (char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
        bool is_there;

        *at = '\0';
        is_there = mkdirat(folder, path, 0755) == 0 || errno == EEXIST;
        *at = '/';
        if (!is_there)
            return false;
    }
    return true;
}

static bool write_file(int folder, const char *name, const char *content)
{
    char path[256];
    size_t len = strlen(content);
    int fd;
    bool is_written;

    snprintf(path, sizeof(path), "%s", name);
    if (!make_folders(folder, path))
        return false;
    fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    is_written = fd >= 0 && write(fd, content, len) == (ssize_t)len;
    return (fd < 0 || close(fd) == 0) && is_written;
}

static bool write_large(int folder)
{
    char name[64];

    for (unsigned i = 0; i < DEMO_LARGE; i++) {
        snprintf(name, sizeof(name), "site/large/%u", i);
        if (!write_file(folder, name, ""))
            return false;
    }
    return true;
}

static bool write_config(int folder, const char *address)
{
    struct buf text = BUF_INIT(CONFIG_MAX);
    const char *port = strrchr(address, ':');
    bool is_written;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    buf_printf(&text, demo_config, address, port ? port + 1 : address);
#pragma GCC diagnostic pop
    is_written = write_file(folder, "samovar.conf", buf_str(&text));
    buf_release(&text);
    return is_written;
}

/* The lines for the front page, as JSON. */
static bool write_lines(int folder, const char *address)
{
    struct buf text = BUF_INIT(4 * CONFIG_MAX);
    bool is_written;

    for (unsigned i = 0; i < DEMO_ROWS; i++) {
        struct buf line = BUF_INIT(LINE_MAX_BYTES);

        add_line(demo_rows[i].line, address, &line);
        buf_printf(&text, "%s\"%d\": \"", i ? ",\n" : "{", demo_rows[i].code);
        json_escape(&text, buf_slice(&line));
        buf_add_str(&text, "\"");
        buf_release(&line);
    }
    buf_add_str(&text, "}\n");
    is_written = write_file(folder, "site/lines.json", buf_str(&text));
    buf_release(&text);
    return is_written;
}

static bool fill(const char *path, const char *address)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_full = folder >= 0 && write_config(folder, address) && write_large(folder) &&
                   write_lines(folder, address) && write_file(folder, "site/index.html", demo_page) &&
                   write_file(folder, "site/demo.js", demo_script);

    for (unsigned i = 0; is_full && demo_files[i].path; i++)
        is_full = write_file(folder, demo_files[i].path, demo_files[i].content);
    if (folder >= 0)
        close(folder);
    return is_full;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
    return remove(path);
}

/* ---- serving ---- */

static pid_t server;

static void pass_on(int number)
{
    if (server > 0)
        kill(server, number);
}

/* Signals that end it: none is lost between the making of the folder and its removal. */
static void hold_signals(sigset_t *before)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, before);
    signal(SIGPIPE, SIG_IGN);
}

static int wait_for_server(const char *address, const char *folder, const sigset_t *signals)
{
    struct sigaction passing = {.sa_handler = pass_on};
    int status;

    sigaction(SIGINT, &passing, NULL);
    sigaction(SIGTERM, &passing, NULL);
    sigaction(SIGHUP, &passing, NULL);
    sigprocmask(SIG_SETMASK, signals, NULL);
    status = witness_while(server, address, folder);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

/* In a group of its own, so that what a terminal sends comes from us, and once; without us it ends. */
static void serve_alone(pid_t above, const sigset_t *signals)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != above)
        _exit(EXIT_FAILURE);
    sigprocmask(SIG_SETMASK, signals, NULL);
}

static int serve_in(const char *path, const char *address, const sigset_t *signals, int (*serve)(const char *config))
{
    char config[PATH_ROOM + 32], witnessed[PATH_ROOM + 32];
    pid_t own = getpid();

    snprintf(config, sizeof(config), "%s/samovar.conf", path);
    snprintf(witnessed, sizeof(witnessed), "%s/site/witness", path);
    fflush(stdout);
    server = fork();
    if (server == 0) {
        serve_alone(own, signals);
        exit(serve(config));
    }
    return server < 0 ? EXIT_FAILURE : wait_for_server(address, witnessed, signals);
}

/* In TMPDIR, as other programs do. */
static bool folder_make(char path[PATH_ROOM])
{
    const char *above = getenv("TMPDIR");
    int len = snprintf(path, PATH_ROOM, "%s/samovar-demo-XXXXXX", above && above[0] == '/' ? above : "/tmp");

    if (len < PATH_ROOM)
        return mkdtemp(path) != NULL;
    errno = ENAMETOOLONG;
    return false;
}

int demo_command(const char *address, int (*serve)(const char *config))
{
    char path[PATH_ROOM];
    int status = EXIT_FAILURE;
    sigset_t signals;

    hold_signals(&signals);
    if (!folder_make(path)) {
        fprintf(stderr, "samovar: no folder for the demonstration: %s: %s\n", path, strerror(errno));
        return EXIT_FAILURE;
    }
    if (!fill(path, address)) {
        fprintf(stderr, "samovar: %s cannot be filled: %s\n", path, strerror(errno));
    } else {
        printf("a demonstration of 22 status codes in %s, which is removed at the end\n"
               "each of them is one line of the shell away: samovar demo --list --listen %s\n",
               path, address);
        status = serve_in(path, address, &signals, serve);
    }
    nftw(path, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
    return status;
}
