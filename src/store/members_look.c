/*
 * members_look.c - what is recorded of the entry that a walk came to last.
 */
#include "members_private.h"

#include "bound.h"
#include "propset.h"

struct looked {
    unsigned char id[ID_LEN], parent[ID_LEN];
    bool shows_id;    /* the caller wants it */
    bool is_recorded; /* there may be more under the id */
    bool has_parent;
    struct slice name; /* in the parent */
    char bound_name[BOUND_NAME_LEN + 1];
    struct owner owner;
};

/* By its path, as a request for it would be: for what is not simply a member of a folder with a known id. */
static enum err look_by_path(struct walk *walk, struct slice path, struct looked *looked)
{
    enum err err = owner_find(walk->store, (struct rpath){.text = path}, looked->shows_id, &looked->owner);

    if (err != ERR_NONE)
        return err;
    memcpy(looked->id, looked->owner.identity.id, ID_LEN);
    memcpy(looked->parent, looked->owner.identity.parent, ID_LEN);
    looked->is_recorded = owner_has_records(&looked->owner);
    looked->has_parent =
        looked->owner.identity.is_recorded && !looked->owner.is_root && !looked->owner.place.is_outside;
    looked->name = slice_str(looked->owner.place.name);
    return ERR_NONE;
}

/* The id of the folder that is being read. */
static enum err folder_id(struct walk *walk, struct level *level, struct meta *meta)
{
    struct looked looked = {.owner.place.folder = -1};
    enum err err = ERR_NONE;

    if (!level->has_id)
        err = look_by_path(walk, walk_upto(walk, level->path_len), &looked);
    if (err == ERR_NONE && !level->has_id) {
        memcpy(level->id, looked.id, ID_LEN);
        level->has_id = true;
        level->is_outside = looked.owner.place.is_outside;
    }
    owner_release(&looked.owner);
    if (err == ERR_NONE && level->recorded == NAMES_UNKNOWN)
        level->recorded = meta && name_records_any(meta, level->id) ? NAMES_SOME : NAMES_NONE;
    return err;
}

static enum err look_at_bound(const struct walk_entry *last, struct looked *looked)
{
    memcpy(looked->id, last->facts.bound_id, ID_LEN);
    memcpy(looked->parent, bound_folder_id, ID_LEN);
    bound_name(looked->id, looked->bound_name);
    looked->name = slice_str(looked->bound_name);
    looked->is_recorded = looked->has_parent = true;
    return ERR_NONE;
}

static enum err look_up(struct walk *walk, struct meta *meta, struct looked *looked)
{
    const struct walk_entry *last = &walk->last;
    enum peek peek = PEEK_UNSURE;
    struct level *level;
    enum err err;

    if (last->facts.is_bound)
        return look_at_bound(last, looked);
    if (last->depth == 0 || last->facts.through_symlink)
        return look_by_path(walk, last->path, looked);
    level = walk_top(walk);
    err = folder_id(walk, level, meta);
    if (err != ERR_NONE)
        return err;
    peek = identity_peek(walk->store, meta, level->id, level->recorded == NAMES_SOME, last->name, &last->facts,
                         looked->id);
    if (peek == PEEK_UNSURE || (peek == PEEK_NONE && looked->shows_id))
        return look_by_path(walk, last->path, looked);
    memcpy(looked->parent, level->id, ID_LEN);
    looked->is_recorded = peek == PEEK_RECORDED;
    looked->has_parent = true;
    looked->name = last->name;
    return ERR_NONE;
}

static enum err read_all(struct walk *walk, struct meta *meta, const struct looked *looked, struct arena *arena,
                         struct property **props, unsigned *count, struct traits *traits)
{
    enum err err = ERR_NONE;

    if (props && looked->is_recorded)
        err = propset_read(walk->store, meta, looked->id, arena, props, count);
    if (err == ERR_NONE && traits && looked->is_recorded)
        err = traits_read(walk->store, meta, looked->id, facts_tag(&walk->last.facts), arena, traits);
    if (err == ERR_NONE && traits && looked->has_parent && walk->last.facts.kind == KIND_FILE)
        traits->floor_s = floor_get(walk->store, meta, looked->parent, looked->name);
    return err;
}

enum err walk_look(struct walk *walk, struct arena *arena, struct property **props, unsigned *count,
                   struct traits *traits, unsigned char id[16])
{
    struct meta *meta = records_find(walk->store);
    struct looked looked = {.owner.place.folder = -1, .shows_id = id != NULL};
    enum err err;

    if (props) {
        *props = NULL;
        *count = 0;
    }
    if (traits)
        *traits = (struct traits){0};
    if (walk->last.is_broken)
        return ERR_MISSING;
    if (!id && !(meta && props && propset_has_props(walk->store)) &&
        !(meta && traits && propset_has_traits(walk->store)))
        return ERR_NONE;
    err = look_up(walk, meta, &looked);
    if (err == ERR_NONE && meta)
        err = read_all(walk, meta, &looked, arena, props, count, traits);
    owner_release(&looked.owner);
    if (err != ERR_NONE)
        return err;
    walk->has_id = true; /* for its members, if it is a folder */
    memcpy(walk->id, looked.id, ID_LEN);
    if (id)
        memcpy(id, looked.id, ID_LEN);
    return ERR_NONE;
}
