/*
 * merge.c - batches of a scan: what is committed and what is queued, in one order.
 */
#include "merge.h"

void meta_batch_release(struct meta_batch *batch)
{
    arena_release(&batch->arena);
    *batch = (struct meta_batch){0};
}

void batch_init(struct meta_batch *batch, unsigned max)
{
    *batch = (struct meta_batch){0};
    batch->entries = arena_alloc(&batch->arena, max * sizeof(batch->entries[0]));
}

static void batch_add(struct meta_batch *batch, struct slice key, struct slice value)
{
    batch->entries[batch->count++] =
        (struct meta_entry){arena_slice(&batch->arena, key), arena_slice(&batch->arena, value)};
}

/* The queued change at `at`, if it is in the range. */
static const struct table_entry *queued_at(const struct table *overlay, size_t at, struct slice prefix)
{
    if (at < overlay->count && slice_starts(overlay->entries[at]->key, prefix))
        return overlay->entries[at];
    return NULL;
}

/* What is committed and what is queued, in one order; for the same key the queued one. */
void batch_merge(const struct table *overlay, size_t at, struct slice prefix, unsigned max,
                 const struct meta_batch *base, struct meta_batch *out)
{
    unsigned i = 0;

    while (out->count < max) {
        const struct table_entry *queued = queued_at(overlay, at, prefix);
        const struct meta_entry *committed = i < base->count ? &base->entries[i] : NULL;
        int order;

        if (!committed && (!queued || base->has_more)) {
            out->has_more = base->has_more; /* queued ones beyond what was read: the next batch has them */
            return;
        }
        order = !committed ? -1 : !queued ? 1 : slice_cmp(queued->key, committed->key);
        at += order <= 0;
        i += order >= 0;
        if (order > 0)
            batch_add(out, committed->key, committed->value);
        else if (!queued->is_drop)
            batch_add(out, queued->key, queued->value);
    }
    out->has_more = true;
}
