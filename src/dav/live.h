/*
 * live.h - the properties that the server itself computes: one table (RFC 4918 §15, RFC 4331, RFC 3253 §3.1.5,
 * RFC 6578 §4, and those that clients expect).
 */
#ifndef DAV_LIVE_H
#define DAV_LIVE_H

#include "dav/dav.h"

struct live {
    struct slice space, local;
    struct slice open, close, empty; /* its element's tags, as they are written */
    bool on_files, on_folders;
    bool in_allprop;
    bool needs_traits, needs_locks, needs_id;
    bool needs_store; /* write() asks the store: worker side */
    bool is_of_now;   /* says nothing of what a resource was */
    enum prop_rule rule;
    /* It exists on this one of the right kind; NULL: on all. Costs nothing. */
    bool (*exists)(const struct prop_view *view);
    /* Its content; false: it could not be found out, and there is no such property now. */
    bool (*write)(struct xml_out *xml, const struct prop_view *view);
};

extern const struct live live_table[];
extern const unsigned live_count;

/* NULL: not one of them. */
const struct live *live_find(struct slice space, struct slice local);
bool live_exists(const struct live *live, const struct prop_view *view);
/* The whole element; false, and nothing written: it does not exist here. */
bool live_write(const struct live *live, struct xml_out *xml, const struct prop_view *view);

/* lockdiscovery.c: one DAV:activelock. */
void activelock_add(struct xml_out *xml, const struct write_lock *lock, struct slice user, bool hides_lockroot);

#endif
