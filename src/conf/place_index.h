/*
 * place_index.h - a site's `at` blocks in the order of a tree, private to conf/.
 *
 * A rule is looked up for every request and for each member of a listing; with a hundred blocks a walk through all of
 * them would be felt. Made once all of a site is read; pure after that.
 */
#ifndef CONF_PLACE_INDEX_H
#define CONF_PLACE_INDEX_H

#include "conf/conf.h"

/* Into site->place_index, in the arena. The places stay where they are from then on. */
void place_index_make(struct arena *arena, struct site *site);
/* What holds there: each directive from the longest place at or above the path that sets it. */
const struct rules *place_index_rules(const struct site *site, struct slice path);
/* A place has this very path. */
bool place_index_names(const struct site *site, struct slice path);
bool place_index_has_below(const struct site *site, struct slice folder);

#endif
