/*
 * firewall_ask.c - the server's side: one request, and what is answered.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "helper/firewall.h"
#include "wait.h"

enum { PATIENCE_MS = 5000 }; /* for each answer: far more than the kernel takes for the largest set */

/* The next message of the right size; false: there is none. */
static bool receive(int fd, struct firewall_answer *answer)
{
    ssize_t got;

    do {
        if (!wait_for_answer(fd, clock_mono_ms() + PATIENCE_MS))
            return false;
        got = recv(fd, answer, sizeof(*answer), MSG_DONTWAIT | MSG_TRUNC);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    return got == (ssize_t)sizeof(*answer);
}

/* A program that hangs leaves requests lying: once there is no room for more, it is silent as much as ever. */
static bool send_request(int fd, const struct firewall_request *request)
{
    ssize_t sent;

    do
        sent = send(fd, request, sizeof(*request), MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof(*request);
}

enum err firewall_ask(int fd, const struct firewall_request *request,
                      void (*each)(const struct firewall_answer *answer, void *arg), void *arg)
{
    struct firewall_answer answer;

    if (!send_request(fd, request))
        return ERR_IO;
    for (;;) {
        if (!receive(fd, &answer))
            return ERR_IO;
        if (answer.number != request->number)
            continue; /* it was too late for an earlier request */
        answer.text[sizeof(answer.text) - 1] = '\0';
        if (answer.err >= ERR_COUNT ||
            (answer.address.family && answer.address.family != AF_INET && answer.address.family != AF_INET6))
            return ERR_IO;
        if (each)
            each(&answer, arg);
        if (answer.is_last)
            return (enum err)answer.err;
    }
}
