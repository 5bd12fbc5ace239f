/*
 * resolve.h - from paths to descriptors, never outside of the root.
 *
 * The kernel resolves every path, from the root's descriptor, beneath it and without following links
 * (openat2). Only where it meets a link does the store walk by itself: it computes an equal path without
 * links and `..`, and has the kernel resolve that one in the same strict way. So whatever is renamed or
 * swapped meanwhile, no descriptor from here is outside of what the rules allow.
 */
#ifndef STORE_RESOLVE_H
#define STORE_RESOLVE_H

#include "core.h"

/* A path without links, below the root (or below "/", with SYMLINKS_ANYWHERE). Terminated; "" is the base. */
struct plain {
    char text[PATH_ROOM];
    size_t len;
    bool is_outside; /* below "/" */
    bool through_symlink;
};

/* Where a name is or would be. */
struct place {
    int folder; /* owned; O_RDONLY where we may list it, else O_PATH */
    uint64_t dev, ino;
    bool through_symlink;
    bool is_outside;
    char name[NAME_ROOM];   /* terminated; follows no link */
    char parent[PATH_ROOM]; /* the folder's own path without links */
};

/*
 * Opens what is at `path`: flags as of open(2), O_CLOEXEC and the link flags added. Errors as store_find().
 * plain (may be NULL) gets the path that was opened. What is refused is ERR_MISSING.
 */
enum err resolve_open(struct store *store, struct slice path, int flags, int *fd, struct plain *plain);

/* The place of the leaf; links on the way and at the leaf are followed. The root has no place: ERR_IS_FOLDER. */
enum err resolve_place(struct store *store, struct slice path, struct place *place);
/* The same, but a link at the leaf is the leaf: for removing it. */
enum err resolve_name(struct store *store, struct slice path, struct place *place);
void place_release(struct place *place);

/* openat2 below `base` without following any link. -1 and errno. */
int open_beneath(int base, const char *path, int flags);
/* `.samovar` in any case of letters, or a name of ours beside a target. */
bool name_is_reserved(struct slice name);

#endif
