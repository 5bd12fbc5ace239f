/*
 * copy_private.h - the inside of a tree that is copied: copy_tree.c walks it, copy_bound.c has its bindings.
 */
#ifndef STORE_COPY_PRIVATE_H
#define STORE_COPY_PRIVATE_H

#include "bindings.h"
#include "copy.h"

/* Where a part of the copy begins: the tree itself, or a bound folder in it. */
struct top {
    struct top *next;
    int from, to;
    int replaced;                  /* O_PATH, what stands where it goes and stays what it is; -1: nothing does */
    const struct product *product; /* NULL: the tree itself */
    const char *label;             /* its path below the tree, by the first of its names */
};

/* A folder that is made at the copy, and whose members are to come. */
struct waiting {
    struct waiting *next;
    const struct top *top;
    unsigned char id[ID_LEN], copy[ID_LEN]; /* of the source and of what was made of it */
    char path[];                            /* below the top */
};

struct tree {
    struct copying *copying;
    struct store *store;
    struct meta *meta;
    struct top *tops; /* owned, but for the tree's own */
    struct waiting *waiting;
};

/* The folder at work. */
struct pair {
    struct waiting *folder;
    int from, to, replaced;
    bool has_names; /* names are recorded in it */
};

/* A file, and where its copy goes. */
struct spot {
    int from;
    const char *from_name;
    int to;
    const char *to_name;
    const unsigned char *parent; /* as those of struct copied */
    const unsigned char *as;
};
enum err copy_one_file(struct tree *tree, const struct spot *spot, const unsigned char id[ID_LEN]);
/* A folder whose members are to be copied. */
void copy_push(struct tree *tree, const struct top *top, struct slice path, const unsigned char id[ID_LEN],
               const unsigned char copy[ID_LEN]);

/* ---- copy_bound.c ---- */

/* The folder at the target, which is updated, opened O_PATH; -1: there is none. Borrowed. */
int copy_replaced(struct copying *copying);
/* A member that is a binding. */
enum err copy_binding(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts);
/*
 * Where the member goes a bound resource of its kind has a name: that one is updated (RFC 5842 §2.3). ERR_MISSING:
 * there is none.
 */
enum err copy_update(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts,
                     const unsigned char id[ID_LEN]);
void copy_tops_release(struct tree *tree);

#endif
