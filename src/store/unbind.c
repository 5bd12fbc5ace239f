/*
 * unbind.c - what becomes of a resource when one of its names is gone.
 *
 * As long as any of its names leads up to the root it stays; a folder that only leads to itself, or to others that do,
 * goes with all in it (RFC 5842 §2.1.1: counting names would keep it for ever). So do the bindings in it, and perhaps
 * what they lead to. In doubt it stays: a record that is not true any more may mean that others moved something, and
 * `samovar check` finds what nothing leads to.
 *
 * Who makes a new name records it before it can be seen, and who decides that there is none left does so under the same
 * mutex; so nothing is taken away that is just being bound.
 */
#include "bindings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "history_private.h"
#include "identity_look.h"
#include "propset.h"
#include "quota_private.h"
#include "trash.h"
#include "trees.h"
#include "writelock_private.h"

enum { CHAIN_MAX = 1024 /* folders from a binding up to a bound folder or the root, as identity has it */ };

/* The way from a binding's folder up to where the folders' records end. */
struct chain {
    unsigned char ids[CHAIN_MAX][ID_LEN]; /* of the folders; the last: a bound one, the site's, or one without record */
    unsigned count;
    char path[PATH_ROOM]; /* from the last one's down to the binding's folder, written from its end */
    size_t begin;
};

static bool chain_prepend(struct chain *chain, const char *name)
{
    size_t len = strlen(name), slash = chain->path[chain->begin] != '\0';

    if (len + slash > chain->begin)
        return false;
    if (slash)
        chain->path[--chain->begin] = '/';
    chain->begin -= len;
    memcpy(chain->path + chain->begin, name, len);
    return true;
}

/* Up to `end`, or as far as it goes. False: there is no telling. */
static bool chain_fill(struct store *store, struct meta *meta, const unsigned char folder[ID_LEN],
                       const unsigned char *end, struct chain *chain)
{
    struct way_record way;

    chain->begin = sizeof(chain->path) - 1;
    chain->path[chain->begin] = '\0';
    memcpy(chain->ids[0], folder, ID_LEN);
    chain->count = 1;
    while (!id_same(chain->ids[chain->count - 1], store->site_id) &&
           !(end && id_same(chain->ids[chain->count - 1], end)) &&
           way_get(meta, chain->ids[chain->count - 1], &way) == ERR_NONE) {
        if (chain->count == CHAIN_MAX || !chain_prepend(chain, way.name))
            return false;
        memcpy(chain->ids[chain->count++], way.parent, ID_LEN);
    }
    return true;
}

static const unsigned char *chain_top(const struct chain *chain)
{
    return chain->ids[chain->count - 1];
}

/* The binding is in the folder at this path below `base`. */
static bool is_there(int base, const char *folder, const struct binding_record *record)
{
    unsigned char id[ID_LEN];
    FD_GUARD fd = open_beneath(base, folder, O_PATH | O_DIRECTORY);
    char text[PATH_ROOM];
    ssize_t len = fd < 0 ? -1 : readlinkat(fd, record->name, text, sizeof(text));

    return len > 0 && (size_t)len < sizeof(text) && bound_parse(slice_of(text, (size_t)len), id) &&
           id_same(id, record->id);
}

/* ---- whether anything leads to it ---- */

struct search {
    struct store *store;
    struct meta *meta;
    struct arena arena;
    const unsigned char *without; /* a folder that counts as no way up; NULL: none */
    const struct binding_record *without_name;
    unsigned char (*seen)[ID_LEN];
    unsigned count, room;
};

static bool see(struct search *search, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < search->count; i++)
        if (id_same(search->seen[i], id))
            return false;
    if (search->count == search->room) {
        search->room = search->room ? 2 * search->room : 16;
        search->seen = xrealloc(search->seen, search->room * sizeof(search->seen[0]));
    }
    memcpy(search->seen[search->count++], id, ID_LEN);
    return true;
}

static bool is_left_out(const struct search *search, const struct binding_record *record)
{
    const struct binding_record *without = search->without_name;

    return without && id_same(record->id, without->id) && id_same(record->parent, without->parent) &&
           strcmp(record->name, without->name) == 0;
}

static bool passes(const struct search *search, const struct chain *chain)
{
    for (unsigned i = 0; search->without && i < chain->count; i++)
        if (id_same(chain->ids[i], search->without))
            return true;
    return false;
}

/* A folder leads to the root, or there is no telling; what it leads to that is bound is added to be searched. */
static bool leads_up(struct search *search, const unsigned char folder[ID_LEN], struct chain *chain)
{
    if (!chain_fill(search->store, search->meta, folder, NULL, chain))
        return true;
    if (passes(search, chain))
        return false;
    if (id_same(chain_top(chain), search->store->site_id) ||
        bound_find(search->store, chain_top(chain), NULL) != ERR_NONE)
        return true;
    see(search, chain_top(chain));
    return false;
}

