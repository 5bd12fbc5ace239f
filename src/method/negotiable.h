/*
 * negotiable.h - whether an address is negotiable, and between which variants (RFC 2295 §4; docs/negotiation.md).
 *
 * Where a place has `negotiate = on`, an address is negotiable that is a type map (FILE.var); or at which nothing is,
 * where there is a map of that name, or files whose names go on from it with extensions that say what they are; or that
 * of a folder whose index.html is one of those. Worker side.
 */
#ifndef METHOD_NEGOTIABLE_H
#define METHOD_NEGOTIABLE_H

#include "conf/conf.h"
#include "http/negotiate.h"
#include "store/store.h"

/* A variant, beside what Alternates says of it. */
struct negotiable_variant {
    bool is_neighbour;     /* it is in the same folder (RFC 2295 §2.2), at: */
    bool is_file;          /* ... and was seen there; where it is not known, false */
    struct rpath path;     /* of a body in a map: the map's */
    struct slice type;     /* complete Content-Type, where a map tells it; "": its own */
    struct slice language; /* the same of Content-Language: "fr, de" */
    struct slice coding;   /* the same of Content-Encoding: what is in the file is coded so */
    unsigned body;         /* which of the map's records it is, from 1; 0: it is a file */
    uint64_t body_at, body_len;
};

struct negotiable {
    struct variant *list;
    struct negotiable_variant *more; /* one for each */
    unsigned count;
    bool is_file; /* there is a file at the address: a map */
    struct rpath map;
    struct slice broken; /* what is wrong with the map; "" where nothing is, or there is none */
};

struct negotiable_ask {
    struct store *store;
    const struct site *site;   /* NULL: all places negotiate, and everybody may read them */
    const struct asker *asker; /* files that he may not read are left out; NULL: none are */
    struct rpath path;
    struct rules rules;
    bool with_index; /* a folder is asked for its index */
    struct arena *arena;
};

/* False: it is not. */
bool negotiable_find(const struct negotiable_ask *ask, struct negotiable *out) WORKER_SIDE;
/* The variant is negotiable itself, so that nobody could be sent it (506). Looks one step far (NEG-C7). */
bool negotiable_goes_on(const struct negotiable_ask *ask, const struct negotiable_variant *variant) WORKER_SIDE;

/* Nothing is at the path, but a coded form of what would be (page.fr.html.gz). */
bool negotiable_is_coded(const struct negotiable_ask *ask, struct rpath path) WORKER_SIDE;

#endif
