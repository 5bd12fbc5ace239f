/*
 * shelf.h - a table of fixed size that all threads share: what is known of so many clients that not all can be kept.
 *
 * Entries are two numbers under a key. Where a set of places is full, the entry with the least `order` makes room, so
 * memory is constant whatever peers do; what must never be forgotten does not belong here. Keys are keyed hashes
 * (base/hash.h): nobody can choose which entries share a set. A few dozen nanoseconds each; any side, never waits for
 * more than another thread's few instructions.
 */
#ifndef BASE_SHELF_H
#define BASE_SHELF_H

#include "base/hash.h"

struct shelf;

struct shelf_entry {
    uint64_t key;   /* the shelf's own */
    uint64_t order; /* the least in a set goes first: a time, say; 0: an entry that was not there */
    uint64_t value;
};

/* For about so many entries of 24 bytes; rounded up. Ends the process without memory. */
struct shelf *shelf_new(unsigned entries);
void shelf_free(struct shelf *shelf); /* NULL is fine */

/*
 * The entry of a key, for this caller alone until shelf_end(), which has to follow soon: nothing else may be locked or
 * waited for in between. One that was not there has order 0 and value 0; it stays so, and is free again, unless the
 * caller gives it an order.
 */
struct shelf_entry *shelf_begin(struct shelf *shelf, uint64_t key);
void shelf_end(struct shelf *shelf, struct shelf_entry *entry);

#endif
