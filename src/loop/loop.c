/*
 * loop.c - epoll, a timer wheel, and an inbox for what comes from other threads.
 */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop_private.h"

enum {
    EVENTS_MAX = 256, /* fetched in one call */
    SLOT_MS = 128,    /* a timer's precision: timeouts here are seconds */
    SLOTS = 512,      /* the wheel turns in 65 s; what is due later is put off again when it comes up */
};

struct loop {
    int epoll_fd;
    struct watch wake; /* an eventfd: the inbox has something, or stop */
    atomic_bool stopping;
    atomic_uint jobs_away; /* sent to workers, not yet done() */
    uint64_t now_ms;
    int64_t wall_s;

    struct epoll_event events[EVENTS_MAX];
    int event_count, event_at;

    bool (*answer)(void *);
    bool is_hasty; /* the next round does not sleep */
    void *answer_arg;

    struct link slots[SLOTS];
    uint64_t busy[SLOTS / 64]; /* a bit for each slot that holds timers */
    uint64_t slot_at;          /* slots before this one have fired: now_ms / SLOT_MS */

    pthread_mutex_t inbox_lock;
    struct link tasks, jobs; /* filled by other threads */
};

/* ---- descriptors ---- */

int loop_watch(struct loop *loop, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) ? errno : 0;
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = loop->event_at; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

void loop_rewatch(struct loop *loop, struct watch *from, struct watch *to, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = to};

    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, to->fd, &event); /* takes no memory, so it does not fail */
    for (int i = loop->event_at; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == from)
            loop->events[i].data.ptr = to;
}

/* ---- timers ---- */

