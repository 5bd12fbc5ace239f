/*
 * rpath.c - taking decoded paths apart.
 */
#include "base/rpath.h"

static size_t leaf_start(struct slice text)
{
    size_t at = text.len;

    while (at && text.ptr[at - 1] != '/')
        at--;
    return at;
}

struct slice rpath_leaf(struct rpath path)
{
    return slice_from(path.text, leaf_start(path.text));
}

struct rpath rpath_parent(struct rpath path)
{
    size_t start = leaf_start(path.text);

    return (struct rpath){.text = slice_upto(path.text, start ? start - 1 : 0), .has_slash = true};
}

bool rpath_is_within(struct slice path, struct slice folder)
{
    if (folder.len == 0)
        return true;
    return slice_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/');
}

bool rpath_next(struct slice *rest, struct slice *segment)
{
    if (rest->len == 0)
        return false;
    if (!slice_cut(*rest, '/', segment, rest)) {
        *segment = *rest;
        *rest = slice_from(*rest, rest->len);
    }
    return true;
}
