/*
 * quota_count.c - counting by a walk: at first, every day, and for `samovar check`.
 *
 * A folder is listed, what is directly in it is compared with its record, then its folders are visited, and at last its
 * record of all below is compared with theirs. What differs is added as a difference (quota_totals.c), so changes that
 * come meanwhile are neither lost nor counted twice: a listing during which anything changed, or at the end of which
 * something is under way in that folder, is done again. What nobody can be sure of, since things change all the time or
 * a folder was moved past the walk, makes the count doubtful: it is done again soon. Where nothing is wrong, nothing is
 * written.
 *
 * Two walks at once are wasteful, not wrong. Memory: the names of the folders on the way down, and the ids of those
 * that are done there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "bindings.h"
#include "meta.h"
#include "quota_book.h"

enum {
    LISTS_MAX = 3,        /* listings of one folder in which things change, before one is believed */
    SLICE_ENTRIES = 1000, /* between questions whether to go on */
    DEPTH_MAX = 2048,     /* a path has no more segments */
    NAMES_MAX = 1 << 30,
};

/* A folder that is being counted. */
struct frame {
    size_t path_len;
    struct buf names; /* of its folders, each with a NUL */
    size_t at;        /* the next one */
    struct buf ids;   /* of those that are done */
    unsigned char id[ID_LEN];
    uint64_t dev, ino;
    int64_t modified_ns; /* before it was listed; 0: within the clock's last tick, so that it tells nothing */
    struct quota_total direct, below;
};

struct count {
    struct store *store;
    enum count_mode mode;
    struct progress progress;
    struct tally *tally;
    struct buf path;
    struct frame *frames;
    unsigned depth, room;
    unsigned entries;
    uint64_t moves; /* as the store's, at the beginning */
    bool is_stopped;
};

static bool goes_on(struct count *count)
{
    if (!count->is_stopped && count->progress.goes_on && !count->progress.goes_on(count->progress.arg))
        count->is_stopped = true;
    return !count->is_stopped;
}

/* What has several names counts where its home binding is. */
static WORKER_SIDE bool is_at_home(const struct count *count, const struct member *member)
{
    struct buf home = BUF_INIT(2 * PATH_ROOM), here = BUF_INIT(2 * PATH_ROOM);
    bool is_home;

    if (!member->facts.is_bound)
        return true;
    buf_printf(&here, "%.*s%s%.*s", SLICE_FMT(count->path), count->path.len ? "/" : "", SLICE_FMT(member->name));
    is_home = folder_home(count->store, member->facts.bound_id, &home) == ERR_NONE &&
              slice_eq(buf_slice(&home), buf_slice(&here));
    buf_release(&home);
    buf_release(&here);
    return is_home;
}

static bool count_member(const struct member *member, void *arg)
{
    struct count *count = arg;
    struct frame *frame = &count->frames[count->depth - 1];

    role_assert_worker();
    if (!member->is_broken && !is_at_home(count, member))
        return goes_on(count);
    if (!member->is_broken && !member->facts.through_symlink && member->facts.kind == KIND_FILE) {
        frame->direct.bytes += member->facts.size;
        frame->direct.files++;
    } else if (!member->is_broken && !member->facts.through_symlink) {
        buf_add(&frame->names, member->name);
        buf_add_char(&frame->names, '\0');
    }
    return ++count->entries % SLICE_ENTRIES != 0 || goes_on(count);
}

static void frame_is(const struct count *count, struct frame *frame, const struct stat *got)
{
    int64_t modified_ns = got->st_mtim.tv_sec * (int64_t)1000000000 + got->st_mtim.tv_nsec;

    frame->dev = got->st_dev;
    frame->ino = got->st_ino;
    frame->modified_ns = clock_real_ns() - modified_ns > count->store->tick_ns ? modified_ns : 0;
}

static enum err list(struct count *count, struct frame *frame)
{
    struct rpath path = {.text = buf_slice(&count->path)};
    struct plain plain;
    struct stat got;
    FD_GUARD fd = -1;
    enum err err = resolve_open(count->store, path.text, O_RDONLY | O_DIRECTORY, &fd, &plain);

    role_assert_worker();
    buf_clear(&frame->names);
    frame->direct = (struct quota_total){0};
    if (err == ERR_NONE && plain.through_symlink)
        err = ERR_CHANGED;
    if (err == ERR_NONE && fstat(fd, &got) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE) {
        frame_is(count, frame, &got);
        err = store_list(count->store, fd, path, count_member, count);
    }
    if (err == ERR_MISSING || err == ERR_PARENT || err == ERR_NOT_FOLDER)
        err = ERR_CHANGED;
    return count->is_stopped ? ERR_AGAIN : err;
}

