/*
 * snapshot.h - a folder's facts and its members', as they were at one moment: for the hot cache, which keeps it while
 * inotify reports no change.
 *
 * Made by a worker, never changed afterwards, counted: any thread may read what it holds a reference of. It knows what
 * a walk tells (store/members.h), with properties and traits where there are any; nothing of locks and quotas.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/props.h"
#include "store/store.h"

enum {
    SNAPSHOT_MEMBERS_MAX = 20000, /* some 200 bytes each; a folder beyond that is walked anew for each listing */
    SNAPSHOT_RECORDS_MAX =
        1024 * 1024,             /* octets of properties and traits; a folder with more has them read each time */
    SNAPSHOT_FOLDERS_MAX = 2048, /* members that are folders: each needs a watch of its own */
};

struct snapshot;

/* Its records are true as long as snapshot_has_records() says so. */
struct snapshot_member {
    struct slice name; /* octets as on disk; "" for the folder itself */
    struct facts facts;
    const struct traits *traits; /* NULL: none */
    const struct property *dead; /* as of store_props() */
    unsigned dead_count;
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
const struct snapshot_member *snapshot_self(const struct snapshot *snapshot);
/* Nothing recorded of any resource here changed since: what it says of properties and traits is still true. */
bool snapshot_has_records(const struct snapshot *snapshot, const struct store *store);
/* In the order of the file system, as a walk has them. */
const struct snapshot_member *snapshot_members(const struct snapshot *snapshot, unsigned *count);
/* NULL: there is no such file or folder in it. */
const struct snapshot_member *snapshot_find(const struct snapshot *snapshot, struct slice name);
/* Memory that it takes. */
size_t snapshot_bytes(const struct snapshot *snapshot);
/* Of all names together, and of what is recorded, at most: for guessing how long a listing gets. */
size_t snapshot_names_len(const struct snapshot *snapshot);
size_t snapshot_records_len(const struct snapshot *snapshot);

#endif
