/*
 * hot_folder.c - hot folders: snapshots of folders and their members (store/snapshot.h), from which PROPFIND is
 * answered without asking the disk.
 *
 * One is made by a worker from the second request within a second on that had to look at the folder, and enters if no
 * notification came for any of its watches meanwhile. The first one that comes afterwards, for the folder, anything in
 * it, a member that is a folder, or the next name on the way of an ancestor, drops it. What makes no notification (a
 * store through a mapping, a write to a file here by a name that it was given elsewhere since, something mounted in it)
 * shows within TRUST_MS, since one that is older is not used; while it is asked for, the next one is made before that.
 *
 * What could not be made, and what was dropped before it was of use, is not tried again for a while: a folder in
 * which somebody writes all the time costs one walk a request, as if nothing were kept, and one more a second.
 */
#include <stdlib.h>

#include "hot_private.h"
#include "store/snapshot.h"

enum {
    FOLDERS_MAX = 1024,
    FOLDERS_BYTES_MAX = 16 * 1024 * 1024, /* some 80 000 members */
    FOLDER_USES_MAX = 4096,               /* watches that folders use: half of what a loop may have */
    WAY_MAX = 64,                         /* depth of a path */
    WATCHES_MAX = WAY_MAX + SNAPSHOT_FOLDERS_MAX,
    TRUST_MS = 1000,
    RENEW_MS = 750,        /* older than that and asked for: the next one is made */
    SWEEP_MS = 2000,       /* what nobody asked for goes */
    SHORT_PAUSE_MS = 250,  /* after something changed while it was made */
    PAUSE_MS = 1000,       /* after it was of no use: changed, or grown old, before anybody asked */
    LONG_PAUSE_MS = 10000, /* after inotify could not vouch for it, or it was too large */
    FOLDER_BUCKETS = 256,
    NOTES = 256, /* folders that something is remembered of; power of two */
    FILLING_MAX = 8,
};

struct hot_folder {
    struct link in_table, by_use;
    struct store *store;
    uint64_t hash;
    struct slice path; /* in its own memory, behind the struct */
    struct snapshot *snapshot;
    uint64_t looked_ms; /* when the worker was sent to look */
    bool was_used, is_renewing;
    struct hot_use *uses;
    unsigned use_count;
    size_t bytes;
};

/* Of a folder that is not kept. */
struct note {
    uint64_t hash;
    uint64_t missed_ms; /* when it was asked for last */
    uint64_t until_ms;  /* it is not tried before */
};

struct hot_folders {
    struct known_folders known;
    struct hot *hot;
    struct link buckets[FOLDER_BUCKETS];
    struct link uses; /* least recently used first */
    unsigned count, use_count, filling;
    size_t bytes;
    struct note notes[NOTES];
    struct timer sweep;
};

struct folder_fill {
    struct job job;
    struct hot *hot; /* loop only */
    struct store *store;
    struct rpath path;
    uint64_t hash, began_ms, events_before;
    int inotify_fd;
    int list[WATCHES_MAX];
    struct snapshot_watches watches;
    struct snapshot *snapshot;
    bool has_one_twice;
    enum err err;
};

/* ---- in and out ---- */

static uint64_t hash_of(const struct store *store, struct slice path)
{
    return hash64(hash_process_key(), path) ^ (uintptr_t)store * 7;
}

static struct hot_folder *folder_find(const struct hot_folders *folders, const struct store *store, struct slice path)
{
    uint64_t hash = hash_of(store, path);
    const struct link *bucket = &folders->buckets[hash % FOLDER_BUCKETS];

    for (struct link *link = bucket->next; link != bucket; link = link->next) {
        struct hot_folder *folder = CONTAINER(link, struct hot_folder, in_table);

        if (folder->hash == hash && folder->store == store && slice_eq(folder->path, path))
            return folder;
    }
    return NULL;
}

static LOOP_SIDE uint64_t now_ms(const struct hot *hot)
{
    return loop_now_ms(hot->station->loop);
}

static struct note *note_of(struct hot *hot, uint64_t hash)
{
    struct note *note = &hot->folders->notes[hash % NOTES];

    if (note->hash != hash)
        *note = (struct note){.hash = hash};
    return note;
}

static LOOP_SIDE void pause_for(struct hot *hot, uint64_t hash, uint64_t ms)
{
    note_of(hot, hash)->until_ms = now_ms(hot) + ms;
}

static LOOP_SIDE void folder_remove(struct hot *hot, struct hot_folder *folder)
{
    struct hot_folders *folders = hot->folders;

    list_remove(&folder->in_table);
    list_remove(&folder->by_use);
    folders->count--;
    folders->use_count -= folder->use_count;
    folders->bytes -= folder->bytes;
    for (unsigned i = 0; i < folder->use_count; i++)
        hot_use_drop(hot, &folder->uses[i]);
    snapshot_unref(folder->snapshot);
    free(folder->uses);
    free(folder);
    hot_tell(hot);
}

void hot_folder_drop(struct hot *hot, struct hot_folder *folder)
{
    pause_for(hot, folder->hash, folder->was_used ? 0 : PAUSE_MS);
    folder_remove(hot, folder);
}

