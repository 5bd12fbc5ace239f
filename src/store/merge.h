/*
 * merge.h - batches of a scan: what is committed and what is queued, in one order.
 */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "meta.h"
#include "table.h"

/* Room for `max` entries. */
void batch_init(struct meta_batch *batch, unsigned max);
/*
 * Fills `out` (initialised, room for max) from `base`, which was read from the implementation, and the queued
 * changes from index `at` on. out->has_more with count 0: all of base is queued to be dropped.
 */
void batch_merge(const struct table *overlay, size_t at, struct slice prefix, unsigned max,
                 const struct meta_batch *base, struct meta_batch *out);

#endif
