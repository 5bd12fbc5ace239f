/*
 * history.h - earlier contents of files: what a PUT replaced, kept for as long as a place's rules say.
 *
 * Nothing is copied: what the exchange of a PUT brings out is moved aside instead of removed, and is recorded under the
 * resource's id. So versions follow a resource over MOVE, and go with it. Each has the tag that was shown for it, as
 * text: never computed anew. They are no part of any quota; together they have a budget of their own, and the oldest
 * give way first.
 *
 * Limits: what other programs replace is not seen, so not kept. A file with several names (hard links), on another
 * volume than the state folder, or behind a user's link is not kept either. A power cut may take the newest version of
 * a file (its replacement is not awaited twice), never the file.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/arena.h"
#include "store/store.h"

/* What is kept of one file. Each that is not 0 is a limit; all 0: nothing is kept. */
struct history_limits {
    uint32_t count;
    uint64_t bytes;   /* of all versions of the file together */
    uint64_t seconds; /* since it was replaced */
};
enum { VERSIONS_MAX = 1000 }; /* of one file, whatever the limits say: each PUT looks through them */

/* Before part_commit(): what it replaces is to be kept. Nothing is refused for want of it. */
void part_history(struct part *part, const struct history_limits *limits) WORKER_SIDE;

/* An earlier content. */
struct version {
    uint64_t number; /* rises with each that is kept in the folder; never given out twice */
    uint64_t size;
    int64_t modified_ns; /* the content's own time */
    int64_t replaced_s;  /* wall clock */
    char tag[TAG_MAX];   /* as it was shown */
    unsigned char tag_len;
    bool is_weak;
    bool has_sha256; /* it is known: */
    unsigned char sha256[32];
};
struct version_list {
    struct version *list; /* the newest first */
    unsigned count;
};
/* Those of the file at `path` that can be opened, in the arena. Errors as store_find(); ERR_IS_FOLDER. */
enum err store_versions(struct store *store, struct rpath path, struct arena *arena,
                        struct version_list *out) WORKER_SIDE;
/*
 * One of them, opened for reading; *fd by close(). ERR_MISSING: there is none of this number, or it is not what was
 * recorded. Its facts are the version's: its own size, time and tag.
 */
enum err store_version_open(struct store *store, struct rpath path, uint64_t number, int *fd,
                            struct facts *facts) WORKER_SIDE;
/* The same by a strong tag that was shown for it; of several the newest. */
enum err store_version_by_tag(struct store *store, struct rpath path, struct slice tag, int *fd, struct facts *facts,
                              uint64_t *number) WORKER_SIDE;
/* Octets that all versions take. Any side. */
uint64_t store_history_bytes(struct store *store);

#endif