static LOOP_SIDE void use_watches(struct hot *hot, struct hot_folder *folder, const struct snapshot_watches *watches)
{
    struct slice rest = folder->path;

    folder->use_count = watches->count;
    folder->uses = xcalloc(watches->count, sizeof(*folder->uses));
    for (unsigned i = 0; i < watches->count; i++) {
        struct hot_use *use = &folder->uses[i];

        *use = (struct hot_use){.folder = folder, .wd = watches->list[i], .name = SLICE("")};
        use->is_for_names = i >= watches->way;
        if (i + 1 < watches->way)
            rpath_next(&rest, &use->name);
        list_append(&hot_wd_get(hot, use->wd)->users, &use->link);
    }
}

static LOOP_SIDE void folder_enter(struct hot *hot, struct folder_fill *fill)
{
    struct hot_folders *folders = hot->folders;
    struct slice path = fill->path.text;
    struct hot_folder *folder = xcalloc(1, sizeof(*folder) + path.len), *before;

    if (path.len)
        memcpy(folder + 1, path.ptr, path.len);
    folder->path = slice_of((const char *)(folder + 1), path.len);
    folder->store = fill->store;
    folder->hash = fill->hash;
    folder->looked_ms = fill->began_ms;
    folder->snapshot = fill->snapshot;
    fill->snapshot = NULL;
    folder->bytes = snapshot_bytes(folder->snapshot) + fill->watches.count * sizeof(struct hot_use);
    use_watches(hot, folder, &fill->watches);
    before = folder_find(folders, fill->store, path);
    if (before) { /* after the new one has its watches: none is given up and taken again */
        folder->was_used = before->was_used;
        folder_remove(hot, before);
    }
    list_push(&folders->buckets[folder->hash % FOLDER_BUCKETS], &folder->in_table);
    list_append(&folders->uses, &folder->by_use);
    folders->count++;
    folders->use_count += folder->use_count;
    folders->bytes += folder->bytes;
    pause_for(hot, folder->hash, 0);
    hot_tell(hot);
    hot_listen(hot);
    if (!link_is_listed(&folders->sweep.link))
        timer_set(hot->station->loop, &folders->sweep, SWEEP_MS);
    while (folders->count > FOLDERS_MAX || folders->bytes > FOLDERS_BYTES_MAX || folders->use_count > FOLDER_USES_MAX)
        folder_remove(hot, CONTAINER(folders->uses.next, struct hot_folder, by_use));
}

/* ---- filling ---- */

