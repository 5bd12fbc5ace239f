/*
 * wait.c - see wait.h.
 */
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "wait.h"

bool wait_for_answer(int fd, uint64_t until_ms)
{
    for (;;) {
        uint64_t now = clock_mono_ms();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int got = now < until_ms ? poll(&poll_fd, 1, (int)(until_ms - now)) : 0;

        if (got > 0)
            return poll_fd.revents & POLLIN;
        if (got == 0 || errno != EINTR)
            return false;
    }
}
