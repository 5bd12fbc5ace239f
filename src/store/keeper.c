/*
 * keeper.c - chores of the store, on a thread of their own.
 */
#include "keeper.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/role.h"

void keeper_init(struct keeper *keeper, bool (*empty_trash)(void *), void *arg)
{
    pthread_condattr_t monotonic;

    *keeper = (struct keeper){.empty_trash = empty_trash, .arg = arg};
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

enum { BATCH_MS = 10 }; /* one waking for all that come due within */

static void close_due(struct keeper *keeper, uint64_t now)
{
    while (keeper->count && keeper->ring[keeper->first].due_ms <= now) {
        close(keeper->ring[keeper->first].fd);
        keeper->first = (keeper->first + 1) % LINGER_MAX;
        keeper->count--;
    }
}

static void wait_until(struct keeper *keeper, uint64_t due_ms)
{
    struct timespec due = {.tv_sec = (time_t)(due_ms / 1000), .tv_nsec = (long)(due_ms % 1000) * 1000000};

    pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &due);
}

static void empty_trash(struct keeper *keeper)
{
    bool more;

    keeper->has_trash = false;
    pthread_mutex_unlock(&keeper->mutex);
    more = keeper->empty_trash(keeper->arg);
    pthread_mutex_lock(&keeper->mutex);
    keeper->has_trash |= more;
}

static void look_again(struct keeper *keeper, uint64_t now)
{
    if (!keeper->again_ms || keeper->again_ms > now)
        return;
    keeper->again_ms = 0;
    keeper->has_trash = true;
}

static void *keeper_run(void *arg)
{
    struct keeper *keeper = arg;

    role_take(ROLE_WORKER, "store-keeper");
    pthread_mutex_lock(&keeper->mutex);
    while (!keeper->is_stopping) {
        close_due(keeper, clock_mono_ms());
        look_again(keeper, clock_mono_ms());
        if (keeper->has_trash)
            empty_trash(keeper);
        else if (keeper->count)
            wait_until(keeper, keeper->ring[keeper->first].due_ms + BATCH_MS);
        else if (keeper->again_ms)
            wait_until(keeper, keeper->again_ms);
        else
            pthread_cond_wait(&keeper->wake, &keeper->mutex);
    }
    pthread_mutex_unlock(&keeper->mutex);
    return NULL;
}

/* Without a thread the chores wait for the next caller; nothing is lost but a little promptness. */
static void wake(struct keeper *keeper)
{
    if (!keeper->has_thread)
        keeper->has_thread = pthread_create(&keeper->thread, NULL, keeper_run, keeper) == 0;
    pthread_cond_signal(&keeper->wake);
}

void keeper_close(struct keeper *keeper, int fd, int64_t born_ns)
{
    int64_t age_ms = (clock_real_ns() - born_ns) / 1000000;
    uint64_t now = clock_mono_ms();

    if (fd < 0)
        return;
    if (born_ns == 0 || age_ms < 0 || age_ms > LINGER_MS) {
        close(fd);
        return;
    }
    pthread_mutex_lock(&keeper->mutex);
    if (keeper->count == LINGER_MAX) { /* the oldest is due within LINGER_MS: everybody behind waits that long */
        usleep(LINGER_MS * 1000);
        close_due(keeper, clock_mono_ms());
    }
    if (keeper->count < LINGER_MAX)
        keeper->ring[(keeper->first + keeper->count++) % LINGER_MAX] = (struct lingering){fd, now + LINGER_MS + 1};
    else
        close(fd);
    if (keeper->count == 1) /* else it has a time to wake already */
        wake(keeper);
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_trash(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->has_trash = true;
    wake(keeper);
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_trash_in(struct keeper *keeper, uint64_t ms)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->again_ms = clock_mono_ms() + ms;
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_release(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->is_stopping = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    if (keeper->has_thread)
        pthread_join(keeper->thread, NULL);
    close_due(keeper, UINT64_MAX);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->mutex);
}
