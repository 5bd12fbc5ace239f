/*
 * empty.h - private to store/: removing what was taken out of sight, with all below it.
 *
 * An entry lies in a folder of ours under ID.SEQUENCE (with a prefix beside users' files), where ID is the id that the
 * resource had. A folder is emptied of its files; a folder in it that is not empty is moved up, to be an entry of its
 * own. So any depth needs one descriptor, work stops after any member, and after a crash the names say all.
 *
 * Before a member is unlinked its records and properties are dropped durably, so a deleted id never returns. Links are
 * not followed, and nothing on another volume is touched.
 */
#ifndef STORE_EMPTY_H
#define STORE_EMPTY_H

#include <dirent.h>

#include "core.h"
#include "identity.h"

enum { EMPTY_BATCH = 1000 }; /* members a slice: some 50 ms, and one commit */

struct entry {
    struct link link;
    char name[128];
    unsigned char id[ID_LEN];
    DIR *list;        /* once begun, if it is a folder */
    unsigned removed; /* in this pass over it */
};

struct emptying {
    struct store *store;
    int base;            /* where the entries are */
    const char *prefix;  /* of names of new entries */
    struct link entries; /* in the order of work; the first has been begun */
    uint64_t stuck;      /* what the system did not let us remove */
};

void emptying_add(struct emptying *emptying, const char *name);
/* One slice; false when nothing is left to do. */
bool emptying_work(struct emptying *emptying);
void emptying_release(struct emptying *emptying);

/* All of an entry beside users' files, now. */
void empty_beside(struct store *store, int folder, const char *name);

#endif
