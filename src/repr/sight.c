/*
 * sight.c - see sight.h.
 *
 * Members of one folder that are not bound themselves have its paths with their names, so those are looked for once.
 */
#include "repr/sight.h"

bool sight_counts(const struct store *store, const struct site *site)
{
    return store_has_bindings(store) &&
           (conf_differs_below(site, SLICE("")) || conf_rules(site, SLICE("")).hidden == HIDDEN_DENY);
}

void sight_open(struct sight *sight, struct store *store, const struct site *site, const struct asker *asker)
{
    *sight =
        (struct sight){.store = store, .site = site, .asker = *asker, .follows = site && sight_counts(store, site)};
}

void sight_close(struct sight *sight)
{
    arena_release(&sight->arena);
}

bool sight_denies(const struct site *site, struct slice path)
{
    struct slice rest = path, segment;

    while (rpath_next(&rest, &segment))
        if (segment.ptr[0] == '.')
            return conf_rules(site, path).hidden == HIDDEN_DENY;
    return false;
}

/* Of what is at home at the first of these, and by all of them the same; with `name` below each. */
static unsigned rights_by(const struct sight *sight, const struct aliases *aliases, struct slice name,
                          struct arena *arena)
{
    unsigned rights = ~0u;

    if (aliases->is_partial) /* some path that nobody looked at may be one that is closed */
        return 0;
    for (unsigned i = 0; i < aliases->count; i++) {
        struct slice path = aliases->list[i].text;

        if (name.len)
            path = path.len ? arena_printf(arena, "%.*s/%.*s", SLICE_FMT(path), SLICE_FMT(name)) : name;
        if (conf_demand(sight->site, path, sight->asker.country) || sight_denies(sight->site, path))
            return 0;
        if (i == 0)
            rights = conf_rights(sight->site, path, &sight->asker);
    }
    return rights;
}

static WORKER_SIDE unsigned rights_of_bound(const struct sight *sight, struct slice path)
{
    struct arena arena = {0};
    struct aliases aliases;
    unsigned rights = 0;

    if (!store_aliases(sight->store, (struct rpath){.text = path}, &arena, &aliases))
        rights = rights_by(sight, &aliases, SLICE_NONE, &arena);
    arena_release(&arena);
    return rights;
}

static WORKER_SIDE void look_at_folder(struct sight *sight, struct slice folder)
{
    if (sight->has_folder && slice_eq(sight->folder, folder))
        return;
    arena_release(&sight->arena);
    sight->has_folder = true;
    sight->folder = arena_slice(&sight->arena, folder);
    sight->is_unknown =
        store_aliases(sight->store, (struct rpath){.text = sight->folder}, &sight->arena, &sight->aliases) != ERR_NONE;
}

static WORKER_SIDE unsigned rights_of_member(struct sight *sight, struct slice path)
{
    struct rpath of = {.text = path};
    struct arena arena = {0};
    unsigned rights;

    if (rpath_is_root(of))
        return ~0u;
    look_at_folder(sight, rpath_parent(of).text);
    if (sight->is_unknown)
        return 0;
    if (!sight->aliases.count)
        return ~0u;
    rights = rights_by(sight, &sight->aliases, rpath_leaf(of), &arena);
    arena_release(&arena);
    return rights;
}

unsigned sight_rights(struct sight *sight, struct slice path, bool is_bound)
{
    unsigned rights = conf_sight(sight->site, path, &sight->asker);

    if (!rights || !sight->follows)
        return rights;
    return rights & (is_bound ? rights_of_bound(sight, path) : rights_of_member(sight, path));
}

bool sight_is_closed(struct sight *sight, struct slice path)
{
    struct arena arena = {0};
    struct aliases aliases = {.count = 0};
    bool is_closed = conf_demand(sight->site, path, sight->asker.country);

    if (!is_closed && sight->follows && sight->site->demand_count)
        is_closed = store_aliases(sight->store, (struct rpath){.text = path}, &arena, &aliases) || aliases.is_partial;
    for (unsigned i = 0; !is_closed && i < aliases.count; i++)
        is_closed = conf_demand(sight->site, aliases.list[i].text, sight->asker.country);
    arena_release(&arena);
    return is_closed;
}

unsigned sight_once(struct store *store, const struct site *site, const struct asker *asker, struct slice path)
{
    struct sight sight;
    unsigned rights;

    sight_open(&sight, store, site, asker);
    rights = sight_rights(&sight, path, true);
    sight_close(&sight);
    return rights;
}
