/*
 * users.h - what the cache needs to know of a set of users. Private to auth/.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include "auth/auth.h"

/* Unlike that of every other set of this process. */
uint64_t users_generation(const struct users *users);

#endif
