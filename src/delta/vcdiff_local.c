/*
 * vcdiff_local.c - following the copies.
 */
#include "vcdiff_local.h"

#include <stdlib.h>

#include "base/arena.h"

/* Filled in chunks: so many places at once. */
enum { FILL = 4096 };

void vcdiff_local_init(struct vcdiff_local *local, unsigned bits, unsigned key, uint32_t reach)
{
    *local = (struct vcdiff_local){.bits = bits, .key = key, .reach = reach};
    if (bits) {
        local->slots = xcalloc((size_t)1 << bits, sizeof(*local->slots));
        local->credit = (uint64_t)1 << bits;
    }
}

void vcdiff_local_release(struct vcdiff_local *local)
{
    free(local->slots);
    *local = (struct vcdiff_local){0};
}

static void fill(struct vcdiff_local *local, struct vcdiff_base *base, uint64_t end)
{
    while (local->end < end) {
        size_t len;
        const char *octets = vcdiff_base_view(base, local->end, &len);

        if (!octets)
            return;
        if (len > end - local->end)
            len = end - local->end;
        for (size_t i = 0; i < len; i++)
            *vcdiff_local_slot(local, vcdiff_load64(octets + i)) = (uint32_t)(local->end + i);
        local->end += len;
    }
}

void vcdiff_local_follow(struct vcdiff_local *local, struct vcdiff_base *base, uint64_t near, uint64_t more)
{
    uint64_t reach = local->reach, last = base->size < 8 ? 0 : base->size - 7, first, end;

    local->credit += more;
    first = near > reach ? near - reach : 0;
    if (first > last)
        first = last;
    end = last - first < 2 * reach ? last : first + 2 * reach;
    if (first >= local->first && end <= local->end)
        return;
    if (first < local->first || first > local->end) {
        /* elsewhere; a jump costs all of the table's credit, so that jumping to and fro ends */
        if (local->credit < end - first)
            return;
        local->first = local->end = first;
    } else if (end - local->end < FILL && end < last) {
        return;
    }
    if (local->credit < end - local->end)
        return;
    local->credit -= end - local->end;
    fill(local, base, end);
    /* what is further back than the table is long was overwritten, mostly */
    if (local->end - local->first > (uint64_t)1 << local->bits)
        local->first = local->end - ((uint64_t)1 << local->bits);
}
