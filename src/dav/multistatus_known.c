/*
 * multistatus_known.c - responses from what is known (store/snapshot.h): no disk, any side.
 *
 * What is known lies at no path with bindings on it (a folder with links in it is not known), so rights are those of
 * the paths.
 */
#include "multistatus_private.h"

static unsigned rights_at(const struct multistatus *multi, struct slice path)
{
    const struct multistatus_options *of = &multi->options;

    return multi->differs_below ? conf_sight(of->site, path, &of->asker) : multi->rights;
}

static void write_known(struct multistatus *multi, struct slice path, const struct snapshot_member *of, unsigned rights)
{
    static const struct traits none;
    struct prop_view view = multi_view(multi, path, &of->facts, of->traits ? of->traits : &none, rights);

    view.dead = of->dead;
    view.dead_count = of->dead_count;
    multi_write_response(multi, &view);
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
    if (multi_is_shown(multi, path, member->name, rights))
        write_known(multi, path, member, rights);
}

enum err multi_known_step(struct multistatus *multi)
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
