/*
 * keeper.h - chores: descriptors that must stay open a little longer, and the trash.
 *
 * An inode's number and birth are its identity. A file system may hand the number out again within the
 * same clock tick, so a descriptor through which a tag or an id was issued is closed no sooner than 20 ms
 * after the inode's birth (storage rules, "Two births in one tick must not meet").
 *
 * One thread, started at the first chore and so never before the sandbox; it sleeps when there is none.
 */
#ifndef STORE_KEEPER_H
#define STORE_KEEPER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LINGER_MS = 20,
    LINGER_MAX = 1024, /* descriptors kept back; past that the closer waits, which is at most LINGER_MS */
};

struct keeper {
    pthread_mutex_t mutex; /* protects all below */
    pthread_cond_t wake;
    pthread_t thread;
    bool has_thread, is_stopping;
    bool has_trash; /* something was there at start, or was put there for us */
    struct lingering {
        int fd;
        uint64_t due_ms; /* monotonic */
    } ring[LINGER_MAX];
    unsigned first, count;
    bool (*empty_trash)(void *arg); /* a slice of work; false when there is no more */
    void *arg;
    uint64_t again_ms; /* monotonic: when the trash is to be looked at without being asked; 0: never */
};

void keeper_init(struct keeper *keeper, bool (*empty_trash)(void *), void *arg);
/* Waits for the thread; closes what lingers. */
void keeper_release(struct keeper *keeper);

/* Closes fd, at once or when its inode is old enough. born_ns 0: at once. */
void keeper_close(struct keeper *keeper, int fd, int64_t born_ns);
/* There is something in the trash. */
void keeper_trash(struct keeper *keeper);
/* Look at the trash again in so many milliseconds, whether or not anything comes. From its own chore. */
void keeper_trash_in(struct keeper *keeper, uint64_t ms);

#endif
