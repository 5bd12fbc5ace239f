/*
 * binding.c - BIND (RFC 5842 §4).
 *
 * First the resource becomes bound, if it is not: a link is put among the bound resources under its id, and the two
 * change places in one step, so that nobody finds nothing at its name; by then its id is recorded durably. That changes
 * nothing that a request could see. Then a second link takes the new name, as a copy would. What a crash leaves in
 * between is a link among the bound resources, which the next start removes, or a bound resource with one name.
 */
#include "bindings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "facts.h"
#include "guard.h"
#include "transfer.h"
#include "writelock_private.h"

bool store_has_bindings(const struct store *store)
{
    return atomic_load_explicit(&store->kinds.bindings, memory_order_relaxed) || atomic_load(&store->share.is_shared);
}

/* ---- the first name ---- */

static bool holds_what_stays(struct store *store, const struct place *place)
{
    struct arena arena = {0};
    struct slice *mounts;
    bool holds = place_holds_refused(store, place) || place_mounts(store, place, &arena, &mounts) > 0;

    arena_release(&arena);
    return holds;
}

/* Its id, its inode and its name as a binding, durably; the name is nobody else's from now on. */
static enum err record_first(struct store *store, const struct place *place, const struct standing *old,
                             struct binding_record *record)
{
    struct changes changes = {0}, more = {0};
    struct identity identity;
    struct meta *meta;
    char name[BOUND_NAME_LEN + 1];
    enum err err = way_gather(store, place, &changes, record->parent);

    if (err == ERR_NONE)
        err = identity_gather(store, place, &old->statx, &identity, &more);
    changes_release(&more); /* the name's record would outlive the name */
    if (err == ERR_NONE)
        err = records_need(store, &meta);
    if (err == ERR_NONE) {
        memcpy(record->id, identity.id, ID_LEN);
        memcpy(record->name, place->name, NAME_ROOM);
        record->kind = old->facts.kind;
        record->made_ns = clock_real_ns();
        bound_name(record->id, name);
        changes_put_inode(&changes, inode_of(store, &old->statx), record->id, bound_folder_id, slice_str(name));
        changes_drop_name(&changes, record->parent, slice_str(place->name));
        changes_drop_way(&changes, record->id);
        changes_put_binding(&changes, record);
        bindings_note(store, record->kind);
        err = changes_commit(&changes, meta);
    }
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

static enum err err_of_exchange(struct store *store, int code)
{
    switch (code) {
    case ENOENT:
        return ERR_CHANGED;
    case EBUSY:
    case EXDEV:
        return ERR_UNSUPPORTED;
    case EINVAL:
    case ENOSYS:
        store_lacks(store, MISSING_EXCHANGE);
        return ERR_UNSUPPORTED;
    case EPERM:
        return ERR_DENIED;
    default:
        return err_from_errno(code);
    }
}

/* A link that leads to the resource from its name lies where the resource is to be; then they change places. */
static enum err exchange(struct store *store, const struct place *place, const struct standing *old,
                         const struct binding_record *record)
{
    int bound = store->state.bound;
    char text[PATH_ROOM], name[BOUND_NAME_LEN + 1];
    enum err err;

    bound_text(place->parent, record->id, text);
    bound_name(record->id, name);
    if (symlinkat(text, bound, name) < 0)
        return errno == EPERM || errno == EOPNOTSUPP ? ERR_UNSUPPORTED
               : errno == EEXIST                     ? ERR_CHANGED
                                                     : err_from_errno(errno);
    if (renameat2(place->folder, place->name, bound, name, RENAME_EXCHANGE) < 0) {
        err = err_of_exchange(store, errno);
        unlinkat(bound, name, 0);
        return err;
    }
    err = came_out_any(store, bound, name, old);
    if (err == ERR_CHANGED && renameat2(place->folder, place->name, bound, name, RENAME_EXCHANGE) == 0)
        unlinkat(bound, name, 0);
    return err;
}

static enum err bind_first(struct store *store, const struct place *place, const struct standing *old,
                           unsigned char id[ID_LEN])
{
    struct binding_record record = {.made_ns = 0};
    enum err err = ERR_NONE;

    if (standing_is_folder(old) && holds_what_stays(store, place))
        return ERR_UNSUPPORTED;
    err = record_first(store, place, old, &record);
    if (err == ERR_NONE)
        err = exchange(store, place, old, &record);
    if (err == ERR_NONE)
        err = folder_settle(store, store->state.bound, old->fd);
    if (err == ERR_NONE)
        err = folder_settle(store, place->folder, old->fd);
    if (err != ERR_NONE && !store_is_read_only(store))
        binding_drop(store, &record);
    memcpy(id, record.id, ID_LEN);
    if (err == ERR_NONE)
        locks_bound(store, place, id);
    if (err == ERR_NONE && standing_is_folder(old))
        bound_retext_later(store, id); /* what is in it lies elsewhere now */
    return err;
}

/* ---- where it is, where it goes ---- */

struct bind {
    struct store *store;
    const struct binding_wish *wish;
    struct transfer transfer; /* as landing has it */
    struct carriage carriage;
    unsigned char id[ID_LEN]; /* of the resource, once it is bound */
    struct facts facts;
};

static enum err open_places(struct bind *bind)
{
    struct place *from = &bind->carriage.from.place, *to = &bind->carriage.to.place;
    struct store *store = bind->store;
    enum err err = resolve_place(store, bind->wish->from.text, from);

    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_UNSUPPORTED : err == ERR_PARENT ? ERR_MISSING : err;
    err = resolve_name(store, bind->wish->to.text, to);
    if (err != ERR_NONE)
        return err == ERR_IS_FOLDER ? ERR_DENIED : err;
    return from->is_outside || to->is_outside || from->dev != store->root_dev || to->dev != store->root_dev
               ? ERR_UNSUPPORTED
               : ERR_NONE;
}

/* The new name's folder is the resource, or is in it by some way. */
static enum err is_loop(struct bind *bind, bool *loops)
{
    struct arena arena = {0};
    struct changes changes = {0};
    unsigned char parent[ID_LEN], (*above)[ID_LEN];
    unsigned count = 0;
    enum err err = way_gather(bind->store, &bind->carriage.to.place, &changes, parent);
    struct meta *meta = records_find(bind->store);

