/*
 * walk.h - following users' symbolic links, by the store's own rules.
 */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "resolve.h"

enum {
    LINKS_MAX = 40,          /* as the kernel's own limit */
    RETURNS_MAX = 3,         /* a program that walks by names, folder by folder, has to come to an end in loops */
    PATH_BINDINGS_MAX = 256, /* bindings that a path leads through: nobody's folders are that deep */
};

/* The bound resources that a path leads through, and how often it came back to one of them. */
struct rounds {
    unsigned count, returns;
    unsigned char ids[PATH_BINDINGS_MAX][16];
};

/* Of a path to a folder. What cannot be walked has none. */
void walk_rounds(struct store *store, struct slice path, struct rounds *out);
/* They come back as often as a path may: through one more name of this resource it does not lead on. */
bool rounds_are_over(const struct rounds *rounds, const unsigned char id[16]);

/*
 * An equal path without links and `..`. Components that do not exist stay as they are. ERR_MISSING for
 * links that the site's rule does not follow, that lead out of the root or into `.samovar`, and for what comes
 * back more than RETURNS_MAX times to bound resources that it went by; ERR_LOOP past LINKS_MAX. follow_leaf: a link at
 * the end is followed as well.
 */
enum err walk_links(struct store *store, struct slice path, bool follow_leaf, struct plain *out);

#endif
