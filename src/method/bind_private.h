/*
 * bind_private.h - a BIND, UNBIND or REBIND under way: bind.c asks and answers, bind_act.c acts.
 */
#ifndef METHOD_BIND_PRIVATE_H
#define METHOD_BIND_PRIVATE_H

#include "dav_shared.h"
#include "method/bound.h"
#include "multi.h"

/* The names of the conditions of one method (RFC 5842 §4 to §6). */
struct binding_words {
    struct slice body, into_folder, source_exists;
    struct slice locked_name;                  /* the lock of the name that is there; the folder's has one name */
    struct slice locked_from, locked_old_name; /* of REBIND: the folder that it leaves, and the URL there */
};

struct bind_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    enum method method;
    const struct binding_words *words;
    struct rpath folder;
    struct slice body;
    struct verdict type; /* of the content's media type, told only where there is a folder */
    bool no_overwrite, no_loops;
    /* what the first job found */
    struct binding_body names;
    struct change_guard head;                /* If and conditions, of the folder */
    struct bound_place from_place, to_place; /* another job's: what else leads there */
    /* what the last one does */
    struct rpath from, to;
    unsigned from_rights;
    struct change_guard source, target;
    struct rights_below below;
    bool is_slow, wants_slow; /* it runs in the slow lane; it should */
    /* what came of it */
    bool is_missing; /* err: there is nothing that could get the name, or lose one */
    struct verdict verdict;
    enum err err;
    struct slice locked; /* which condition a lock in the way is about */
    struct casualties casualties;
    struct blockers conflict;
    struct transferred done;
};

/* The last job's act(): all is judged but what has to be judged beside the commit. */
void bind_act(struct job *job);

#endif