/* Something mounted in itself: both uses would be in one list, and go with one folder. */
static int compare_ints(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static bool has_one_twice(const struct snapshot_watches *watches)
{
    int sorted[WATCHES_MAX];

    memcpy(sorted, watches->list, watches->count * sizeof(sorted[0]));
    qsort(sorted, watches->count, sizeof(sorted[0]), compare_ints);
    for (unsigned i = 1; i < watches->count; i++)
        if (sorted[i] == sorted[i - 1])
            return true;
    return false;
}

static void folder_fill_act(struct job *job)
{
    struct folder_fill *fill = CONTAINER(job, struct folder_fill, job);

    role_assert_worker();
    fill->err = store_snapshot(fill->store, fill->path, fill->inotify_fd, &fill->watches, &fill->snapshot);
    fill->has_one_twice = has_one_twice(&fill->watches);
}

static LOOP_SIDE void folder_give_up(struct hot *hot, const struct folder_fill *fill)
{
    bool is_hopeless = fill->err == ERR_UNSUPPORTED || fill->err == ERR_TOO_LARGE || fill->has_one_twice;
    struct hot_folder *before = folder_find(hot->folders, fill->store, fill->path.text);

    if (before)
        before->is_renewing = false;
    pause_for(hot, fill->hash, is_hopeless ? LONG_PAUSE_MS : SHORT_PAUSE_MS);
    hot_wds_give_up(hot, fill->watches.list, fill->watches.count);
}

static void folder_fill_done(struct job *job)
{
    struct folder_fill *fill = CONTAINER(job, struct folder_fill, job);
    struct hot *hot = fill->hot;

    role_assert_loop();
    hot_drain(hot); /* what happened since the watches were added is in the queue by now */
    hot->filling--;
    hot->folders->filling--;
    if (!fill->err && !hot->is_closing && !fill->has_one_twice &&
        !hot_was_touched(hot, fill->events_before, fill->watches.list, fill->watches.count))
        folder_enter(hot, fill);
    else
        folder_give_up(hot, fill);
    hot_bury_wds(hot);
    snapshot_unref(fill->snapshot);
    arena_release(&fill->job.arena);
    free(fill);
}

static LOOP_SIDE bool start_fill(struct hot *hot, struct store *store, struct slice path, uint64_t hash)
{
    struct folder_fill *fill;

    if (hot->inotify_fd < 0 || hot->is_closing || hot->folders->filling == FILLING_MAX ||
        now_ms(hot) < note_of(hot, hash)->until_ms)
        return false;
    fill = xcalloc(1, sizeof(*fill));
    fill->job = (struct job){.home = hot->station->loop, .act = folder_fill_act, .done = folder_fill_done};
    fill->hot = hot;
    fill->store = store;
    fill->path = (struct rpath){.text = arena_slice(&fill->job.arena, path), .has_slash = true};
    fill->hash = hash;
    fill->began_ms = now_ms(hot);
    fill->events_before = hot->event_count;
    fill->inotify_fd = hot->inotify_fd;
    fill->watches = (struct snapshot_watches){.list = fill->list, .max = WATCHES_MAX};
    hot->filling++;
    hot->folders->filling++;
    pool_submit(hot->station->server->pool, LANE_QUICK, &fill->job);
    return true;
}

/* ---- what exchanges ask ---- */

static struct snapshot *known_find(struct known_folders *known, struct exchange *ex, struct rpath path)
{
    struct hot *hot = CONTAINER(known, struct hot_folders, known)->hot;
    struct hot_folder *folder;
    uint64_t age;

    role_assert_loop();
    folder = hot->folders->count ? folder_find(hot->folders, ex->store, path.text) : NULL;
    if (!folder)
        return NULL;
    age = now_ms(hot) - folder->looked_ms;
    if (age >= TRUST_MS) {
        hot_folder_drop(hot, folder);
        return NULL;
    }
    if (age >= RENEW_MS && !folder->is_renewing)
        folder->is_renewing = start_fill(hot, folder->store, folder->path, folder->hash);
    folder->was_used = true;
    list_remove(&folder->by_use);
    list_append(&hot->folders->uses, &folder->by_use);
    return snapshot_ref(folder->snapshot);
}

static void known_used(struct known_folders *known)
{
    struct hot *hot = CONTAINER(known, struct hot_folders, known)->hot;

    role_assert_loop();
    tally_add(&hot->station->tally.hot_hits, 1);
}

/* Who asks less often than that gets nothing out of it. */
static LOOP_SIDE bool is_asked_often(struct hot *hot, uint64_t hash)
{
    struct note *note = note_of(hot, hash);
    uint64_t before_ms = note->missed_ms;

    note->missed_ms = now_ms(hot);
    return before_ms && note->missed_ms - before_ms < TRUST_MS;
}

/* Facts are known, but properties or traits were changed somewhere since. */
static LOOP_SIDE void renew_records(struct hot *hot, struct hot_folder *folder)
{
    if (!folder->is_renewing && now_ms(hot) - folder->looked_ms >= SHORT_PAUSE_MS &&
        !snapshot_has_records(folder->snapshot, folder->store))
        folder->is_renewing = start_fill(hot, folder->store, folder->path, folder->hash);
}

static void known_missed(struct known_folders *known, struct exchange *ex, struct rpath path)
{
    struct hot *hot = CONTAINER(known, struct hot_folders, known)->hot;
    uint64_t hash = hash_of(ex->store, path.text);
    struct hot_folder *folder = folder_find(hot->folders, ex->store, path.text);

    role_assert_loop();
    tally_add(&hot->station->tally.hot_misses, 1);
    if (!store_reports_changes(ex->store) || !is_asked_often(hot, hash))
        return;
    if (folder)
        renew_records(hot, folder);
    else if (start_fill(hot, ex->store, path.text, hash))
        pause_for(hot, hash, PAUSE_MS); /* one at a time */
}

struct known_folders *hot_known_folders(struct hot *hot)
{
    return &hot->folders->known;
}

/* ---- their life ---- */

/* What is too old to be used, and was not made anew because nobody asked. */
static void on_sweep(struct timer *timer)
{
    struct hot_folders *folders = CONTAINER(timer, struct hot_folders, sweep);
    struct hot *hot = folders->hot;
    struct link *link, *next;

    role_assert_loop();
    LIST_EACH (&folders->uses, link, next) {
        struct hot_folder *folder = CONTAINER(link, struct hot_folder, by_use);

        if (now_ms(hot) - folder->looked_ms >= SWEEP_MS)
            hot_folder_drop(hot, folder);
    }
    hot_bury_wds(hot);
    if (folders->count)
        timer_set(hot->station->loop, timer, SWEEP_MS);
}

struct hot_folders *hot_folders_new(struct hot *hot)
{
    struct hot_folders *folders = xcalloc(1, sizeof(*folders));

    folders->known = (struct known_folders){known_find, known_used, known_missed};
    folders->hot = hot;
    folders->sweep.fire = on_sweep;
    list_init(&folders->uses);
    for (unsigned i = 0; i < FOLDER_BUCKETS; i++)
        list_init(&folders->buckets[i]);
    return folders;
}

void hot_folders_free(struct hot_folders *folders)
{
    free(folders);
}

unsigned hot_folders_count(const struct hot_folders *folders, size_t *bytes)
{
    *bytes = folders->bytes;
    return folders->count;
}

void hot_folders_clear(struct hot *hot)
{
    struct link *link, *next;

    LIST_EACH (&hot->folders->uses, link, next)
        folder_remove(hot, CONTAINER(link, struct hot_folder, by_use));
    timer_cancel(hot->station->loop, &hot->folders->sweep);
}
