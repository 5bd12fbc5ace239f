/*
 * locks.c - locks, and DAV:error.
 */
#include "locks.h"

static struct slice token_of(const struct probe *lock)
{
    struct slice value = slice_trim(probe_field(lock, "Lock-Token"));

    if (!probe_is_2xx(lock) || value.len < 3 || value.ptr[0] != '<' || value.ptr[value.len - 1] != '>')
        return SLICE_NONE;
    return slice_of(value.ptr + 1, value.len - 2);
}

struct slice token_take(struct surveyor *surveyor, const char *label, struct slice path, const char *depth)
{
    const struct probe *lock =
        ask_with(surveyor, label, "LOCK", path, LOCKINFO, "Depth: %s\r\nTimeout: Second-120\r\n" LOCK_TYPE, depth);
    struct slice token = token_of(lock);

    token_keep(surveyor, path, token);
    return token;
}

void token_note(struct surveyor *surveyor, const struct probe *lock)
{
    token_keep(surveyor, lock->path, token_of(lock));
}

static const struct xml_node *error_find(const struct probe *probe, struct slice condition, struct arena *arena)
{
    struct slice why;
    const struct xml_node *root = probe ? xml_of(probe, arena, &why) : NULL;

    return root && xml_is(root, XML_DAV, SLICE("error")) ? xml_child(root, XML_DAV, condition) : NULL;
}

bool error_has(const struct probe *probe, struct slice condition, struct arena *arena)
{
    return error_find(probe, condition, arena) != NULL;
}

bool error_names(const struct probe *probe, struct slice condition, struct slice path, struct arena *arena)
{
    const struct xml_node *node = error_find(probe, condition, arena);

    for (node = node ? xml_first(node) : NULL; node; node = xml_next(node))
        if (xml_is(node, XML_DAV, SLICE("href")) && href_is(xml_text_of(node, arena), path, arena))
            return true;
    return false;
}
