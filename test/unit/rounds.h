/*
 * rounds.h - runs a loop in the test's own thread until something is true.
 *
 * A loop runs once, so one call a loop. Afterwards every job that was sent off is at home, and nothing leaks.
 */
#ifndef TEST_ROUNDS_H
#define TEST_ROUNDS_H

#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "check.h"
#include "loop/loop.h"

enum { ROUNDS_SECONDS_MAX = 20 }; /* a test that needs longer hangs */

struct rounds {
    struct loop *loop;
    bool (*is_done)(void *arg);
    void *arg;
    bool is_late;
    struct watch alarm; /* not a timer of the loop: that may be what is tested */
};

static inline struct pool *rounds_pool(void)
{
    const unsigned threads[LANE_COUNT] = {1, 1, 1};

    return pool_new(threads);
}

static inline bool rounds_look(void *arg)
{
    struct rounds *rounds = arg;

    if (rounds->is_done(rounds->arg))
        loop_stop(rounds->loop);
    return false;
}

static inline void rounds_alarm(struct watch *watch, uint32_t events)
{
    struct rounds *rounds = CONTAINER(watch, struct rounds, alarm);

    (void)events;
    rounds->is_late = true;
    loop_stop(rounds->loop);
}

static inline void rounds_start(struct task *task)
{
    (void)task; /* it is enough that a round takes place */
}

/* Runs until a callback stops it; the first round takes place at once. */
static inline void rounds_run(struct loop *loop)
{
    struct task start = {.run = rounds_start};

    loop_post(loop, &start);
    loop_run(loop, "unit-loop");
    role_assert_loop();
    loop_settle(loop);
    role_take(ROLE_ANY, "unit-test");
}

/* True when is_done(arg) became true, looked at after each round; false when it took far too long. */
static inline bool rounds_until(struct loop *loop, bool (*is_done)(void *), void *arg)
{
    struct rounds rounds = {.loop = loop, .is_done = is_done, .arg = arg};
    struct itimerspec late = {.it_value.tv_sec = ROUNDS_SECONDS_MAX};

    role_assert_loop();
    rounds.alarm.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    rounds.alarm.ready = rounds_alarm;
    timerfd_settime(rounds.alarm.fd, 0, &late, NULL);
    loop_watch(loop, &rounds.alarm, EPOLLIN);
    loop_each_round(loop, rounds_look, &rounds);
    rounds_run(loop);
    close(rounds.alarm.fd);
    return !rounds.is_late;
}

#endif
