/*
 * sight.h - what somebody may do with the resources that an answer tells of, one after the other: by the rules at their
 * paths and, where bindings are on the way (RFC 5842), also by those of the places where they are at home.
 *
 * Somebody gets through a binding what he may do at its path and at the home path; a demand (451) on any path keeps him
 * from it by all. A store without bindings, and a site with the same rules everywhere, cost nothing here.
 */
#ifndef REPR_SIGHT_H
#define REPR_SIGHT_H

#include "base/role.h"
#include "conf/conf.h"
#include "store/binding.h"

struct sight {
    struct store *store;
    const struct site *site;
    struct asker asker; /* texts are borrowed */
    bool follows;       /* paths are looked for */
    /* of the folder whose member was asked of last */
    struct arena arena;
    struct slice folder;
    struct aliases aliases;
    bool has_folder, is_unknown;
};

/* Rules may differ between two paths of one resource, and there are such resources. Any side. */
bool sight_counts(const struct store *store, const struct site *site);

/* sight_close() afterwards; of a zeroed one that is fine. Any side. */
void sight_open(struct sight *sight, struct store *store, const struct site *site, const struct asker *asker);
void sight_close(struct sight *sight);

/*
 * As conf_sight(), of a path (as rpath.text). is_bound: as its facts say, or they are not known. What cannot be looked
 * at gives no rights.
 */
unsigned sight_rights(struct sight *sight, struct slice path, bool is_bound) WORKER_SIDE;

/* A demand keeps the asker from this path, or from another one of what is there. */
bool sight_is_closed(struct sight *sight, struct slice path) WORKER_SIDE;

/* The same of one, where nothing is remembered. */
unsigned sight_once(struct store *store, const struct site *site, const struct asker *asker,
                    struct slice path) WORKER_SIDE;

/* With `hidden = deny`: a name on it begins with a dot. Pure. */
bool sight_denies(const struct site *site, struct slice path);

#endif
