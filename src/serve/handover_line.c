/*
 * handover_line.c - what the two processes of a hand-over say to each other: lines that carry descriptors.
 *
 * Every line of the old one's answer carries descriptors, but the last: so the kernel never puts two lines into one
 * receive, and which descriptors belong to which line needs no more framing.
 */
#include "handover_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

union ancillary {
    struct cmsghdr head;
    char room[CMSG_SPACE(FDS_A_LINE * sizeof(int))];
};

bool send_line(int to, const int *fds, unsigned count, const char *format, ...)
{
    char line[LINE_ROOM];
    union ancillary with = {
        .head = {.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec piece = {.iov_base = line};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    va_list args;

    va_start(args, format);
    piece.iov_len = (size_t)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (count) {
        memcpy(CMSG_DATA(&with.head), fds, count * sizeof(int));
        message.msg_control = with.room;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    }
    return piece.iov_len < sizeof(line) && sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)piece.iov_len;
}

bool receive_line(int from, char line[LINE_ROOM], int fds[FDS_A_LINE])
{
    union ancillary with;
    struct iovec piece = {.iov_base = line, .iov_len = LINE_ROOM - 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = with.room, .msg_controllen = sizeof(with.room)};
    ssize_t got = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;

    for (unsigned i = 0; i < FDS_A_LINE; i++)
        fds[i] = -1;
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
    if (got <= 0 || line[got - 1] != '\n')
        return false;
    line[got - 1] = '\0';
    return true;
}

void buf_wipe(struct buf *buf)
{
    if (buf->ptr)
        explicit_bzero(buf->ptr, buf->len);
    buf_release(buf);
}
