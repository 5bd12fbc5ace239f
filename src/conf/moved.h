/*
 * moved.h - addresses that moved, private to conf/.
 */
#ifndef CONF_MOVED_H
#define CONF_MOVED_H

#include "build.h"

/* Of a site whose places and blocks are complete: what conf_moved() looks in. Complains of circles. */
enum err moved_finish(struct build *build, struct site *site);

#endif
