/*
 * pot_ask.c - the server's side: one request, and what is answered.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "helper/pot.h"
#include "wait.h"

enum { GRACE_MS = 1000 }; /* for the other process itself, beside what the pot takes */

static bool send_request(int fd, const struct pot_request *request)
{
    ssize_t sent;

    do
        sent = send(fd, request, sizeof(*request), MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof(*request);
}

enum err pot_ask(int fd, const struct pot_request *request, uint32_t patience_ms, struct pot_answer *answer)
{
    uint64_t until_ms = clock_mono_ms() + patience_ms + GRACE_MS;

    *answer = (struct pot_answer){.err = ERR_IO};
    if (fd < 0 || !send_request(fd, request))
        return ERR_IO;
    do {
        if (!wait_for_answer(fd, until_ms) ||
            recv(fd, answer, sizeof(*answer), MSG_DONTWAIT | MSG_TRUNC) != (ssize_t)sizeof(*answer)) {
            *answer = (struct pot_answer){.err = ERR_IO};
            return ERR_IO;
        }
    } while (answer->number != request->number); /* too late for an earlier one */
    answer->text[sizeof(answer->text) - 1] = '\0';
    answer->state[sizeof(answer->state) - 1] = '\0';
    return answer->err < ERR_COUNT ? (enum err)answer->err : ERR_IO;
}
