/*
 * test_timers.c - timers: coarse, never early, and free to be changed while they fire.
 */
#include <signal.h>

#include "clock.h"
#include "rounds.h"

static struct loop *stuck_loop;
static volatile sig_atomic_t was_stuck;

enum { TIMERS_MAX = 16, SECOND = 1000 };

/* Timers of one loop, and what became of them. */
struct clockwork {
    struct loop *loop;
    struct alarm {
        struct timer timer;
        struct clockwork *works;
        uint64_t set_ms, after_ms, fired_ms;
        unsigned fired, order;
    } alarms[TIMERS_MAX];
    unsigned count, fired, wanted;
    uint64_t step_ms, to_pass_ms; /* how the clock moves in each round, and how far */
};

static void alarm_fire(struct timer *timer)
{
    struct alarm *alarm = CONTAINER(timer, struct alarm, timer);

    role_assert_loop();
    alarm->fired++;
    alarm->order = alarm->works->fired++;
    alarm->fired_ms = loop_now_ms(alarm->works->loop);
}

static struct alarm *alarm_add(struct clockwork *works, uint64_t after_ms)
{
    struct alarm *alarm = &works->alarms[works->count++];

    role_assert_loop();
    *alarm = (struct alarm){
        .works = works, .after_ms = after_ms, .set_ms = loop_now_ms(works->loop), .timer.fire = alarm_fire};
    timer_set(works->loop, &alarm->timer, after_ms);
    return alarm;
}

static bool have_all_fired(void *arg)
{
    struct clockwork *works = arg;

    return works->fired >= works->wanted;
}

/* Runs until all have fired, and looks at each: once, and not before its time. */
static void run_all(struct clockwork *works)
{
    works->wanted = works->count;
    CHECK(rounds_until(works->loop, have_all_fired, works));
    for (unsigned i = 0; i < works->count; i++) {
        CHECK_INT(works->alarms[i].fired, 1);
        CHECK(works->alarms[i].fired_ms >= works->alarms[i].set_ms + works->alarms[i].after_ms);
    }
    loop_free(works->loop);
}

TEST(timer__is_never_early)
{
    static const uint64_t afters[] = {0, 1, 2, 63, 127, 128, 129, 255, 256, 257, 300, 511};
    struct clockwork works = {.loop = loop_new()};

    for (unsigned i = 0; i < sizeof(afters) / sizeof(afters[0]); i++)
        alarm_add(&works, afters[i]);
    run_all(&works);
}

TEST(timer__what_is_due_earlier_fires_no_later)
{
    struct clockwork works = {.loop = loop_new()};
    struct alarm *late = alarm_add(&works, 400), *soon = alarm_add(&works, 100);

    run_all(&works);
    CHECK(soon->order < late->order);
}

static void fire_and_stop(struct timer *timer)
{
    alarm_fire(timer);
    loop_stop(CONTAINER(timer, struct alarm, timer)->works->loop);
}

static void give_up(int signal)
{
    (void)signal;
    was_stuck = true;
    loop_stop(stuck_loop);
}

/* The time until the first slot is negative then, which to epoll_wait() means for ever. */
TEST(timer__due_before_the_loop_ran_fires_at_once)
{
    struct clockwork works = {.loop = loop_new()};
    struct alarm *alarm = alarm_add(&works, 10);

    alarm->timer.fire = fire_and_stop;
    clock_add_ms(SECOND);
    stuck_loop = works.loop;
    signal(SIGALRM, give_up);
    ualarm(900000, 0);
    loop_run(works.loop, "unit-loop");
    ualarm(0, 0);
    CHECK_FALSE(was_stuck);
    CHECK_INT(alarm->fired, 1);
    loop_free(works.loop);
}

/* ---- a clock that runs ---- */

static bool move_clock(void *arg)
{
    struct clockwork *works = arg;

    clock_add_ms(works->step_ms);
    if (works->to_pass_ms <= works->step_ms)
        loop_stop(works->loop);
    works->to_pass_ms -= works->step_ms;
    return true; /* no sleep: the time that passes is ours */
}

static void pass_time(struct clockwork *works, uint64_t step_ms, uint64_t to_pass_ms)
{
    works->step_ms = step_ms;
    works->to_pass_ms = to_pass_ms;
    loop_each_round(works->loop, move_clock, works);
    rounds_run(works->loop);
}

