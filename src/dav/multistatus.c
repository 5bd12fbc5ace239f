/*
 * multistatus.c - one answer about many resources, made while it is sent (RFC 4918 §13, RFC 6578 §3).
 *
 * Each resource is asked for when its turn comes: from a walk over the folders, or from the list of what changed. The
 * text of some of them at a time waits in `pending`, so memory does not grow with their number. What happens to the
 * folder meanwhile shows or does not show, resource by resource; a failing disk cuts the answer off, since a listing
 * that ends too early looks as if files were gone.
 */
#include "multistatus_private.h"

#include <stdlib.h>

enum {
    /* One resource with all that it may have: properties, and the owners of many shared locks. */
    PENDING_MAX = 48 * 1024 * 1024,
    PENDING_KEPT = 256 * 1024, /* more than that is given back when it was sent */
};

/* ---- who may see what ---- */

static unsigned rights_by_path(const struct multistatus *multi, struct slice path)
{
    const struct multistatus_options *of = &multi->options;

    return multi->differs_below ? conf_sight(of->site, path, &of->asker) : multi->rights;
}

unsigned multi_rights(struct multistatus *multi, struct slice path)
{
    return multi->sight.follows ? sight_rights(&multi->sight, path, true) : rights_by_path(multi, path);
}

static bool has_bindings(const struct walk_entry *entry)
{
    return entry->is_in_bound || entry->facts.is_bound;
}

unsigned multi_rights_of(struct multistatus *multi, const struct walk_entry *entry)
{
    if (multi->sight.follows && has_bindings(entry))
        return sight_rights(&multi->sight, entry->path, entry->facts.is_bound);
    return rights_by_path(multi, entry->path);
}

static bool is_dot_name(struct slice name)
{
    return name.len && name.ptr[0] == '.';
}

/* Listings for people leave dot files out; a drive needs them, unless nobody may have them. */
bool multi_is_denied(const struct multistatus *multi, struct slice path, struct slice name)
{
    if (!is_dot_name(name))
        return false;
    return (multi->differs_below ? conf_rules(multi->options.site, path).hidden : multi->rules.hidden) == HIDDEN_DENY;
}

bool multi_is_shown(const struct multistatus *multi, struct slice path, struct slice name, unsigned rights)
{
    return rights & (RIGHT_READ | RIGHT_LIST) && !multi_is_denied(multi, path, name);
}

/* ---- one resource ---- */

void multi_write_status(struct multistatus *multi, struct slice path, bool is_folder, int status)
{
    buf_add(multi->xml.out, SLICE("<D:response>"));
    dav_href(&multi->xml, path, is_folder);
    dav_status(&multi->xml, status);
    buf_add(multi->xml.out, SLICE("</D:response>"));
}

/* So much that no client could want it: that is said instead. */
static void replace_response(struct multistatus *multi, size_t start, struct slice path, bool is_folder)
{
    multi->pending.len = start;
    multi->pending.overflown = false;
    multi_write_status(multi, path, is_folder, 507);
}

void multi_write_response(struct multistatus *multi, const struct prop_view *view)
{
    bool is_folder = view->facts->kind == KIND_FOLDER;
    size_t start = multi->pending.len;

    buf_add(multi->xml.out, SLICE("<D:response>"));
    dav_href(&multi->xml, view->path, is_folder);
    dav_propstats(&multi->xml, view, multi->options.plan);
    buf_add(multi->xml.out, SLICE("</D:response>"));
    if (multi->pending.overflown)
        replace_response(multi, start, view->path, is_folder);
}

struct prop_view multi_view(const struct multistatus *multi, struct slice path, const struct facts *facts,
                            const struct traits *traits, unsigned rights)
{
    return (struct prop_view){.store = multi->options.store,
                              .site = multi->options.site,
                              .path = path,
                              .facts = facts,
                              .traits = traits,
                              .locks = multi->locks,
                              .lock_count = multi->lock_count,
                              .user = multi->options.asker.user,
                              .rights = rights,
                              .is_read_only = multi->is_read_only,
                              .hides_lockroot = multi->options.hides_lockroot,
                              .is_past = multi->options.is_past};
}

