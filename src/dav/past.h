/*
 * past.h - what files were (http/past.h), as responses of a multistatus.
 */
#ifndef DAV_PAST_H
#define DAV_PAST_H

#include "dav/dav.h"

/* A folder, or a file as the collection of its earlier contents. `view` is the resource's. */
void past_write_collection(struct xml_out *xml, const struct prop_view *view, const struct prop_plan *plan);

/* A file's, one response after the other. */
struct past_steps {
    const struct version_list *versions;
    bool tells_file;    /* as the collection that it is: first of all */
    struct facts facts; /* of it */
    unsigned next;
};
/* `view` is the file's. `look` is emptied. ERR_MISSING: that was all. */
enum err past_step(struct past_steps *steps, struct xml_out *xml, const struct prop_view *view,
                   const struct prop_plan *plan, struct arena *look);

#endif
