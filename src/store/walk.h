/*
 * walk.h - following users' symbolic links, by the store's own rules.
 */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "resolve.h"

enum {
    LINKS_MAX = 40,          /* as the kernel's own limit */
    ROUNDS_MAX = 4,          /* a program that walks by names, folder by folder, has to come to an end in a loop */
    PATH_BINDINGS_MAX = 256, /* bindings that a path leads through: nobody's folders are that deep */
};

/* The bound resources that a path leads through, in its order. */
struct rounds {
    unsigned count;
    unsigned char ids[PATH_BINDINGS_MAX][16];
};

/*
 * Of a path to a folder. What cannot be walked has none.
 */
void walk_rounds(struct store *store, struct slice path, struct rounds *out);
/* They go by the resource as often as a path may: through one more name of it no path leads. */
bool rounds_are_over(const struct rounds *rounds, const unsigned char id[16]);

/*
 * An equal path without links and `..`. Components that do not exist stay as they are. ERR_MISSING for
 * links that the site's rule does not follow, that lead out of the root or into `.samovar`, and for the same bound
 * resource more than ROUNDS_MAX times; ERR_LOOP past LINKS_MAX. follow_leaf: a link at the end is followed as well.
 */
enum err walk_links(struct store *store, struct slice path, bool follow_leaf, struct plain *out);

#endif