/* What is recorded of it; texts in multi->look. */
struct records {
    struct property *dead;
    struct traits traits;
    unsigned char id[16];
};

static WORKER_SIDE enum err look_at_records(struct multistatus *multi, struct walk *walk, struct prop_view *view,
                                            struct records *records)
{
    const struct prop_plan *plan = multi->options.plan;
    bool wants_traits = plan->wants_traits && store_has_traits(multi->options.store);
    bool wants_id = plan->wants_id && !view->facts->is_bound;
    enum err err;

    if (!plan->wants_dead && !wants_traits && !wants_id)
        return ERR_NONE;
    err = walk_look(walk, &multi->look, plan->wants_dead ? &records->dead : NULL,
                    plan->wants_dead ? &view->dead_count : NULL, wants_traits ? &records->traits : NULL,
                    wants_id ? records->id : NULL);
    view->dead = records->dead;
    if (wants_id)
        view->id = records->id;
    return err == ERR_CHANGED ? ERR_MISSING : err; /* moved meanwhile, or a folder above it */
}

/* Those of what has further paths have their roots anywhere (RFC 5842 §9). */
static WORKER_SIDE enum err look_for_locks(struct multistatus *multi, struct prop_view *view)
{
    struct write_lock *locks;
    enum err err;

    if (!dav_plan_needs_locks(multi->options.plan, multi->options.store))
        return ERR_NONE;
    err = store_locks_at(multi->options.store, (struct rpath){.text = view->path}, &multi->look, &locks,
                         &view->lock_count);
    view->locks = locks;
    view->has_own_locks = true;
    return err;
}

enum err multi_write_entry(struct multistatus *multi, struct walk *walk, const struct walk_entry *entry,
                           unsigned rights)
{
    struct records records = {.dead = NULL};
    struct prop_view view = multi_view(multi, entry->path, &entry->facts, &records.traits, rights);
    enum err err;

    view.is_again = entry->is_again;
    view.sight = &multi->sight;
    if (entry->facts.is_bound)
        view.id = entry->facts.bound_id;
    if (multi->options.is_past) {
        past_write_collection(&multi->xml, &view, multi->options.plan);
        return ERR_NONE;
    }
    arena_release(&multi->look);
    err = look_at_records(multi, walk, &view, &records);
    if (!err && has_bindings(entry))
        err = look_for_locks(multi, &view);
    if (!err)
        multi_write_response(multi, &view);
    return err;
}

/* ---- what a file was ---- */

/* ERR_MISSING: that was all. */
static enum err version_step(struct multistatus *multi)
{
    struct prop_view view = multi_view(multi, multi->options.path.text, &multi->past.facts, NULL, multi->rights);

    return past_step(&multi->past, &multi->xml, &view, multi->options.plan, &multi->look);
}

/* ---- its life ---- */

static struct multistatus *multi_new(const struct multistatus_options *options)
{
    struct multistatus *multi = xcalloc(1, sizeof(*multi));

    multi->options = *options;
    multi->rules = conf_rules(options->site, options->path.text);
    multi->rights = conf_rights(options->site, options->path.text, &options->asker);
    multi->differs_below = conf_differs_below(options->site, options->path.text);
    multi->is_read_only = options->site->read_only || store_is_read_only(options->store);
    multi->pending = BUF_INIT(PENDING_MAX);
    sight_open(&multi->sight, options->store, options->site, &options->asker);
    return multi;
}

enum err multistatus_open(const struct multistatus_options *options, unsigned depth, struct facts *target,
                          struct multistatus **out)
{
    struct multistatus *multi = multi_new(options);
    enum err err = store_walk(options->store, options->path, depth, &multi->walk);

    if (!err && options->tells_once)
        walk_once(multi->walk);
    if (!err)
        err = walk_next(multi->walk, &multi->first);
    if (!err && multi->first.is_broken)
        err = ERR_MISSING;
    if (err) {
        multistatus_close(multi);
        return err;
    }
    multi->has_first = true;
    multi->depth = depth;
    *target = multi->first.facts;
    *out = multi;
    return ERR_NONE;
}

struct multistatus *multistatus_of_changes(const struct multistatus_options *options, struct change_list *changes)
{
    struct multistatus *multi = multi_new(options);

