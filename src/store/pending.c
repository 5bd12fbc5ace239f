/*
 * pending.c - what the doors promise and no file does yet. Each part takes its own out of here; the file goes with the
 * last.
 */
#include "core.h"
#include "store/props.h"
#include "store/since.h"
#include "store/tree.h"
#include "since_private.h"

/* ---- tree.h ---- */

enum err store_copy(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out)
{
    return ERR_UNSUPPORTED;
}

enum err store_move(struct store *store, const struct transfer *transfer, struct casualties *casualties,
                    struct transferred *out)
{
    return ERR_UNSUPPORTED;
}

/* ---- since.h ---- */

enum err store_changes(struct store *store, struct rpath folder, bool is_deep, struct slice since, unsigned limit,
                       struct change_list *out)
{
    return ERR_UNSUPPORTED;
}

enum err store_mark(struct store *store, struct rpath folder, char mark[80])
{
    return ERR_UNSUPPORTED;
}

bool store_mark_is_current(struct store *store, struct rpath folder, struct slice mark)
{
    return false;
}

void change_list_release(struct change_list *list)
{
    arena_release(&list->arena);
}

/* ---- since_private.h ---- */

void since_removed(struct store *store, const struct place *place, enum kind kind)
{
}

void since_touched(struct store *store, const struct place *place)
{
}
