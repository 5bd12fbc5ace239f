/*
 * bare.c - the bound: what an epoll loop that does nothing else costs.
 *
 * A loop per core, each with its own listening socket (SO_REUSEPORT). It counts the ends of request heads
 * in what it receives and sends a constant answer for each; it looks at nothing else. No server that
 * answers the same bytes by the same means can take less CPU, so a server's own share is what it takes above
 * this. Requests with bodies are not for it.
 *
 *     bare PORT BODY_BYTES [STATUS [THREADS]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS_MAX 20000
#define READ_MAX 16384

struct conn {
    unsigned char matched; /* bytes of CR LF CR LF seen at the end of what came */
    unsigned pending;      /* answers owed, the one being sent among them */
    size_t sent;           /* of that one */
};

static struct conn conns[CONNS_MAX]; /* by descriptor; each is touched by the one loop that accepted it */
static char *answer;
static size_t answer_len;
static uint16_t port;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static int listener_open(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 4096) != 0)
        die("bind");
    return fd;
}

static void watch(int epoll, int op, int fd, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.fd = fd};

    if (epoll_ctl(epoll, op, fd, &ev) != 0)
        die("epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
    int one = 1, fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNS_MAX) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        conns[fd] = (struct conn){0};
        watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
    }
}

static unsigned heads_count(struct conn *conn, const char *bytes, size_t len)
{
    unsigned heads = 0;

    /* the usual: one whole head and no more */
    if (conn->matched == 0 && len >= 4 && memmem(bytes, len, "\r\n\r\n", 4) == bytes + len - 4)
        return 1;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == "\r\n\r\n"[conn->matched])
            conn->matched++;
        else
            conn->matched = bytes[i] == '\r';
        if (conn->matched == 4) {
            conn->matched = 0;
            heads++;
        }
    }
    return heads;
}

/* Sends what is owed. Returns 0, or -1 when the connection is lost. */
static int answers_send(int epoll, int fd, struct conn *conn)
{
    int was_waiting = conn->sent > 0;

    while (conn->pending) {
        ssize_t n = send(fd, answer + conn->sent, answer_len - conn->sent, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN)
            return -1;
        if (n > 0)
            conn->sent += (size_t)n;
        if (conn->sent < answer_len) {
            if (!was_waiting)
                watch(epoll, EPOLL_CTL_MOD, fd, EPOLLOUT);
            return 0;
        }
        conn->sent = 0;
        conn->pending--;
    }
    if (was_waiting)
        watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
    return 0;
}

static int conn_event(int epoll, int fd, uint32_t events)
{
    struct conn *conn = &conns[fd];
    char bytes[READ_MAX];

    if (!(events & EPOLLOUT)) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        conn->pending += heads_count(conn, bytes, (size_t)n);
    }
    return answers_send(epoll, fd, conn);
}

static void *loop_run(void *arg)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), listener = listener_open();
    struct epoll_event events[256];

    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        int n = epoll_wait(epoll, events, 256, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else if (conn_event(epoll, events[i].data.fd, events[i].events) != 0)
                close(events[i].data.fd);
        }
    }
    return arg;
}

/* A head as long as a file server's: those bytes have to be sent by anyone. */
static void answer_make(int status, size_t body_len)
{
    char head[512];
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 %d Constant\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                       "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"0123456789abcdef\"\r\n"
                       "Accept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       status, body_len);

    if (status == 304)
        body_len = 0;
    answer_len = (size_t)len + body_len;
    answer = malloc(answer_len);
    if (!answer)
        die("malloc");
    memcpy(answer, head, (size_t)len);
    memset(answer + len, 'x', body_len);
}

int main(int argc, char **argv)
{
    long threads = argc > 4 ? atol(argv[4]) : sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread;

    if (argc < 3 || threads < 1) {
        fprintf(stderr, "usage: bare PORT BODY_BYTES [STATUS [THREADS]]\n");
        return 2;
    }
    port = (uint16_t)atoi(argv[1]);
    answer_make(argc > 3 ? atoi(argv[3]) : 200, strtoull(argv[2], NULL, 10));
    for (long i = 1; i < threads; i++)
        if (pthread_create(&thread, NULL, loop_run, NULL) != 0)
            die("pthread_create");
    loop_run(NULL);
    return 0;
}
