/*
 * wait.h - the server's side waits for another process. Private to helper/.
 */
#ifndef HELPER_WAIT_H
#define HELPER_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* False: nothing came in time (monotonic), or the other end is gone. */
bool wait_for_answer(int fd, uint64_t until_ms);

#endif
