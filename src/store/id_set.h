/*
 * id_set.h - a set of ids, for walks that go into each folder once. Zeroed: empty. Not shared between threads by
 * itself.
 */
#ifndef STORE_ID_SET_H
#define STORE_ID_SET_H

#include "identity.h"

struct id_set {
    unsigned char (*slots)[ID_LEN]; /* open addressing; all zeroes: free, which no id is */
    size_t count, room;             /* room: a power of two, or 0 */
};

bool id_set_has(const struct id_set *set, const unsigned char id[ID_LEN]);
/* False: it was in it. */
bool id_set_add(struct id_set *set, const unsigned char id[ID_LEN]);
void id_set_release(struct id_set *set);

#endif
