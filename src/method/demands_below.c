/*
 * demands_below.c - operations on a folder that would touch what a legal demand is about, below it.
 *
 * Each of those is told with 451, and then nothing is done. What came there after we looked is moved or deleted with
 * the rest, as what is sent to be deleted while a DELETE runs.
 */
#include "multi.h"

#include "store/members.h"

enum { TOLD_MAX = 1000 }; /* of an answer; whoever reads so many stops */

static struct slice join(struct rights_below *below, struct slice folder, struct slice rest)
{
    return folder.len ? arena_printf(below->arena, "%.*s/%.*s", SLICE_FMT(folder), SLICE_FMT(rest))
                      : arena_slice(below->arena, rest);
}

/* By a name and by a pattern, or as a source and at the target, it may be found twice. */
static bool is_told(const struct rights_below *below, struct slice path)
{
    for (unsigned i = 0; i < below->count; i++)
        if (slice_eq(below->list[i].path.text, path))
            return true;
    return false;
}

static void tell(struct rights_below *below, struct slice path, bool is_folder)
{
    if (below->count < TOLD_MAX && !is_told(below, path))
        below_add(below, path, is_folder, 451);
}

static bool is_folder_there(const struct rights_below *below, struct slice path, bool *is_there)
{
    struct facts facts;

    role_assert_worker();
    *is_there = store_find(below->store, (struct rpath){.text = path}, &facts) == ERR_NONE;
    return *is_there && facts.kind == KIND_FOLDER;
}

static bool is_kept_from(const struct rights_below *below, struct slice path)
{
    return conf_demand(below->site, path, below->asker.country);
}

static bool must_stay(const struct rights_below *below, struct slice path, bool is_move)
{
    return is_kept_from(below, path) || (is_move && conf_depends_on_country(below->site, path));
}

/* All below the folder, those at `to` that they would become, or themselves: which may not. */
struct look {
    struct rights_below *below;
    struct slice from, to; /* to: of a landing, */
    struct aliases tos;    /* and its other paths */
    bool lands, is_move;
};

/* By any of its paths. */
static WORKER_SIDE bool entry_must_stay(const struct look *look, const struct walk_entry *entry)
{
    struct rights_below *below = look->below;
    struct aliases aliases = {.count = 0};

    if (must_stay(below, entry->path, look->is_move))
        return true;
    if (entry->is_in_bound || entry->facts.is_bound)
        aliases = below_aliases(below, entry->path);
    for (unsigned i = 0; i < aliases.count; i++)
        if (must_stay(below, aliases.list[i].text, look->is_move))
            return true;
    return aliases.is_partial;
}

/* Where `rest` would come to be. */
static bool is_kept_there(const struct look *look, struct slice rest)
{
    bool is_kept = is_kept_from(look->below, join(look->below, look->to, rest));

    for (unsigned i = 0; i < look->tos.count; i++)
        is_kept |= is_kept_from(look->below, join(look->below, look->tos.list[i].text, rest));
    return is_kept;
}

/* False: no need to go into it. */
static WORKER_SIDE bool look_at(const struct look *look, const struct walk_entry *entry)
{
    struct slice rest;

    if (!look->lands) {
        if (!entry_must_stay(look, entry))
            return true;
        tell(look->below, arena_slice(look->below->arena, entry->path), entry->facts.kind == KIND_FOLDER);
        return false;
    }
    if (is_kept_from(look->below, entry->path)) /* it is left out of a copy */
        return false;
    rest = slice_from(entry->path, look->from.len ? look->from.len + 1 : 0);
    if (!is_kept_there(look, rest))
        return true;
    tell(look->below, join(look->below, look->to, rest), entry->facts.kind == KIND_FOLDER);
    return false;
}

static WORKER_SIDE void look_through(const struct look *look)
{
    struct walk_entry entry;
    struct walk *walk;

    if (store_walk(look->below->store, (struct rpath){.text = look->from}, WALK_DEEP, &walk))
        return;
    if (store_has_bindings(look->below->store))
        walk_once(walk); /* by the first of its names it is judged for all of them */
    while (look->below->count < TOLD_MAX && walk_next(walk, &entry) == ERR_NONE) {
        bool goes_in = !entry.depth || (look_at(look, &entry) && !entry.facts.through_symlink);

        if (!goes_in && entry.facts.kind == KIND_FOLDER) /* of a link only the link itself is moved or deleted */
            walk_skip(walk);
    }
    walk_close(walk);
}

/* The folder is at `at` as well, and told of by the path that was asked for. */
static void stay_at(struct rights_below *below, struct slice folder, struct slice at, bool is_move)
{
    struct demand_step step = {0};
    struct slice rest;

    while (conf_demand_below(below->site, at, &step, &rest))
        if (must_stay(below, join(below, at, rest), is_move))
            tell(below, join(below, folder, rest), false);
}

/* Some pattern may fit what is below one of its paths. */
static bool may_fit(const struct rights_below *below, struct slice folder, const struct aliases *aliases)
{
    bool fits = conf_demand_fits_below(below->site, folder);

    for (unsigned i = 0; i < aliases->count; i++)
        fits |= conf_demand_fits_below(below->site, aliases->list[i].text);
    return fits;
}

void demands_below_stay(struct rights_below *below, struct slice folder, bool is_move)
{
    struct aliases aliases;
    bool is_there;

    if (!below->site->demand_count || !is_folder_there(below, folder, &is_there))
        return;
    aliases = below_aliases(below, folder);
    stay_at(below, folder, folder, is_move);
    for (unsigned i = 0; i < aliases.count; i++)
        stay_at(below, folder, aliases.list[i].text, is_move);
    if (may_fit(below, folder, &aliases))
        look_through(&(struct look){.below = below, .from = folder, .is_move = is_move});
}

/* `to` is at `at` as well, and told of by the path that was asked for. */
static void land_at(struct rights_below *below, struct slice from, struct slice to, struct slice at)
{
    struct demand_step step = {0};
    struct slice rest;
    bool is_there;

    while (conf_demand_below(below->site, at, &step, &rest)) {
        struct slice source = join(below, from, rest);
        bool is_folder = is_folder_there(below, source, &is_there);

        if (is_there && is_kept_from(below, join(below, at, rest)) && !is_kept_from(below, source))
            tell(below, join(below, to, rest), is_folder);
    }
}

void demands_below_land(struct rights_below *below, struct slice from, struct slice to)
{
    struct aliases aliases;

    if (!below->site->demand_count)
        return;
    aliases = below_aliases(below, to);
    land_at(below, from, to, to);
    for (unsigned i = 0; i < aliases.count; i++)
        land_at(below, from, to, aliases.list[i].text);
    if (may_fit(below, to, &aliases))
        look_through(&(struct look){.below = below, .from = from, .to = to, .tos = aliases, .lands = true});
}
