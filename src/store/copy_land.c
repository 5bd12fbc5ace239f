/*
 * copy_land.c - what was copied beside a tree (copy_bound.c) becomes bound, or takes the place of what it updates.
 */
#include "copy_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"
#include "guard.h"
#include "identity_look.h"
#include "propset.h"
#include "update_note.h"
#include "writelock_private.h"

static const unsigned char nobody[ID_LEN];

static struct place bound_place(struct store *store, const unsigned char id[ID_LEN])
{
    struct place place = {.folder = store->state.bound, .dev = store->root_dev, .parent = BOUND_FOLDER};
    struct stat got;

    bound_name(id, place.name);
    if (fstat(place.folder, &got) == 0)
        place.ino = got.st_ino;
    return place;
}

/*
 * So that nobody takes it for something without names while its names are not recorded. Left over by a crash it is
 * known by its run.
 */
static struct binding_record keeping_record(const struct store *store, const struct product *product)
{
    struct binding_record record = {.kind = product->kind, .made_ns = INT64_MAX};

    snprintf(record.name, sizeof(record.name), "%s", store->run);
    memcpy(record.id, product->id, ID_LEN);
    memcpy(record.parent, bound_folder_id, ID_LEN);
    return record;
}

/* What was recorded of the copy while it was built is the resource's now, instead of what was. */
static enum err take_records(struct store *store, struct meta *meta, const struct product *product,
                             const struct statx *now, struct changes *changes)
{
    struct facts facts;
    char name[BOUND_NAME_LEN + 1];
    enum err err = facts_fill(store, now, &facts);

    bound_name(product->id, name);
    if (err == ERR_NONE && product->is_update)
        err = propset_drop(store, meta, product->id, changes);
    if (err == ERR_NONE && product->is_update && product->kind == KIND_FOLDER)
        err = name_records_drop(meta, product->id, changes); /* or its new members were taken for the former ones */
    if (err == ERR_NONE)
        err = propset_copy(store, meta, product->draft, product->id, facts_tag(&facts), facts_tag(&facts), changes);
    if (err == ERR_NONE)
        err = propset_drop(store, meta, product->draft, changes);
    changes_put_inode(changes, inode_of(store, now), product->id, bound_folder_id, slice_str(name));
    return err;
}

static enum err commit_records(struct store *store, const struct product *product, const struct statx *now, bool is_new)
{
    struct binding_record keeping = keeping_record(store, product);
    struct changes changes = {0};
    struct meta *meta;
    enum err err = records_need(store, &meta);

    if (err == ERR_NONE)
        err = take_records(store, meta, product, now, &changes);
    if (err == ERR_NONE && is_new) {
        changes_put_binding(&changes, &keeping);
        bindings_note(store, product->kind);
    }
    if (err == ERR_NONE)
        err = changes_commit(&changes, meta);
    changes_release(&changes);
    return err == ERR_DAMAGED ? store_fail(store, "the records can no longer be written") : err;
}

static enum err bind_new(struct store *store, struct product *product, struct aside *aside)
{
    char name[BOUND_NAME_LEN + 1];
    struct statx now;
    enum err err;

    bound_name(product->id, name);
    if (statx(aside->folder, aside->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &now) < 0)
        return err_from_errno(errno);
    err = commit_records(store, product, &now, true);
    if (err != ERR_NONE)
        return err;
    if (renameat2(aside->folder, aside->name, store->state.bound, name, RENAME_NOREPLACE) < 0)
        return err_from_errno(errno);
    product->has_landed = true;
    aside->name[0] = '\0';
    return folder_settle(store, store->state.bound, store->root_held);
}

/* The names change places. ERR_CHANGED: what came out was not what was judged, and is back. */
static enum err exchange(struct store *store, const struct aside *aside, const struct place *place,
                         const struct standing *old)
{
    enum err err;

    if (renameat2(aside->folder, aside->name, place->folder, place->name, RENAME_EXCHANGE) < 0)
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    err = came_out_any(store, aside->folder, aside->name, old);
    if (err != ERR_NONE)
        renameat2(aside->folder, aside->name, place->folder, place->name, RENAME_EXCHANGE);
    return err;
}

/* What was there goes to the trash, or waits in up/ for the next start. */
static void let_go(struct store *store, struct product *product, const struct place *place, const struct standing *old)
{
    struct removed removed = {.is_beside = false};
    struct aside *aside = &product->aside;

    if (old->facts.kind == KIND_FOLDER) {
        write_locks_drop_below(store, place);
        product->old = old->fd >= 0 ? fcntl(old->fd, F_DUPFD_CLOEXEC, 0) : -1;
    }
    aside_name(store, nobody, removed.name, sizeof(removed.name)); /* the id stays */
    if (renameat(aside->folder, aside->name, store->state.trash, removed.name) == 0) {
        aside->name[0] = '\0';
        tree_let_go(store, place, &removed);
    }
}

/* The records follow, or the names change back. Where the disk fails the next start does one of the two. */
static enum err settle_update(struct store *store, struct product *product, const struct place *place,
                              const struct statx *now)
{
    struct aside *aside = &product->aside;
    enum err err = folder_settle(store, place->folder, store->root_held);

    if (err != ERR_NONE) {
        aside->name[0] = '\0';
        return err;
    }
    err = commit_records(store, product, now, false);
    product->has_landed = err == ERR_NONE;
    if (err != ERR_NONE) {
        renameat2(aside->folder, aside->name, place->folder, place->name, RENAME_EXCHANGE);
        folder_settle(store, place->folder, store->root_held);
    }
    return err;
}

