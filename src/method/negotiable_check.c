/*
 * negotiable_check.c - type maps that lead nobody anywhere, found before a client finds them.
 */
#include "method/negotiate.h"

#include "negotiable.h"
#include "repr/repr.h"
#include "store/members.h"

struct checking {
    struct store *store;
    const struct site *site; /* NULL: every map counts */
    struct buf *out;
    struct negotiation_check *result;
};

static void tell(struct checking *checking, struct slice path, const char *what, struct slice more)
{
    checking->result->wrong++;
    buf_add_char(checking->out, '/');
    text_escape(checking->out, path);
    buf_printf(checking->out, ": %s", what);
    text_escape(checking->out, more);
    buf_add_char(checking->out, '\n');
}

static WORKER_SIDE bool is_there(const struct negotiable_ask *ask, const struct negotiable_variant *variant)
{
    struct facts facts;

    return !variant->is_neighbour || variant->body || store_find(ask->store, variant->path, &facts) != ERR_MISSING ||
           negotiable_is_coded(ask, variant->path);
}

static WORKER_SIDE void check_variants(struct checking *checking, const struct negotiable_ask *ask,
                                       const struct negotiable *found)
{
    for (unsigned i = 0; i < found->count; i++) {
        if (negotiable_goes_on(ask, &found->more[i]))
            tell(checking, ask->path.text,
                 "a choice between variants itself, for which clients get 506, is its variant ", found->list[i].uri);
        else if (!is_there(ask, &found->more[i]))
            tell(checking, ask->path.text, "there is no file, so that clients get 404, for its variant ",
                 found->list[i].uri);
    }
}

static WORKER_SIDE void check_map(struct checking *checking, struct slice path)
{
    struct arena arena = {0};
    struct negotiable_ask ask = {.store = checking->store,
                                 .site = checking->site,
                                 .path = {.text = path},
                                 .rules = {.negotiate = true},
                                 .arena = &arena};
    struct negotiable found;

    if (negotiable_find(&ask, &found)) {
        checking->result->maps++;
        if (found.broken.len && checking->site) /* else it may be anything */
            tell(checking, path, "cannot be used as a type map: ", found.broken);
        check_variants(checking, &ask, &found);
    }
    arena_release(&arena);
}

static bool counts(const struct checking *checking, const struct walk_entry *entry)
{
    return !entry->is_broken && entry->facts.kind == KIND_FILE && name_is_map(entry->name) &&
           (!checking->site || conf_rules(checking->site, entry->path).negotiate);
}

enum err negotiation_check(struct store *store, const struct site *site, uint64_t most, struct buf *out,
                           struct negotiation_check *result)
{
    struct checking checking = {store, site, out, result};
    struct walk_entry entry;
    struct walk *walk;
    enum err err;

    *result = (struct negotiation_check){0};
    err = store_walk(store, (struct rpath){0}, WALK_DEEP, &walk);
    if (err != ERR_NONE)
        return err;
    while ((err = walk_next(walk, &entry)) == ERR_NONE) {
        if (most && ++result->looked > most) {
            result->was_stopped = true;
            break;
        }
        if (counts(&checking, &entry))
            check_map(&checking, entry.path);
    }
    walk_close(walk);
    return err == ERR_MISSING ? ERR_NONE : err;
}
