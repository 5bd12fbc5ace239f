/*
 * pending.c - parts that are still to come.
 */
#include "table.h"

#define PENDING_SET(name)                                                                                              \
    enum err name(struct build *build, void *target, struct slice value)                                               \
    {                                                                                                                  \
        return complain(build, "this directive is not there yet");                                                     \
    }

PENDING_SET(set_extension)
PENDING_SET(set_moved_to)

enum err policy_finish(struct build *build, struct site *site)
{
    return ERR_NONE;
}

bool conf_moved(const struct site *site, struct rpath path, struct arena *arena, struct moved *out)
{
    return false;
}
