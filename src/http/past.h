/*
 * past.h - addresses of earlier contents, in the server's own address space: "/.samovar/versions/" and a path.
 *
 * What follows is the path of the resource as it is now. Behind that of a file stands the number of one of its earlier
 * contents: "/.samovar/versions/docs/a.txt/17". Folders, and files as well, are collections there and end in a slash.
 * Whether a last segment of digits is such a number depends on what is there, which only the disk tells: "docs/17" may
 * be a file in a folder. So what is judged is always the path without it, and where that is a folder the address with a
 * slash is asked for instead, which speaks of the path as it is.
 */
#ifndef HTTP_PAST_H
#define HTTP_PAST_H

#include "base/buf.h"
#include "base/rpath.h"

/* Without the slash before it, as struct rpath has it. */
#define PAST_FOLDER ".samovar/versions"

struct past {
    bool is_asked; /* the address is one of those */
    bool has_slash;
    struct rpath address; /* itself, decoded */
    uint64_t number;      /* which its last segment is; 0: it is none. Without a leading zero; none is ever 0 */
};

/* False: another address. Else *path becomes that of the resource, without a slash: part of the text that it was. */
bool past_read(struct rpath *path, struct past *out);

/*
 * The address of a resource's past, percent-encoded: of the content with this number, else (0) with the slash of a
 * collection.
 */
void past_href(struct buf *out, struct slice path, uint64_t number);

#endif
