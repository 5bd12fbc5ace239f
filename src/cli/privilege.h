/*
 * privilege.h - becoming somebody with fewer rights.
 *
 * Called once at start, from the only thread there is: after sockets are bound and logs opened (what may
 * need root), before the stores are opened (so that .samovar belongs to the user who runs) and before
 * sandbox_enter().
 */
#ifndef CLI_PRIVILEGE_H
#define CLI_PRIVILEGE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct identity {
    uid_t uid;
    gid_t gid;
    char name[64]; /* of the user, for initgroups */
};

/*
 * Reads USER[:GROUP]; both by name or number. ERR_INVALID with a line in `why`: no such user or group, or
 * the user is root. Reads the user database.
 */
enum err privilege_find(const char *run_as, struct identity *out, struct buf *why);

/*
 * Becomes `run_as` for good (NULL: stays who it is) and gives up every capability (root without run_as keeps its own)
 * and the chance of getting one back (no_new_privs). ERR_DENIED with a line in `why`: only root can become somebody
 * else. Already being that user is fine.
 */
enum err privilege_drop(const char *run_as, struct buf *why);

/* Raises the limit of open descriptors to what the system lets us have; gives it back. */
unsigned long privilege_raise_files(void);

#endif
