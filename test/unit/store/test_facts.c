/*
 * test_facts.c - tags, stamps and their age.
 */
#include "folder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "core.h"

static struct facts facts_of(struct folder *folder, const char *path)
{
    struct facts facts;

    role_assert_worker();
    CHECK_INT(store_find(folder->store, path_of(path), &facts), ERR_NONE);
    return facts;
}

TEST(facts__tag_is_the_same_everywhere_and_over_restarts)
{
    struct folder folder;
    struct facts found, opened, now;
    struct commit commit;
    int fd;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "text", no_guard, &commit), ERR_NONE);
    found = facts_of(&folder, "a");
    CHECK_INT(store_open_file(folder.store, path_of("a"), &fd, &opened), ERR_NONE);
    CHECK_INT(store_facts_of(folder.store, fd, &now), ERR_NONE);
    CHECK(slice_eq(facts_tag(&found), facts_tag(&commit.facts)));
    CHECK(slice_eq(facts_tag(&found), facts_tag(&opened)));
    CHECK(slice_eq(facts_tag(&found), facts_tag(&now)));
    CHECK(facts_same_content(&found, &now));
    store_close_file(folder.store, fd, &opened);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    now = facts_of(&folder, "a");
    CHECK(slice_eq(facts_tag(&found), facts_tag(&now)));
    folder_remove(&folder);
}

TEST(facts__folders_have_no_tag)
{
    struct folder folder;
    struct facts facts;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    facts = facts_of(&folder, "");
    CHECK_INT(facts.kind, KIND_FOLDER);
    CHECK_INT(facts.tag_len, 0);
    folder_remove(&folder);
}

TEST(facts__on_a_coarse_clock_young_contents_of_others_are_weak_and_ours_are_not)
{
    struct folder folder;
    struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder.store->tick_ns = 20000000;
    folder_write(&folder, "theirs", "x");
    CHECK(facts_of(&folder, "theirs").is_weak);
    CHECK_INT(put(&folder, "ours", "x", no_guard, NULL), ERR_NONE);
    CHECK_FALSE(facts_of(&folder, "ours").is_weak);
    usleep(30000);
    CHECK_FALSE(facts_of(&folder, "theirs").is_weak);
    /* RNG-44: a date is no strong validator in its own second */
    CHECK(facts_of(&folder, "theirs").is_fresh);
    CHECK_INT(utimensat(folder.fd, "theirs", old, 0), 0);
    CHECK_FALSE(facts_of(&folder, "theirs").is_fresh);
    folder_remove(&folder);
}

TEST(facts__every_change_of_others_changes_the_tag_or_the_tag_is_weak)
{
    struct folder folder;
    struct facts before, after;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "0");
    before = facts_of(&folder, "a");
    for (int i = 1; i < 200; i++) {
        folder_write(&folder, "a", i & 1 ? "1" : "0");
        after = facts_of(&folder, "a");
        CHECK(before.is_weak || !slice_eq(facts_tag(&before), facts_tag(&after)));
        if (i % 20 == 0)
            usleep(30000); /* at rest its tag is strong, and the next change is another one */
        before = facts_of(&folder, "a");
    }
    folder_remove(&folder);
}

enum { STAMPS = 5000, STAMPERS = 4 };

struct stamper {
    struct store *store;
    int64_t got[STAMPS];
};

static void *take_stamps(void *arg)
{
    struct stamper *stamper = arg;

    for (int i = 0; i < STAMPS; i++)
        stamper->got[i] = stamp_next(stamper->store);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

TEST(facts__stamps_are_unique_across_threads)
{
    static struct stamper stampers[STAMPERS];
    static int64_t all[STAMPERS * STAMPS];
    pthread_t threads[STAMPERS];
    struct folder folder;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    for (int i = 0; i < STAMPERS; i++) {
        stampers[i].store = folder.store;
        CHECK_INT(pthread_create(&threads[i], NULL, take_stamps, &stampers[i]), 0);
    }
    for (int i = 0; i < STAMPERS; i++) {
        pthread_join(threads[i], NULL);
        memcpy(all + i * STAMPS, stampers[i].got, sizeof(stampers[i].got));
    }
    qsort(all, STAMPERS * STAMPS, sizeof(all[0]), by_value);
    for (int i = 1; i < STAMPERS * STAMPS; i++)
        CHECK(all[i] > all[i - 1]);
    folder_remove(&folder);
}

TEST(facts__stamps_rise_over_restarts_whatever_the_clock_says)
{
    struct folder folder;
    int64_t ahead = clock_real_ns() + (int64_t)3600 * 1000000000, next;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "one");
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    atomic_store(&folder.store->share.page->stamp_last, ahead); /* as if the clock had been an hour ahead */
    next = stamp_next(folder.store);
    CHECK(next == ahead + 1);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK(stamp_next(folder.store) > next);
    folder_remove(&folder);
}
