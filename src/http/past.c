/*
 * past.c - see past.h.
 */
#include "http/past.h"

#include "http/uri.h"

/* One number has one spelling. 0: it is none. */
static uint64_t number_of(struct slice segment)
{
    uint64_t number;

    return segment.len && segment.ptr[0] != '0' && slice_u64(segment, &number) ? number : 0;
}

bool past_read(struct rpath *path, struct past *out)
{
    struct slice rest;

    *out = (struct past){.has_slash = path->has_slash, .address = *path};
    if (!rpath_is_within(path->text, SLICE(PAST_FOLDER)))
        return false;
    out->is_asked = true;
    rest = slice_from(path->text, sizeof(PAST_FOLDER) - 1);
    *path = (struct rpath){.text = slice_from(rest, rest.len != 0)};
    if (out->has_slash)
        return true;
    out->number = number_of(rpath_leaf(*path));
    if (out->number)
        path->text = rpath_parent(*path).text;
    return true;
}

void past_href(struct buf *out, struct slice path, uint64_t number)
{
    buf_add_str(out, "/" PAST_FOLDER "/");
    href_encode(out, path);
    if (path.len)
        buf_add_char(out, '/');
    if (number)
        buf_add_u64(out, number);
}