static void slot_mark(struct loop *loop, unsigned slot)
{
    loop->busy[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void slot_put(struct loop *loop, struct timer *timer)
{
    uint64_t slot = timer->due_ms / SLOT_MS + 1; /* rounded up: never early */

    if (slot <= loop->slot_at)
        slot = loop->slot_at + 1;
    if (slot > loop->slot_at + SLOTS - 1)
        slot = loop->slot_at + SLOTS - 1;
    list_append(&loop->slots[slot % SLOTS], &timer->link);
    slot_mark(loop, slot % SLOTS);
}

void timer_set(struct loop *loop, struct timer *timer, uint64_t after_ms)
{
    list_remove(&timer->link);
    timer->due_ms = loop->now_ms + after_ms;
    slot_put(loop, timer);
}

void timer_cancel(struct loop *loop, struct timer *timer)
{
    (void)loop;
    list_remove(&timer->link);
}

static void slot_fire(struct loop *loop, unsigned slot)
{
    struct link due, *link;

    loop->busy[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    list_init(&due);
    while ((link = list_shift(&loop->slots[slot])))
        list_append(&due, link);
    while ((link = list_shift(&due))) {
        struct timer *timer = CONTAINER(link, struct timer, link);

        if (timer->due_ms > loop->now_ms)
            slot_put(loop, timer);
        else
            timer->fire(timer);
    }
}

static void timers_run(struct loop *loop)
{
    uint64_t to = loop->now_ms / SLOT_MS;

    if (to > loop->slot_at + SLOTS)
        loop->slot_at = to - SLOTS; /* asleep for longer than a turn: every slot once */
    while (loop->slot_at < to) {
        unsigned slot = (unsigned)(++loop->slot_at % SLOTS);

        if (loop->busy[slot / 64] >> (slot % 64) & 1)
            slot_fire(loop, slot);
    }
}

/* Milliseconds until the next slot that holds timers, 0 when it is overdue; -1 when there is none. */
static int timers_wait(const struct loop *loop)
{
    for (uint64_t ahead = 1; ahead < SLOTS; ahead++) {
        unsigned slot = (unsigned)((loop->slot_at + ahead) % SLOTS);
        uint64_t due_ms = (loop->slot_at + ahead) * SLOT_MS;

        if (slot % 64 == 0 && loop->busy[slot / 64] == 0)
            ahead += 63;
        else if (loop->busy[slot / 64] >> (slot % 64) & 1)
            return due_ms > loop->now_ms ? (int)(due_ms - loop->now_ms) : 0;
    }
    return -1;
}

/* ---- the inbox ---- */

static void wake(struct loop *loop)
{
    uint64_t one = 1;
    ssize_t ignored = write(loop->wake.fd, &one, sizeof(one)); /* full means it is awake already */

    (void)ignored;
}

static void inbox_put(struct loop *loop, struct link *list, struct link *link)
{
    bool was_empty;

    pthread_mutex_lock(&loop->inbox_lock);
    was_empty = list_is_empty(&loop->tasks) && list_is_empty(&loop->jobs);
    list_append(list, link);
    pthread_mutex_unlock(&loop->inbox_lock);
    if (was_empty)
        wake(loop);
}

void loop_post(struct loop *loop, struct task *task)
{
    inbox_put(loop, &loop->tasks, &task->link);
}

void loop_send_away(struct loop *loop)
{
    atomic_fetch_add_explicit(&loop->jobs_away, 1, memory_order_relaxed);
}

void loop_take_home(struct loop *loop, struct job *job)
{
    inbox_put(loop, &loop->jobs, &job->link);
}

static void inbox_ready(struct watch *watch, uint32_t events)
{
    struct loop *loop = CONTAINER(watch, struct loop, wake);
    struct link tasks, jobs, *link;
    uint64_t count;
    ssize_t ignored = read(watch->fd, &count, sizeof(count));

    role_assert_loop();
    (void)ignored;
    (void)events;
    list_init(&tasks);
    list_init(&jobs);
    pthread_mutex_lock(&loop->inbox_lock);
    while ((link = list_shift(&loop->tasks)))
        list_append(&tasks, link);
    while ((link = list_shift(&loop->jobs)))
        list_append(&jobs, link);
    pthread_mutex_unlock(&loop->inbox_lock);

    while ((link = list_shift(&jobs))) {
        struct job *job = CONTAINER(link, struct job, link);

        atomic_fetch_sub_explicit(&loop->jobs_away, 1, memory_order_relaxed);
        job->done(job);
    }
    while ((link = list_shift(&tasks))) {
        struct task *task = CONTAINER(link, struct task, link);

        task->run(task);
    }
}

/* ---- rounds ---- */

static void clocks_read(struct loop *loop)
{
    loop->now_ms = clock_mono_ms();
    loop->wall_s = clock_real_s();
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof(*loop));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &loop->wake};

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = (struct watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = inbox_ready};
    if (loop->epoll_fd < 0 || loop->wake.fd < 0 || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake.fd, &event))
        abort(); /* out of descriptors before anything was opened */
    for (unsigned i = 0; i < SLOTS; i++)
        list_init(&loop->slots[i]);
    list_init(&loop->tasks);
    list_init(&loop->jobs);
    pthread_mutex_init(&loop->inbox_lock, NULL);
    clocks_read(loop);
    loop->slot_at = loop->now_ms / SLOT_MS;
    return loop;
}

void loop_free(struct loop *loop)
{
    close(loop->epoll_fd);
    close(loop->wake.fd);
    pthread_mutex_destroy(&loop->inbox_lock);
    free(loop);
}

void loop_each_round(struct loop *loop, bool (*answer)(void *), void *arg)
{
    loop->answer = answer;
    loop->answer_arg = arg;
}

static void round_run(struct loop *loop)
{
    loop->event_count = epoll_wait(loop->epoll_fd, loop->events, EVENTS_MAX, loop->is_hasty ? 0 : timers_wait(loop));
    clocks_read(loop);
    for (loop->event_at = 0; loop->event_at < loop->event_count;) {
        struct epoll_event *event = &loop->events[loop->event_at++];
        struct watch *watch = event->data.ptr;

        if (watch)
            watch->ready(watch, event->events);
    }
    timers_run(loop);
    loop->is_hasty = loop->answer && loop->answer(loop->answer_arg);
}

void loop_run(struct loop *loop, const char *name)
{
    role_take(ROLE_LOOP, name);
    clocks_read(loop);
    while (!atomic_load_explicit(&loop->stopping, memory_order_relaxed))
        round_run(loop);
}

void loop_settle(struct loop *loop)
{
    while (atomic_load_explicit(&loop->jobs_away, memory_order_relaxed))
        round_run(loop);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stopping, true);
    wake(loop);
}

uint64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_wall_s(const struct loop *loop)
{
    return loop->wall_s;
}
