/*
 * quota_totals.c - the records of what lies in a folder and below it.
 *
 * They change by differences, one after the other under one mutex, so that changes in different folders below one quota
 * root, and a walk that puts right what it finds wrong, never overwrite each other. While two processes share the
 * folder differences may be lost; the one that stays counts again.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "idrecord.h"
#include "meta.h"
#include "quota_book.h"

enum {
    STEPS_MAX = 1025, /* folders on a path, the root included: what identity.c walks */
    SUMS_LEN = 32,
};

struct slice quota_key(char key[QUOTA_KEY_LEN], const unsigned char id[16])
{
    key[0] = 'q';
    memcpy(key + 1, id, ID_LEN);
    return slice_of(key, QUOTA_KEY_LEN);
}

enum err lineage_of(struct store *store, const char *folder, struct lineage *out)
{
    enum err err;

    *out = (struct lineage){.ids = xmalloc(STEPS_MAX * sizeof(out->ids[0]))};
    err = identity_folders(store, folder, out->ids, STEPS_MAX, &out->count, &out->ino);
    if (err != ERR_NONE)
        lineage_release(out);
    return err;
}

void lineage_release(struct lineage *lineage)
{
    free(lineage->ids);
    *lineage = (struct lineage){0};
}

bool sums_get(struct meta *meta, const unsigned char id[ID_LEN], struct quota_sums *out)
{
    char key[QUOTA_KEY_LEN];
    struct buf value = BUF_INIT(64);
    bool has = meta_get(meta, quota_key(key, id), &value) == ERR_NONE && value.len == SUMS_LEN;

    *out = (struct quota_sums){0};
    if (has) {
        out->direct = (struct quota_total){get_u64(value.ptr), get_u64(value.ptr + 8)};
        out->deep = (struct quota_total){get_u64(value.ptr + 16), get_u64(value.ptr + 24)};
    }
    buf_release(&value);
    return has;
}

static void sums_put(struct changes *changes, const unsigned char id[ID_LEN], const struct quota_sums *sums)
{
    char key[QUOTA_KEY_LEN], value[SUMS_LEN];

    put_u64(value, sums->direct.bytes);
    put_u64(value + 8, sums->direct.files);
    put_u64(value + 16, sums->deep.bytes);
    put_u64(value + 24, sums->deep.files);
    changes_put(changes, quota_key(key, id), slice_of(value, sizeof(value)));
}

/* What others removed was perhaps never counted: nothing is less than none. */
static uint64_t plus(uint64_t value, int64_t by)
{
    uint64_t sum;

    if (by < 0)
        return value > (uint64_t)-by ? value - (uint64_t)-by : 0;
    return __builtin_add_overflow(value, (uint64_t)by, &sum) ? UINT64_MAX : sum;
}

static void total_add(struct quota_total *total, struct quota_delta by)
{
    total->bytes = plus(total->bytes, by.bytes);
    total->files = plus(total->files, by.files);
}

bool quota_is_below(const struct quotas *quotas, struct slice folder)
{
    for (unsigned i = 0; i < quotas->count; i++)
        if (quotas->nodes[i]->limit && rpath_is_within(folder, slice_str(quotas->nodes[i]->path)))
            return true;
    return false;
}

static unsigned depth_of(struct slice path)
{
    struct slice segment;
    unsigned depth = 0;

    while (rpath_next(&path, &segment))
        depth++;
    return depth;
}

/* How many folders there are above the topmost quota root on the way to this one; UINT_MAX: there is none. */
static unsigned topmost(const struct quotas *quotas, struct slice folder)
{
    unsigned least = ~0u;

    for (unsigned i = 0; i < quotas->count; i++) {
        struct slice path = slice_str(quotas->nodes[i]->path);
        unsigned depth = quotas->nodes[i]->limit && rpath_is_within(folder, path) ? depth_of(path) : ~0u;

        least = depth < least ? depth : least;
    }
    return least;
}

static void nodes_add(struct quotas *quotas, struct slice folder, struct quota_delta by)
{
    for (unsigned i = 0; i < quotas->count; i++) {
        struct quota_node *node = quotas->nodes[i];

        if (node->is_known && rpath_is_within(folder, slice_str(node->path)))
            total_add(&node->used, by);
    }
}

void totals_add(struct store *store, const char *folder, const struct lineage *lineage, struct quota_delta direct,
                struct quota_delta deep)
{
    struct quotas *quotas = store->quotas;
    struct meta *meta = records_find(store);
    struct changes changes = {0};

    quotas->changes++;
    if (meta)
        for (unsigned i = topmost(quotas, slice_str(folder)); i < lineage->count; i++) {
            struct quota_sums sums;

            sums_get(meta, lineage->ids[i], &sums);
            total_add(&sums.deep, deep);
            if (i + 1 == lineage->count)
                total_add(&sums.direct, direct);
            sums_put(&changes, lineage->ids[i], &sums);
        }
    nodes_add(quotas, slice_str(folder), deep);
    if (meta)
        changes_queue(&changes, meta);
    changes_release(&changes);
}

void node_load(struct store *store, struct quota_node *node, const struct lineage *lineage)
{
    struct meta *meta = records_find(store);
    struct quota_sums sums = {0};

    if (meta && lineage->count)
        sums_get(meta, lineage->ids[lineage->count - 1], &sums);
    if (meta || !node->is_known) /* without records only a walk knows */
        node->used = sums.deep;
    node->is_known = true;
}
