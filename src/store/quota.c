/*
 * quota.c - quota roots, what is claimed of them, and what changes tell them.
 *
 * Every quota root above a change counts; what is used is shown of the nearest. What a change will need is claimed in
 * memory before it begins, so that two that go on at once cannot both have the last bytes. When it is done the claim
 * goes and the totals (quota_totals.c) take its place.
 *
 * Limits: a file with several names counts under each; a quota root is a path without links; on a site that cannot be
 * written only a walk knows the figures.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "base/arena.h"
#include "base/clock.h"
#include "bindings.h"
#include "quota_book.h"

/* roots */

static struct quota_node *node_find(const struct quotas *quotas, struct slice path)
{
    for (unsigned i = 0; i < quotas->count; i++)
        if (slice_eq(slice_str(quotas->nodes[i]->path), path))
            return quotas->nodes[i];
    return NULL;
}

static struct quota_node *node_get(struct quotas *quotas, struct slice path)
{
    struct quota_node *node = node_find(quotas, path);

    if (node)
        return node;
    if (quotas->count == quotas->room) {
        quotas->room = quotas->room ? 2 * quotas->room : 8;
        quotas->nodes = xrealloc(quotas->nodes, quotas->room * sizeof(struct quota_node *));
    }
    node = xcalloc(1, sizeof(*node));
    node->path = xstrdup(path);
    quotas->nodes[quotas->count++] = node;
    return node;
}

void store_set_quotas(struct store *store, const struct quota_root *roots, unsigned count)
{
    struct quotas *quotas = store->quotas;
    unsigned active = 0;

    pthread_mutex_lock(&quotas->mutex);
    for (unsigned i = 0; i < quotas->count; i++)
        quotas->nodes[i]->limit = 0;
    for (unsigned i = 0; i < count; i++)
        node_get(quotas, roots[i].path)->limit = roots[i].bytes;
    for (unsigned i = 0; i < quotas->count; i++) {
        struct quota_node *node = quotas->nodes[i];

        active += node->limit != 0;
        if (node->limit == 0) /* what changes from now on is not told to it */
            node->is_known = node->is_counted = node->is_tried = false;
    }
    atomic_store(&quotas->active, active);
    quota_wake(store);
    pthread_mutex_unlock(&quotas->mutex);
}

/* where things count */

/* What is bound, or below, counts once: where its home binding is (storage rules, "Quota"). */
static WORKER_SIDE void at_home(struct store *store, const struct place *place, struct place *out)
{
    struct buf path = BUF_INIT(PATH_ROOM + NAME_ROOM);
    char text[PATH_ROOM + NAME_ROOM];
    unsigned char id[ID_LEN];
    struct slice rest;

    *out = *place;
    snprintf(text, sizeof(text), "%s/%s", place->parent, place->name);
    if (!quota_is_on(store) || place->is_outside || !bound_within(slice_str(text), id, &rest) ||
        folder_home(store, id, &path) != ERR_NONE)
        return;
    buf_printf(&path, "%s%.*s", rest.len && path.len ? "/" : "", SLICE_FMT(rest));
    snprintf(out->parent, sizeof(out->parent), "%.*s",
             SLICE_FMT(rpath_parent((struct rpath){.text = buf_slice(&path)}).text));
    snprintf(out->name, sizeof(out->name), "%.*s", SLICE_FMT(rpath_leaf((struct rpath){.text = buf_slice(&path)})));
    out->folder = -1; /* whatever is at that path */
    buf_release(&path);
}

void quota_doubt(struct store *store)
{
    if (!quota_is_on(store))
        return;
    pthread_mutex_lock(&store->quotas->mutex);
    quota_doubt_all(store);
    pthread_mutex_unlock(&store->quotas->mutex);
}

/* claims */

static struct slice place_path(const struct place *place, char room[PATH_ROOM + NAME_ROOM])
{
    int len = snprintf(room, PATH_ROOM + NAME_ROOM, "%s%s%s", place->parent, place->parent[0] ? "/" : "", place->name);

    return slice_of(room, (size_t)len);
}

/* Nearest first: the longer path of two that both hold the same place is the nearer. */
static void claim_add(struct quota_claim *claim, struct quota_node *node)
{
    unsigned at = claim->count;

    if (at == QUOTA_NEST_MAX)
        return;
    for (; at > 0 && strlen(claim->nodes[at - 1]->path) < strlen(node->path); at--)
        claim->nodes[at] = claim->nodes[at - 1];
    claim->nodes[at] = node;
    claim->count++;
}

