/*
 * multistatus_changes.c - responses about what changed in a folder (RFC 6578 §3).
 */
#include "multistatus_private.h"

static bool is_change_denied(const struct multistatus *multi, struct slice path)
{
    struct slice rest = path, segment;

    while (rpath_next(&rest, &segment))
        if (multi_is_denied(multi, slice_of(path.ptr, (size_t)(segment.ptr + segment.len - path.ptr)), segment))
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
        err = entry.is_broken ? ERR_MISSING : multi_write_entry(multi, walk, &entry, rights);
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

enum err multi_change_step(struct multistatus *multi)
{
    const struct change *change;
    unsigned rights;
    enum err err;

    if (multi->next == multi->changes.count) {
        end_report(multi);
        return ERR_MISSING;
    }
    change = &multi->changes.list[multi->next++];
    rights = multi_rights(multi, change->path);
    if (!(rights & (RIGHT_READ | RIGHT_LIST)) || is_change_denied(multi, change->path))
        return ERR_NONE;
    err = change->is_removed ? ERR_MISSING : write_changed(multi, change, rights);
    if (!is_gone(err))
        return err;
    multi_write_status(multi, change->path, change->is_folder, 404);
    return ERR_NONE;
}
