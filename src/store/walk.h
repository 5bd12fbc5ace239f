/*
 * walk.h - following users' symbolic links, by the store's own rules.
 */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "resolve.h"

enum { LINKS_MAX = 40 }; /* as the kernel's own limit */

/*
 * An equal path without links and `..`. Components that do not exist stay as they are. ERR_MISSING for
 * links that the site's rule does not follow, that lead out of the root or into `.samovar`; ERR_LOOP past
 * LINKS_MAX. follow_leaf: a link at the end is followed as well.
 */
enum err walk_links(struct store *store, struct slice path, bool follow_leaf, struct plain *out);

#endif
