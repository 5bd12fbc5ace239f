/*
 * test_leave.c - clients that leave in the middle of everything, and a station that stays.
 *
 * What is looked for is memory used after it was freed and what is never given back: sanitizers see it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inn.h"

static void send_and_leave(struct inn *inn, const char *request, unsigned wait_us)
{
    int fd = inn_connect(inn);

    CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    if (wait_us)
        usleep(wait_us);
    close(fd);
}

static bool is_empty(struct inn *inn)
{
    for (unsigned i = 0; i < 5000; i++) {
        if (tally_get(&inn->station.tally.open_connections) == 1) /* the inn's own client */
            return true;
        usleep(1000);
    }
    return false;
}

static const char *const requests[] = {
    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",      /* a stream, made chunk by chunk */
    "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", /* by a worker: it is not in memory */
    "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n", /* hot before long */
    "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /small HTTP/1.1\r\nHost: local",
    "PUT /new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nnot all",
    "PUT /new HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "PUT /new HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "DELETE /none HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "OPTIONS /small HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
};

TEST(station__clients_that_leave_midway_leave_nothing_behind)
{
    struct inn *inn = inn_open("");
    char name[32];
    int fd;

    for (unsigned i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "a-name-among-many-%u", i);
        folder_write(&inn->folder, name, "");
    }
    folder_write(&inn->folder, "small", "hello");
    folder_write(&inn->folder, "large", "");
    fd = openat(inn->folder.fd, "large", O_WRONLY | O_CLOEXEC);
    CHECK_INT(ftruncate(fd, 4 * 1024 * 1024), 0);
    close(fd);
    for (unsigned i = 0; i < 200; i++)
        send_and_leave(inn, requests[i % 10], i % 7 * 300);
    CHECK(is_empty(inn));
    CHECK_INT(inn_get(inn, "/small"), 200);
    CHECK_SLICE(buf_slice(&inn->body), "hello");
    CHECK_STR(folder_read(&inn->folder, "new"), "(missing)");
    inn_close(inn);
}

TEST(station__ends_while_clients_are_served)
{
    for (unsigned round = 0; round < 5; round++) {
        struct inn *inn = inn_open("");
        int fds[20];

        folder_write(&inn->folder, "small", "hello");
        for (unsigned i = 0; i < 20; i++) {
            const char *request = requests[i % 10];

            fds[i] = inn_connect(inn);
            CHECK_INT(send(fds[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
        }
        usleep(round * 500);
        loop_stop(inn->station.loop);
        for (unsigned i = 0; i < 20; i++)
            close(fds[i]);
        inn_close(inn);
    }
}

TEST(station__says_the_date_as_http_does)
{
    struct inn *inn = inn_open("");

    CHECK_INT(inn_get(inn, "/none"), 404);
    CHECK_INT(strlen(inn_field(inn, "Date")), 29);
    CHECK(strstr(inn_field(inn, "Date"), " GMT"));
    inn_close(inn);
}
