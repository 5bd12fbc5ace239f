/*
 * tls_kernel.c - can this kernel encrypt for us (kTLS)? And what only it can be asked to send.
 *
 * Only a connected TCP socket tells, so one is made on loopback, once, before the sandbox is entered.
 */
#include "tls_private.h"

#include <errno.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

static char report[96];
static bool is_able;

/* A connected one, or -1; `listening` must be open as long as it is used. */
static int connected_to(int listening)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    FD_GUARD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listening < 0 || fd < 0 || bind(listening, (struct sockaddr *)&addr, len) || listen(listening, 1) ||
        getsockname(listening, (struct sockaddr *)&addr, &len) || connect(fd, (struct sockaddr *)&addr, len))
        return -1;
    return fd_take(&fd);
}

static void probe(void)
{
    FD_GUARD listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FD_GUARD fd = connected_to(listening);

#ifdef OPENSSL_NO_KTLS
    snprintf(report, sizeof(report), "kTLS: off, OpenSSL was built without it");
    return;
#endif
    is_able = fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls") - 1) == 0;
    if (is_able)
        snprintf(report, sizeof(report), "kTLS: on");
    else if (fd < 0)
        snprintf(report, sizeof(report), "kTLS: off, it could not be tried on loopback");
    else
        snprintf(report, sizeof(report), "kTLS: off, %s",
                 errno == ENOENT ? "the kernel's module tls is not loaded" : "the kernel has none");
}

bool kernel_encrypts(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, probe);
    return is_able;
}

const char *tls_kernel_report(void)
{
    kernel_encrypts();
    return report;
}

bool tls_goodbye_below(int fd)
{
    unsigned char alert[2] = {SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY}, type = SSL3_RT_ALERT;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(type))];
    } control = {0};
    struct iovec piece = {alert, sizeof(alert)};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};

    control.head = (struct cmsghdr){CMSG_LEN(sizeof(type)), SOL_TLS, TLS_SET_RECORD_TYPE};
    *CMSG_DATA(&control.head) = type;
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(alert);
}
