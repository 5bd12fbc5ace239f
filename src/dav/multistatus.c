/*
 * multistatus.c - one answer about many resources, made while it is sent (RFC 4918 §13, RFC 6578 §3).
 *
 * Each resource is asked for when its turn comes: from a walk over the folders, or from the list of what changed. The
 * text of some of them at a time waits in `pending`, so memory does not grow with their number. What happens to the
 * folder meanwhile shows or does not show, resource by resource; a failing disk cuts the answer off, since a listing
 * that ends too early looks as if files were gone.
 */
#include "dav/dav.h"

#include <stdlib.h>

#include "forwarded.h"
#include "past.h"

enum {
    /* One resource with all that it may have: properties, and the owners of many shared locks. */
    PENDING_MAX = 48 * 1024 * 1024,
    PENDING_KEPT = 256 * 1024, /* more than that is given back when it was sent */
};

struct multistatus {
    struct multistatus_options options;
    struct rules rules; /* of the target, and of all where no `at` lies below it */
    unsigned rights;
    bool differs_below, is_read_only;

    struct arena arena; /* as long as the answer */
    struct write_lock *locks;
    unsigned lock_count;

    struct walk *walk; /* of a listing */
    struct walk_entry first;
    bool has_first;
    unsigned depth;
    struct forwarded forwarded; /* of the folder that was told of last */
    struct snapshot *known;     /* instead of a walk */
    const struct snapshot_member *known_target;
    bool tells_members;
    struct buf known_path;      /* of the member whose turn it is */
    size_t known_at;            /* where its name begins there */
    struct change_list changes; /* of a report */
    bool is_report;
    struct past_steps past; /* of what a file was */
    unsigned next;

    struct arena look; /* of one resource */
    struct xml_out xml;
    struct buf pending;
    size_t given; /* of pending */
    enum { MULTI_START, MULTI_MEMBERS, MULTI_DONE } stage;
};

/* ---- who may see what ---- */

static unsigned rights_at(const struct multistatus *multi, struct slice path)
{
    const struct multistatus_options *of = &multi->options;

    return multi->differs_below ? conf_sight(of->site, path, &of->asker) : multi->rights;
}

static bool is_dot_name(struct slice name)
{
    return name.len && name.ptr[0] == '.';
}

/* Listings for people leave dot files out; a drive needs them, unless nobody may have them. */
static bool is_denied(const struct multistatus *multi, struct slice path, struct slice name)
{
    if (!is_dot_name(name))
        return false;
    return (multi->differs_below ? conf_rules(multi->options.site, path).hidden : multi->rules.hidden) == HIDDEN_DENY;
}

/* ---- one resource ---- */

static void write_status(struct multistatus *multi, struct slice path, bool is_folder, int status)
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
    write_status(multi, path, is_folder, 507);
}

static void write_response(struct multistatus *multi, const struct prop_view *view)
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

