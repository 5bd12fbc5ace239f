/*
 * quota_check.c - `samovar check`: what the records say beside what is there.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "quota_book.h"
#include "store/members.h"

/* Without a configuration: the topmost folders that have a record are what it once named. */
struct recorded {
    struct arena arena;
    struct quota_root *roots;
    unsigned count, room;
};

static void recorded_add(struct recorded *recorded, struct slice path)
{
    if (recorded->count == recorded->room) {
        recorded->room = recorded->room ? 2 * recorded->room : 8;
        recorded->roots = xrealloc(recorded->roots, recorded->room * sizeof(recorded->roots[0]));
    }
    recorded->roots[recorded->count++] =
        (struct quota_root){.path = arena_slice(&recorded->arena, path), .bytes = UINT64_MAX};
}

static enum err recorded_find(struct store *store, struct meta *meta, struct recorded *recorded)
{
    struct arena scratch = {0};
    struct walk_entry entry;
    struct walk *walk;
    unsigned char id[ID_LEN];
    struct quota_sums sums;
    enum err err;

    role_assert_worker();
    err = store_walk(store, (struct rpath){0}, WALK_DEEP, &walk);
    while (err == ERR_NONE && (err = walk_next(walk, &entry)) == ERR_NONE) {
        if (entry.is_broken || entry.facts.kind != KIND_FOLDER ||
            walk_look(walk, &scratch, NULL, NULL, NULL, id) != ERR_NONE || !sums_get(meta, id, &sums))
            continue;
        recorded_add(recorded, entry.path);
        walk_skip(walk);
    }
    walk_close(walk);
    arena_release(&scratch);
    return err == ERR_MISSING ? ERR_NONE : err;
}

static enum err name_recorded(struct store *store)
{
    struct meta *meta = records_find(store);
    struct recorded recorded = {0};
    enum err err = meta ? recorded_find(store, meta, &recorded) : ERR_NONE;

    if (err == ERR_NONE && recorded.count)
        store_set_quotas(store, recorded.roots, recorded.count);
    free(recorded.roots);
    arena_release(&recorded.arena);
    return err;
}

/* The quota roots of now, by index; NULL: there are no more. A node is never freed before the store is. */
static struct quota_node *root_at(struct quotas *quotas, unsigned *index)
{
    struct quota_node *found = NULL;

    pthread_mutex_lock(&quotas->mutex);
    for (; *index < quotas->count && !found; (*index)++)
        found = quotas->nodes[*index]->limit ? quotas->nodes[*index] : NULL;
    pthread_mutex_unlock(&quotas->mutex);
    return found;
}

static struct quota_total recorded(struct store *store, const struct quota_node *node)
{
    struct meta *meta = records_find(store);
    struct quota_sums sums = {0};
    struct lineage lineage;

    if (!meta || lineage_of(store, node->path, &lineage) != ERR_NONE)
        return sums.deep;
    pthread_mutex_lock(&store->quotas->mutex);
    sums_get(meta, lineage.ids[lineage.count - 1], &sums);
    pthread_mutex_unlock(&store->quotas->mutex);
    lineage_release(&lineage);
    return sums.deep;
}

static void tell(const struct quota_node *node, struct quota_total was, const struct tally *tally, bool mend,
                 struct buf *out)
{
    buf_printf(out, "/%s: %llu files, %llu bytes", node->path, (unsigned long long)tally->found.files,
               (unsigned long long)tally->found.bytes);
    if (tally->wrong == 0)
        buf_add_str(out, ", as recorded\n");
    else
        buf_printf(out, "; recorded: %llu files, %llu bytes%s\n", (unsigned long long)was.files,
                   (unsigned long long)was.bytes, mend ? " (mended)" : "");
}

static enum err check_root(struct store *store, struct quota_node *node, bool mend, struct progress progress,
                           struct buf *out, struct quota_check *result)
{
    struct quota_total was = recorded(store, node);
    struct tally tally;
    enum err err = quota_count(store, slice_str(node->path), mend ? COUNT_MEND : COUNT_COMPARE, progress, &tally);

    result->roots++;
    if (err == ERR_CHANGED) { /* made when something is put there */
        buf_printf(out, "/%s: not there\n", node->path);
        return ERR_NONE;
    }
    if (err != ERR_NONE)
        return err;
    result->files += tally.found.files;
    result->bytes += tally.found.bytes;
    result->wrong += tally.wrong > 0;
    result->mended += mend && tally.wrong > 0 && tally.mended == tally.wrong;
    tell(node, was, &tally, mend, out);
    return ERR_NONE;
}

enum err store_check_quotas(struct store *store, bool mend, bool (*goes_on)(void *), void *arg, struct buf *out,
                            struct quota_check *result)
{
    enum err err = ERR_NONE;
    struct quota_node *node;

    *result = (struct quota_check){0};
    if (mend && store_is_read_only(store))
        return ERR_READ_ONLY;
    if (!quota_is_on(store) && !store->quotas->has_begun)
        err = name_recorded(store);
    for (unsigned i = 0; err == ERR_NONE && (node = root_at(store->quotas, &i));)
        err = check_root(store, node, mend, (struct progress){goes_on, arg}, out, result);
    if (err == ERR_NONE && result->roots == 0)
        buf_add_str(out, "no folder has a quota: nothing is counted\n");
    return err;
}
