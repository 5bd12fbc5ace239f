/*
 * clock.h - the monotonic clock as the tests want it: what the system says, and as much as was added.
 */
#ifndef TEST_LOOP_CLOCK_H
#define TEST_LOOP_CLOCK_H

#include <stdint.h>

void clock_add_ms(uint64_t ms);

#endif