/* from (may be NULL): roots above that one are left out. */
static void claim_open(struct store *store, const struct place *place, const struct place *from,
                       struct quota_claim *claim)
{
    struct quotas *quotas = store->quotas;
    char to_room[PATH_ROOM + NAME_ROOM], from_room[PATH_ROOM + NAME_ROOM];
    struct slice to, source = SLICE_NONE;

    *claim = (struct quota_claim){.store = store};
    if (!quota_is_on(store) || place->is_outside)
        return;
    to = place_path(place, to_room);
    if (from && !from->is_outside)
        source = place_path(from, from_room);
    pthread_mutex_lock(&quotas->mutex);
    for (unsigned i = 0; i < quotas->count; i++) {
        struct slice path = slice_str(quotas->nodes[i]->path);
        bool is_left_out = source.len && rpath_is_within(source, path);

        if (quotas->nodes[i]->limit && rpath_is_within(to, path) && !is_left_out)
            claim_add(claim, quotas->nodes[i]);
    }
    pthread_mutex_unlock(&quotas->mutex);
}

void quota_claim_open(struct store *store, const struct place *place, struct quota_claim *claim)
{
    struct place home;

    role_assert_worker();
    at_home(store, place, &home);
    claim_open(store, &home, NULL, claim);
}

void quota_claim_open_move(struct store *store, const struct place *from, const struct place *to,
                           struct quota_claim *claim)
{
    struct place from_home, to_home;

    role_assert_worker();
    at_home(store, from, &from_home);
    at_home(store, to, &to_home);
    claim_open(store, &to_home, &from_home, claim);
}

/* Whether `bytes` fit beside what is used and what others claimed. */
static bool fits(const struct quota_node *node, uint64_t own, uint64_t bytes)
{
    uint64_t others = node->reserved - own, taken;

    if (node->limit == 0)
        return true;
    if (__builtin_add_overflow(node->used.bytes, others, &taken) || taken > node->limit)
        return false;
    return bytes <= node->limit - taken;
}

enum err quota_claim_set(struct quota_claim *claim, uint64_t bytes)
{
    bool is_more = bytes > claim->bytes;
    struct quotas *quotas;
    enum err err = ERR_NONE;

    if (claim->count == 0 || bytes == claim->bytes)
        return ERR_NONE;
    quotas = claim->store->quotas;
    for (unsigned i = 0; i < claim->count && is_more; i++)
        node_need(claim->store, claim->nodes[i]);
    pthread_mutex_lock(&quotas->mutex);
    for (unsigned i = 0; i < claim->count && is_more; i++)
        if (!fits(claim->nodes[i], claim->bytes, bytes))
            err = ERR_QUOTA;
    if (err == ERR_NONE) {
        for (unsigned i = 0; i < claim->count; i++)
            claim->nodes[i]->reserved += bytes - claim->bytes;
        claim->bytes = bytes;
    }
    pthread_mutex_unlock(&quotas->mutex);
    return err;
}

/* With the mutex held. */
static void claim_end(struct quota_claim *claim)
{
    for (unsigned i = 0; claim && i < claim->count; i++)
        claim->nodes[i]->reserved -= claim->bytes;
    if (claim)
        *claim = (struct quota_claim){.store = claim->store};
}

void quota_claim_release(struct quota_claim *claim)
{
    struct quotas *quotas;

    if (claim->count == 0)
        return;
    quotas = claim->store->quotas;
    pthread_mutex_lock(&quotas->mutex);
    claim_end(claim);
    pthread_mutex_unlock(&quotas->mutex);
}

/* what happened */

static bool is_counted_at(struct store *store, struct slice folder)
{
    struct quotas *quotas = store->quotas;
    bool is_below;

    pthread_mutex_lock(&quotas->mutex);
    is_below = quota_is_below(quotas, folder);
    pthread_mutex_unlock(&quotas->mutex);
    return is_below;
}

/* What is in the place's folder counts somewhere. */
static bool concerns(struct store *store, const struct place *place)
{
    return quota_is_on(store) && !place->is_outside && is_counted_at(store, slice_str(place->parent));
}

