/*
 * pot_private.h - the inside of pots: what is remembered of each, and its driver.
 */
#ifndef POT_POT_PRIVATE_H
#define POT_POT_PRIVATE_H

#include <pthread.h>

#include "pot/pot.h"

/* A pot's process, or none: then the clock alone says what it does. `changing` of its pot is held by who gives orders.
 */
struct driver {
    bool hears;                  /* it knows what the pot says of itself */
    int fd;                      /* -1: none */
    uint32_t patience_ms;        /* that it has for one order */
    uint32_t number;             /* of the last request */
    uint64_t mute_until_ms;      /* monotonic: it was silent, and is not asked before */
    char said[POT_NAME_MAX * 3]; /* why it did not do it; "" without */
};

/* What it heard of the pot last. word: "" where it said none. ERR_NONE also where nobody listens. */
enum err driver_hear(struct driver *driver, char word[16]) WORKER_SIDE;
/* ERR_NONE: it has done it. brew: of POT_START, what is to be brewed; else what is. */
enum err driver_tell(struct driver *driver, enum pot_order order, const struct brew *brew) WORKER_SIDE;

/* What is remembered of one pot, over reloads. */
struct pot {
    struct pot *next;
    unsigned site;
    char name[POT_NAME_MAX + 1];
    pthread_mutex_t changing; /* held from the look to the last step of an order, over waits for disk and driver */
    pthread_mutex_t mutex;    /* guards what follows but the driver, for moments */
    struct brew brew;         /* began_ms 0: none */
    bool is_damaged;          /* its record, and that was told */
    unsigned orders;          /* under way, and waiting for their turn */
    struct driver driver;     /* under `changing` */
};

#endif
