/*
 * move_binding.c - MOVE of bindings, and of folders with bindings in them (RFC 5842 §2.5).
 *
 * The name moves, what it stands for stays. A folder goes with all its bindings by one rename; only where it is has to
 * be recorded anew. What may not be: that nothing leads to it afterwards, since its only name was moved below itself.
 */
#include "bindings.h"
#include "move.h"
#include "quota_private.h"
#include "writelock_private.h"

static bool is_in_bound(const struct place *place)
{
    unsigned char id[ID_LEN];
    struct slice rest;

    return !place->is_outside && bound_within(slice_str(place->parent), id, &rest);
}

/* The folder that it goes to, with the way to it recorded. */
static enum err target_folder(struct carriage *carriage, struct meta **meta, unsigned char id[ID_LEN])
{
    struct changes changes = {0};
    enum err err = way_gather(carriage->store, &carriage->to.place, &changes, id);

    if (err == ERR_NONE)
        err = records_need(carriage->store, meta);
    if (err == ERR_NONE)
        err = changes_commit(&changes, *meta);
    changes_release(&changes);
    return err;
}

static bool is_above(struct store *store, const unsigned char folder[ID_LEN], const unsigned char id[ID_LEN])
{
    unsigned char(*above)[ID_LEN];
    struct arena arena = {0};
    unsigned count = 0;
    bool is_above = ids_above(store, folder, &arena, &above, &count) != ERR_NONE; /* in doubt it is */

    for (unsigned i = 0; i < count; i++)
        is_above |= memcmp(above[i], id, ID_LEN) == 0;
    arena_release(&arena);
    return is_above;
}

enum err move_may_loop(struct carriage *carriage)
{
    const struct side *from = &carriage->from;
    const unsigned char *id = from->is_binding ? from->standing.facts.bound_id : from->identity.id;
    struct binding_record name;
    unsigned char folder[ID_LEN];
    struct meta *meta;
    enum err err;

    if (from->standing.facts.kind != KIND_FOLDER || (from->is_link && !from->is_binding) ||
        !is_in_bound(&carriage->to.place))
        return ERR_NONE;
    err = target_folder(carriage, &meta, folder);
    if (err != ERR_NONE)
        return err;
    if (from->is_binding && !binding_at(carriage->store, &from->place, id, &name))
        return ERR_CHANGED;
    if (!folder_is_reachable_without(carriage->store, folder, from->is_binding ? NULL : id,
                                     from->is_binding ? &name : NULL))
        return ERR_ESCAPES;
    return carriage->transfer->no_loops && is_above(carriage->store, folder, id) ? ERR_LOOP : ERR_NONE;
}

/* Of the binding at its new name; it is as old as it was. */
static bool record_of(struct carriage *carriage, struct binding_record *old, struct binding_record *now)
{
    const struct side *from = &carriage->from;
    const unsigned char *id = from->standing.facts.bound_id;
    struct meta *meta = records_find(carriage->store);
    struct binding_record known;

    if (!meta || !binding_at(carriage->store, &from->place, id, old) ||
        !binding_at(carriage->store, &carriage->to.place, id, now))
        return false;
    now->kind = from->standing.facts.kind;
    now->made_ns = from->standing.facts.born_ns;
    if (binding_get(meta, id, old->parent, slice_str(old->name), &known))
        now->made_ns = known.made_ns;
    return true;
}

static enum err put(struct carriage *carriage, const struct binding_record *record)
{
    struct changes changes = {0};
    struct meta *meta;
    enum err err = records_need(carriage->store, &meta);

    changes_put_binding(&changes, record);
    if (err == ERR_NONE)
        err = changes_commit(&changes, meta);
    changes_release(&changes);
    return err;
}

enum err move_binding_first(struct carriage *carriage)
{
    struct binding_record old, now;
    unsigned char folder[ID_LEN];
    struct meta *meta;
    enum err err = target_folder(carriage, &meta, folder);

    if (err == ERR_NONE && !record_of(carriage, &old, &now))
        err = ERR_CHANGED;
    if (err == ERR_NONE)
        err = locks_join(carriage->store, &carriage->to.place, now.id, carriage->transfer->blockers);
    return err == ERR_NONE ? put(carriage, &now) : err;
}

void move_binding_undo(struct carriage *carriage)
{
    struct binding_record old, now;

    if (record_of(carriage, &old, &now))
        binding_drop(carriage->store, &now);
}

/* Of links at the one place and at the other. */
static bool texts_differ(const struct carriage *carriage)
{
    const unsigned char *id = carriage->from.identity.id;
    char before[PATH_ROOM], now[PATH_ROOM];

    bound_text(carriage->from.place.parent, id, before);
    bound_text(carriage->to.place.parent, id, now);
    return strcmp(before, now) != 0;
}

static void folder_moved(struct carriage *carriage)
{
    struct meta *meta = records_find(carriage->store);
    struct changes changes = {0};
    unsigned char folder[ID_LEN];
    struct way_record way;

    if (!meta || way_get(meta, carriage->from.identity.id, &way) != ERR_NONE ||
        target_folder(carriage, &meta, folder) != ERR_NONE)
        return;
    changes_put_way(&changes, carriage->from.identity.id, folder, slice_str(carriage->to.place.name));
    changes_commit(&changes, meta);
    changes_release(&changes);
    if (texts_differ(carriage))
        bound_retext_later(carriage->store, carriage->from.identity.id);
}

/* What stood at the target was a name of the same resource: the name is still one. */
static void stays_named(struct carriage *carriage)
{
    struct side *from = &carriage->from, *to = &carriage->to;

    if (from->is_binding && to->is_binding &&
        memcmp(from->standing.facts.bound_id, to->standing.facts.bound_id, ID_LEN) == 0)
        to->is_binding = false;
}

void move_bindings_after(struct carriage *carriage)
{
    const struct side *from = &carriage->from;
    struct binding_record old, now;

    if (!store_has_bindings(carriage->store))
        return;
    stays_named(carriage);
    if (!from->is_link && from->standing.facts.kind == KIND_FOLDER)
        folder_moved(carriage);
    if (!from->is_binding || !record_of(carriage, &old, &now))
        return;
    binding_drop(carriage->store, &old);
    bound_retext(carriage->store, &carriage->to.place, now.id);
    quota_doubt(carriage->store);
}

/* It gets the folder's name as one more, and that folder goes, with the name that it had in it. */
enum err move_over_above(struct store *store, const struct transfer *transfer, struct transferred *out)
{
    struct binding_wish wish = {.from = transfer->from,
                                .to = transfer->to,
                                .no_overwrite = transfer->no_overwrite,
                                .no_loops = transfer->no_loops,
                                .source = transfer->source,
                                .target = transfer->target,
                                .blockers = transfer->blockers};

    return store_bind(store, &wish, out);
}