    multi->is_report = true;
    multi->changes = *changes;
    *changes = (struct change_list){0};
    return multi;
}

struct multistatus *multistatus_of_versions(const struct multistatus_options *options, const struct facts *facts,
                                            const struct version_list *versions)
{
    struct multistatus *multi = multi_new(options);

    multi->past = (struct past_steps){versions, facts && !options->omits_target, facts ? *facts : (struct facts){0}, 0};
    return multi;
}

struct multistatus *multistatus_of_known(const struct multistatus_options *options, struct snapshot *snapshot,
                                         const struct snapshot_member *target, bool with_members)
{
    struct multistatus *multi = multi_new(options);
    struct slice path = options->path.text;

    multi->known = snapshot_ref(snapshot);
    multi->known_target = target;
    multi->tells_members = with_members;
    multi->known_path = BUF_INIT(PATH_DECODED_MAX);
    buf_add(&multi->known_path, path);
    if (path.len)
        buf_add(&multi->known_path, SLICE("/"));
    multi->known_at = multi->known_path.len;
    multi->has_first = true;
    return multi;
}

void multistatus_close(struct multistatus *multi)
{
    if (!multi)
        return;
    walk_close(multi->walk);
    forwarded_close(&multi->forwarded);
    snapshot_unref(multi->known);
    buf_release(&multi->known_path);
    change_list_release(&multi->changes);
    sight_close(&multi->sight);
    buf_release(&multi->pending);
    arena_release(&multi->look);
    arena_release(&multi->arena);
    free(multi);
}

/* ---- pulling ---- */

static WORKER_SIDE enum err find_locks(struct multistatus *multi)
{
    const struct multistatus_options *of = &multi->options;

    if (of->is_past || !dav_plan_needs_locks(of->plan, of->store))
        return ERR_NONE;
    return store_locks_within(of->store, of->path, &multi->arena, &multi->locks, &multi->lock_count);
}

static void begin(struct multistatus *multi)
{
    xml_begin(&multi->xml, &multi->pending);
    xml_open(&multi->xml, SLICE("multistatus"));
    multi->stage = MULTI_MEMBERS;
}

static void end(struct multistatus *multi)
{
    xml_close(&multi->xml);
    multi->stage = MULTI_DONE;
}

static WORKER_SIDE enum err step(struct multistatus *multi)
{
    return multi->known           ? multi_known_step(multi)
           : multi->is_report     ? multi_change_step(multi)
           : multi->past.versions ? version_step(multi)
                                  : multi_walk_step(multi);
}

static WORKER_SIDE enum err write_some(struct multistatus *multi)
{
    enum err err = ERR_NONE;

    if (multi->stage == MULTI_START) {
        err = find_locks(multi);
        if (err)
            return err;
        begin(multi);
    }
    while (!err && multi->pending.len < MULTISTATUS_FILL_MAX)
        err = step(multi);
    if (err != ERR_MISSING)
        return err;
    end(multi);
    return ERR_NONE;
}

struct slice multistatus_known_text(struct multistatus *multi, size_t expected)
{
    buf_reserve(&multi->pending, expected);
    begin(multi);
    while (multi_known_step(multi) == ERR_NONE)
        ;
    end(multi);
    return buf_slice(&multi->pending);
}

/* All of pending was given. */
static void start_anew(struct multistatus *multi)
{
    if (multi->pending.room > PENDING_KEPT) {
        buf_release(&multi->pending);
        multi->pending = BUF_INIT(PENDING_MAX);
    }
    buf_clear(&multi->pending);
    multi->given = 0;
}

enum err multistatus_fill(struct multistatus *multi, struct buf *out, bool *done)
{
    size_t room = out->max - out->len;
    struct slice some;
    enum err err;

    if (multi->given == multi->pending.len && multi->stage != MULTI_DONE) {
        start_anew(multi);
        err = write_some(multi);
        if (err)
            return err;
    }
    some = slice_upto(slice_from(buf_slice(&multi->pending), multi->given),
                      room < MULTISTATUS_FILL_MAX ? room : MULTISTATUS_FILL_MAX);
    buf_add(out, some);
    multi->given += some.len;
    *done = multi->stage == MULTI_DONE && multi->given == multi->pending.len;
    return ERR_NONE;
}
