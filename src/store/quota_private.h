/*
 * quota_private.h - what every change of the tree tells the quotas.
 *
 *     'q' folder id -> what lies directly in the folder, and below it in all: bytes and files of each
 *
 * Only folders at and below a quota root have one. A change adds to its folder and to all above it up to the topmost
 * quota root, queued and not awaited: totals are hints (quota.h), and a count puts right what went wrong.
 *
 * Paths are those of struct place: without links, below the root. Places outside of the root count nowhere. All calls
 * are cheap where there is no quota root: one load. Worker side.
 */
#ifndef STORE_QUOTA_PRIVATE_H
#define STORE_QUOTA_PRIVATE_H

#include "core.h"
#include "resolve.h"
#include "store/quota.h"
#include "store/tree.h"

enum { QUOTA_NEST_MAX = 16 /* quota roots above one another; those beyond, the topmost, are not enforced there */ };

struct quota_node;

/* Bytes promised to a change that is under way, at every quota root above it. A zeroed one is of none. */
struct quota_claim {
    struct store *store;
    uint64_t bytes;
    unsigned count;
    struct quota_node *nodes[QUOTA_NEST_MAX]; /* the nearest first */
};

struct quota_total {
    uint64_t bytes, files;
};

/* What changes is at the place. Claims nothing yet. */
void quota_claim_open(struct store *store, const struct place *place, struct quota_claim *claim);
/* MOVE: only the quota roots above `to` that are not above `from` as well: within one it costs nothing. */
void quota_claim_open_move(struct store *store, const struct place *from, const struct place *to,
                           struct quota_claim *claim);
/* So many in all from now on. ERR_QUOTA: more than is left somewhere; the claim is as before. Fewer always goes. */
enum err quota_claim_set(struct quota_claim *claim, uint64_t bytes);
void quota_claim_release(struct quota_claim *claim);

/*
 * Something was done: the claim (may be NULL) is released and what became of it counted in one step.
 *
 * quota_file_changed: a file at the place came (files 1), went (-1) or was replaced (0).
 * quota_folder_left: a folder with all in it left the place (DELETE, MOVE); its total is what quota_folder_total()
 *     said before. Its own records stay: they move with it; for one that is deleted drop quota_key() with its others,
 *     afterwards.
 * quota_folder_came: it stands at the place now. total NULL: it is counted (COPY; MOVE from where nothing is counted).
 */
void quota_file_changed(struct store *store, const struct place *place, int64_t bytes, int64_t files,
                        struct quota_claim *claim);
void quota_folder_left(struct store *store, const struct place *place, const unsigned char id[16],
                       const struct quota_total *total);
void quota_folder_came(struct store *store, const struct place *place, const struct quota_total *total,
                       struct quota_claim *claim);
/*
 * What lies below the folder at the place, whose id this is, as far as somebody has to know: it leaves, to `to` (NULL:
 * DELETE). Below a quota root it is recorded: O(1). Else, if it is counted at `to`, the tree is walked; is_recorded is
 * false then, and quota_folder_came() is to be called without a total. Zero and recorded where it matters to no
 * quota. ERR_AGAIN: progress stopped it.
 */
enum err quota_folder_total(struct store *store, const struct place *place, const unsigned char id[16],
                            const struct place *to, struct progress progress, struct quota_total *out,
                            bool *is_recorded);

/* Something bound has another home now, or none: all is counted again soon. */
void quota_doubt(struct store *store);

enum { QUOTA_KEY_LEN = 17 };
struct slice quota_key(char key[QUOTA_KEY_LEN], const unsigned char id[16]);

/* store_open, store_begin, store_close: its thread counts at start and every 24 hours, if there is a quota root. */
void quota_init(struct store *store);
void quota_begin(struct store *store);
void quota_stop(struct store *store);

#endif
