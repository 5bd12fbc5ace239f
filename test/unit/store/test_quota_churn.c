/*
 * test_quota_churn.c - a quota root is counted while everything in it changes: once it is quiet, the account is true.
 */
#include "folder.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "core.h"
#include "quota_private.h"

enum { CHURNERS = 4, CHURN_MS = 2500, QUIET_MS = 20000 };

struct churner {
    struct store *store;
    uint64_t state; /* of its numbers */
    uint64_t until_ms;
    bool moves; /* folders, too */
};

static unsigned number(struct churner *churner, unsigned below)
{
    churner->state = churner->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(churner->state >> 33) % below;
}

/* One of three folders in one of three, or such a folder itself. */
static void choose(struct churner *churner, bool is_deep, char path[16])
{
    if (is_deep)
        snprintf(path, 16, "a/%u/%u", number(churner, 3), number(churner, 3));
    else
        snprintf(path, 16, "a/%u", number(churner, 3));
}

static WORKER_SIDE void put_one(struct churner *churner)
{
    struct folder folder = {.store = churner->store};
    struct commit commit;
    char path[24], above[16];

    choose(churner, true, above);
    snprintf(path, sizeof(path), "%s/%u", above, number(churner, 9));
    put(&folder, path, &"a content of some length"[number(churner, 20)], no_guard, &commit);
}

static WORKER_SIDE void make_one(struct churner *churner)
{
    struct facts made;
    char path[16];

    choose(churner, number(churner, 2), path);
    store_make_folder(churner->store, path_of(path), NULL, 0, NULL, no_guard, &made);
}

static WORKER_SIDE void move_one(struct churner *churner)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    struct transfer transfer = {.source = no_guard, .target = no_guard};
    struct transferred out;
    char from[16], to[16];

    choose(churner, number(churner, 2), from);
    choose(churner, number(churner, 2), to);
    transfer.from = path_of(from);
    transfer.to = path_of(to);
    store_move(churner->store, &transfer, &casualties, &out);
    arena_release(&arena);
}

static WORKER_SIDE void delete_one(struct churner *churner)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    char path[16];

    choose(churner, true, path);
    store_delete(churner->store, path_of(path), no_guard, (struct progress){0}, &casualties);
    arena_release(&arena);
}

static void *churn(void *arg)
{
    struct churner *churner = arg;

    role_take(ROLE_WORKER, "churn");
    role_assert_worker();
    while (clock_mono_ms() < churner->until_ms) {
        unsigned what = number(churner, 16);

        if (what < 8 || !churner->moves)
            put_one(churner);
        else if (what < 11)
            make_one(churner);
        else if (what < 15)
            move_one(churner);
        else
            delete_one(churner);
    }
    return NULL;
}

/* `samovar check --mend`, again and again. */
static void *count_often(void *arg)
{
    struct churner *churner = arg;

    role_take(ROLE_WORKER, "count");
    role_assert_worker();
    while (clock_mono_ms() < churner->until_ms) {
        struct buf out = BUF_INIT(4096);
        struct quota_check check;

        store_check_quotas(churner->store, true, NULL, NULL, &out, &check);
        buf_release(&out);
    }
    return NULL;
}

/* What is told is what is there, and so is what is recorded of each folder. */
static WORKER_SIDE bool is_true(struct folder *folder)
{
    struct buf out = BUF_INIT(4096);
    struct quota_check check = {0};
    struct quota quota = {0};

    CHECK_INT(store_check_quotas(folder->store, false, NULL, NULL, &out, &check), ERR_NONE);
    CHECK_INT(store_quota(folder->store, path_of("a"), &quota), ERR_NONE);
    buf_release(&out);
    return check.wrong == 0 && check.bytes == quota.used;
}

static void lay_out(int fd)
{
    char path[16];

    CHECK_INT(mkdirat(fd, "a", 0755), 0);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "a/%u", i);
        CHECK_INT(mkdirat(fd, path, 0755), 0);
        for (unsigned k = 0; k < 3; k++) {
            snprintf(path, sizeof(path), "a/%u/%u", i, k);
            CHECK_INT(mkdirat(fd, path, 0755), 0);
        }
    }
}

static void play(bool moves)
{
    struct quota_root root = {SLICE("a"), 100000};
    struct churner churners[CHURNERS + 1];
    pthread_t threads[CHURNERS + 1];
    uint64_t until_ms = clock_mono_ms() + CHURN_MS;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    lay_out(folder.fd);
    folder_serve(&folder, NULL);
    store_set_quotas(folder.store, &root, 1);
    store_begin(folder.store);
    for (unsigned i = 0; i <= CHURNERS; i++) {
        churners[i] = (struct churner){.store = folder.store, .state = i, .until_ms = until_ms, .moves = moves};
        CHECK_INT(pthread_create(&threads[i], NULL, i < CHURNERS ? churn : count_often, &churners[i]), 0);
    }
    for (unsigned i = 0; i <= CHURNERS; i++)
        pthread_join(threads[i], NULL);
    until_ms = clock_mono_ms() + QUIET_MS;
    while (!is_true(&folder) && clock_mono_ms() < until_ms)
        usleep(50000);
    CHECK(is_true(&folder));
    folder_remove(&folder);
}

TEST(quota__what_is_counted_amid_uploads_is_right_in_the_end_DAV_171)
{
    play(false);
}

TEST(quota__what_is_counted_amid_moves_is_right_in_the_end_DAV_171)
{
    play(true);
}
