/*
 * delete.h - private to store/: the pieces of DELETE, shared by delete.c and delete_around.c.
 */
#ifndef STORE_DELETE_H
#define STORE_DELETE_H

#include "trees.h"

/* What is in the way of one rename: mount points below, as paths relative to the folder. */
struct obstacles {
    struct arena arena;
    struct slice *points;
    unsigned count;
};

/* What no record is about: a user's link, a socket. ERR_CHANGED: it is gone. */
enum err plain_unlink(const struct place *place);
enum err delete_file(struct store *store, const struct place *place, struct guard guard);
/* ERR_BUSY: there are obstacles, and nothing was done. */
enum err delete_folder(struct store *store, const struct place *place, struct guard guard, struct obstacles *obstacles);
/* All of the folder but mount points and what leads to them, which are told of. ERR_BUSY: it is one itself. */
enum err delete_around(struct store *store, const struct place *place, struct slice path,
                       const struct obstacles *obstacles, struct progress progress, struct casualties *casualties);

#endif
