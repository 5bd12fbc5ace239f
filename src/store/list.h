/*
 * list.h - looking at a member of a folder, for listings and walks. Worker side.
 */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include "core.h"

/*
 * What a name just read from `folder` (its descriptor, and the path it was asked for by) stands for: by the name
 * alone, or, where that is a link, by the same rules as a request for it. False: it is left out (gone meanwhile,
 * reserved, refused). name is terminated; member->name borrows it. type: its DT_…, as far as that is known.
 */
bool member_look(struct store *store, int folder, struct slice path, const char *name, unsigned char type,
                 struct member *member);
/*
 * By this path, on which a link is, nobody comes to what is there, although it is (store_options.is_closed): such a
 * member of a folder that was reached by a link is left out.
 */
bool member_is_closed(struct store *store, struct slice path) WORKER_SIDE;

#endif
