/*
 * census.h - how many connections there are, in all and from each address.
 *
 * One for the server, shared by all loops. An IPv6 client is known by its /64, which is what one customer
 * has; who comes over a unix socket has no address and is not limited by it. Descriptors are kept back for
 * files: connections alone never use up all of them. Any side.
 */
#ifndef SERVE_CENSUS_H
#define SERVE_CENSUS_H

#include "net/net.h"

struct census;

struct census *census_new(void);
void census_free(struct census *census);
/* False: there are too many already, and this one is not counted. Limits of 0: as many as descriptors allow; none. */
bool census_enter(struct census *census, const struct peer *peer, const struct limits *limits);
/* One that entered has left. */
void census_leave(struct census *census, const struct peer *peer);

#endif