static struct prop_view view_of(const struct multistatus *multi, struct slice path, const struct facts *facts,
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

/* What `walk` came to last. ERR_MISSING: it went meanwhile. */
static WORKER_SIDE enum err write_entry(struct multistatus *multi, struct walk *walk, const struct walk_entry *entry,
                                        unsigned rights)
{
    const struct multistatus_options *of = &multi->options;
    struct property *dead = NULL;
    struct traits traits = {0};
    struct prop_view view = view_of(multi, entry->path, &entry->facts, &traits, rights);
    bool wants_traits = of->plan->wants_traits && store_has_traits(of->store);
    enum err err;

    if (of->is_past) {
        past_write_collection(&multi->xml, &view, of->plan);
        return ERR_NONE;
    }
    if (of->plan->wants_dead || wants_traits) {
        arena_release(&multi->look);
        err = walk_look(walk, &multi->look, of->plan->wants_dead ? &dead : NULL,
                        of->plan->wants_dead ? &view.dead_count : NULL, wants_traits ? &traits : NULL, NULL);
        if (err)
            return err == ERR_CHANGED ? ERR_MISSING : err; /* moved meanwhile, or a folder above it */
        view.dead = dead;
    }
    write_response(multi, &view);
    return ERR_NONE;
}

/* ---- members of a folder ---- */

static WORKER_SIDE enum err next_entry(struct multistatus *multi, struct walk_entry *entry)
{
    if (!multi->has_first)
        return walk_next(multi->walk, entry);
    *entry = multi->first;
    multi->has_first = false;
    return ERR_NONE;
}

/* A member. */
static bool is_shown(const struct multistatus *multi, struct slice path, struct slice name, unsigned rights)
{
    return rights & (RIGHT_READ | RIGHT_LIST) && !is_denied(multi, path, name);
}

/* ERR_MISSING: that was all. */
static WORKER_SIDE enum err walk_step(struct multistatus *multi)
{
    struct walk_entry entry;
    unsigned rights;
    bool shows;
    enum err err;

    if (forwarded_step(&multi->forwarded, &multi->options, &multi->xml))
        return ERR_NONE;
    err = next_entry(multi, &entry);
    if (err || entry.is_broken)
        return err;
    rights = rights_at(multi, entry.path);
    shows = entry.depth ? is_shown(multi, entry.path, entry.name, rights) : !multi->options.omits_target;
    if (entry.facts.kind == KIND_FOLDER && (!(rights & RIGHT_LIST) || (!shows && entry.depth)))
        walk_skip(multi->walk);
    else if (entry.facts.kind == KIND_FOLDER && entry.depth < multi->depth && !multi->options.is_past)
        forwarded_open(&multi->forwarded, &multi->options, entry.path);
    if (!shows)
        return ERR_NONE;
    err = write_entry(multi, multi->walk, &entry, rights);
    if (err != ERR_MISSING)
        return err;
    return entry.depth ? ERR_NONE : ERR_PARENT; /* the target itself: 404, not an answer about nothing */
}

/* ---- the same, where all is known ---- */

static void write_known(struct multistatus *multi, struct slice path, const struct snapshot_member *of, unsigned rights)
{
    static const struct traits none;
    struct prop_view view = view_of(multi, path, &of->facts, of->traits ? of->traits : &none, rights);

    view.dead = of->dead;
    view.dead_count = of->dead_count;
    write_response(multi, &view);
}

static void write_known_member(struct multistatus *multi, const struct snapshot_member *member)
{
    struct slice path;
    unsigned rights;

    multi->known_path.len = multi->known_at;
    buf_add(&multi->known_path, member->name);
    path = buf_slice(&multi->known_path);
    if (multi->known_path.overflown) { /* no request could name it: left out, as a walk does */
        multi->known_path.overflown = false;
        return;
    }
    rights = rights_at(multi, path);
    if (is_shown(multi, path, member->name, rights))
        write_known(multi, path, member, rights);
}

/* ERR_MISSING: that was all. */
static enum err known_step(struct multistatus *multi)
{
    const struct snapshot_member *members;
    unsigned count = 0;

    if (multi->has_first) {
        multi->has_first = false;
        if (!multi->options.omits_target)
            write_known(multi, multi->options.path.text, multi->known_target, multi->rights);
        return ERR_NONE;
    }
    members = snapshot_members(multi->known, &count);
    if (!multi->tells_members || multi->next >= count)
        return ERR_MISSING;
    write_known_member(multi, &members[multi->next++]);
    return ERR_NONE;
}

/* ---- what a file was ---- */

/* ERR_MISSING: that was all. */
static enum err version_step(struct multistatus *multi)
{
    struct prop_view view = view_of(multi, multi->options.path.text, &multi->past.facts, NULL, multi->rights);

    return past_step(&multi->past, &multi->xml, &view, multi->options.plan, &multi->look);
}

/* ---- what changed ---- */

static bool is_change_denied(const struct multistatus *multi, struct slice path)
{
    struct slice rest = path, segment;

    while (rpath_next(&rest, &segment))
        if (is_denied(multi, slice_of(path.ptr, (size_t)(segment.ptr + segment.len - path.ptr)), segment))
            return true;
    return false;
}

static WORKER_SIDE enum err write_changed(struct multistatus *multi, const struct change *change, unsigned rights)
{
    struct walk_entry entry;
    struct walk *walk;
    enum err err = store_walk(multi->options.store, (struct rpath){.text = change->path}, 0, &walk);

    if (err)
        return err;
    err = walk_next(walk, &entry);
    if (!err)
        err = entry.is_broken ? ERR_MISSING : write_entry(multi, walk, &entry, rights);
    walk_close(walk);
    return err;
}

static bool is_gone(enum err err)
{
    return err == ERR_MISSING || err == ERR_PARENT || err == ERR_NOT_FOLDER || err == ERR_ESCAPES || err == ERR_LOOP;
}

static void end_report(struct multistatus *multi)
{
    struct slice path = multi->options.path.text;

    if (multi->changes.is_truncated) { /* RFC 6578 §3.6 */
        buf_add(multi->xml.out, SLICE("<D:response>"));
        dav_href(&multi->xml, path, true);
        dav_status(&multi->xml, 507);
        dav_error(&multi->xml, SLICE("number-of-matches-within-limits"), NULL, 0);
        buf_add(multi->xml.out, SLICE("</D:response>"));
    }
    buf_add(multi->xml.out, SLICE("<D:sync-token>"));
    buf_add(multi->xml.out, DAV_SYNC_PREFIX);
    buf_add_str(multi->xml.out, multi->changes.mark);
    buf_add(multi->xml.out, SLICE("</D:sync-token>"));
}

static WORKER_SIDE enum err change_step(struct multistatus *multi)
{
    const struct change *change;
    unsigned rights;
    enum err err;

    if (multi->next == multi->changes.count) {
        end_report(multi);
        return ERR_MISSING;
    }
    change = &multi->changes.list[multi->next++];
    rights = rights_at(multi, change->path);
    if (!(rights & (RIGHT_READ | RIGHT_LIST)) || is_change_denied(multi, change->path))
        return ERR_NONE;
    err = change->is_removed ? ERR_MISSING : write_changed(multi, change, rights);
    if (!is_gone(err))
        return err;
    write_status(multi, change->path, change->is_folder, 404);
    return ERR_NONE;
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
    return multi;
}

enum err multistatus_open(const struct multistatus_options *options, unsigned depth, struct facts *target,
                          struct multistatus **out)
{
    struct multistatus *multi = multi_new(options);
    enum err err = store_walk(options->store, options->path, depth, &multi->walk);

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
    return multi->known           ? known_step(multi)
           : multi->is_report     ? change_step(multi)
           : multi->past.versions ? version_step(multi)
                                  : walk_step(multi);
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
    while (known_step(multi) == ERR_NONE)
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
