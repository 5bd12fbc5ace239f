/*
 * multistatus_walk.c - responses of a walk over folders: each resource is looked at when its turn comes.
 */
#include "multistatus_private.h"

static WORKER_SIDE enum err next_entry(struct multistatus *multi, struct walk_entry *entry)
{
    if (!multi->has_first)
        return walk_next(multi->walk, entry);
    *entry = multi->first;
    multi->has_first = false;
    return ERR_NONE;
}

enum err multi_walk_step(struct multistatus *multi)
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
    rights = multi_rights_of(multi, &entry);
    shows = entry.depth ? multi_is_shown(multi, entry.path, entry.name, rights) : !multi->options.omits_target;
    if (entry.facts.kind == KIND_FOLDER && (!(rights & RIGHT_LIST) || (!shows && entry.depth)))
        walk_skip(multi->walk);
    else if (entry.facts.kind == KIND_FOLDER && entry.depth < multi->depth && !multi->options.is_past &&
             !entry.is_again)
        forwarded_open(&multi->forwarded, &multi->options, entry.path);
    if (!shows)
        return ERR_NONE;
    err = multi_write_entry(multi, multi->walk, &entry, rights);
    if (err != ERR_MISSING)
        return err;
    return entry.depth ? ERR_NONE : ERR_PARENT; /* the target itself: 404, not an answer about nothing */
}