/* With its lock: content and records change together, or neither does. */
static enum err update(struct store *store, struct product *product, const struct place *place,
                       const struct standing *old)
{
    struct aside *aside = &product->aside;
    struct statx now;
    enum err err;

    if (statx(aside->folder, aside->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &now) < 0)
        return err_from_errno(errno);
    update_note_write(store, place, &old->statx, product->id, aside);
    err = exchange(store, aside, place, old);
    if (err == ERR_NONE)
        err = settle_update(store, product, place, &now);
    update_note_remove(store, aside);
    if (err == ERR_NONE)
        let_go(store, product, place, old);
    return err;
}

static enum err land_update(struct copying *copying, struct product *product)
{
    struct carriage *carriage = copying->carriage;
    struct place place = bound_place(carriage->store, product->id);
    struct standing old;
    LOCK_GUARD lock = {0};
    enum err err = ERR_CHANGED;

    lock_take(&carriage->store->locks, &lock, place.dev, place.ino, slice_str(place.name));
    for (int i = 0; i < TREE_JUDGE_MAX && err == ERR_CHANGED; i++) {
        err = standing_any(carriage->store, &place, &old);
        if (err == ERR_NONE && !old.is_there)
            err = ERR_MISSING;
        if (err == ERR_NONE &&
            !guard_admits(carriage->store, carriage->transfer->target, &place, CHANGE_CONTENT, &old.facts))
            err = ERR_LOCKED;
        if (err == ERR_NONE)
            err = update(carriage->store, product, &place, &old);
        standing_release(carriage->store, &old);
    }
    return err;
}

/* The name under which the copy was to have it, for whoever is told of a failure. */
static struct slice name_of(const struct products *products, const struct product *product)
{
    for (const struct placed *at = products->names; at; at = at->next)
        if (id_same(at->id, product->id))
            return slice_str(at->path);
    return SLICE_NONE;
}

/* The result itself goes among the bound resources, and a link takes its place aside. */
static enum err land_top(struct copying *copying, struct product *top)
{
    struct store *store = copying->carriage->store;
    const struct place *to = &copying->carriage->to.place;
    struct aside link;
    char text[PATH_ROOM];
    enum err err;

    assert(top);
    memcpy(top->draft, copying->top_id, ID_LEN);
    err = bind_new(store, top, &copying->aside);
    if (err != ERR_NONE)
        return err;
    aside_release(&copying->aside);
    copying->aside.folder = -1;
    err = aside_open(store, to, &link);
    if (err != ERR_NONE)
        return err;
    bound_text(to->parent, top->id, text);
    if (symlinkat(text, link.folder, link.name) < 0) {
        err = err_from_errno(errno);
        aside_release(&link);
        return err;
    }
    copying->aside = link;
    return ERR_NONE;
}

/* Also what is updated: its names in the tree that goes are dropped before those in the copy are recorded. */
static void keep(struct store *store, struct product *product)
{
    struct binding_record keeping = keeping_record(store, product);
    struct changes changes = {0};
    struct meta *meta;

    if (records_need(store, &meta) != ERR_NONE)
        return;
    changes_put_binding(&changes, &keeping);
    changes_queue(&changes, meta);
    changes_release(&changes);
    product->is_kept = true;
}

enum err products_land(struct copying *copying)
{
    struct products *products = &copying->products;
    const struct product *top = products_top(copying);
    enum err err = ERR_NONE;

    for (struct product *at = products->first; at && err == ERR_NONE; at = at->next) {
        if (at->is_top || at->is_broken)
            continue;
        keep(copying->carriage->store, at);
        if (!at->is_update) {
            err = bind_new(copying->carriage->store, at, &at->aside);
            continue;
        }
        err = land_update(copying, at);
        if (err != ERR_NONE && !copy_ends(err)) {
            casualty_add(copying->casualties, copying->carriage->transfer->to.text, name_of(products, at), err);
            err = ERR_NONE;
        }
    }
    return err == ERR_NONE && top ? land_top(copying, products->first) : err;
}

/* ---- afterwards ---- */

static WORKER_SIDE void enter_name(struct copying *copying, const char *below, const unsigned char id[ID_LEN])
{
    struct store *store = copying->carriage->store;
    struct slice to = copying->carriage->transfer->to.text;
    struct buf path = BUF_INIT(3 * PATH_ROOM);
    unsigned char is[ID_LEN];
    struct place name;

    buf_printf(&path, "%.*s%s%s", SLICE_FMT(to), below[0] ? "/" : "", below);
    if (resolve_name(store, buf_slice(&path), &name) == ERR_NONE) {
        if (bound_is_name(store, name.folder, name.name, is, NULL) && id_same(is, id)) {
            binding_enter(store, &name, id);
            bound_retext(store, &name, id);
        }
        place_release(&name);
    }
    buf_release(&path);
}

static void settle_one(struct store *store, struct product *product)
{
    struct binding_record keeping = keeping_record(store, product);
    char bound[BOUND_NAME_LEN + 1];
    FD_GUARD now = -1;

    bound_name(product->id, bound);
    if (product->old >= 0) {
        now = open_beneath(store->state.bound, bound, O_PATH | O_DIRECTORY);
        bindings_gone_with(store, product->id, product->old, now);
        fd_close(&product->old);
    }
    binding_drop(store, &keeping);
    bound_collect(store, product->id);
}

void products_settle(struct copying *copying, bool has_landed)
{
    struct products *products = &copying->products;
    struct store *store = copying->carriage->store;

    role_assert_worker();
    if (has_landed && products_top(copying))
        enter_name(copying, "", products->first->id);
    for (const struct placed *at = products->names; at && has_landed; at = at->next)
        enter_name(copying, at->path, at->id);
    for (struct product *at = products->first; at; at = at->next)
        if (at->has_landed || at->is_kept)
            settle_one(store, at);
}
