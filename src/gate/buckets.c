/*
 * buckets.c - token buckets on a shelf, each a single moment.
 *
 * The generic cell rate algorithm: an entry's order is the moment at which the bucket will be full. Taking adds the
 * time that it takes to earn what was taken; there is enough as long as that moment is not further ahead than the
 * whole bucket takes to fill. A shelf that has to make room forgets the least moment, the fullest bucket of its set.
 */
#include "ledger.h"

/* No debt lasts longer: ten years, far below where the sum of it and the clock would overflow. */
static const uint64_t debt_ns_max = UINT64_C(3650) * 86400 * 1000000000;

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* No further than the longest debt. */
static uint64_t moved_on(uint64_t from_ns, uint64_t now_ns, uint64_t cost_ns)
{
    return cost_ns > debt_ns_max || from_ns - now_ns + cost_ns > debt_ns_max ? now_ns + debt_ns_max : from_ns + cost_ns;
}

struct bucket_look bucket_take(struct shelf *buckets, uint64_t key, uint64_t now_ns, uint64_t need_ns, uint64_t cost_ns,
                               uint64_t room_ns)
{
    struct shelf_entry *entry = shelf_begin(buckets, key);
    uint64_t full_ns = later(entry->order, now_ns), most_ns = now_ns + room_ns;
    struct bucket_look look = {.is_refused = full_ns + need_ns > most_ns};

    if (look.is_refused) {
        look.wait_ns = full_ns + need_ns - most_ns;
    } else {
        full_ns = moved_on(full_ns, now_ns, cost_ns);
        look.left_ns = full_ns < most_ns ? most_ns - full_ns : 0;
        if (cost_ns)
            entry->order = full_ns;
    }
    shelf_end(buckets, entry);
    return look;
}

void bucket_give_back(struct shelf *buckets, uint64_t key, uint64_t cost_ns)
{
    struct shelf_entry *entry = shelf_begin(buckets, key);

    if (entry->order > cost_ns) /* else it was forgotten meanwhile, and is full */
        entry->order -= cost_ns;
    shelf_end(buckets, entry);
}

void bucket_charge(struct shelf *buckets, uint64_t key, uint64_t now_ns, uint64_t cost_ns)
{
    struct shelf_entry *entry = shelf_begin(buckets, key);

    entry->order = moved_on(later(entry->order, now_ns), now_ns, cost_ns);
    shelf_end(buckets, entry);
}