/* Quota roots at the path or below it: another folder stands there now, or none. */
static void forget_below(struct quotas *quotas, struct slice path)
{
    for (unsigned i = 0; i < quotas->count; i++) {
        struct quota_node *node = quotas->nodes[i];

        if (!rpath_is_within(slice_str(node->path), path))
            continue;
        node->is_known = node->is_counted = node->is_tried = false;
        node->used = (struct quota_total){0};
    }
}

/*
 * Of the place's folder. False: others moved it before its change was counted, or put another one in its place, and
 * where this change counts is no longer known.
 */
static WORKER_SIDE bool place_lineage(struct store *store, const struct place *place, struct lineage *out)
{
    if (lineage_of(store, place->parent, out) != ERR_NONE)
        return false;
    if (place->folder < 0 || out->ino == place->ino)
        return true;
    lineage_release(out);
    return false;
}

/* What a change is about. */
enum what { A_FILE, FOLDER_LEFT, FOLDER_MOVED, NEW_FOLDER };

/* Adds to the place's folder and ends the claim, in one step. */
static WORKER_SIDE void settle(struct store *store, const struct place *place, struct quota_delta delta, enum what what,
                               struct quota_claim *claim)
{
    bool is_folder = what != A_FILE;
    struct quotas *quotas = store->quotas;
    const struct quota_delta nothing = {0};
    struct lineage lineage = {0};
    struct meta *meta;
    char room[PATH_ROOM + NAME_ROOM];
    bool counts = concerns(store, place);
    bool is_lost = false;

    if (counts && records_need(store, &meta) == ERR_NONE)
        is_lost = !place_lineage(store, place, &lineage);
    if (!counts && !is_folder) {
        if (claim)
            quota_claim_release(claim);
        return;
    }
    pthread_mutex_lock(&quotas->mutex);
    if (counts)
        totals_add(store, place->parent, &lineage, is_folder ? nothing : delta, delta);
    if (is_folder) {
        quotas->moves += what == FOLDER_MOVED;
        forget_below(quotas, place_path(place, room));
    }
    if (is_lost)
        quota_doubt_all(store);
    claim_end(claim);
    pthread_mutex_unlock(&quotas->mutex);
    lineage_release(&lineage);
}

static struct quota_delta delta_of(const struct quota_total *total)
{
    return (struct quota_delta){(int64_t)total->bytes, (int64_t)total->files};
}

void quota_file_changed(struct store *store, const struct place *place, int64_t bytes, int64_t files,
                        struct quota_claim *claim)
{
    struct place home;

    role_assert_worker();
    if (!quota_is_on(store))
        return;
    at_home(store, place, &home);
    settle(store, &home, (struct quota_delta){bytes, files}, A_FILE, claim);
}

/* What came into the folder, or went, while it was on its way counts where it was: nobody knows that any more. */
static WORKER_SIDE void doubt_if_changed(struct store *store, const unsigned char id[ID_LEN],
                                         const struct quota_total *total)
{
    struct meta *meta = records_find(store);
    struct quota_sums sums;

    if (!meta)
        return;
    pthread_mutex_lock(&store->quotas->mutex);
    if (sums_get(meta, id, &sums) && (sums.deep.bytes != total->bytes || sums.deep.files != total->files))
        quota_doubt_all(store);
    pthread_mutex_unlock(&store->quotas->mutex);
}

void quota_folder_left(struct store *store, const struct place *place, const unsigned char id[ID_LEN],
                       const struct quota_total *total)
{
    struct place home;

    role_assert_worker();
    if (!quota_is_on(store))
        return;
    at_home(store, place, &home);
    settle(store, &home, (struct quota_delta){-(int64_t)total->bytes, -(int64_t)total->files}, FOLDER_LEFT, NULL);
    if (concerns(store, &home))
        doubt_if_changed(store, id, total);
}

void quota_folder_came(struct store *store, const struct place *place, const struct quota_total *total,
                       struct quota_claim *claim)
{
    char room[PATH_ROOM + NAME_ROOM];
    struct progress on = {0};
    struct tally tally;
    struct place home;

    role_assert_worker();
    if (!quota_is_on(store))
        return;
    at_home(store, place, &home);
    if (!total && concerns(store, &home)) /* its records come from the walk, and so does what is added above */
        quota_count(store, place_path(&home, room), COUNT_MEND, on, &tally);
    settle(store, &home, total ? delta_of(total) : (struct quota_delta){0}, total ? FOLDER_MOVED : NEW_FOLDER, claim);
}

