/*
 * pool.c - the workers: a queue and a few threads a lane.
 *
 * A lane's threads are made one by one as jobs find none idle, so a server that only answers from its hot
 * cache has none at all, and a start costs nothing.
 */
#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "loop_private.h"

enum { STACK_BYTES = 512 * 1024 }; /* deep enough for the libraries that workers call */

struct worker_lane {
    struct pool *pool;
    const char *name;
    struct link queue;
    unsigned waiting, idle, threads, threads_max;
    uint64_t taken, moved_ms; /* when a job was taken up last, or came when none waited */
    pthread_cond_t filled;
    pthread_t *ids;
};

struct pool {
    pthread_mutex_t lock;
    bool is_closing;
    struct worker_lane lanes[LANE_COUNT];
};

static const char *const lane_names[LANE_COUNT] = {"quick", "slow", "commit", "crypto", "aside"};

static struct job *next_job(struct worker_lane *lane)
{
    struct pool *pool = lane->pool;
    struct link *link;

    pthread_mutex_lock(&pool->lock);
    lane->idle++;
    while (list_is_empty(&lane->queue) && !pool->is_closing)
        pthread_cond_wait(&lane->filled, &pool->lock);
    lane->idle--;
    link = list_shift(&lane->queue);
    if (link) {
        lane->waiting--;
        lane->taken++;
        lane->moved_ms = clock_mono_ms();
    }
    pthread_mutex_unlock(&pool->lock);
    return link ? CONTAINER(link, struct job, link) : NULL;
}

static void *worker_main(void *arg)
{
    struct worker_lane *lane = arg;
    struct job *job;

    role_take(ROLE_WORKER, lane->name);
    while ((job = next_job(lane))) {
        job->act(job);
        loop_take_home(job->home, job);
    }
    return NULL;
}

struct pool *pool_new(const unsigned threads[LANE_COUNT])
{
    struct pool *pool = xcalloc(1, sizeof(*pool));

    pthread_mutex_init(&pool->lock, NULL);
    for (unsigned i = 0; i < LANE_COUNT; i++) {
        struct worker_lane *lane = &pool->lanes[i];

        lane->pool = pool;
        lane->name = lane_names[i];
        lane->threads_max = threads[i] ? threads[i] : 1;
        lane->ids = xcalloc(lane->threads_max, sizeof(*lane->ids));
        list_init(&lane->queue);
        pthread_cond_init(&lane->filled, NULL);
    }
    return pool;
}

/* Signals are the main thread's business: a worker starts with all of them blocked. */
static void lane_grow(struct worker_lane *lane)
{
    pthread_attr_t attr;
    sigset_t all, before;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&lane->ids[lane->threads], &attr, worker_main, lane) == 0) {
        lane->threads++;
    } else if (lane->threads == 0) {
        fprintf(stderr, "samovar: cannot make a worker thread\n");
        abort();
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
}

void pool_submit(struct pool *pool, enum lane which, struct job *job)
{
    struct worker_lane *lane = &pool->lanes[which];
    bool is_awaited;

    loop_send_away(job->home);
    pthread_mutex_lock(&pool->lock);
    list_append(&lane->queue, &job->link);
    if (lane->waiting++ == 0)
        lane->moved_ms = clock_mono_ms();
    if (lane->waiting > lane->idle && lane->threads < lane->threads_max)
        lane_grow(lane);
    is_awaited = lane->idle > 0;
    pthread_mutex_unlock(&pool->lock);
    if (is_awaited) /* whoever wakes finds the mutex free; a worker that is busy looks at the queue before it sleeps */
        pthread_cond_signal(&lane->filled);
}

unsigned pool_waiting(struct pool *pool, enum lane which)
{
    unsigned waiting;

    pthread_mutex_lock(&pool->lock);
    waiting = pool->lanes[which].waiting;
    pthread_mutex_unlock(&pool->lock);
    return waiting;
}

struct lane_look pool_look(struct pool *pool, enum lane which)
{
    const struct worker_lane *lane = &pool->lanes[which];
    struct lane_look look = {.name = lane->name};

    pthread_mutex_lock(&pool->lock);
    look.waiting = lane->waiting;
    look.threads = lane->threads;
    look.busy = lane->threads - (lane->idle < lane->threads ? lane->idle : lane->threads);
    look.taken = lane->taken;
    if (lane->waiting)
        look.stuck_ms = clock_mono_ms() - lane->moved_ms;
    pthread_mutex_unlock(&pool->lock);
    return look;
}

void pool_free(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    for (unsigned i = 0; i < LANE_COUNT; i++)
        pthread_cond_broadcast(&pool->lanes[i].filled);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < LANE_COUNT; i++) {
        struct worker_lane *lane = &pool->lanes[i];

        for (unsigned k = 0; k < lane->threads; k++)
            pthread_join(lane->ids[k], NULL);
        free(lane->ids);
        pthread_cond_destroy(&lane->filled);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