static uint64_t changes_so_far(struct store *store)
{
    uint64_t changes;

    pthread_mutex_lock(&store->quotas->mutex);
    changes = store->quotas->changes;
    pthread_mutex_unlock(&store->quotas->mutex);
    return changes;
}

static uint64_t moves_so_far(struct store *store)
{
    uint64_t moves;

    pthread_mutex_lock(&store->quotas->mutex);
    moves = store->quotas->moves;
    pthread_mutex_unlock(&store->quotas->mutex);
    return moves;
}

static struct quota_delta difference(struct quota_total is, struct quota_total was)
{
    return (struct quota_delta){(int64_t)(is.bytes - was.bytes), (int64_t)(is.files - was.files)};
}

static bool is_some(struct quota_delta delta)
{
    return delta.bytes != 0 || delta.files != 0;
}

/* With the mutex held: the difference is noted, and put right if it is to be. */
static void put_right(struct count *count, const struct lineage *lineage, struct quota_delta direct,
                      struct quota_delta deep)
{
    count->tally->wrong += is_some(deep);
    if (count->mode != COUNT_MEND || !is_some(deep))
        return;
    totals_add(count->store, buf_str(&count->path), lineage, direct, deep);
    count->tally->mended++;
}

/* Whether what was listed is what the records tell of: that folder, and nothing under way in it. With the mutex held.
 */
static bool is_sure(struct count *count, const struct frame *frame, const struct lineage *lineage, uint64_t changes)
{
    return changes == count->store->quotas->changes && lineage->ino == frame->ino &&
           !lock_table_has_in(&count->store->locks, frame->dev, frame->ino);
}

/* What lies directly in the folder. False: it is to be listed once more. */
static bool settle_direct(struct count *count, struct frame *frame, const struct lineage *lineage, uint64_t changes,
                          bool is_last)
{
    struct quotas *quotas = count->store->quotas;
    struct meta *meta = records_find(count->store);
    struct quota_sums sums = {0};
    struct quota_delta delta;
    bool sure;

    pthread_mutex_lock(&quotas->mutex);
    sure = is_sure(count, frame, lineage, changes);
    if (sure || is_last) {
        if (meta)
            sums_get(meta, frame->id, &sums);
        delta = difference(frame->direct, sums.direct);
        put_right(count, lineage, delta, delta);
        count->tally->is_doubtful |= !sure;
    }
    pthread_mutex_unlock(&quotas->mutex);
    return sure;
}

static enum err list_once(struct count *count, struct frame *frame, bool is_last, bool *is_settled)
{
    uint64_t changes = changes_so_far(count->store);
    struct lineage lineage;
    enum err err = lineage_of(count->store, buf_str(&count->path), &lineage);

    if (err != ERR_NONE)
        return err;
    memcpy(frame->id, lineage.ids[lineage.count - 1], ID_LEN);
    err = list(count, frame);
    if (err == ERR_NONE)
        *is_settled = settle_direct(count, frame, &lineage, changes, is_last);
    lineage_release(&lineage);
    return err;
}

/* Lists until nothing changes meanwhile. */
static enum err enter_listed(struct count *count, struct frame *frame)
{
    enum err err = ERR_NONE;
    bool is_settled = false;

    if (count->mode == COUNT_SUM)
        return list(count, frame);
    for (int i = 1; i <= LISTS_MAX && err == ERR_NONE && !is_settled; i++)
        err = list_once(count, frame, i == LISTS_MAX, &is_settled);
    return err;
}

static enum err enter(struct count *count)
{
    struct frame *frame;

    if (count->depth == DEPTH_MAX)
        return ERR_TOO_LONG;
    if (count->depth == count->room) {
        count->room = count->room ? 2 * count->room : 16;
        count->frames = xrealloc(count->frames, count->room * sizeof(count->frames[0]));
    }
    frame = &count->frames[count->depth++];
    *frame = (struct frame){.path_len = count->path.len, .names = BUF_INIT(NAMES_MAX), .ids = BUF_INIT(NAMES_MAX)};
    count->tally->folders++;
    return enter_listed(count, frame);
}

/* With the mutex held: what the records say of the folders below. */
static struct quota_total recorded_below(struct count *count, const struct frame *frame)
{
    struct meta *meta = records_find(count->store);
    struct quota_total sum = {0};

    for (size_t at = 0; meta && at < frame->ids.len; at += ID_LEN) {
        struct quota_sums sums;

        sums_get(meta, (const unsigned char *)frame->ids.ptr + at, &sums);
        sum.bytes += sums.deep.bytes;
        sum.files += sums.deep.files;
    }
    return sum;
}

