/*
 * guard.c - judging a change's guard.
 */
#include "guard.h"

bool guard_admits(struct store *store, struct guard guard, const struct place *place, enum change_kind kind,
                  const struct facts *now)
{
    struct write_locks locks = {.store = store, .place = place, .kind = kind, .is_there = now != NULL};
    bool admits = !guard.holds || guard.holds(guard.arg, now, &locks);

    write_locks_release(&locks);
    return admits;
}
