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
PENDING_SET(set_demand_path)
PENDING_SET(set_date)
PENDING_SET(set_country)
PENDING_SET(set_demand_text)

enum err policy_finish(struct build *build, struct site *site)
{
    return ERR_NONE;
}

enum err demands_load(struct build *build, struct site *site)
{
    return ERR_NONE;
}

const struct demand *conf_demand(const struct site *site, struct slice path, struct slice country)
{
    return NULL;
}

bool conf_depends_on_country(const struct site *site, struct slice path)
{
    return false;
}

bool conf_moved(const struct site *site, struct rpath path, struct arena *arena, struct moved *out)
{
    return false;
}

bool conf_knows_countries(const struct site *site)
{
    return false;
}
