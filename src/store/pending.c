/*
 * pending.c - what the doors promise and no file does yet. Each part takes its own out of here; the file goes with the
 * last.
 */
#include "core.h"
#include "store/props.h"
#include "store/since.h"
#include "store/tree.h"
#include "since_private.h"
#include "store/writelock.h"

/* ---- writelock.h ---- */

bool write_locks_cover(struct write_locks *locks, struct slice token)
{
    return false;
}

bool store_has_locks(const struct store *store)
{
    return false;
}

bool store_lock_covers(struct store *store, struct rpath path, struct slice token)
{
    return false;
}

enum err store_locks_at(struct store *store, struct rpath path, struct arena *arena, struct write_lock **out,
                        unsigned *count)
{
    return ERR_UNSUPPORTED;
}

enum err store_locks_within(struct store *store, struct rpath folder, struct arena *arena, struct write_lock **out,
                            unsigned *count)
{
    return ERR_UNSUPPORTED;
}

bool write_lock_is_over(const struct write_lock *lock, struct slice path)
{
    return false;
}

enum err store_lock(struct store *store, struct rpath path, const struct lock_wish *wish, struct guard guard,
                    struct arena *arena, struct lock_grant *out, struct blockers *blockers)
{
    return ERR_UNSUPPORTED;
}

enum err store_lock_refresh(struct store *store, struct rpath path, struct slice token, struct slice user,
                            uint32_t seconds, struct arena *arena, struct write_lock *out)
{
    return ERR_UNSUPPORTED;
}

enum err store_unlock(struct store *store, struct rpath path, struct slice token, struct slice user, bool may_break,
                      struct arena *arena, struct write_lock *out)
{
    return ERR_UNSUPPORTED;
}

enum err store_locks_all(struct store *store, struct arena *arena, struct write_lock **out, unsigned *count)
{
    return ERR_UNSUPPORTED;
}

enum err store_lock_break(struct store *store, struct slice token, struct arena *arena, struct write_lock *out)
{
    return ERR_UNSUPPORTED;
}

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

bool write_locks_admit(struct write_locks *locks, const struct bearer *bearer, struct blockers *out)
{
    return true;
}

void change_list_release(struct change_list *list)
{
    arena_release(&list->arena);
}

void part_wish(struct part *part, const struct part_wish *wish)
{
}

/* ---- since_private.h ---- */

void since_removed(struct store *store, const struct place *place, enum kind kind)
{
}

void since_touched(struct store *store, const struct place *place)
{
}
