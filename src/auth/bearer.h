/*
 * bearer.h - a site's keys of tokens, and what must stand in one. Private to auth/.
 */
#ifndef AUTH_BEARER_H
#define AUTH_BEARER_H

#include "auth/auth.h"

struct bearer;

/* Reads site->jwt_keys. True with NULL in `out` where there is none. False: `why` holds one line. */
bool bearer_load(const struct site *site, struct bearer **out, struct buf *why);
void bearer_free(struct bearer *bearer); /* NULL is fine */

#endif
