/*
 * trash.h - what was deleted and is not yet gone.
 */
#ifndef STORE_TRASH_H
#define STORE_TRASH_H

#include "core.h"

/* ID.SEQUENCE of an earlier run, or anything else that is not ours. */
bool name_is_left_over(const struct store *store, const char *name);
/* The keeper's chore: unlinks a slice of what is in the trash; true if there is more. */
bool trash_empty_some(void *store);

#endif