static bool any_leads_up(struct search *search, const unsigned char id[ID_LEN], struct chain *chain)
{
    struct binding_records names;

    if (bindings_of(search->meta, id, &search->arena, &names) != ERR_NONE)
        return true;
    for (unsigned i = 0; i < names.count; i++)
        if (!is_left_out(search, &names.list[i]) && leads_up(search, names.list[i].parent, chain))
            return true;
    return false;
}

/* What was added to be searched is searched, until one leads up. */
static bool search_on(struct search *search, struct chain *chain)
{
    bool leads = false;

    for (unsigned i = 0; i < search->count && !leads; i++) {
        unsigned char id[ID_LEN];

        memcpy(id, search->seen[i], ID_LEN);
        leads = any_leads_up(search, id, chain);
    }
    return leads;
}

static void search_release(struct search *search)
{
    arena_release(&search->arena);
    free(search->seen);
}

static bool is_reachable(struct store *store, struct meta *meta, const unsigned char id[ID_LEN])
{
    struct search search = {.store = store, .meta = meta};
    struct chain *chain = xcalloc(1, sizeof(*chain));
    bool leads;

    see(&search, id);
    leads = search_on(&search, chain);
    search_release(&search);
    free(chain);
    return leads;
}

bool folder_is_reachable_without(struct store *store, const unsigned char folder[ID_LEN],
                                 const unsigned char without[ID_LEN], const struct binding_record *without_name)
{
    struct search search = {
        .store = store, .meta = records_find(store), .without = without, .without_name = without_name};
    struct chain *chain = xcalloc(1, sizeof(*chain));
    bool leads = !search.meta || leads_up(&search, folder, chain) || search_on(&search, chain);

    search_release(&search);
    free(chain);
    return leads;
}

enum err ids_above(struct store *store, const unsigned char folder[ID_LEN], struct arena *arena,
                   unsigned char (**out)[ID_LEN], unsigned *count)
{
    struct search search = {.store = store, .meta = records_find(store)};
    enum err err = ERR_NONE;

    see(&search, folder);
    for (unsigned i = 0; search.meta && i < search.count && err == ERR_NONE; i++) {
        struct binding_records names = {.count = 0};
        struct way_record way;
        unsigned char id[ID_LEN];

        memcpy(id, search.seen[i], ID_LEN);
        if (id_same(id, store->site_id))
            continue;
        if (way_get(search.meta, id, &way) == ERR_NONE)
            see(&search, way.parent);
        else
            err = bindings_of(search.meta, id, &search.arena, &names);
        for (unsigned at = 0; at < names.count; at++)
            see(&search, names.list[at].parent);
    }
    *count = search.count;
    *out = arena_alloc(arena, search.count * sizeof(**out));
    memcpy(*out, search.seen, search.count * sizeof(**out));
    search_release(&search);
    return err;
}

/* ---- what goes ---- */

/* Resources whose names became fewer. */
struct doom {
    struct store *store;
    struct meta *meta;
    struct changes changes;
    unsigned char (*ids)[ID_LEN];
    unsigned count, room, done;
    struct chain *chain; /* at work */
    const unsigned char *folder;
    int fd, now; /* of the folder, and of the one that is in its place and has its id; -1: none */
};

static void doom_add(struct doom *doom, const unsigned char id[ID_LEN])
{
    for (unsigned i = doom->done; i < doom->count; i++)
        if (id_same(doom->ids[i], id))
            return;
    if (doom->count == doom->room) {
        doom->room = doom->room ? 2 * doom->room : 16;
        doom->ids = xrealloc(doom->ids, doom->room * sizeof(doom->ids[0]));
    }
    memcpy(doom->ids[doom->count++], id, ID_LEN);
}

/* One that was in the folder that is gone. */
static bool doom_below(const struct binding_record *record, void *arg)
{
    struct doom *doom = arg;
    struct chain *chain = doom->chain;

    if (!chain_fill(doom->store, doom->meta, record->parent, doom->folder, chain) ||
        !id_same(chain_top(chain), doom->folder) || !is_there(doom->fd, chain->path + chain->begin, record) ||
        (doom->now >= 0 && is_there(doom->now, chain->path + chain->begin, record)))
        return true;
    changes_drop_binding(&doom->changes, record);
    for (unsigned i = 0; i + 1 < chain->count; i++)
        changes_drop_way(&doom->changes, chain->ids[i]);
    doom_add(doom, record->id);
    return true;
}

