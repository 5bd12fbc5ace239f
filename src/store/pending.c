/*
 * pending.c - parts that are still to come.
 */
#include "forward.h"

bool store_has_forwards(const struct store *store)
{
    return false;
}

enum err store_forward_find(struct store *store, struct rpath path, struct arena *arena, struct rpath *to)
{
    return ERR_MISSING;
}

enum err store_forwards(struct store *store, struct arena *arena, struct forward_list *out)
{
    *out = (struct forward_list){0};
    return ERR_NONE;
}

enum err store_forwards_in(struct store *store, struct rpath folder, struct arena *arena, struct forward_list *out)
{
    *out = (struct forward_list){0};
    return ERR_NONE;
}

enum err store_forward_remove(struct store *store, struct rpath path)
{
    return ERR_MISSING;
}
