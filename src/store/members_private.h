/*
 * members_private.h - the inside of a walk: members.c goes, members_look.c tells what is recorded of where it is.
 */
#ifndef STORE_MEMBERS_PRIVATE_H
#define STORE_MEMBERS_PRIVATE_H

#include "store/members.h"
#include "id_set.h"
#include "walk.h"

struct level {
    int fd;        /* -1: closed for now */
    char *entries; /* LEVEL_BYTES while it is open */
    long at, len;  /* in entries */
    int64_t next;  /* the folder's own offset behind the last name that was taken */
    size_t path_len;
    uint64_t dev, ino;
    bool is_by_link;       /* this one or one above it was reached by a link */
    bool is_in_bound;      /* a binding was on the way */
    struct rounds *rounds; /* which, once that was asked; owned */
    bool has_id, is_outside;
    char **names; /* walk_once(): sorted, with the type before each; those from `next_name` on are still to come; in one
                     block */
    size_t name_count, next_name;
    enum { NAMES_UNKNOWN, NAMES_NONE, NAMES_SOME } recorded; /* names in it */
    unsigned char id[ID_LEN];
};

struct walk {
    struct store *store;
    unsigned depth_max;
    struct level *levels;
    unsigned count, room;
    unsigned open; /* the last so many levels */
    struct walk_entry last;
    bool is_started, descends; /* the last entry's members come next */
    bool is_by_link;           /* a link was on the way to what it began with */
    bool is_once;              /* walk_once(): */
    struct id_set seen;        /* bound folders */
    bool has_id;               /* of the last entry */
    unsigned char id[ID_LEN];
    char path[PATH_ROOM];
};

static inline struct level *walk_top(struct walk *walk)
{
    return &walk->levels[walk->count - 1];
}

static inline struct slice walk_upto(const struct walk *walk, size_t len)
{
    return slice_of(walk->path, len);
}

#endif