    if (err == ERR_NONE && meta)
        err = changes_commit(&changes, meta);
    if (err == ERR_NONE)
        err = ids_above(bind->store, parent, &arena, &above, &count);
    for (unsigned i = 0; i < count && err == ERR_NONE; i++)
        *loops |= memcmp(above[i], bind->id, ID_LEN) == 0;
    changes_release(&changes);
    arena_release(&arena);
    return err;
}

static enum err judge_source(struct bind *bind, struct standing *standing)
{
    struct place *from = &bind->carriage.from.place;
    enum err err = standing_any(bind->store, from, standing);
    struct identity identity;

    if (err == ERR_DENIED && standing->fd < 0)
        err = ERR_MISSING; /* a socket, a device */
    if (err == ERR_NONE && !standing->is_there)
        err = ERR_MISSING;
    if (err == ERR_NONE && bind->wish->from.has_slash && !standing_is_folder(standing))
        err = ERR_NOT_FOLDER;
    if (err == ERR_NONE && !guard_admits(bind->store, bind->wish->source, from, CHANGE_CONTENT, &standing->facts))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = identity_of(bind->store, from, &standing->statx, &identity);
    if (err == ERR_NONE)
        memcpy(bind->id, identity.id, ID_LEN);
    bind->facts = standing->facts;
    return err;
}

static enum err may_loop(struct bind *bind)
{
    bool loops = false;
    enum err err = ERR_NONE;

    if (bind->wish->no_loops && bind->facts.kind == KIND_FOLDER)
        err = is_loop(bind, &loops);
    return err == ERR_NONE && loops ? ERR_LOOP : err;
}

/* With its name's lock: it is bound afterwards. */
static enum err prepare_source(struct bind *bind)
{
    struct place *from = &bind->carriage.from.place;
    struct standing standing;
    LOCK_GUARD lock = {0};
    enum err err;

    lock_take(&bind->store->locks, &lock, from->dev, from->ino, slice_str(from->name));
    err = judge_source(bind, &standing);
    if (err == ERR_NONE)
        err = may_loop(bind);
    if (err == ERR_NONE && !place_is_bound(from))
        err = bind_first(bind->store, from, &standing, bind->id);
    standing_release(bind->store, &standing);
    return err;
}

/* ---- the new name ---- */

static bool is_full(struct store *store, const unsigned char id[ID_LEN])
{
    struct meta *meta = records_find(store);
    struct binding_records names = {.count = 0};
    struct arena arena = {0};
    bool is_full = meta && bindings_of(meta, id, &arena, &names) == ERR_NONE && names.count >= BINDINGS_MAX;

    arena_release(&arena);
    return is_full;
}

static enum err record_next(struct bind *bind, struct binding_record *record)
{
    struct store *store = bind->store;
    struct place *to = &bind->carriage.to.place;
    struct changes changes = {0};
    struct meta *meta;
    enum err err = identity_forget_name(store, to);

    if (err == ERR_NONE)
        err = records_need(store, &meta);
    if (err == ERR_NONE)
        err = way_gather(store, to, &changes, record->parent);
    memcpy(record->id, bind->id, ID_LEN);
    memcpy(record->name, to->name, NAME_ROOM);
    record->kind = bind->facts.kind;
    record->made_ns = clock_real_ns();
    if (err == ERR_NONE && is_full(store, bind->id))
        err = ERR_TOO_MANY;
    if (err == ERR_NONE) {
        changes_put_binding(&changes, record);
        bindings_note(store, record->kind);
        pthread_mutex_lock(&store->bindings_mutex);
        err = bound_find(store, bind->id, NULL); /* it may have lost all its names meanwhile */
        if (err == ERR_NONE)
            changes_queue(&changes, meta);
        pthread_mutex_unlock(&store->bindings_mutex);
        if (err == ERR_NONE)
            err = meta_flush(meta);
    }
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

static enum err make_link(struct bind *bind, struct aside *aside)
{
    const struct place *to = &bind->carriage.to.place;
    char text[PATH_ROOM];
    enum err err = aside_open(bind->store, to, aside);

