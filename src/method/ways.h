/*
 * ways.h - how long an answer is that goes into folders by each of their names (RFC 5842).
 */
#ifndef METHOD_WAYS_H
#define METHOD_WAYS_H

#include <stdatomic.h>

#include "base/role.h"
#include "store/members.h"

/*
 * How many resources a walk over all below `path` meets that it met already, by another way. There must be no loop
 * there. Ends early past `most`, and when the client leaves. Each folder is read once, however many ways lead to it.
 */
uint64_t ways_count(struct store *store, struct rpath path, uint64_t most, const atomic_bool *left) WORKER_SIDE;

#endif
