/*
 * groups.h - who is in which group: a file of lines "GROUP: USER USER ...", as Apache's. Private to auth/.
 */
#ifndef AUTH_GROUPS_H
#define AUTH_GROUPS_H

#include "auth/auth.h"

/*
 * Every group that somebody is in may have to be compared with every `allow` on a path, in each of his requests; and
 * all memberships together take 8 MiB.
 */
enum { GROUPS_OF_USER_MAX = 256, GROUPS_MEMBERS_MAX = 256 << 10 };

struct groups;

/* Reads site->groups. True with NULL in `out` where there is none. False: `why` holds one line. */
bool groups_load(const struct site *site, struct groups **out, struct buf *why);
void groups_free(struct groups *groups); /* NULL is fine */
/* Whether there is such a group. Looks at every membership: for reading a configuration. */
bool groups_know(const struct groups *groups, struct slice group);

#endif
