/*
 * share.h - what two servers of one folder have in common while one takes over from the other.
 *
 * A page of memory without a name (memfd) that both map: the numbers that must be unique or rise over all of them.
 * The same page carries locks, since locks on a description of an open file are all that outlives one of the two in
 * good order: a byte that each one holds while it lives, and a byte for each resource that is being changed. Each
 * server therefore has a description of its own, which is made by the one before it and handed over.
 *
 * Alone, a server uses the same page, and no locks. Without memfd the page is its own and it cannot be replaced.
 */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

enum {
    SHARE_FORM = 2, /* of the page; changes with everything in it, and with what its locks mean */
    STAMPS_RECENT = 256,
};

struct share_page {
    uint32_t form;
    struct hash_key key;                      /* of the locks' bytes */
    atomic_uint failures;                     /* durable writes that were lost: each is everybody's */
    atomic_ullong sequence;                   /* of names in up/ and trash/ */
    atomic_llong stamp_last;                  /* the highest modification time given out */
    atomic_uint stamp_next;                   /* where in the ring the next one goes */
    atomic_llong stamp_recent[STAMPS_RECENT]; /* our own latest, to tell them from others' */
    atomic_uint locks;                        /* write locks there are */
    atomic_ullong lock_changes;               /* of them, so far: whoever has seen fewer has to read on */
    atomic_uint lock_file;                    /* rises when their journal becomes another file */
};

struct share {
    pthread_mutex_t mutex; /* entering and leaving, one at a time */
    atomic_bool is_shared; /* another server may be at work here */
    int fd;                /* the page, by a description of our own; -1: only memory */
    struct share_page *page;
};

/* Takes `fd`, which another server gave, over; -1: a new page, and nobody shares it. ERR_UNSUPPORTED: another form. */
enum err share_init(struct share *share, int fd);
/* The others learn by this that we are gone, so it comes last. Fine with fd -1 and no page. */
void share_release(struct share *share);

/* For the next server: a description of its own, alive already. The caller closes *out when it is sent. */
enum err share_give(struct share *share, int *out);
/* Somebody else has been given the page, and lives. */
bool share_has_others(const struct share *share);
/* Holds our own byte while we share. */
void share_live(struct share *share, bool lives);

/* Changes of the write locks, of one process at a time. Waits for it. Threads of one process keep out each other. */
void share_hold(struct share *share, bool holds);

#endif
