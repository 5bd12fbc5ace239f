/*
 * arena.h - memory that is given back all at once.
 *
 * What lives as long as an exchange or a job lives in its arena, and nothing there is freed by hand.
 * Allocation does not fail: what a peer makes us keep is charged to a budget before it gets here, and
 * when the machine itself has no memory left the process ends with a message. Not shared between threads.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

/* A zeroed arena is empty and ready. */
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* in the newest block */
    size_t total;               /* bytes taken from the heap so far */
};

/* Zeroed, aligned for any type; size 0 gives a valid pointer that may not be written. */
void *arena_alloc(struct arena *arena, size_t size);
struct slice arena_slice(struct arena *arena, struct slice text);
/* A copy whose ASCII letters are lower case: hosts and schemes compare so. Terminated behind its end. */
struct slice arena_lower(struct arena *arena, struct slice text);
/* A terminated copy, for the system's calls. */
char *arena_str(struct arena *arena, struct slice text);
struct slice arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All that `from` owns belongs to `to` from now on; `from` is empty afterwards. */
void arena_adopt(struct arena *to, struct arena *from);
void arena_release(struct arena *arena);

/* malloc and realloc that end the process with a message when there is no memory. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(struct slice text);

#endif
