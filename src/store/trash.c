/*
 * trash.c - what was deleted and is not yet gone: kept for its days, then emptied, a slice at a time.
 *
 * What is put there now is still being compared with what was judged, and may have to go back; so of this run only
 * those names are emptied that were given by trash_add(). Those of earlier runs are found by looking, once. With days
 * to keep, everything is found by looking, each hour: an entry's change time is when it was moved there.
 *
 * What the system does not let us remove stays until the next start, and is told of once a day.
 */
#include "trash.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "empty.h"

enum { SCAN_ENTRIES = 1000, AGAIN_MS = 3600 * 1000, DAY_S = 86400 };

/* ID.SEQUENCE, with a sequence of an earlier run. */
bool name_is_left_over(const struct store *store, const char *name)
{
    struct slice id, sequence;
    uint64_t number;

    return !slice_cut(slice_str(name), '.', &id, &sequence) || !slice_u64(sequence, &number) ||
           number < store->first_sequence;
}

static void move_all(struct link *to, struct link *from)
{
    for (struct link *at; (at = list_shift(from));)
        list_append(to, at);
}

void trash_init(struct store *store)
{
    struct trash *trash = &store->trash;

    pthread_mutex_init(&trash->mutex, NULL);
    list_init(&trash->given);
    trash->work = xcalloc(1, sizeof(*trash->work));
    *trash->work = (struct emptying){.store = store, .base = -1, .prefix = GONE_PREFIX};
    list_init(&trash->work->entries);
}

void trash_release(struct store *store)
{
    struct trash *trash = &store->trash;
    struct emptying given = {.store = store};

    list_init(&given.entries);
    move_all(&given.entries, &trash->given);
    emptying_release(&given);
    emptying_release(trash->work);
    free(trash->work);
    if (trash->scan)
        closedir(trash->scan);
    pthread_mutex_destroy(&trash->mutex);
}

void trash_add(struct store *store, const char *name)
{
    struct trash *trash = &store->trash;
    struct emptying given = {.store = store};

    if (store->options.trash_days == 0 || slice_starts(slice_str(name), SLICE(GONE_PREFIX))) {
        list_init(&given.entries);
        emptying_add(&given, name);
        pthread_mutex_lock(&trash->mutex);
        move_all(&trash->given, &given.entries);
        pthread_mutex_unlock(&trash->mutex);
    }
    keeper_trash(&store->keeper);
}

void trash_look(struct store *store)
{
    pthread_mutex_lock(&store->trash.mutex);
    store->trash.wants_scan = true;
    pthread_mutex_unlock(&store->trash.mutex);
    keeper_trash(&store->keeper);
}

/* ---- the keeper's ---- */

static void start_scan(struct store *store)
{
    int copy = openat(store->state.trash, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    store->trash.scan = copy < 0 ? NULL : fdopendir(copy);
    if (!store->trash.scan)
        fd_close(&copy);
}

/* What came since the last look. */
static void take_given(struct store *store)
{
    struct trash *trash = &store->trash;
    bool wants_scan;

    pthread_mutex_lock(&trash->mutex);
    move_all(&trash->work->entries, &trash->given);
    wants_scan = trash->wants_scan || (trash->again_ms && trash->again_ms <= clock_mono_ms());
    trash->wants_scan = false;
    pthread_mutex_unlock(&trash->mutex);
    if (wants_scan && !trash->scan)
        start_scan(store);
}

static bool is_due(struct store *store, const char *name)
{
    struct stat got;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (store->options.trash_days == 0 || slice_starts(slice_str(name), SLICE(GONE_PREFIX)))
        return name_is_left_over(store, name);
    return fstatat(store->state.trash, name, &got, AT_SYMLINK_NOFOLLOW) == 0 &&
           clock_real_ns() / 1000000000 - got.st_ctim.tv_sec >= (int64_t)store->options.trash_days * DAY_S;
}

/* Finds some of what is due; false at the end. */
static bool scan_some(struct store *store)
{
    struct trash *trash = &store->trash;
    struct dirent *at = NULL;

    for (unsigned i = 0; i < SCAN_ENTRIES && (at = readdir(trash->scan)); i++)
        if (is_due(store, at->d_name))
            emptying_add(trash->work, at->d_name);
    if (at)
        return true;
    closedir(trash->scan);
    trash->scan = NULL;
    return false;
}

static void tell_stuck(struct store *store)
{
    struct trash *trash = &store->trash;
    int64_t now_s = clock_real_ns() / 1000000000;

    if (trash->work->stuck == 0 || (trash->told_s && now_s - trash->told_s < DAY_S))
        return;
    store_notice(store, "%s/trash: the system does not let us remove %llu of the deleted folders and files",
                 store->state.path, (unsigned long long)trash->work->stuck);
    trash->work->stuck = 0;
    trash->told_s = now_s;
}

bool trash_empty_some(struct store *store)
{
    struct trash *trash = &store->trash;

    if (!atomic_load(&store->state.is_made))
        return false;
    trash->work->base = store->state.trash;
    take_given(store);
    if (emptying_work(trash->work) || (trash->scan && scan_some(store)) || !list_is_empty(&trash->work->entries))
        return true;
    tell_stuck(store);
    if (store->options.trash_days && trash->again_ms <= clock_mono_ms()) {
        trash->again_ms = clock_mono_ms() + AGAIN_MS;
        keeper_trash_in(&store->keeper, AGAIN_MS);
    }
    return false;
}