/* What is wrong with the folder's sum; false: nothing. With the mutex held. */
static bool sum_differs(struct count *count, const struct frame *frame, struct quota_delta *delta)
{
    struct meta *meta = records_find(count->store);
    struct quota_total parts = count->mode == COUNT_MEND ? recorded_below(count, frame) : frame->below;
    struct quota_sums sums = {0};

    if (!meta)
        return false;
    sums_get(meta, frame->id, &sums);
    if (count->mode == COUNT_COMPARE)
        sums.direct = frame->direct; /* that it is wrong was noted */
    parts.bytes += sums.direct.bytes;
    parts.files += sums.direct.files;
    *delta = difference(parts, sums.deep);
    return is_some(*delta);
}

/* The folder is where it was, and in it are the same names. */
static bool has_same_parts(struct count *count, const struct frame *frame)
{
    struct frame now = {0};
    struct plain plain;
    struct stat got;
    FD_GUARD fd = -1;

    if (resolve_open(count->store, buf_slice(&count->path), O_PATH | O_DIRECTORY, &fd, &plain) != ERR_NONE ||
        fstat(fd, &got) < 0)
        return false;
    frame_is(count, &now, &got);
    return now.ino == frame->ino && now.modified_ns == frame->modified_ns && now.modified_ns != 0 &&
           !lock_table_has_in(&count->store->locks, frame->dev, frame->ino);
}

/* All below is done: is the sum the sum of its parts? */
static void settle_deep(struct count *count, const struct frame *frame)
{
    struct quotas *quotas = count->store->quotas;
    struct lineage lineage = {0};
    struct quota_delta delta;
    bool is_there = lineage_of(count->store, buf_str(&count->path), &lineage) == ERR_NONE;

    pthread_mutex_lock(&quotas->mutex);
    if (sum_differs(count, frame, &delta)) {
        if (is_there && lineage.ino == frame->ino && has_same_parts(count, frame))
            put_right(count, &lineage, (struct quota_delta){0}, delta);
        else
            count->tally->is_doubtful = true;
    }
    pthread_mutex_unlock(&quotas->mutex);
    lineage_release(&lineage);
}

static void leave(struct count *count)
{
    struct frame *frame = &count->frames[--count->depth];
    struct frame *above = count->depth ? &count->frames[count->depth - 1] : NULL;

    if (count->mode != COUNT_SUM && !count->is_stopped)
        settle_deep(count, frame);
    frame->below.bytes += frame->direct.bytes;
    frame->below.files += frame->direct.files;
    if (above) {
        above->below.bytes += frame->below.bytes;
        above->below.files += frame->below.files;
        buf_add(&above->ids, slice_of((const char *)frame->id, ID_LEN));
        count->path.len = above->path_len;
    } else
        count->tally->found = frame->below;
    buf_release(&frame->names);
    buf_release(&frame->ids);
}

/* Down into the next folder, or up. A folder that vanished or may not be read is left out. */
static void step(struct count *count)
{
    struct frame *frame = &count->frames[count->depth - 1];
    struct slice name;
    enum err err;

    if (frame->at >= frame->names.len || !goes_on(count)) {
        leave(count);
        return;
    }
    name = slice_str(frame->names.ptr + frame->at);
    frame->at += name.len + 1;
    if (count->path.len)
        buf_add_char(&count->path, '/');
    buf_add(&count->path, name);
    err = enter(count);
    if (err == ERR_NONE || count->depth == 0)
        return;
    frame = &count->frames[--count->depth];
    buf_release(&frame->names);
    buf_release(&frame->ids);
    count->path.len = count->frames[count->depth - 1].path_len;
}

enum err quota_count(struct store *store, struct slice folder, enum count_mode mode, struct progress progress,
                     struct tally *out)
{
    struct count count = {.store = store, .progress = progress, .tally = out, .path = BUF_INIT(2 * PATH_ROOM)};
    struct meta *meta;
    enum err err;

    *out = (struct tally){0};
    count.mode = mode;
    if (mode == COUNT_MEND && (store_is_read_only(store) || records_need(store, &meta) != ERR_NONE))
        count.mode = COUNT_SUM;
    buf_add(&count.path, folder);
    count.moves = moves_so_far(store);
    err = enter(&count);
    if (err == ERR_NONE)
        while (count.depth)
            step(&count);
    else if (count.depth) {
        buf_release(&count.frames[0].names);
        buf_release(&count.frames[0].ids);
    }
    free(count.frames);
    buf_release(&count.path);
    out->is_doubtful |= count.moves != moves_so_far(store); /* it may have been moved to where the walk had been */
    if (count.mode == COUNT_MEND && out->is_doubtful)
        quota_doubt(store);
    return err == ERR_NONE && count.is_stopped ? ERR_AGAIN : err;
}
