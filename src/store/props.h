/*
 * props.h - properties: what a client keeps with a resource (dead properties, RFC 4918 §4), and traits, which the
 * server itself needs at each GET.
 *
 * They belong to the resource's id, so they follow it: over replacement and rename by anyone, MOVE, COPY (copied to the
 * new one), a restored backup. The store does not look into values: `xml` is the whole element, serialised to stand
 * alone (all prefixes and xml:lang declared), UTF-8.
 */
#ifndef STORE_PROPS_H
#define STORE_PROPS_H

#include "store/store.h"
#include "store/writelock.h"

enum {
    PROP_VALUE_MAX = 256 * 1024, /* octets of one element: what a record takes without a file of its own */
    PROP_NAME_MAX = 1024,        /* octets of namespace and local name together */
    PROPS_COUNT_MAX = 1000,      /* of one resource */
    PROPS_TOTAL_MAX = 4 << 20,   /* octets of one resource's: a PROPFIND has to hold them for a moment */
};

struct property {
    struct slice space, local; /* namespace name ("" for none) and local name */
    struct slice xml;
};

/* All of the resource's, in order of namespace and name; texts in the arena. Errors as store_find(). */
enum err store_props(struct store *store, struct rpath path, struct arena *arena, struct property **out,
                     unsigned *count) WORKER_SIDE;

struct prop_edit {
    struct slice space, local;
    struct slice xml; /* "" with is_removal */
    bool is_removal;  /* of what is not there: fine */
};

/* What the server itself has to know of a resource beyond its facts; "" where nothing was said. */
struct traits {
    struct slice type;      /* Content-Type as PUT gave it, where the name says another one */
    struct slice language;  /* Content-Language */
    struct slice checksums; /* as "SHA1:... MD5:..."; only while the content is that of which they were taken */
    int64_t floor_s;        /* Last-Modified at this URL is never below it (CND-09); 0: none */
};
/* Edits of traits; NULL leaves one as it is, "" removes it. A poke makes hot caches forget the file. */
struct trait_edits {
    const struct slice *type, *language;
    int executable; /* -1 leave, 0, 1: the owner's x bit follows (and group's, others' where they may read) */
};

/*
 * Makes the edits in their order, all or none, durably. ERR_TOO_LARGE: past a limit above; ERR_NO_SPACE. ERR_INVALID: a
 * trait with control characters, or an x bit for a folder. The guard is
 * judged first (CHANGE_CONTENT). traits may be NULL. now (may be NULL): facts after it.
 */
enum err store_patch(struct store *store, struct rpath path, const struct prop_edit *edits, unsigned count,
                     const struct trait_edits *traits, struct guard guard, struct facts *now) WORKER_SIDE;

/* Any side: false means that no resource here has traits, so that a GET need not look. */
bool store_has_traits(const struct store *store);
/* The same of dead properties. */
bool store_has_props(const struct store *store);
/* Of what is at the path, whose facts these are. Nothing said: zeroed. */
enum err store_traits(struct store *store, struct rpath path, const struct facts *facts, struct arena *arena,
                      struct traits *out) WORKER_SIDE;

#endif
