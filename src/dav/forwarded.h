/*
 * forwarded.h - private to dav/: forwarding addresses as members of a multistatus (RFC 4918 §13.2).
 */
#ifndef DAV_FORWARDED_H
#define DAV_FORWARDED_H

#include "dav/dav.h"
#include "store/forward.h"

/* Those of one folder, told one at a time and looked up some at a time. Zeroed: none. */
struct forwarded {
    struct arena arena;
    struct rpath folder;
    struct forward_list found;
    unsigned next;
};

/* Of the folder instead of the one before; an error is as if there were none. */
void forwarded_open(struct forwarded *forwarded, const struct multistatus_options *options,
                    struct slice folder) WORKER_SIDE;
/* Tells of the next one, if there is one: where something is by now, or that the asker may not see, is not told. */
bool forwarded_step(struct forwarded *forwarded, const struct multistatus_options *options,
                    struct xml_out *xml) WORKER_SIDE;
void forwarded_close(struct forwarded *forwarded);

#endif
