/*
 * test_pool.c - jobs: acted on by workers, at home with their loop, and at most so many at once.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "clock.h"
#include "rounds.h"

/* ---- coming home ---- */

enum { ERRANDS = 300 };

struct sender {
    pthread_t thread;
    struct loop *loop;
    struct pool *pool;
    struct errand {
        struct job job;
        struct sender *sender;
        bool was_acted;
        enum role role;
    } errands[ERRANDS];
    unsigned home;
    bool is_right;
};

static void errand_act(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);

    role_assert_worker();
    errand->role = role_of_thread();
    errand->was_acted = true;
    arena_alloc(&job->arena, 10);
}

static void errand_done(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);
    struct sender *sender = errand->sender;

    role_assert_loop();
    if (!errand->was_acted || errand->role != ROLE_WORKER || !pthread_equal(pthread_self(), sender->thread))
        sender->is_right = false;
    arena_release(&job->arena);
    if (++sender->home == ERRANDS)
        loop_stop(sender->loop);
}

static void *sender_main(void *arg)
{
    struct sender *sender = arg;

    for (unsigned i = 0; i < ERRANDS; i++) {
        struct errand *errand = &sender->errands[i];

        errand->sender = sender;
        errand->job = (struct job){.home = sender->loop, .act = errand_act, .done = errand_done};
        pool_submit(sender->pool, (enum lane)(i % LANE_COUNT), &errand->job);
    }
    loop_run(sender->loop, "sender");
    return NULL;
}

