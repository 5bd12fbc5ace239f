/*
 * test_cache.c - what was found true lately, and for how long.
 */
#include "../../../src/auth/cache.h"

#include <pthread.h>
#include <stdio.h>

#include "check.h"

static struct users *make_users(void)
{
    struct inline_user list[] = {{SLICE("ann"), SLICE("pw")}};
    struct site site = {.users = list, .user_count = 1};
    struct buf why = BUF_INIT(500);
    struct users *users = users_load(&site, &why);

    CHECK(users != NULL);
    return users;
}

TEST(cache__holds_the_very_claim_and_no_other)
{
    struct auth_cache *cache = auth_cache_new();
    struct users *users = make_users();

    CHECK_FALSE(auth_cache_has(cache, users, SLICE("ann"), SLICE("pw")));
    auth_cache_add(cache, users, SLICE("ann"), SLICE("pw"));
    CHECK(auth_cache_has(cache, users, SLICE("ann"), SLICE("pw")));
    CHECK_FALSE(auth_cache_has(cache, users, SLICE("ann"), SLICE("pW")));
    CHECK_FALSE(auth_cache_has(cache, users, SLICE("annp"), SLICE("w"))); /* the same octets, cut elsewhere */
    CHECK_FALSE(auth_cache_has(cache, users, SLICE("ann"), SLICE_NONE));
    users_unref(users);
    auth_cache_free(cache);
}

TEST(cache__forgets_when_the_users_are_loaded_anew)
{
    struct auth_cache *cache = auth_cache_new();
    struct users *old = make_users(), *new = make_users();

    auth_cache_add(cache, old, SLICE("ann"), SLICE("pw"));
    CHECK_FALSE(auth_cache_has(cache, new, SLICE("ann"), SLICE("pw")));
    users_unref(old);
    users_unref(new);
    auth_cache_free(cache);
}

TEST(cache__forgets_after_its_time)
{
    struct auth_cache *cache = auth_cache_new();
    struct users *users = make_users();

    auth_cache_add_at(cache, users, SLICE("ann"), SLICE("pw"), 1000);
    CHECK(auth_cache_has_at(cache, users, SLICE("ann"), SLICE("pw"), 999 + CACHE_LIFE_MS));
    CHECK_FALSE(auth_cache_has_at(cache, users, SLICE("ann"), SLICE("pw"), 1000 + CACHE_LIFE_MS));
    users_unref(users);
    auth_cache_free(cache);
}

TEST(cache__stays_within_its_bound_and_keeps_the_newest)
{
    struct auth_cache *cache = auth_cache_new();
    struct users *users = make_users();
    unsigned held = 0;
    char name[20];

    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "u%u", i);
        auth_cache_add_at(cache, users, slice_str(name), SLICE("pw"), 1000 + i);
        CHECK(auth_cache_has_at(cache, users, slice_str(name), SLICE("pw"), 1000 + i));
    }
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "u%u", i);
        held += auth_cache_has_at(cache, users, slice_str(name), SLICE("pw"), 6000);
    }
    CHECK_INT(held, CACHE_SETS * CACHE_WAYS);
    users_unref(users);
    auth_cache_free(cache);
}

TEST(cache__texts_past_the_limits_are_never_held)
{
    static char lengthy[1000];
    struct auth_cache *cache = auth_cache_new();
    struct users *users = make_users();

    memset(lengthy, 'a', sizeof(lengthy));
    auth_cache_add(cache, users, SLICE("ann"), slice_of(lengthy, sizeof(lengthy)));
    CHECK_FALSE(auth_cache_has(cache, users, SLICE("ann"), slice_of(lengthy, sizeof(lengthy))));
    users_unref(users);
    auth_cache_free(cache);
    auth_cache_free(NULL);
}

struct together {
    struct auth_cache *cache;
    struct users *users;
};

/* No more names than one set has room for: whatever sets they fall into, none pushes another out. */
static void *keep_few(void *arg)
{
    struct together *t = arg;

    for (int i = 0; i < 2000; i++) {
        char name[20];

        snprintf(name, sizeof(name), "u%d", i % CACHE_WAYS);
        auth_cache_add(t->cache, t->users, slice_str(name), SLICE("pw"));
        if (!auth_cache_has(t->cache, t->users, slice_str(name), SLICE("pw")))
            return t;
    }
    return NULL;
}

/* Many names push one another out, at any time: only what was never added can be asked for certain. */
static void *push_many(void *arg)
{
    struct together *t = arg;

    for (int i = 0; i < 2000; i++) {
        char name[20];

        snprintf(name, sizeof(name), "u%d", i % 2000);
        auth_cache_add(t->cache, t->users, slice_str(name), SLICE("pw"));
        if (auth_cache_has(t->cache, t->users, slice_str(name), SLICE("other")))
            return t;
    }
    return NULL;
}

/* How many of three threads saw something wrong; all have ended when it returns, also when one has. */
static int run_together(struct together *t, void *(*work)(void *))
{
    pthread_t threads[3];
    int started = 0, failed = 0;

    while (started < 3 && pthread_create(&threads[started], NULL, work, t) == 0)
        started++;
    failed = 3 - started;
    while (started > 0) {
        void *wrong;

        pthread_join(threads[--started], &wrong);
        failed += wrong != NULL;
    }
    return failed;
}

TEST(cache__is_shared_by_threads)
{
    struct together t = {auth_cache_new(), make_users()};

    CHECK_INT(run_together(&t, keep_few), 0);
    CHECK_INT(run_together(&t, push_many), 0);
    users_unref(t.users);
    auth_cache_free(t.cache);
}
