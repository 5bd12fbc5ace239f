/*
 * demo_witness.c - exchanges for the front page that no browser shows.
 */
#include "demo_witness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
    SHOWN_MAX = 64 * 1024, /* octets of an exchange; none here is as long */
    ANSWER_MS = 15000,     /* the copy of the large folder takes a second or two on a slow disk */
    LOOK_MS = 500          /* between looks whether the server has ended, if no signal says so */
};

/* "%s" the address, "%llx" a number that is another one each time. */
static const struct shown {
    int code;
    const char *request, *afterwards; /* afterwards: what tidies up; NULL */
} all_shown[] = {
    {102, "COPY /large/ HTTP/1.1\r\nHost: %s\r\nDestination: /copies/%llx/\r\nConnection: close\r\n\r\n",
     "DELETE /copies/%2$llx/ HTTP/1.1\r\nHost: %1$s\r\nConnection: close\r\n\r\n"},
    {308, "GET /folder HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", NULL},
    {511, "GET / HTTP/1.1\r\nHost: guests.localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n", NULL},
};

struct witness {
    const char *address;
    int folder;
    unsigned long long number;
};

/* ---- asking ---- */

static int connect_to(const char *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    char host[256];
    const char *port = strrchr(address, ':');
    int fd = -1;

    if (!port)
        return -1;
    snprintf(host, sizeof(host), "%.*s", (int)(port - address), address);
    if (host[0] == '[') { /* of IPv6 */
        memmove(host, host + 1, strlen(host));
        host[strcspn(host, "]")] = '\0';
    }
    if (getaddrinfo(host[0] ? host : NULL, port + 1, &hints, &list) != 0)
        return -1;
    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* All that comes, until the server closes. */
static void receive(int fd, struct buf *out)
{
    uint64_t until_ms = clock_mono_ms() + ANSWER_MS;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char octets[4096];

    for (;;) {
        uint64_t now_ms = clock_mono_ms();
        ssize_t got;

        if (now_ms >= until_ms || out->len > SHOWN_MAX - sizeof(octets))
            return;
        if (poll(&ready, 1, (int)(until_ms - now_ms)) <= 0)
            continue;
        got = read(fd, octets, sizeof(octets));
        if (got <= 0)
            return;
        buf_add(out, slice_of(octets, (size_t)got));
    }
}

static void ask(const struct witness *witness, const char *request, struct buf *out)
{
    struct buf text = BUF_INIT(4096);
    int fd = connect_to(witness->address);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    buf_printf(&text, request, witness->address, witness->number);
#pragma GCC diagnostic pop
    buf_add(out, buf_slice(&text));
    if (fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len)
        receive(fd, out);
    else
        buf_printf(out, "no answer: %s\n", strerror(errno));
    if (fd >= 0)
        close(fd);
    buf_release(&text);
}

/* ---- showing ---- */

/* In one step, so that nobody reads a half. */
static void lay_down(const struct witness *witness, int code, struct slice text)
{
    char name[32];
    int fd = openat(witness->folder, ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    snprintf(name, sizeof(name), "%d.txt", code);
    if (fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len)
        renameat(witness->folder, ".new", witness->folder, name);
    if (fd >= 0)
        close(fd);
}

static void show(struct witness *witness, const struct shown *shown)
{
    struct buf text = BUF_INIT(SHOWN_MAX), rest = BUF_INIT(SHOWN_MAX);

    witness->number++;
    ask(witness, shown->request, &text);
    lay_down(witness, shown->code, buf_slice(&text));
    if (shown->afterwards)
        ask(witness, shown->afterwards, &rest);
    buf_release(&text);
    buf_release(&rest);
}

static void show_asked(struct witness *witness, const char *name)
{
    for (unsigned i = 0; i < sizeof(all_shown) / sizeof(*all_shown); i++) {
        char asked[32];

        snprintf(asked, sizeof(asked), "%d", all_shown[i].code);
        if (strcmp(name, asked) != 0)
            continue;
        unlinkat(witness->folder, name, 0);
        show(witness, &all_shown[i]);
    }
}

static void look(struct witness *witness, int watch)
{
    union {
        struct inotify_event first;
        char octets[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
    } events;
    ssize_t got = read(watch, &events, sizeof(events));

    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *event = (const void *)(events.octets + at);

        if (event->len)
            show_asked(witness, event->name);
        at += (ssize_t)(sizeof(*event) + event->len);
    }
}

int witness_while(pid_t server, const char *address, const char *folder)
{
    struct witness witness = {.address = address, .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct pollfd ready = {.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .events = POLLIN};
    int status = -1;
    pid_t ended;

    witness.number = (unsigned long long)time(NULL) << 16;
    if (ready.fd < 0 || inotify_add_watch(ready.fd, folder, IN_CREATE | IN_MOVED_TO) < 0)
        fprintf(stderr, "samovar: the page cannot show 102, 308 and 511: %s\n", strerror(errno));
    while ((ended = waitpid(server, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR))
        if (poll(&ready, 1, LOOK_MS) > 0)
            look(&witness, ready.fd);
    if (ready.fd >= 0)
        close(ready.fd);
    if (witness.folder >= 0)
        close(witness.folder);
    return ended == server ? status : -1;
}
