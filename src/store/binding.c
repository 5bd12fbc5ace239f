/*
 * binding.c - BIND, and what bindings are asked of (RFC 5842).
 */
#include "store/binding.h"

bool store_has_bindings(const struct store *store)
{
    (void)store;
    return false;
}

enum err store_bind(struct store *store, const struct binding_wish *wish, struct transferred *out)
{
    (void)store, (void)wish, (void)out;
    return ERR_UNSUPPORTED;
}

enum err store_bindings(struct store *store, struct rpath path, struct arena *arena, struct binding **out,
                        unsigned *count)
{
    (void)store, (void)path, (void)arena, (void)out, (void)count;
    return ERR_UNSUPPORTED;
}

enum err store_aliases(struct store *store, struct rpath path, struct arena *arena, struct aliases *out)
{
    (void)store, (void)path, (void)arena;
    *out = (struct aliases){.count = 0};
    return ERR_NONE;
}

enum err store_bound_below(struct store *store, struct rpath path, struct bound_below *out)
{
    (void)store, (void)path;
    *out = (struct bound_below){.loops = false};
    return ERR_NONE;
}
