/*
 * quota_slow.c - when quota roots are counted.
 *
 * What was recorded last is served from the start; a thread of its own counts every quota root then, and every 24
 * hours, so that what others changed is counted, and what a crash lost. The first request that needs a root's figures
 * counts it itself if that is quick (FIRST_MS): a small tree is exact at once, and nobody waits long for a large one;
 * meanwhile its figures are what was recorded or found so far.
 */
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "quota_book.h"

enum {
    FIRST_MS = 250,
    EVERY_MS = 24 * 3600000,
    RETRY_MS = 5000, /* while another process shares the folder, and after a count that could not be */
    DOUBT_MS = 1000, /* from a change that could not be counted to a count: more of them come together */
    REST = 20,       /* counts because of doubts take one part of this of the time, at most */
};

/* Where all changes all the time counts are never sure, and shall not be all that the disk does. */
static uint64_t doubt_ends_ms(const struct quota_node *node)
{
    uint64_t rest_ms = REST * node->took_ms;

    return clock_mono_ms() + (rest_ms > DOUBT_MS ? rest_ms : DOUBT_MS);
}

void quota_doubt_all(struct store *store)
{
    struct quotas *quotas = store->quotas;

    for (unsigned i = 0; i < quotas->count; i++) {
        struct quota_node *node = quotas->nodes[i];
        uint64_t due_ms = doubt_ends_ms(node);

        node->is_doubted = true;
        if (due_ms < node->due_ms)
            node->due_ms = due_ms;
    }
    quota_wake(store);
}

static bool is_in_time(void *arg)
{
    const uint64_t *until_ms = arg;

    return clock_mono_ms() < *until_ms;
}

static bool is_wanted(void *arg)
{
    struct quotas *quotas = arg;
    bool is_stopping;

    pthread_mutex_lock(&quotas->mutex);
    is_stopping = quotas->is_stopping;
    pthread_mutex_unlock(&quotas->mutex);
    return !is_stopping;
}

static void load(struct store *store, struct quota_node *node)
{
    struct lineage lineage = {0};

    lineage_of(store, node->path, &lineage); /* not there: nothing is in it */
    pthread_mutex_lock(&store->quotas->mutex);
    node_load(store, node, &lineage);
    pthread_mutex_unlock(&store->quotas->mutex);
    lineage_release(&lineage);
}

static uint64_t next_count_ms(const struct quota_node *node, enum err err)
{
    if (err != ERR_NONE)
        return clock_mono_ms() + RETRY_MS;
    return node->is_doubted ? doubt_ends_ms(node) : clock_mono_ms() + EVERY_MS;
}

/* With the count_mutex held. */
static void count_node(struct store *store, struct quota_node *node, struct progress progress)
{
    uint64_t began_ms = clock_mono_ms();
    struct tally tally;
    enum err err;

    pthread_mutex_lock(&store->quotas->mutex);
    node->is_doubted = false;
    pthread_mutex_unlock(&store->quotas->mutex);
    load(store, node); /* from now on it sees what the walk finds */
    err = quota_count(store, slice_str(node->path), COUNT_MEND, progress, &tally);
    if (err == ERR_NONE)
        load(store, node);
    pthread_mutex_lock(&store->quotas->mutex);
    if (err == ERR_NONE && (store_is_read_only(store) || !records_find(store)))
        node->used = tally.found;
    if (err == ERR_NONE)
        node->is_counted = true;
    node->took_ms = clock_mono_ms() - began_ms;
    node->due_ms = next_count_ms(node, err);
    pthread_mutex_unlock(&store->quotas->mutex);
}

static bool has_figures(struct store *store, struct quota_node *node)
{
    bool is_shared = atomic_load(&store->share.is_shared); /* then others change them */
    bool has;

    pthread_mutex_lock(&store->quotas->mutex);
    has = node->is_known && (node->is_counted || node->is_tried) && !is_shared;
    pthread_mutex_unlock(&store->quotas->mutex);
    return has;
}

static bool was_waited_for(struct store *store, struct quota_node *node)
{
    bool was;

    pthread_mutex_lock(&store->quotas->mutex);
    was = node->is_counted || node->is_tried;
    pthread_mutex_unlock(&store->quotas->mutex);
    return was;
}

/* ThreadSanitizer takes no notice of pthread_mutex_clocklock(), and then wonders who locked. */
#if defined(__SANITIZE_THREAD__)
#define LOCK_CLOCK CLOCK_REALTIME
#define lock_until(mutex, until) pthread_mutex_timedlock(mutex, until)
#else
#define LOCK_CLOCK CLOCK_MONOTONIC
#define lock_until(mutex, until) pthread_mutex_clocklock(mutex, LOCK_CLOCK, until)
#endif