TEST(pool__jobs_come_home_to_the_loop_that_sent_them)
{
    static struct sender senders[2];
    const unsigned threads[LANE_COUNT] = {3, 2, 4};
    struct pool *pool = pool_new(threads);

    for (unsigned i = 0; i < 2; i++) {
        senders[i] = (struct sender){.loop = loop_new(), .pool = pool, .is_right = true};
        CHECK_INT(pthread_create(&senders[i].thread, NULL, sender_main, &senders[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(senders[i].thread, NULL);
        CHECK_INT(senders[i].home, ERRANDS);
        CHECK(senders[i].is_right);
    }
    pool_free(pool);
    for (unsigned i = 0; i < 2; i++)
        loop_free(senders[i].loop);
}

/* ---- how many at once ---- */

enum { CROWD = 24 };

struct crowd {
    struct job jobs[CROWD];
    unsigned home;
};

static atomic_uint at_work, most_at_work, wanted_at_work;

static void raise_to(atomic_uint *most, unsigned now)
{
    unsigned before = atomic_load(most);

    while (before < now && !atomic_compare_exchange_weak(most, &before, now))
        ;
}

/* Stays until as many as are allowed are at work together, so that fewer would show. */
static void crowd_act(struct job *job)
{
    (void)job;
    raise_to(&most_at_work, atomic_fetch_add(&at_work, 1) + 1);
    for (unsigned i = 0; i < 2000 && atomic_load(&most_at_work) < atomic_load(&wanted_at_work); i++)
        usleep(1000);
    usleep(500);
    atomic_fetch_sub(&at_work, 1);
}

static struct crowd crowd;

static void crowd_done(struct job *job)
{
    (void)job;
    crowd.home++;
}

static bool is_crowd_home(void *arg)
{
    (void)arg;
    return crowd.home == CROWD;
}

static unsigned most_in_lane(enum lane lane, const unsigned threads[LANE_COUNT], unsigned wanted)
{
    struct loop *loop = loop_new();
    struct pool *pool = pool_new(threads);

    crowd = (struct crowd){0};
    atomic_store(&at_work, 0);
    atomic_store(&most_at_work, 0);
    atomic_store(&wanted_at_work, wanted);
    for (unsigned i = 0; i < CROWD; i++) {
        crowd.jobs[i] = (struct job){.home = loop, .act = crowd_act, .done = crowd_done};
        pool_submit(pool, lane, &crowd.jobs[i]);
    }
    CHECK(rounds_until(loop, is_crowd_home, NULL));
    pool_free(pool);
    loop_free(loop);
    return atomic_load(&most_at_work);
}

TEST(pool__a_lane_uses_as_many_threads_as_it_may_and_no_more)
{
    const unsigned threads[LANE_COUNT] = {3, 1, 5};

    CHECK_INT(most_in_lane(LANE_QUICK, threads, 3), 3);
    CHECK_INT(most_in_lane(LANE_SLOW, threads, 1), 1);
    CHECK_INT(most_in_lane(LANE_COMMIT, threads, 5), 5);
}

TEST(pool__a_lane_without_a_number_has_one_thread)
{
    const unsigned threads[LANE_COUNT] = {0, 0, 0};

    CHECK_INT(most_in_lane(LANE_QUICK, threads, 1), 1);
}

/* ---- lanes do not hold each other up ---- */

static sem_t gate;
static unsigned blocked_home, free_home;

static void blocked_act(struct job *job)
{
    (void)job;
    sem_wait(&gate);
}

static void blocked_done(struct job *job)
{
    (void)job;
    blocked_home++;
}

static void free_act(struct job *job)
{
    (void)job;
}

static void free_done(struct job *job)
{
    (void)job;
    free_home++;
    sem_post(&gate);
}

static bool are_both_home(void *arg)
{
    (void)arg;
    return blocked_home == 1 && free_home == 1;
}

TEST(pool__a_lane_that_waits_does_not_hold_up_another)
{
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    struct job blocked = {.home = loop, .act = blocked_act, .done = blocked_done};
    struct job passing = {.home = loop, .act = free_act, .done = free_done};

    blocked_home = free_home = 0;
    sem_init(&gate, 0, 0);
    pool_submit(pool, LANE_SLOW, &blocked);
    pool_submit(pool, LANE_QUICK, &passing);
    CHECK(rounds_until(loop, are_both_home, NULL));
    pool_free(pool);
    loop_free(loop);
    sem_destroy(&gate);
}

TEST(pool__waiting_counts_what_no_thread_has_taken_and_the_end_finishes_it)
{
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    struct job jobs[4];

    sem_init(&gate, 0, 0);
    for (unsigned i = 0; i < 4; i++) {
        jobs[i] = (struct job){.home = loop, .act = blocked_act, .done = blocked_done};
        pool_submit(pool, LANE_QUICK, &jobs[i]);
    }
    for (unsigned i = 0; i < 5000 && pool_waiting(pool, LANE_QUICK) > 3; i++)
        usleep(1000);
    CHECK_INT(pool_waiting(pool, LANE_QUICK), 3);
    CHECK_INT(pool_waiting(pool, LANE_SLOW), 0);
    for (unsigned i = 0; i < 4; i++)
        sem_post(&gate);
    pool_free(pool); /* returns only after all four were acted on: no post is left */
    CHECK_INT(sem_trywait(&gate), -1);
    loop_free(loop);
    sem_destroy(&gate);
}

TEST(pool__a_lane_where_nothing_moves_shows_since_when)
{
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    struct job jobs[3];
    struct lane_look look = pool_look(pool, LANE_SLOW);

    CHECK_STR(look.name, "slow");
    CHECK_INT(look.threads, 0);
    CHECK_U64(look.stuck_ms, 0);
    sem_init(&gate, 0, 0);
    for (unsigned i = 0; i < 3; i++) {
        jobs[i] = (struct job){.home = loop, .act = blocked_act, .done = blocked_done};
        pool_submit(pool, LANE_SLOW, &jobs[i]);
    }
    for (unsigned i = 0; i < 5000 && pool_waiting(pool, LANE_SLOW) > 2; i++)
        usleep(1000);
    clock_add_ms(40000);
    look = pool_look(pool, LANE_SLOW);
    CHECK_INT(look.waiting, 2);
    CHECK_INT(look.busy, 1);
    CHECK_U64(look.taken, 1);
    CHECK(look.stuck_ms >= 40000);
    for (unsigned i = 0; i < 3; i++)
        sem_post(&gate);
    for (unsigned i = 0; i < 5000 && pool_look(pool, LANE_SLOW).taken < 3; i++)
        usleep(1000);
    look = pool_look(pool, LANE_SLOW);
    CHECK_U64(look.taken, 3);
    CHECK_U64(look.stuck_ms, 0);
    pool_free(pool);
    loop_free(loop);
    sem_destroy(&gate);
}

/* ---- settling ---- */

static bool is_true(void *arg)
{
    return *(bool *)arg;
}

static void slow_act(struct job *job)
{
    (void)job;
    usleep(20000);
}

struct round_trips {
    struct job job;
    unsigned home;
};

static void again_done(struct job *job)
{
    CONTAINER(job, struct round_trips, job)->home++;
}

TEST(loop__settles_only_when_every_job_is_home)
{
    struct loop *loop = loop_new();
    struct pool *pool = rounds_pool();
    struct round_trips trips = {.job = {.home = loop, .act = slow_act, .done = again_done}};
    bool yes = true;

    pool_submit(pool, LANE_SLOW, &trips.job);
    CHECK(rounds_until(loop, is_true, &yes));
    CHECK_INT(trips.home, 1);
    pool_free(pool);
    loop_free(loop);
}
