/*
 * notify.c - datagrams to the service manager.
 *
 * Nothing here can stop the server: a manager that does not listen is waited for SEND_WAIT_S seconds at most, and a
 * message that it did not take is given up. It would then kill us for being late, which is its to decide.
 */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"

enum {
    MESSAGE_MAX = 2048,
    STATUS_MAX = 512, /* one line of `systemctl status` */
    SEND_WAIT_S = 2,
    STOP_MARGIN_MS = 5000, /* beyond the drain: what is open is closed, the stores are settled */
};

struct notify {
    int fd;
    uint64_t watchdog_ms;
};

/* ---- opening ---- */

static bool parse_address(const char *text, struct sockaddr_un *out, socklen_t *len)
{
    size_t size = strlen(text);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((text[0] != '/' && text[0] != '@') || size < 2 || size >= sizeof(out->sun_path))
        return false;
    memcpy(out->sun_path, text, size);
    if (text[0] == '@')
        out->sun_path[0] = '\0';
    /* an abstract name is as long as it says, a path ends with its zero */
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (text[0] == '/'));
    return true;
}

static int open_socket(const char *text)
{
    struct timeval wait = {.tv_sec = SEND_WAIT_S};
    struct sockaddr_un address;
    socklen_t len;
    FD_GUARD fd = -1;

    if (!parse_address(text, &address, &len)) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, len) != 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    return fd_take(&fd);
}

/* A number of the environment; 0: it is not there or is none. */
static uint64_t env_number(const char *name)
{
    const char *text = getenv(name);
    uint64_t number;

    return text && slice_u64(slice_str(text), &number) ? number : 0;
}

/* WATCHDOG_PID says whose pulse is waited for: the variables may have come down from another service. */
static uint64_t read_watchdog_ms(void)
{
    uint64_t us = env_number("WATCHDOG_USEC"), ms = us / 2000;

    if (us == 0 || (getenv("WATCHDOG_PID") && env_number("WATCHDOG_PID") != (uint64_t)getpid()))
        return 0;
    return ms ? ms : 1;
}

struct notify *notify_open(void)
{
    const char *text = getenv("NOTIFY_SOCKET");
    struct notify *notify = NULL;
    int fd;

    if (text && text[0] != '\0') {
        fd = open_socket(text);
        if (fd >= 0) {
            notify = xcalloc(1, sizeof(*notify));
            *notify = (struct notify){.fd = fd, .watchdog_ms = read_watchdog_ms()};
        } else {
            fprintf(stderr, "samovar: NOTIFY_SOCKET %s: %s; the service manager is told nothing\n", text,
                    strerror(errno));
        }
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return notify;
}

void notify_close(struct notify *notify)
{
    if (!notify)
        return;
    close(notify->fd);
    free(notify);
}

/* ---- messages ---- */

static void send_message(struct notify *notify, const struct buf *message, int flags)
{
    ssize_t sent;

    do
        sent = send(notify->fd, message->ptr, message->len, MSG_NOSIGNAL | flags);
    while (sent < 0 && errno == EINTR);
}

/* A line break would begin another assignment. */
static void add_status(struct buf *message, const char *status)
{
    struct slice line = slice_upto(slice_str(status), STATUS_MAX);

    buf_add_str(message, "STATUS=");
    for (size_t i = 0; i < line.len; i++)
        buf_add_char(message, (unsigned char)line.ptr[i] < ' ' ? ' ' : line.ptr[i]);
    buf_add_char(message, '\n');
}

void notify_ready(struct notify *notify, const char *status)
{
    struct buf message = BUF_INIT(MESSAGE_MAX);

    if (!notify)
        return;
    buf_printf(&message, "READY=1\nMAINPID=%ld\n", (long)getpid());
    if (status)
        add_status(&message, status);
    send_message(notify, &message, 0);
    buf_release(&message);
}

void notify_reloading(struct notify *notify)
{
    struct buf message = BUF_INIT(MESSAGE_MAX);

    if (!notify)
        return;
    /* the time tells the manager that this answers its signal and no earlier one */
    buf_printf(&message, "RELOADING=1\nMONOTONIC_USEC=%llu\n", (unsigned long long)clock_mono_ns() / 1000);
    add_status(&message, "reading the configuration again");
    send_message(notify, &message, 0);
    buf_release(&message);
}

void notify_stopping(struct notify *notify, uint64_t drain_ms)
{
    struct buf message = BUF_INIT(MESSAGE_MAX);
    uint64_t most = UINT64_MAX / 1000 - STOP_MARGIN_MS;
    uint64_t within_us = ((drain_ms < most ? drain_ms : most) + STOP_MARGIN_MS) * 1000;

    if (!notify)
        return;
    buf_printf(&message, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu\n", (unsigned long long)within_us);
    add_status(&message, "requests under way are finished");
    send_message(notify, &message, 0);
    buf_release(&message);
}

void notify_successor(struct notify *notify, pid_t pid)
{
    struct buf message = BUF_INIT(MESSAGE_MAX);

    if (!notify)
        return;
    buf_printf(&message, "MAINPID=%ld\n", (long)pid);
    send_message(notify, &message, 0);
    buf_release(&message);
}

uint64_t notify_watchdog_ms(const struct notify *notify)
{
    return notify ? notify->watchdog_ms : 0;
}

void notify_alive(struct notify *notify)
{
    struct buf message = BUF_INIT(MESSAGE_MAX);

    if (!notify)
        return;
    buf_add_str(&message, "WATCHDOG=1\n");
    send_message(notify, &message, MSG_DONTWAIT);
    buf_release(&message);
}
