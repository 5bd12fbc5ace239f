/*
 * snapshot.h - a folder's facts and its members', as they were at one moment: for the hot cache, which keeps it while
 * inotify reports no change.
 *
 * Made by a worker, never changed afterwards, counted: any thread may read what it holds a reference of. It knows what
 * a walk tells (store/members.h), and nothing of what is recorded of resources: properties, traits, locks.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/store.h"

enum {
    SNAPSHOT_MEMBERS_MAX = 20000, /* some 200 bytes each; a folder beyond that is walked anew for each listing */
    SNAPSHOT_FOLDERS_MAX = 256,   /* members that are folders: each needs a watch of its own */
};

struct snapshot;

struct snapshot_member {
    struct slice name; /* octets as on disk */
    struct facts facts;
};

/* The watches that keep a snapshot true, in the caller's room. */
struct snapshot_watches {
    int *list;
    unsigned max, count;
    unsigned way; /* the first so many: the root, then each folder down to the one that was looked at */
};

/*
 * Watches `folder`, every ancestor up to the root and the members that are folders (whose times change by what is done
 * in them, which their parent is not told of), each before it is looked at. What was told of one of these since means
 * that the snapshot may be wrong; of the ancestors only the next name on the way matters.
 *
 * ERR_UNSUPPORTED where inotify cannot vouch for it: no such reports here, links, files with several names, other file
 * systems below, resources that cannot be looked at. ERR_TOO_LARGE: past a limit, or no watch is left. ERR_CHANGED: a
 * member was written to just now, so its tag is not strong yet. Else errors as store_find(). watches->count counts what
 * was watched, also after an error.
 */
enum err store_snapshot(struct store *store, struct rpath folder, int inotify_fd, struct snapshot_watches *watches,
                        struct snapshot **out) WORKER_SIDE;

/* All below: any side, waits for nothing. */

struct snapshot *snapshot_ref(struct snapshot *snapshot);
/* NULL is fine. */
void snapshot_unref(struct snapshot *snapshot);

/* The folder itself. */
const struct facts *snapshot_facts(const struct snapshot *snapshot);
/* In the order of the file system, as a walk has them. */
const struct snapshot_member *snapshot_members(const struct snapshot *snapshot, unsigned *count);
/* NULL: there is no such file or folder in it. */
const struct snapshot_member *snapshot_find(const struct snapshot *snapshot, struct slice name);
/* Memory that it takes. */
size_t snapshot_bytes(const struct snapshot *snapshot);
/* Of all names together, for guessing how long a listing gets. */
size_t snapshot_names_len(const struct snapshot *snapshot);

#endif
