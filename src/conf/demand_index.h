/*
 * demand_index.h - which demands hold at a path, private to conf/. Reading it is pure, on any side.
 */
#ifndef CONF_DEMAND_INDEX_H
#define CONF_DEMAND_INDEX_H

#include "conf/conf.h"

struct arena;

/* Of site->demands, which are complete; their paths come out in normal form. In the arena; NULL: there are none. */
struct demand_index *demand_index_new(struct arena *arena, struct site *site);

/* Some demand may hold at something below the folder and not in it. */
bool demand_index_differs_below(const struct site *site, struct slice folder);

#endif
