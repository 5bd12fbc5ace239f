/*
 * test_loop.c - descriptors, tasks from other threads, and the loop's rounds.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "rounds.h"

/* ---- descriptors ---- */

struct twin {
    struct watch watch;
    struct loop *loop;
    struct twin *other;
    unsigned calls;
    bool unwatches_other;
};

static void twin_ready(struct watch *watch, uint32_t events)
{
    struct twin *twin = CONTAINER(watch, struct twin, watch);

    role_assert_loop();
    (void)events;
    twin->calls++;
    if (twin->unwatches_other && twin->other)
        loop_unwatch(twin->loop, &twin->other->watch);
    loop_unwatch(twin->loop, &twin->watch);
}

static void twin_init(struct twin *twin, struct loop *loop, struct twin *other, bool unwatches_other)
{
    role_assert_loop();
    *twin = (struct twin){.watch = {.fd = eventfd(1, EFD_CLOEXEC), .ready = twin_ready},
                          .loop = loop,
                          .other = other,
                          .unwatches_other = unwatches_other};
    CHECK_INT(loop_watch(loop, &twin->watch, EPOLLIN), 0);
}

static bool was_any_called(void *arg)
{
    struct twin *twins = arg;

    return twins[0].calls + twins[1].calls > 0;
}

static unsigned calls_of_twins(bool unwatches_other)
{
    struct loop *loop = loop_new();
    struct twin twins[2];

    twin_init(&twins[0], loop, &twins[1], unwatches_other);
    twin_init(&twins[1], loop, &twins[0], unwatches_other);
    CHECK(rounds_until(loop, was_any_called, twins));
    close(twins[0].watch.fd);
    close(twins[1].watch.fd);
    loop_free(loop);
    return twins[0].calls + twins[1].calls;
}

TEST(loop__both_ready_descriptors_are_told_in_one_round)
{
    CHECK_INT(calls_of_twins(false), 2);
}

TEST(loop__unwatched_in_the_same_round_is_not_told)
{
    CHECK_INT(calls_of_twins(true), 1);
}

TEST(loop__a_descriptor_that_cannot_be_watched_says_why)
{
    struct loop *loop = loop_new();
    struct watch closed = {.fd = -1, .ready = twin_ready};
    struct twin twin;

    role_assert_loop();
    CHECK_INT(loop_watch(loop, &closed, EPOLLIN), EBADF);
    twin_init(&twin, loop, NULL, false);
    CHECK_INT(loop_watch(loop, &twin.watch, EPOLLIN), EEXIST);
    loop_unwatch(loop, &twin.watch);
    CHECK_INT(loop_watch(loop, &twin.watch, EPOLLIN), 0);
    close(twin.watch.fd);
    loop_free(loop);
}

/* ---- rounds ---- */

static struct loop *counted_loop;

static bool count_to_ten(void *arg)
{
    unsigned *rounds = arg;

    if (++*rounds == 10)
        loop_stop(counted_loop);
    return true;
}

TEST(loop__a_hasty_round_follows_without_anything_happening)
{
    unsigned rounds = 0;

    counted_loop = loop_new();
    loop_each_round(counted_loop, count_to_ten, &rounds);
    rounds_run(counted_loop);
    CHECK_INT(rounds, 10);
    loop_free(counted_loop);
}

static void *stop_from_outside(void *loop)
{
    usleep(20000);
    loop_stop(loop);
    return NULL;
}

TEST(loop__stop_from_another_thread_wakes_a_sleeping_loop)
{
    struct loop *loop = loop_new();
    pthread_t thread;

    CHECK_INT(pthread_create(&thread, NULL, stop_from_outside, loop), 0);
    loop_run(loop, "unit-loop");
    pthread_join(thread, NULL);
    loop_free(loop);
}

TEST(loop__stopped_before_it_runs_does_not_run)
{
    struct loop *loop = loop_new();

    loop_stop(loop);
    loop_run(loop, "unit-loop");
    loop_free(loop);
}

/* ---- tasks ---- */

enum { POSTERS = 4, TASKS_EACH = 2000 };

struct posted {
    struct task task;
    struct poster *poster;
    unsigned number;
};

struct poster {
    pthread_t thread;
    struct loop *loop;
    struct posted tasks[TASKS_EACH];
    unsigned came; /* loop only */
    bool was_in_order, was_on_loop;
};

static pthread_t loop_thread;

static void posted_run(struct task *task)
{
    struct posted *posted = CONTAINER(task, struct posted, task);
    struct poster *poster = posted->poster;

    role_assert_loop();
    if (posted->number != poster->came++)
        poster->was_in_order = false;
    if (!pthread_equal(pthread_self(), loop_thread))
        poster->was_on_loop = false;
}

static void *poster_main(void *arg)
{
    struct poster *poster = arg;

    for (unsigned i = 0; i < TASKS_EACH; i++) {
        poster->tasks[i] = (struct posted){.task.run = posted_run, .poster = poster, .number = i};
        loop_post(poster->loop, &poster->tasks[i].task);
    }
    return NULL;
}

static bool have_all_come(void *arg)
{
    struct poster *posters = arg;
    unsigned came = 0;

    for (unsigned i = 0; i < POSTERS; i++)
        came += posters[i].came;
    return came == POSTERS * TASKS_EACH;
}

TEST(loop__tasks_from_threads_all_run_on_the_loop_in_each_threads_order)
{
    static struct poster posters[POSTERS];
    struct loop *loop = loop_new();

    loop_thread = pthread_self();
    for (unsigned i = 0; i < POSTERS; i++) {
        posters[i].loop = loop;
        posters[i].was_in_order = posters[i].was_on_loop = true;
        CHECK_INT(pthread_create(&posters[i].thread, NULL, poster_main, &posters[i]), 0);
    }
    CHECK(rounds_until(loop, have_all_come, posters));
    for (unsigned i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
        CHECK_INT(posters[i].came, TASKS_EACH);
        CHECK(posters[i].was_in_order);
        CHECK(posters[i].was_on_loop);
    }
    loop_free(loop);
}

static unsigned reposts;
static struct loop *repost_loop;

static void post_again(struct task *task)
{
    if (++reposts < 5)
        loop_post(repost_loop, task); /* it is ours again since run() was called */
}

static bool is_reposted(void *arg)
{
    (void)arg;
    return reposts == 5;
}

TEST(loop__a_task_may_post_itself_again)
{
    struct task task = {.run = post_again};

    reposts = 0;
    repost_loop = loop_new();
    loop_post(repost_loop, &task);
    CHECK(rounds_until(repost_loop, is_reposted, NULL));
    loop_free(repost_loop);
}
