/*
 * quota.h - how much may lie below a path, and how much does (RFC 4331; storage rules, "DELETE, trash, quota").
 *
 * Counted only below a quota root. Totals are records, updated beside each change, so reading one and enforcing one
 * cost the same for any size. They are hints: recounted after an unclean stop and now and then, in the slow lane.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/store.h"

struct quota_root {
    struct slice path; /* as rpath.text */
    uint64_t bytes;
};
/* All of them; replaces what was said before (a reload). Copies. */
void store_set_quotas(struct store *store, const struct quota_root *roots, unsigned count);

struct quota {
    bool is_limited;          /* by a quota root at or above: the nearest one's use; else the file system's figures */
    uint64_t used, available; /* available: the least of all quotas above and of the disk (RFC 4331 §3) */
};
enum err store_quota(struct store *store, struct rpath path, struct quota *out) WORKER_SIDE;

/* `samovar check`: compares totals with a walk; mends them if asked. Lines for people go to `out`. */
struct quota_check {
    uint64_t files, bytes;
    unsigned roots, wrong, mended;
};
enum err store_check_quotas(struct store *store, bool mend, bool (*goes_on)(void *), void *arg, struct buf *out,
                            struct quota_check *result) WORKER_SIDE;

#endif
