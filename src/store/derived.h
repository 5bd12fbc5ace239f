/*
 * derived.h - what was made of contents and may be asked for again: deltas, compressed forms. A cache on disk.
 *
 * Each is a file of its own below derived/ in the state folder, under the hash of what it was made of and how; whoever
 * asks makes that name so that the same name always means the same octets: of versions by their strong tags and the
 * resource's id, never of paths. Nothing depends on one being there: no name is synced, any may go at any time,
 * and together they take at most a budget, of which those go first that nobody asked for longest.
 */
#ifndef STORE_DERIVED_H
#define STORE_DERIVED_H

#include "base/slice.h"
#include "store/store.h"

enum { DERIVED_KEY = 32 };

/* One that is kept, opened for reading; *fd by close(). ERR_MISSING: there is none. */
enum err store_derived_open(struct store *store, const unsigned char key[DERIVED_KEY], int *fd,
                            uint64_t *size) WORKER_SIDE;

/* One that is being made. Its descriptor belongs to it until derived_keep() or derived_drop(). */
struct derived {
    struct store *store;
    int fd;
    uint64_t size; /* so far */
};
/* ERR_READ_ONLY and other failures: nothing can be kept, and there is no file to write to either. */
enum err store_derived_new(struct store *store, struct derived *out) WORKER_SIDE;
enum err derived_write(struct derived *derived, struct slice bytes) WORKER_SIDE;
/*
 * It is whole: from now on it is found under `key`. The descriptor is the caller's then, open for reading too, by
 * close(), whether it could be kept or not.
 */
int derived_keep(struct derived *derived, const unsigned char key[DERIVED_KEY]) WORKER_SIDE;
/* Nothing of it stays. */
void derived_drop(struct derived *derived) WORKER_SIDE;

/* Octets that all of them take, as far as known. Any side. */
uint64_t store_derived_bytes(struct store *store);

#endif