static void doom_all_below(struct doom *doom, const unsigned char folder[ID_LEN], int fd, int now)
{
    doom->folder = folder;
    doom->fd = fd;
    doom->now = now;
    doom->chain = xcalloc(1, sizeof(*doom->chain));
    bindings_each(doom->meta, doom_below, doom);
    free(doom->chain);
    if (now < 0)
        changes_drop_way(&doom->changes, folder);
    changes_queue(&doom->changes, doom->meta);
    changes_release(&doom->changes);
}

/* Everything that is recorded of it. */
static void forget(struct doom *doom, const unsigned char id[ID_LEN], const struct statx *was)
{
    struct binding_records names;
    struct arena arena = {0};
    struct place place = {.folder = doom->store->state.bound, .dev = doom->store->root_dev, .parent = BOUND_FOLDER};
    struct identity identity = {.is_recorded = true};

    bound_name(id, place.name);
    memcpy(identity.id, id, ID_LEN);
    memcpy(identity.parent, bound_folder_id, ID_LEN);
    if (bindings_of(doom->meta, id, &arena, &names) == ERR_NONE)
        for (unsigned i = 0; i < names.count; i++)
            changes_drop_binding(&doom->changes, &names.list[i]);
    changes_queue(&doom->changes, doom->meta);
    changes_release(&doom->changes);
    arena_release(&arena);
    tree_gone(doom->store, &place, &identity, was);
    write_locks_drop(doom->store, &place, id);
}

/* Out of everybody's reach, if nothing leads to it; name: in the trash. */
static bool take_out(struct doom *doom, const unsigned char id[ID_LEN], char *name, size_t room)
{
    struct store *store = doom->store;
    char bound[BOUND_NAME_LEN + 1];
    bool is_taken;

    bound_name(id, bound);
    aside_name(store, id, name, room);
    pthread_mutex_lock(&store->bindings_mutex);
    is_taken = !is_reachable(store, doom->meta, id) &&
               renameat2(store->state.bound, bound, store->state.trash, name, RENAME_NOREPLACE) == 0;
    pthread_mutex_unlock(&store->bindings_mutex);
    return is_taken;
}

static void doom_one(struct doom *doom, const unsigned char id[ID_LEN])
{
    struct store *store = doom->store;
    char bound[BOUND_NAME_LEN + 1], name[96];
    struct statx was;
    FD_GUARD fd = -1;

    bound_name(id, bound);
    fd = open_beneath(store->state.bound, bound, O_PATH);
    if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &was) < 0 ||
        !take_out(doom, id, name, sizeof(name)))
        return;
    folder_settle(store, store->state.bound, fd);
    forget(doom, id, &was);
    if (S_ISDIR(was.stx_mode))
        doom_all_below(doom, id, fd, -1);
    trash_add(store, name);
}

static void doom_run(struct doom *doom)
{
    quota_doubt(doom->store);
    while (doom->done < doom->count) {
        unsigned char id[ID_LEN];

        memcpy(id, doom->ids[doom->done++], ID_LEN);
        doom_one(doom, id);
    }
    free(doom->ids);
}

void binding_drop(struct store *store, const struct binding_record *record)
{
    struct meta *meta = records_find(store);
    struct changes changes = {0};

    if (!meta)
        return;
    changes_drop_binding(&changes, record);
    changes_queue(&changes, meta);
    changes_release(&changes);
}

bool binding_at(struct store *store, const struct place *name, const unsigned char id[ID_LEN],
                struct binding_record *out)
{
    *out = (struct binding_record){.made_ns = 0};
    memcpy(out->id, id, ID_LEN);
    memcpy(out->name, name->name, NAME_ROOM);
    return identity_find_folder(store, name->parent, out->parent) == ERR_NONE;
}

void binding_gone(struct store *store, const struct place *name, const unsigned char id[ID_LEN])
{
    struct doom doom = {.store = store, .meta = records_find(store)};
    struct binding_record record;

    if (!doom.meta)
        return;
    if (binding_at(store, name, id, &record))
        binding_drop(store, &record);
    doom_add(&doom, id);
    doom_run(&doom);
}

void bound_collect(struct store *store, const unsigned char id[ID_LEN])
{
    struct doom doom = {.store = store, .meta = records_find(store)};

    if (!doom.meta)
        return;
    doom_add(&doom, id);
    doom_run(&doom);
}

void bindings_gone_with(struct store *store, const unsigned char folder[ID_LEN], int fd, int now)
{
    struct doom doom = {.store = store, .meta = records_find(store)};
    struct way_record way;

    if (!doom.meta || !store_has_bindings(store) ||
        (way_get(doom.meta, folder, &way) != ERR_NONE && bound_find(store, folder, NULL) != ERR_NONE))
        return;
    doom_all_below(&doom, folder, fd, now);
    doom_run(&doom);
}