    if (err != ERR_NONE)
        return err;
    bound_text(to->parent, bind->id, text);
    if (symlinkat(text, aside->folder, aside->name) < 0) {
        err = err_from_errno(errno);
        aside_release(aside);
    }
    return err;
}

static enum err land_link(struct bind *bind, struct removed *loser)
{
    struct store *store = bind->store;
    struct carriage *carriage = &bind->carriage;
    struct aside aside = {.folder = -1};
    bool is_over = carriage->to.standing.is_there;
    enum err err = is_over ? side_measure(carriage, &carriage->to, NULL) : ERR_NONE;

    if (err == ERR_NONE)
        err = make_link(bind, &aside);
    if (err != ERR_NONE)
        return err;
    err = carriage_land(carriage, &aside, loser);
    if (err == ERR_NONE)
        carriage_part(carriage, &aside, loser);
    if (err == ERR_NONE)
        err = folder_settle(store, carriage->to.place.folder, store->root_held);
    if (err == ERR_NONE && is_over)
        side_gone(store, &carriage->to);
    if (aside.name[0])
        unlinkat(aside.folder, aside.name, 0);
    aside_release(&aside);
    return err;
}

/* Once: judge and land. ERR_CHANGED: others were quicker. */
static enum err bind_once(struct bind *bind, struct removed *loser, bool *created)
{
    struct carriage *carriage = &bind->carriage;
    struct side *to = &carriage->to;
    struct binding_record record = {.made_ns = 0};
    enum err err;

    side_forget(bind->store, to);
    err = carriage_judge_target(carriage);
    *created = err == ERR_NONE && !to->standing.is_there;
    if (err == ERR_NONE && to->is_binding && memcmp(to->standing.facts.bound_id, bind->id, ID_LEN) == 0)
        return ERR_NONE; /* it has this name */
    if (err == ERR_NONE)
        err = locks_join(bind->store, &to->place, bind->id, bind->wish->blockers);
    if (err == ERR_NONE)
        err = record_next(bind, &record);
    if (err != ERR_NONE)
        return err;
    err = land_link(bind, loser);
    if (err != ERR_NONE && !store_is_read_only(bind->store))
        binding_drop(bind->store, &record);
    return err;
}

static enum err bind_locked(struct bind *bind, struct transferred *out)
{
    struct side *to = &bind->carriage.to;
    struct removed loser = {.name = ""};
    enum err err = ERR_CHANGED;

    lock_take(&bind->store->locks, &to->lock, to->place.dev, to->place.ino, slice_str(to->place.name));
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++)
        err = bind_once(bind, &loser, &out->created);
    lock_give(&to->lock);
    if (err == ERR_NONE && loser.name[0])
        tree_let_go(bind->store, &to->place, &loser);
    out->facts = bind->facts;
    out->facts.is_bound = true;
    memcpy(out->facts.bound_id, bind->id, ID_LEN);
    return err;
}

/* Before anything becomes bound for it: whether it would be refused. */
static enum err foresee(struct bind *bind)
{
    enum err err = carriage_judge_target(&bind->carriage);

    side_forget(bind->store, &bind->carriage.to);
    return err == ERR_CHANGED ? ERR_NONE : err;
}

static enum err bind_places(struct store *store, const struct binding_wish *wish, struct transferred *out)
{
    struct bind bind = {.store = store,
                        .wish = wish,
                        .transfer = {.from = wish->from,
                                     .to = wish->to,
                                     .no_overwrite = wish->no_overwrite,
                                     .source = wish->source,
                                     .target = wish->target}};
    enum err err;

    bind.carriage = (struct carriage){.store = store, .transfer = &bind.transfer, .is_bind = true};
    bind.carriage.from.place.folder = bind.carriage.to.place.folder = -1;
    bind.carriage.from.standing.fd = bind.carriage.to.standing.fd = -1;
    err = open_places(&bind);
    if (err == ERR_NONE)
        err = foresee(&bind);
    if (err == ERR_NONE)
        err = prepare_source(&bind);
    if (err == ERR_NONE)
        err = bind_locked(&bind, out);
    carriage_forget(&bind.carriage);
    carriage_close(&bind.carriage);
    return err;
}

enum err store_bind(struct store *store, const struct binding_wish *wish, struct transferred *out)
{
    enum err err = ERR_CHANGED;

    *out = (struct transferred){.created = false};
    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    if (!bound_is_possible(store))
        return ERR_UNSUPPORTED;
    for (int i = 0; i < TREE_PLACES_MAX && err == ERR_CHANGED; i++)
        err = bind_places(store, wish, out);
    return err;
}
