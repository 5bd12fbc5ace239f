/*
 * table.h - an ordered map in memory, for queued changes and for the in-memory records.
 *
 * A sorted array of entries: a few thousand at most in the first use, so moving pointers is cheap. Not
 * shared between threads by itself.
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/slice.h"

struct table_entry {
    struct slice key, value; /* owned, in one block with the entry */
    bool is_drop;            /* the key is to be removed */
    uint64_t sequence;       /* the caller's */
};

struct table {
    struct table_entry **entries; /* by key, in the order of slice_cmp() */
    size_t count, room;
};

/* NULL if it is not there. Valid until the next change. */
struct table_entry *table_find(const struct table *table, struct slice key);
/* The index of the first entry whose key is not below this one; count if there is none. */
size_t table_lower(const struct table *table, struct slice key);
/* Copies both; replaces what was there. */
void table_set(struct table *table, struct slice key, struct slice value, bool is_drop, uint64_t sequence);
void table_remove(struct table *table, struct slice key);
/* Removes all whose sequence is not above this one. */
void table_forget(struct table *table, uint64_t sequence);
void table_release(struct table *table);

#endif
