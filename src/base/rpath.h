/*
 * rpath.h - a decoded path below a site's root, the only path the store takes.
 *
 * Segments joined by '/', without a leading or trailing one; the root is "". No segment is empty, "." or
 * "..", none holds a NUL or a '/'. Otherwise any octets, exactly as the file system has them. Made in
 * one place, http/uri.c, and nothing is decoded twice.
 */
#ifndef BASE_RPATH_H
#define BASE_RPATH_H

#include "base/slice.h"

struct rpath {
    struct slice text;
    bool has_slash; /* the target ended in '/': it means a folder */
};

static inline bool rpath_is_root(struct rpath path)
{
    return path.text.len == 0;
}

/* The last segment; "" for the root. */
struct slice rpath_leaf(struct rpath path);
/* The folder that holds the leaf; the root for top-level names and for itself. */
struct rpath rpath_parent(struct rpath path);

/* True if `path` is `folder` or below it. */
bool rpath_is_within(struct slice path, struct slice folder);

/*
 * Steps through the segments: takes the first off `rest`. False at the end.
 * for (struct slice rest = path.text, segment; rpath_next(&rest, &segment);) ...
 */
bool rpath_next(struct slice *rest, struct slice *segment);

#endif
