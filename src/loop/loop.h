/*
 * loop.h - event loops, timers, and the worker pool with its jobs.
 *
 * One loop a core; each owns its descriptors, timers and connections and shares nothing with the others.
 * Work that may wait for the disk is a job for the pool; it comes home to the loop that sent it.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/role.h"

struct loop;

/* ---- descriptors ---- */

/* Part of whatever owns the descriptor. */
struct watch {
    int fd;
    void (*ready)(struct watch *, uint32_t events); /* loop side; events as in epoll */
};

/* events: EPOLLIN and so on, EPOLLET where wanted. Returns an errno, 0 when it is watched. */
int loop_watch(struct loop *loop, struct watch *watch, uint32_t events) LOOP_SIDE;
/* Before the descriptor is closed. Events already fetched for it in this round are not delivered. */
void loop_unwatch(struct loop *loop, struct watch *watch) LOOP_SIDE;
/* `to`, with the same descriptor, takes `from`'s place; edges are told of once more. Its owner moved in memory. */
void loop_rewatch(struct loop *loop, struct watch *from, struct watch *to, uint32_t events) LOOP_SIDE;

/* ---- timers: coarse (128 ms), cheap to set, never early ---- */

struct timer {
    struct link link;
    uint64_t due_ms;
    void (*fire)(struct timer *); /* loop side */
};

/* Sets or moves it. A timer that is moved often may be left alone until it fires, and set again then. */
void timer_set(struct loop *loop, struct timer *timer, uint64_t after_ms) LOOP_SIDE;
void timer_cancel(struct loop *loop, struct timer *timer) LOOP_SIDE;

/* ---- jobs ---- */

enum lane {
    LANE_QUICK,  /* opens, stats, small reads */
    LANE_SLOW,   /* deep or long work, capped */
    LANE_COMMIT, /* waits for fsync: many threads, since waiting ones let the journal batch */
    LANE_CRYPTO, /* handshakes, and what else waits for no disk: one thread a core is right */
    LANE_ASIDE,  /* waits for another program of this machine, which may hang: nothing else stands behind that */
    LANE_COUNT
};

struct pool;

/*
 * A parcel of work. Whoever submits it owns it again when done() is called. It must not be freed between
 * the two; whom it serves is a field only the loop reads.
 */
struct job {
    struct link link;           /* in one queue at a time */
    struct loop *home;          /* where done() runs */
    void (*act)(struct job *);  /* on a worker: may wait for the disk */
    void (*done)(struct job *); /* back home: may touch the network */
    struct arena arena;         /* what act() builds; adopted by the exchange when the job comes home */
};

/* Threads are made when the first jobs need them, at most threads[lane] in each lane. */
struct pool *pool_new(const unsigned threads[LANE_COUNT]);
/* Any side. */
void pool_submit(struct pool *pool, enum lane lane, struct job *job);
/* Jobs waiting in a lane, for reports. */
unsigned pool_waiting(struct pool *pool, enum lane lane);

struct lane_look {
    const char *name;
    unsigned waiting, threads, busy; /* jobs, threads made so far, those of them that act on one */
    uint64_t taken;                  /* jobs that a thread took up, since the start */
    uint64_t stuck_ms;               /* how long jobs have been waiting while none was taken up; 0: none waits */
};
/* One lane as it is now, for reports. Any side. */
struct lane_look pool_look(struct pool *pool, enum lane lane);
/* Waits for all threads; queued jobs are still acted on. Their done() runs only if their loop still does. */
void pool_free(struct pool *pool);

/* ---- the loop ---- */

struct loop *loop_new(void);
/* After pool_free(): a worker that brings a job home may still be about to wake the loop. */
void loop_free(struct loop *loop);

/*
 * Called in each round after all descriptors' ready() ran, and before it sleeps: the place where what was
 * received is answered. True asks for another round without sleeping.
 */
void loop_each_round(struct loop *loop, bool (*answer)(void *), void *arg);

/* Runs until loop_stop(); takes the loop role for the calling thread, named `name`. */
void loop_run(struct loop *loop, const char *name);
void loop_stop(struct loop *loop); /* any side */
/* After loop_run() came back: rounds go on until every job that this loop sent off is home. Same thread. */
void loop_settle(struct loop *loop) LOOP_SIDE;

/* A task for the loop's own thread. Any side; the caller owns it again when run() is called. */
struct task {
    struct link link;
    void (*run)(struct task *); /* loop side */
};
void loop_post(struct loop *loop, struct task *task);

/* The time at the start of this round; milliseconds of the monotonic clock, and wall clock seconds. */
uint64_t loop_now_ms(const struct loop *loop) LOOP_SIDE;
int64_t loop_wall_s(const struct loop *loop) LOOP_SIDE;

#endif
