/*
 * versions_private.h - what the files of /.samovar/versions/ share. ex->path is the resource's, ex->past says what is
 * asked for of it (http/past.h); all gates have judged the resource.
 */
#ifndef METHOD_VERSIONS_PRIVATE_H
#define METHOD_VERSIONS_PRIVATE_H

#include "method_private.h"
#include "store/history.h"

/* GET and HEAD, PROPFIND, COPY. */
void versions_get(struct exchange *ex) LOOP_SIDE;
void versions_propfind(struct exchange *ex) LOOP_SIDE;
void versions_copy(struct exchange *ex) LOOP_SIDE;

/*
 * What is recorded of the one with this number. ERR_MISSING: there is none. ERR_IS_FOLDER, and errors as store_find().
 */
enum err versions_find(struct store *store, struct rpath path, uint64_t number, struct arena *arena,
                       struct version *out) WORKER_SIDE;

/* The address of what is asked for as a collection's, as a worker found out that it is one. */
struct slice versions_collection(struct arena *arena, struct slice path, uint64_t number);

#endif