TEST(timer__longer_than_a_turn_of_the_wheel_waits_for_its_turn)
{
    static const uint64_t afters_s[] = {64, 65, 66, 70, 131, 200};
    struct clockwork works = {.loop = loop_new()};

    for (unsigned i = 0; i < sizeof(afters_s) / sizeof(afters_s[0]); i++)
        alarm_add(&works, afters_s[i] * SECOND);
    pass_time(&works, 50, 201 * SECOND);
    for (unsigned i = 0; i < works.count; i++) {
        uint64_t due = works.alarms[i].set_ms + works.alarms[i].after_ms;

        CHECK_INT(works.alarms[i].fired, 1);
        CHECK(works.alarms[i].fired_ms >= due);
        CHECK(works.alarms[i].fired_ms <= due + 500); /* a slot, a step, and what the machine took */
    }
    loop_free(works.loop);
}

TEST(timer__a_sleep_longer_than_a_turn_fires_what_is_due_and_nothing_else)
{
    struct clockwork works = {.loop = loop_new()};
    struct alarm *soon = alarm_add(&works, 3 * SECOND), *late = alarm_add(&works, 900 * SECOND),
                 *later = alarm_add(&works, 3000 * SECOND);

    pass_time(&works, 1000 * SECOND, 2000 * SECOND);
    CHECK_INT(soon->fired, 1);
    CHECK_INT(late->fired, 1);
    CHECK_INT(later->fired, 0);
    role_assert_loop();
    timer_cancel(works.loop, &later->timer);
    loop_free(works.loop);
}

/* ---- changed while they fire ---- */

struct pair {
    struct alarm *mine, *others[2];
};
static struct pair pair;

static void cancel_the_others(struct timer *timer)
{
    struct alarm *alarm = CONTAINER(timer, struct alarm, timer);

    alarm_fire(timer);
    role_assert_loop();
    timer_cancel(alarm->works->loop, &pair.others[0]->timer);
    timer_cancel(alarm->works->loop, &pair.others[1]->timer);
    timer_cancel(alarm->works->loop, &pair.others[1]->timer); /* twice does no harm */
}

TEST(timer__cancelled_by_another_that_is_due_at_once_does_not_fire)
{
    struct clockwork works = {.loop = loop_new()};

    pair.mine = alarm_add(&works, 100);
    pair.mine->timer.fire = cancel_the_others;
    pair.others[0] = alarm_add(&works, 100);
    pair.others[1] = alarm_add(&works, 100);
    pass_time(&works, 300, 1200);
    CHECK_INT(pair.mine->fired, 1);
    CHECK_INT(pair.others[0]->fired, 0);
    CHECK_INT(pair.others[1]->fired, 0);
    loop_free(works.loop);
}

static void move_the_other(struct timer *timer)
{
    struct alarm *alarm = CONTAINER(timer, struct alarm, timer);

    alarm_fire(timer);
    role_assert_loop();
    pair.others[0]->set_ms = loop_now_ms(alarm->works->loop);
    pair.others[0]->after_ms = 5 * SECOND;
    timer_set(alarm->works->loop, &pair.others[0]->timer, 5 * SECOND);
}

TEST(timer__moved_by_another_that_is_due_at_once_fires_once_and_later)
{
    struct clockwork works = {.loop = loop_new()};

    pair.mine = alarm_add(&works, 100);
    pair.mine->timer.fire = move_the_other;
    pair.others[0] = alarm_add(&works, 100);
    pass_time(&works, 100, 8 * SECOND);
    CHECK_INT(pair.mine->fired, 1);
    CHECK_INT(pair.others[0]->fired, 1);
    CHECK(pair.others[0]->fired_ms >= pair.others[0]->set_ms + 5 * SECOND);
    loop_free(works.loop);
}

static void set_again(struct timer *timer)
{
    struct alarm *alarm = CONTAINER(timer, struct alarm, timer);

    alarm_fire(timer);
    role_assert_loop();
    timer_set(alarm->works->loop, timer, 0);
}

TEST(timer__that_sets_itself_again_does_not_keep_the_loop_from_its_rounds)
{
    struct clockwork works = {.loop = loop_new()};
    struct alarm *alarm = alarm_add(&works, 0);

    alarm->timer.fire = set_again;
    pass_time(&works, 128, 20 * 128);
    CHECK(alarm->fired >= 10 && alarm->fired <= 25);
    role_assert_loop();
    timer_cancel(works.loop, &alarm->timer);
    loop_free(works.loop);
}

TEST(timer__set_again_before_it_fired_counts_from_then)
{
    struct clockwork works = {.loop = loop_new()};
    struct alarm *alarm = alarm_add(&works, 100);

    role_assert_loop();
    alarm->after_ms = 500;
    timer_set(works.loop, &alarm->timer, 500);
    run_all(&works);
}

TEST(timer__cancelling_one_that_was_never_set_is_fine)
{
    struct loop *loop = loop_new();
    struct timer timer = {0};

    role_assert_loop();
    timer_cancel(loop, &timer);
    loop_free(loop);
}
