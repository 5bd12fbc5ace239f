/*
 * copy.h - private to store/: the pieces of COPY. copy.c lands what copy_tree.c and copy_file.c have built aside.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "transfer.h"

enum {
    COPY_PIECE = 8 << 20, /* bytes between two questions whether to go on */
    COPY_ENTRIES = 100,   /* the same in members */
    COPY_OPEN = 64,       /* copied files that wait to be synced together, as one journal commit takes them all */
    COPY_RECORDS = 1000,  /* changes of records in one commit */
};

/*
 * A bound resource that is copied, once, however many names the tree has for it; or an existing one that the copy
 * updates. It waits aside until all is whole.
 */
struct product {
    struct product *next;
    unsigned char source[ID_LEN]; /* zeroes: it was not bound */
    unsigned char id[ID_LEN];
    unsigned char draft[ID_LEN]; /* what is recorded of it until it lands */
    enum kind kind;
    bool is_update, is_top, is_broken, is_kept, has_landed;
    int old; /* a folder that was updated, as it was; -1 */
    struct aside aside;
};
/* A name that the copy has for one. */
struct placed {
    struct placed *next;
    unsigned char id[ID_LEN];
    char path[]; /* below the result */
};
struct products {
    struct product *first, **last;
    struct placed *names;
};

struct copying {
    struct carriage *carriage;
    struct casualties *casualties;
    struct aside aside;
    struct changes changes; /* properties of members, committed in batches before the result appears */
    int unsynced[COPY_OPEN];
    unsigned unsynced_count, entries;
    uint64_t bytes; /* of copied files, which the quota was asked for */
    uint64_t freed; /* what stands at the target counts against */
    bool has_top;   /* the result is found by its name, which is recorded when it lands */
    struct name_record top;
    unsigned char top_id[ID_LEN]; /* what is recorded of the result is recorded under it */
    struct products products;     /* what is copied beside the tree: copy_bound.c */
};

/* Errors that end the whole COPY, where others are only told of. */
static inline bool copy_ends(enum err err)
{
    return err == ERR_CLOSED || err == ERR_NO_SPACE || err == ERR_QUOTA || err == ERR_READ_ONLY;
}

/* ---- copy_file.c ---- */

/*
 * Content of `from` (with this size) to the empty file `to`: shared blocks where the file system can, holes stay holes.
 * ERR_CLOSED: progress says no.
 */
enum err copy_content(int from, int to, uint64_t size, struct progress progress);
/* Octets from `first` up to `end` of one to the same place of the other, in pieces; holes are left out. */
enum err copy_span(int from, int to, uint64_t first, uint64_t end, struct progress progress);
/*
 * A whole file: content as it was at one moment (ERR_CHANGED: it never stood still), users' attributes, and a time
 * stamp of our own. now gets its facts.
 */
enum err copy_file(struct copying *copying, int from, int to, struct facts *old, struct facts *now);
/* fsync of what was copied so far; takes fd over. -1: of all. */
enum err copy_sync(struct copying *copying, int fd);

/* ---- copy_bound.c ---- */

/* Before building: what is copied may be bound itself. After all: what did not land is dropped. */
void products_init(struct copying *copying);
void products_release(struct copying *copying);
/* The result itself has a name below it, so it has to be bound. */
const struct product *products_top(const struct copying *copying);
/* With all on the disk, before the result appears; and after it did, or did not (has_landed false). */
enum err products_land(struct copying *copying);
void products_settle(struct copying *copying, bool has_landed);

/* ---- copy_tree.c ---- */

/* The folder `from` and, if deep, all below it, in the empty folder that is aside. id: of the source; copy: of that
 * folder. */
enum err copy_tree(struct copying *copying, int from, bool is_deep, const unsigned char id[ID_LEN],
                   const unsigned char copy[ID_LEN]);
/* A source, and what was made of it. */
struct copied {
    const unsigned char *from; /* id; zeroes where nothing can be recorded of it */
    const struct facts *old, *now;
    const struct statx *at;      /* the copy's inode */
    const unsigned char *parent; /* id of the copy's folder; NULL: the result itself */
    struct slice name;
    const unsigned char *as; /* the id that the copy has; NULL: a new one */
};
/* Its properties, if it has any. id: of the copy, as far as anything is to be recorded of it or below. */
enum err copy_records(struct copying *copying, const struct copied *copied, unsigned char id[ID_LEN]);
enum err copy_commit(struct copying *copying);
bool copy_goes_on(struct copying *copying);

#endif
