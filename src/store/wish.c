/*
 * wish.c - what a client wants a new content to be, beside its octets: its own time, its type, its checksums.
 *
 * A client's time does not make two contents look like one. Each content of ours is a new inode, and inode and birth
 * are in the tag; where births are unknown the time gets the fraction of a stamp of ours, which no other content has.
 * It is noted as our own, so that the tag is strong at once. Last-Modified may go back then, as the client wished: a
 * floor (CND-09) would make a lie of `X-OC-Mtime: accepted`, so one that stands at the name is dropped.
 *
 * Type, checksums and floor are records. They are written when the content has its place and before that is
 * acknowledged: a reader in between may see the new content with the former type, and so may everybody after a crash.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "facts.h"
#include "part.h"
#include "propset.h"

enum {
    AHEAD_MAX_S = 24 * 3600, /* a client's clock may be wrong by so much: beyond it is nonsense */
};
#define NS_PER_S 1000000000ll

void part_wish(struct part *part, const struct part_wish *wish)
{
    int64_t latest = clock_real_ns() + AHEAD_MAX_S * NS_PER_S;

    free(part->type);
    free(part->checksums);
    part->type = xstrdup(wish->type);
    part->keeps_type = wish->keeps_type;
    part->is_lazy = wish->is_lazy;
    part->checksums = xstrdup(wish->checksums);
    part->has_modified = wish->has_modified;
    part->modified_ns = wish->modified_ns < 0 ? 0 : wish->modified_ns > latest ? latest : wish->modified_ns;
}

int64_t wish_time(struct part *part)
{
    int64_t stamp_ns = stamp_next(part->store);
    int64_t modified_ns = part->modified_ns;

    if (!part->has_modified)
        return stamp_ns;
    if (!part->store->has_btime)
        modified_ns = modified_ns - modified_ns % NS_PER_S + stamp_ns % NS_PER_S;
    stamp_note(part->store, modified_ns);
    return modified_ns;
}

static void floor_drop(struct part *part, struct meta *meta, const struct place *place, const struct identity *identity,
                       const struct facts *now, struct changes *changes)
{
    int64_t now_s = now->modified_ns / NS_PER_S;

    floor_set(part->store, meta, identity->parent, slice_str(place->name), now_s - 1, now_s, changes);
}

/*
 * Of a replaced content. Our own stamps rise, so a floor is only kept right: it goes where it is no longer needed, and
 * one is needed where a client had set a time to come. What a client says itself stands.
 */
static void keep_floor(struct part *part, struct meta *meta, const struct place *place, const struct identity *identity,
                       const struct facts *old, const struct facts *now, struct changes *changes)
{
    struct slice name = slice_str(place->name);
    int64_t floor_s = floor_get(part->store, meta, identity->parent, name);
    int64_t shown_s = old->modified_ns / NS_PER_S, now_s = now->modified_ns / NS_PER_S;

    if (floor_s > shown_s)
        shown_s = floor_s;
    if (part->has_modified)
        floor_drop(part, meta, place, identity, now, changes);
    else if (now_s < shown_s || (floor_s && now_s > shown_s))
        floor_set(part->store, meta, identity->parent, name, shown_s, now_s, changes);
}

static bool has_texts(const struct part *part)
{
    return (part->type && part->type[0]) || (part->checksums && part->checksums[0]);
}

/* False: what it was answered with until now is another from now on. */
static bool put_texts(struct part *part, struct meta *meta, const struct identity *identity, const struct facts *now,
                      struct changes *changes)
{
    struct slice type = slice_str(part->type ? part->type : "");
    bool is_quiet;

    traits_put(part->store, meta, identity->id, part->keeps_type ? NULL : &type,
               slice_str(part->checksums ? part->checksums : ""), facts_tag(now), changes, &is_quiet);
    return is_quiet;
}

/* Where only checksums of our own are to be kept nobody waits, and no answer that was given is another now. */
static void record(struct part *part, struct meta *meta, const struct place *place, bool is_lazy,
                   struct changes *changes)
{
    if (changes->count && is_lazy)
        changes_queue(changes, meta);
    else if (changes->count && changes_commit(changes, meta) == ERR_NONE)
        traits_poke(part->store, place);
    changes_release(changes);
}

void wish_replaced(struct part *part, const struct place *place, const struct identity *identity,
                   const struct standing *old)
{
    struct meta *meta = records_find(part->store);
    struct changes changes = {0};
    struct facts now;
    bool is_lazy = part->is_lazy;
    unsigned texts;

    if (!meta || !identity->is_recorded || facts_fill(part->store, &part->statx, &now) != ERR_NONE)
        return;
    if (has_texts(part) || propset_has_traits(part->store))
        is_lazy &= put_texts(part, meta, identity, &now, &changes);
    texts = changes.count;
    keep_floor(part, meta, place, identity, &old->facts, &now, &changes);
    record(part, meta, place, is_lazy && changes.count == texts, &changes);
}

void wish_created(struct part *part, const struct place *place)
{
    struct changes changes = {0};
    struct identity identity;
    struct meta *meta;
    struct facts now;
    bool may_have_floor = part->has_modified && propset_has_floors(part->store); /* of what was here before */

    if ((!has_texts(part) && !may_have_floor) || place->is_outside || records_need(part->store, &meta) != ERR_NONE ||
        facts_fill(part->store, &part->statx, &now) != ERR_NONE ||
        identity_gather(part->store, place, &part->statx, &identity, &changes) != ERR_NONE)
        return;
    if (has_texts(part))
        put_texts(part, meta, &identity, &now, &changes);
    else if (floor_get(part->store, meta, identity.parent, slice_str(place->name)) == 0) {
        changes_release(&changes); /* nothing to keep: who it is need not be recorded either */
        return;
    }
    if (may_have_floor)
        floor_drop(part, meta, place, &identity, &now, &changes);
    record(part, meta, place, part->is_lazy && !may_have_floor, &changes);
}
