/*
 * members.h - a walk over a folder and what is below it, pulled one resource at a time.
 *
 * For answers that are sent while they are made: the walk lives as long as the answer, holds a few descriptors
 * (WALK_FDS at most, however deep) and one buffer of directory entries, and sees each member as it is at that moment.
 * Order is the file system's; a folder comes before its members. What cannot be looked at is told by name (is_broken),
 * what vanishes meanwhile is left out. A link to a folder is that folder, with its members; a deep walk follows no link
 * below another one, and goes into no folder that it is in already, so it ends. One thread at a time.
 */
#ifndef STORE_MEMBERS_H
#define STORE_MEMBERS_H

#include "store/props.h"
#include "store/store.h"

enum { WALK_FDS = 16 };

struct walk;

struct walk_entry {
    struct slice path; /* as rpath.text, from the site's root; valid until the next call */
    struct slice name; /* the leaf; part of path */
    unsigned depth;    /* 0: what the walk began with */
    struct facts facts;
    bool is_broken;   /* only path, name and depth are true */
    bool is_in_bound; /* a binding was on the way to it: it has other paths as well */
    bool is_again;    /* a bound folder that came before: its members are left out (walk_once()) */
};

/*
 * depth: 0 the resource alone, 1 its members, WALK_DEEP everything below; a file has no members (DAV-030). Errors as
 * store_find(). The first entry is the resource itself.
 */
#define WALK_DEEP (~0u)
enum err store_walk(struct store *store, struct rpath path, unsigned depth, struct walk **out) WORKER_SIDE;
/*
 * Before the first walk_next(): members come in the order of their names' octets, and a bound folder's members only
 * with the first of its names that comes (RFC 5842 §7.1); so it ends however folders are bound. For that, the names of
 * all folders on the way down are in memory: a folder with more than WALK_NAMES_MAX octets of them ends it with
 * ERR_TOO_LARGE.
 */
enum { WALK_NAMES_MAX = 64 << 20 };
void walk_once(struct walk *walk) WORKER_SIDE;
/* ERR_MISSING: that was all. */
enum err walk_next(struct walk *walk, struct walk_entry *out) WORKER_SIDE;
/* The members of the folder that came last are not wanted. */
void walk_skip(struct walk *walk) WORKER_SIDE;
/*
 * Dead properties, traits and id of the entry that came last; each may be NULL. Cheap where there are no records.
 * ERR_MISSING: it is broken, or gone meanwhile.
 */
enum err walk_look(struct walk *walk, struct arena *arena, struct property **props, unsigned *count,
                   struct traits *traits, unsigned char id[16]) WORKER_SIDE;
/* NULL is fine. Any side; does not wait for the disk. */
void walk_close(struct walk *walk);

#endif