static bool lock_soon(pthread_mutex_t *mutex)
{
    struct timespec until;

    clock_gettime(LOCK_CLOCK, &until);
    until.tv_nsec += (long)FIRST_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return lock_until(mutex, &until) == 0;
}

void node_need(struct store *store, struct quota_node *node)
{
    uint64_t until_ms = clock_mono_ms() + FIRST_MS;

    if (has_figures(store, node))
        return;
    if (was_waited_for(store, node)) {
        load(store, node);
        return;
    }
    if (lock_soon(&store->quotas->count_mutex)) {
        if (!was_waited_for(store, node))
            count_node(store, node, (struct progress){is_in_time, &until_ms});
        pthread_mutex_unlock(&store->quotas->count_mutex);
    }
    pthread_mutex_lock(&store->quotas->mutex);
    node->is_tried = true;
    pthread_mutex_unlock(&store->quotas->mutex);
    if (!has_figures(store, node))
        load(store, node);
}

/* The next to be counted; *wait_ms: NULL comes back until then. With the mutex held. */
static struct quota_node *next_due(struct quotas *quotas, uint64_t *wait_ms)
{
    uint64_t now = clock_mono_ms();

    *wait_ms = EVERY_MS;
    for (unsigned i = 0; i < quotas->count; i++) {
        struct quota_node *node = quotas->nodes[i];

        if (node->limit && node->due_ms <= now)
            return node;
        if (node->limit && node->due_ms - now < *wait_ms)
            *wait_ms = node->due_ms - now;
    }
    return NULL;
}

/* What another process added while it shared the folder is in the records only. With the mutex held. */
static void doubt_all(struct quotas *quotas)
{
    for (unsigned i = 0; i < quotas->count; i++) {
        quotas->nodes[i]->is_counted = false;
        quotas->nodes[i]->due_ms = 0;
    }
}

static void wait_for(struct quotas *quotas, uint64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000) + 1;
    pthread_cond_timedwait(&quotas->wake, &quotas->mutex, &until);
}

static void count_one(struct store *store, struct quota_node *node)
{
    struct quotas *quotas = store->quotas;

    pthread_mutex_unlock(&quotas->mutex);
    pthread_mutex_lock(&quotas->count_mutex);
    count_node(store, node, (struct progress){is_wanted, quotas});
    pthread_mutex_unlock(&quotas->count_mutex);
    pthread_mutex_lock(&quotas->mutex);
}

static void *slow_run(void *arg)
{
    struct store *store = arg;
    struct quotas *quotas = store->quotas;

    role_take(ROLE_WORKER, "store-quota");
    pthread_mutex_lock(&quotas->mutex);
    while (!quotas->is_stopping) {
        uint64_t wait_ms;
        struct quota_node *node;

        if (atomic_load(&store->share.is_shared)) {
            doubt_all(quotas);
            wait_for(quotas, RETRY_MS);
            continue;
        }
        node = next_due(quotas, &wait_ms);
        if (node)
            count_one(store, node);
        else
            wait_for(quotas, wait_ms);
    }
    pthread_mutex_unlock(&quotas->mutex);
    return NULL;
}

void quota_wake(struct store *store)
{
    struct quotas *quotas = store->quotas;

    if (!quotas->has_begun || atomic_load(&quotas->active) == 0)
        return;
    if (!quotas->has_thread)
        quotas->has_thread = pthread_create(&quotas->thread, NULL, slow_run, store) == 0;
    pthread_cond_signal(&quotas->wake);
}

void quota_init(struct store *store)
{
    struct quotas *quotas = xcalloc(1, sizeof(*quotas));
    pthread_condattr_t monotonic;

    pthread_mutex_init(&quotas->mutex, NULL);
    pthread_mutex_init(&quotas->count_mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&quotas->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    store->quotas = quotas;
}

void quota_begin(struct store *store)
{
    pthread_mutex_lock(&store->quotas->mutex);
    store->quotas->has_begun = true;
    quota_wake(store);
    pthread_mutex_unlock(&store->quotas->mutex);
}

void quota_stop(struct store *store)
{
    struct quotas *quotas = store->quotas;

    if (!quotas)
        return;
    pthread_mutex_lock(&quotas->mutex);
    quotas->is_stopping = true;
    pthread_cond_signal(&quotas->wake);
    pthread_mutex_unlock(&quotas->mutex);
    if (quotas->has_thread)
        pthread_join(quotas->thread, NULL);
    for (unsigned i = 0; i < quotas->count; i++) {
        free(quotas->nodes[i]->path);
        free(quotas->nodes[i]);
    }
    free(quotas->nodes);
    pthread_cond_destroy(&quotas->wake);
    pthread_mutex_destroy(&quotas->mutex);
    pthread_mutex_destroy(&quotas->count_mutex);
    free(quotas);
    store->quotas = NULL;
}