enum err quota_folder_total(struct store *store, const struct place *place, const unsigned char id[16],
                            const struct place *to, struct progress progress, struct quota_total *out,
                            bool *is_recorded)
{
    struct meta *meta = records_find(store);
    char room[PATH_ROOM + NAME_ROOM];
    struct quota_sums sums = {0};
    struct tally tally = {0};
    struct place home, to_home;
    enum err err;

    role_assert_worker();
    *out = (struct quota_total){0};
    *is_recorded = true;
    if (!quota_is_on(store) || place->is_outside)
        return ERR_NONE;
    at_home(store, place, &home);
    if (to)
        at_home(store, to, &to_home);
    if (is_counted_at(store, place_path(&home, room))) { /* no record: nothing is in it, or nobody counted yet */
        if (meta)
            sums_get(meta, id, &sums);
        *out = sums.deep;
        return ERR_NONE;
    }
    if (!to || !concerns(store, &to_home))
        return ERR_NONE;
    *is_recorded = false;
    err = quota_count(store, place_path(&home, room), COUNT_SUM, progress, &tally);
    *out = tally.found;
    return err;
}

/* the figures */

static enum err of_file_system(int fd, struct quota *out)
{
    struct statvfs got;

    if (fstatvfs(fd, &got) < 0)
        return err_from_errno(errno);
    *out = (struct quota){.used = (uint64_t)(got.f_blocks - got.f_bfree) * got.f_frsize,
                          .available = (uint64_t)got.f_bavail * got.f_frsize};
    return ERR_NONE;
}

/* The roots at and above a path, nearest first. */
static void claim_of_path(struct store *store, struct slice path, struct quota_claim *out)
{
    struct quotas *quotas = store->quotas;

    *out = (struct quota_claim){.store = store};
    pthread_mutex_lock(&quotas->mutex);
    for (unsigned i = 0; i < quotas->count; i++)
        if (quotas->nodes[i]->limit && rpath_is_within(path, slice_str(quotas->nodes[i]->path)))
            claim_add(out, quotas->nodes[i]);
    pthread_mutex_unlock(&quotas->mutex);
}

static WORKER_SIDE void claim_of_plain(struct store *store, struct slice plain, struct quota_claim *out)
{
    struct place place = {.folder = -1}, home;
    struct slice folder = rpath_parent((struct rpath){.text = plain}).text;
    char room[PATH_ROOM + NAME_ROOM];

    snprintf(place.parent, sizeof(place.parent), "%.*s", SLICE_FMT(folder));
    snprintf(place.name, sizeof(place.name), "%.*s", SLICE_FMT(rpath_leaf((struct rpath){.text = plain})));
    at_home(store, &place, &home);
    claim_of_path(store, place_path(&home, room), out);
}

/* What is used is the nearest one's; what is available is what all of them and the disk have left. */
static void of_roots(const struct quota_claim *roots, struct quota *out)
{
    struct quotas *quotas = roots->store->quotas;

    for (unsigned i = 0; i < roots->count; i++)
        node_need(roots->store, roots->nodes[i]);
    pthread_mutex_lock(&quotas->mutex);
    out->is_limited = true;
    out->used = roots->nodes[0]->used.bytes;
    for (unsigned i = 0; i < roots->count; i++) {
        const struct quota_node *node = roots->nodes[i];
        uint64_t left = node->limit > node->used.bytes ? node->limit - node->used.bytes : 0;

        if (node->limit && left < out->available) /* 0: a reload took it away just now */
            out->available = left;
    }
    pthread_mutex_unlock(&quotas->mutex);
}

enum err store_quota(struct store *store, struct rpath path, struct quota *out)
{
    struct quota_claim roots = {0};
    struct plain plain;
    FD_GUARD fd = -1;
    enum err err = resolve_open(store, path.text, O_PATH, &fd, &plain);

    *out = (struct quota){0};
    if (err == ERR_NONE)
        err = of_file_system(fd, out);
    if (err != ERR_NONE)
        return err;
    if (quota_is_on(store) && !plain.is_outside)
        claim_of_plain(store, slice_of(plain.text, plain.len), &roots);
    if (roots.count)
        of_roots(&roots, out);
    return ERR_NONE;
}
