/*
 * test_writelock.c - write locks: who may have one, whom it keeps out, how it ends and what it outlives.
 */
#include "folder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core.h"
#include "store/writelock.h"
#include "writelock_private.h"

enum { HOUR = 3600 };

/* ---- what clients do ---- */

/* A tree of two folders and two files, served. */
static void tree_make(struct folder *folder)
{
    folder_make(folder);
    mkdirat(folder->fd, "d", 0755);
    mkdirat(folder->fd, "d/e", 0755);
    folder_write(folder, "d/f", "f");
    folder_write(folder, "d/e/g", "g");
    folder_write(folder, "h", "h");
    folder_serve(folder, NULL);
}

struct got {
    enum err err;
    bool created;
    char token[LOCK_TOKEN_LEN + 1];
    char blocker[64]; /* the first root in the way */
    bool is_below;
    unsigned blockers;
};

static void keep_blockers(struct got *got, const struct blockers *blockers)
{
    got->blockers = blockers->count;
    if (!blockers->count)
        return;
    snprintf(got->blocker, sizeof(got->blocker), "%.*s", SLICE_FMT(blockers->list[0].root.text));
    got->is_below = blockers->list[0].is_below;
}

/* how: 'x' exclusive or 's' shared, then '0' or 'i' (infinity) */
static struct got lock_for(struct folder *folder, const char *user, const char *path, const char *how, uint32_t seconds)
{
    struct arena arena = {0};
    struct blockers blockers = {.arena = &arena};
    struct lock_wish wish = {.is_exclusive = how[0] == 'x',
                             .is_deep = how[1] == 'i',
                             .owner = SLICE("<D:owner xmlns:D=\"DAV:\">me</D:owner>"),
                             .user = slice_str(user),
                             .seconds = seconds};
    struct lock_grant grant;
    struct got got = {0};

    role_assert_worker();
    got.err = store_lock(folder->store, path_of(path), &wish, no_guard, &arena, &grant, &blockers);
    got.created = grant.created;
    if (got.err == ERR_NONE)
        snprintf(got.token, sizeof(got.token), "%.*s", SLICE_FMT(grant.lock.token));
    keep_blockers(&got, &blockers);
    arena_release(&arena);
    return got;
}

static struct got lock_as(struct folder *folder, const char *user, const char *path, const char *how)
{
    return lock_for(folder, user, path, how, HOUR);
}

static enum err unlock_as(struct folder *folder, const char *user, const char *path, const char *token)
{
    struct arena arena = {0};
    enum err err;

    role_assert_worker();
    err = store_unlock(folder->store, path_of(path), slice_str(token), slice_str(user), false, &arena, NULL);
    arena_release(&arena);
    return err;
}

/* A guard that asks the locks alone. */
struct asking {
    struct bearer bearer;
    struct blockers blockers;
};

static bool locks_admit(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct asking *asking = arg;

    role_assert_worker();
    asking->blockers.count = 0;
    return write_locks_admit(locks, &asking->bearer, &asking->blockers);
}

/* what: 'w' writes a file, 'd' deletes. ERR_REFUSED: locks are in the way. */
static struct got change_as(struct folder *folder, const char *user, const char *token, char what, const char *path)
{
    struct arena arena = {0};
    struct slice tokens[1] = {slice_str(token)};
    struct asking asking = {.bearer = {slice_str(user), tokens, token ? 1 : 0}, .blockers = {.arena = &arena}};
    struct guard guard = {locks_admit, &asking};
    struct casualties casualties = {.arena = &arena};
    struct got got = {0};

    role_assert_worker();
    if (what == 'w')
        got.err = put(folder, path, "new", guard, NULL);
    else
        got.err = store_delete(folder->store, path_of(path), guard, (struct progress){0}, &casualties);
    keep_blockers(&got, &asking.blockers);
    arena_release(&arena);
    return got;
}

/* Time goes by, on both clocks. */
static void pass(struct folder *folder, int64_t seconds)
{
    folder->store->writelocks->skew_real_ms += seconds * 1000;
    folder->store->writelocks->skew_boot_ms += seconds * 1000;
}

static unsigned count_at(struct folder *folder, const char *path)
{
    struct arena arena = {0};
    struct write_lock *list;
    unsigned count;

    role_assert_worker();
    CHECK_INT(store_locks_at(folder->store, path_of(path), &arena, &list, &count), ERR_NONE);
    arena_release(&arena);
    return count;
}

/* ---- a second lock (DAV-116, DAV-118) ---- */

static const struct {
    const char *first_path, *first, *second_path, *second;
    enum err want;
    bool is_below;
} seconds[] = {
    {"d/f", "x0", "d/f", "x0", ERR_LOCKED, false}, /* DAV-116 */
    {"d/f", "x0", "d/f", "s0", ERR_LOCKED, false}, /* DAV-116 */
    {"d/f", "s0", "d/f", "x0", ERR_LOCKED, false}, /* DAV-116 */
    {"d/f", "s0", "d/f", "s0", ERR_NONE, false},   /* DAV-116 */
    {"d/f", "xi", "d/f", "si", ERR_LOCKED, false},
    {"d", "xi", "d/f", "x0", ERR_LOCKED, false},
    {"d", "xi", "d/e/g", "s0", ERR_LOCKED, false},
    {"d", "si", "d/e/g", "x0", ERR_LOCKED, false},
    {"d", "si", "d/e/g", "s0", ERR_NONE, false},
    {"d", "x0", "d/f", "x0", ERR_NONE, false}, /* DAV-120: its members' content is not the folder's */
    {"d", "x0", "d/e", "xi", ERR_NONE, false},
    {"d", "x0", "d", "si", ERR_LOCKED, false},
    {"d/e/g", "x0", "d", "xi", ERR_LOCKED, true}, /* DAV-118 */
    {"d/e/g", "s0", "d", "xi", ERR_LOCKED, true},
    {"d/e/g", "x0", "d", "si", ERR_LOCKED, true},
    {"d/e/g", "s0", "d", "si", ERR_NONE, false},
    {"d/e/g", "x0", "d", "x0", ERR_NONE, false},
    {"d/e", "x0", "d", "xi", ERR_LOCKED, true},
    {"d/e", "xi", "d", "x0", ERR_NONE, false},
    {"d", "xi", "h", "x0", ERR_NONE, false},
    {"", "xi", "h", "s0", ERR_LOCKED, false}, /* the site itself */
    {"", "x0", "h", "x0", ERR_NONE, false},
    {"h", "x0", "", "xi", ERR_LOCKED, true},
    {"h", "x0", "", "s0", ERR_NONE, false},
    {"d", "xi", "d/new", "x0", ERR_LOCKED, false}, /* where nothing is yet */
    {"d", "x0", "d/new", "x0", ERR_NONE, false},
};

TEST(writelock__of_two_locks_that_exclude_each_other_the_first_stays)
{
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        struct folder folder;
        struct got first, second;

        tree_make(&folder);
        first = lock_as(&folder, "ann", seconds[i].first_path, seconds[i].first);
        CHECK_INT(first.err, ERR_NONE);
        second = lock_as(&folder, i % 2 ? "ann" : "bob", seconds[i].second_path, seconds[i].second);
        if (second.err != seconds[i].want || second.is_below != seconds[i].is_below)
            print_error("row %zu\n", i);
        CHECK_INT(second.err, seconds[i].want);
        CHECK_INT(second.is_below, seconds[i].is_below);
        if (second.err == ERR_LOCKED) {
            CHECK_STR(second.blocker, seconds[i].first_path);
            CHECK_INT(unlock_as(&folder, "ann", seconds[i].first_path, first.token), ERR_NONE);
            CHECK_INT(lock_as(&folder, "bob", seconds[i].second_path, seconds[i].second).err, ERR_NONE);
        }
        folder_remove(&folder);
    }
}

TEST(writelock__a_refused_lock_where_nothing_is_makes_no_file)
{
    struct folder folder;

    tree_make(&folder);
    CHECK_INT(lock_as(&folder, "ann", "d", "xi").err, ERR_NONE);
    CHECK_INT(lock_as(&folder, "ann", "d/new", "x0").err, ERR_LOCKED);
    CHECK_STR(folder_read(&folder, "d/new"), "(missing)");
    folder_remove(&folder);
}

/* ---- changes of others (DAV-075, DAV-119, DAV-120, DAV-127) ---- */

static const struct {
    const char *path, *how; /* ann's lock */
    char what;
    const char *target;
    bool is_open; /* to those without the token */
    bool is_below;
} changes[] = {
    {"d/f", "x0", 'w', "d/f", false, false},   {"d/f", "s0", 'w', "d/f", false, false},
    {"d/f", "x0", 'd', "d/f", false, false},   {"d/f", "x0", 'w', "d/other", true, false},
    {"d", "xi", 'w', "d/e/g", false, false}, /* DAV-119 */
    {"d", "xi", 'w', "d/e/new", false, false}, {"d", "xi", 'd', "d/e/g", false, false},
    {"d", "xi", 'w', "h", true, false},        {"d", "x0", 'w', "d/f", true, false}, /* DAV-120: content of a member */
    {"d", "x0", 'w', "d/new", false, false},                                         /* DAV-120: membership */
    {"d", "x0", 'd', "d/f", false, false},     {"d", "x0", 'w', "d/e/new", true, false}, /* of the folder below it */
    {"d", "x0", 'd', "d/e/g", true, false},    {"", "x0", 'w', "new", false, false},
    {"", "x0", 'w', "h", true, false},         {"", "xi", 'w', "h", false, false},
    {"", "xi", 'w', "d/e/new", false, false},  {"h", "x0", 'd', "d/f", true, false},
    {"d", "xi", 'd', "d", false, false},       {"d/e/g", "x0", 'd', "d", false, true},
    {"d/e", "x0", 'd', "d", false, true},      {"d/e", "xi", 'd', "d/f", true, false},
};

TEST(writelock__a_change_needs_the_token_of_what_it_touches)
{
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct folder folder;
        struct got lock, got;

        tree_make(&folder);
        lock = lock_as(&folder, "ann", changes[i].path, changes[i].how);
        CHECK_INT(lock.err, ERR_NONE);
        got = change_as(&folder, "ann", NULL, changes[i].what, changes[i].target);
        if ((got.err == ERR_NONE) != changes[i].is_open)
            print_error("row %zu\n", i);
        CHECK_INT(got.err, changes[i].is_open ? ERR_NONE : ERR_REFUSED);
        if (!changes[i].is_open) {
            CHECK_INT(got.blockers, 1);
            CHECK_STR(got.blocker, changes[i].path); /* DAV-127 */
            CHECK_INT(got.is_below, changes[i].is_below);
            /* DAV-128: whose it is not, the token does not help */
            got = change_as(&folder, "bob", lock.token, changes[i].what, changes[i].target);
            CHECK_INT(got.err, ERR_REFUSED);
            got = change_as(&folder, "ann", lock.token, changes[i].what, changes[i].target);
            CHECK_INT(got.err, ERR_NONE);
        }
        folder_remove(&folder);
    }
}

TEST(writelock__one_of_several_shared_locks_opens_to_its_own_maker)
{
    struct folder folder;
    struct got ann, bob;

    tree_make(&folder);
    ann = lock_as(&folder, "ann", "d/f", "s0");
    bob = lock_as(&folder, "bob", "d", "si");
    CHECK_INT(count_at(&folder, "d/f"), 2); /* DAV-117 */
    CHECK(strcmp(ann.token, bob.token) != 0);
    CHECK_INT(change_as(&folder, "ann", ann.token, 'w', "d/f").err, ERR_NONE);
    CHECK_INT(change_as(&folder, "bob", bob.token, 'w', "d/f").err, ERR_NONE);
    CHECK_INT(change_as(&folder, "bob", ann.token, 'w', "d/f").err, ERR_REFUSED);
    CHECK_INT(change_as(&folder, "bob", bob.token, 'd', "d/f").err, ERR_NONE);
    folder_remove(&folder);
}

TEST(writelock__two_shared_locks_below_are_both_needed_unless_one_is_above_both)
{
    struct folder folder;
    struct got ann;

    tree_make(&folder);
    ann = lock_as(&folder, "ann", "d/f", "s0");
    CHECK_INT(lock_as(&folder, "bob", "d/e/g", "s0").err, ERR_NONE);
    CHECK_INT(change_as(&folder, "ann", ann.token, 'd', "d").err, ERR_REFUSED);
    CHECK_INT(unlock_as(&folder, "ann", "d/f", ann.token), ERR_NONE);
    ann = lock_as(&folder, "ann", "d", "si");
    CHECK_INT(change_as(&folder, "ann", ann.token, 'd', "d").err, ERR_NONE);
    folder_remove(&folder);
}

/* ---- scope by identity ---- */

TEST(writelock__a_lock_stays_with_its_resource_whoever_replaces_or_renames_it)
{
    struct folder folder;
    struct got lock;

    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d/f", "x0");
    CHECK_INT(change_as(&folder, "ann", lock.token, 'w', "d/f").err, ERR_NONE); /* another inode from now on */
    CHECK_INT(change_as(&folder, "ann", NULL, 'w', "d/f").err, ERR_REFUSED);
    folder_write(&folder, "other", "by another program");
    CHECK_INT(renameat(folder.fd, "other", folder.fd, "d/f"), 0);
    CHECK_INT(change_as(&folder, "ann", NULL, 'w', "d/f").err, ERR_REFUSED);
    CHECK_INT(renameat(folder.fd, "d/f", folder.fd, "moved"), 0);
    CHECK_INT(change_as(&folder, "ann", NULL, 'w', "moved").err, ERR_REFUSED);
    CHECK_INT(change_as(&folder, "ann", lock.token, 'w', "moved").err, ERR_NONE);
    folder_remove(&folder);
}

/* DAV-119: added later, and gone again. */
TEST(writelock__a_deep_lock_covers_what_is_in_the_folder_now)
{
    struct folder folder;
    struct got lock;

    role_assert_worker();
    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d", "xi");
    CHECK_INT(renameat(folder.fd, "h", folder.fd, "d/h"), 0);
    CHECK_INT(count_at(&folder, "d/h"), 1);
    CHECK(store_lock_covers(folder.store, path_of("d/h"), slice_str(lock.token)));
    CHECK_INT(renameat(folder.fd, "d/f", folder.fd, "f"), 0);
    CHECK_INT(count_at(&folder, "f"), 0);
    CHECK_FALSE(store_lock_covers(folder.store, path_of("f"), slice_str(lock.token)));
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "f").err, ERR_NONE);
    folder_remove(&folder);
}

struct covering {
    const char *token;
    bool covers;
};

static bool ask_cover(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct covering *covering = arg;

    role_assert_worker();
    covering->covers = write_locks_cover(locks, slice_str(covering->token));
    return false;
}

static bool covers(struct folder *folder, const char *path, const char *token)
{
    struct covering covering = {.token = token};

    CHECK_INT(put(folder, path, "", (struct guard){ask_cover, &covering}, NULL), ERR_REFUSED);
    return covering.covers;
}

TEST(writelock__a_token_matches_what_is_in_its_locks_scope)
{
    struct folder folder;
    struct got lock;

    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d", "xi");
    CHECK(covers(&folder, "d/e/g", lock.token)); /* DAV-155 */
    CHECK_FALSE(covers(&folder, "h", lock.token));
    CHECK_FALSE(covers(&folder, "d/new", lock.token)); /* DAV-156 */
    CHECK_FALSE(covers(&folder, "d/f", "urn:uuid:00000000-0000-4000-8000-000000000000"));
    CHECK_FALSE(covers(&folder, "d/f", "DAV:no-lock"));
    folder_remove(&folder);
}

TEST(writelock__through_a_users_link_the_resource_is_locked)
{
    struct folder folder;
    struct got lock;

    tree_make(&folder);
    CHECK_INT(symlinkat("d/f", folder.fd, "link"), 0);
    lock = lock_as(&folder, "ann", "link", "x0");
    CHECK_INT(lock.err, ERR_NONE);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
    CHECK_INT(change_as(&folder, "bob", NULL, 'd', "link").err, ERR_REFUSED);
    folder_remove(&folder);
}

/* ---- where nothing is ---- */

TEST(writelock__where_nothing_is_an_empty_file_is_made_and_stays)
{
    struct folder folder;
    struct got lock;

    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d/new", "x0");
    CHECK_INT(lock.err, ERR_NONE);
    CHECK(lock.created); /* DAV-113 */
    CHECK_STR(folder_read(&folder, "d/new"), "");
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/new").err, ERR_REFUSED);
    CHECK_INT(change_as(&folder, "ann", lock.token, 'w', "d/new").err, ERR_NONE);
    CHECK_INT(unlock_as(&folder, "ann", "d/new", lock.token), ERR_NONE);
    CHECK_STR(folder_read(&folder, "d/new"), "new"); /* DAV-114 */
    CHECK_INT(lock_as(&folder, "ann", "no/new", "x0").err, ERR_PARENT);
    CHECK_FALSE(lock_as(&folder, "ann", "h", "x0").created);
    folder_remove(&folder);
}

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    *(bool *)arg = now != NULL;
    return false;
}

TEST(writelock__a_guard_that_refuses_leaves_neither_lock_nor_file)
{
    struct folder folder;
    struct arena arena = {0};
    struct blockers blockers = {.arena = &arena};
    struct lock_wish wish = {.is_exclusive = true, .seconds = HOUR};
    struct lock_grant grant;
    bool was_there;

    role_assert_worker();
    tree_make(&folder);
    CHECK_INT(
        store_lock(folder.store, path_of("h"), &wish, (struct guard){never, &was_there}, &arena, &grant, &blockers),
        ERR_REFUSED);
    CHECK(was_there);
    CHECK_INT(
        store_lock(folder.store, path_of("new"), &wish, (struct guard){never, &was_there}, &arena, &grant, &blockers),
        ERR_REFUSED);
    CHECK_FALSE(was_there);
    CHECK_STR(folder_read(&folder, "new"), "(missing)");
    CHECK_FALSE(store_has_locks(folder.store));
    CHECK_INT(store_lock(folder.store, path_of("h/"), &wish, no_guard, &arena, &grant, &blockers), ERR_NOT_FOLDER);
    arena_release(&arena);
    folder_remove(&folder);
}

/* ---- what is told ---- */

TEST(writelock__what_was_asked_for_is_told_as_it_was_asked)
{
    struct folder folder;
    struct arena arena = {0};
    struct write_lock *list;
    struct got lock;
    unsigned count;

    role_assert_worker();
    tree_make(&folder);
    CHECK_INT(store_locks_at(folder.store, path_of("d/f"), &arena, &list, &count), ERR_NONE);
    CHECK_INT(count, 0);
    lock = lock_for(&folder, "ann", "d/", "xi", 600);
    CHECK_INT(strlen(lock.token), LOCK_TOKEN_LEN); /* DAV-112 */
    CHECK(strncmp(lock.token, "urn:uuid:", 9) == 0 && lock.token[23] == '4');
    pass(&folder, 100);
    CHECK_INT(store_locks_at(folder.store, path_of("d/e/g"), &arena, &list, &count), ERR_NONE);
    CHECK_INT(count, 1);
    CHECK_SLICE(list[0].token, lock.token);
    CHECK_SLICE(list[0].owner, "<D:owner xmlns:D=\"DAV:\">me</D:owner>");
    CHECK_SLICE(list[0].user, "ann");
    CHECK_SLICE(list[0].root.text, "d");
    CHECK(list[0].root.has_slash && list[0].is_exclusive && list[0].is_deep);
    CHECK_INT(list[0].seconds, 600);
    CHECK(list[0].left_s <= 500 && list[0].left_s >= 498);
    CHECK(write_lock_is_over(&list[0], SLICE("d/e/g")) && write_lock_is_over(&list[0], SLICE("d")));
    CHECK_FALSE(write_lock_is_over(&list[0], SLICE("dd")));
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(writelock__a_listing_is_told_of_all_locks_over_and_below_it)
{
    struct folder folder;
    struct arena arena = {0};
    struct write_lock *list;
    unsigned count;

    role_assert_worker();
    tree_make(&folder);
    CHECK_INT(lock_as(&folder, "ann", "", "s0").err, ERR_NONE); /* not deep: of no member */
    CHECK_INT(lock_as(&folder, "ann", "d", "si").err, ERR_NONE);
    CHECK_INT(lock_as(&folder, "ann", "d/e/g", "s0").err, ERR_NONE);
    CHECK_INT(lock_as(&folder, "ann", "h", "x0").err, ERR_NONE);
    CHECK_INT(store_locks_within(folder.store, path_of("d/e"), &arena, &list, &count), ERR_NONE);
    CHECK_INT(count, 2);
    CHECK_SLICE(list[0].root.text, "d");
    CHECK_SLICE(list[1].root.text, "d/e/g");
    CHECK_FALSE(write_lock_is_over(&list[1], SLICE("d/e")));
    CHECK_INT(store_locks_within(folder.store, path_of(""), &arena, &list, &count), ERR_NONE);
    CHECK_INT(count, 4);
    CHECK_INT(store_locks_all(folder.store, &arena, &list, &count), ERR_NONE);
    CHECK_INT(count, 4);
    arena_release(&arena);
    folder_remove(&folder);
}

/* ---- how it ends ---- */

TEST(writelock__a_lock_is_given_up_by_its_maker_anywhere_in_its_scope)
{
    struct folder folder;
    struct arena arena = {0};
    struct write_lock gone;
    struct got lock;

    role_assert_worker();
    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d", "xi");
    CHECK_INT(unlock_as(&folder, "ann", "h", lock.token), ERR_MISSING);  /* DAV-132 */
    CHECK_INT(unlock_as(&folder, "bob", "d/f", lock.token), ERR_DENIED); /* DAV-133 */
    CHECK_INT(unlock_as(&folder, "ann", "d/e/g", lock.token), ERR_NONE); /* DAV-130 */
    CHECK_INT(unlock_as(&folder, "ann", "d", lock.token), ERR_MISSING);
    CHECK_FALSE(store_has_locks(folder.store));
    lock = lock_as(&folder, "ann", "h", "x0");
    CHECK_INT(store_unlock(folder.store, path_of("h"), slice_str(lock.token), SLICE("root"), true, &arena, &gone),
              ERR_NONE);
    CHECK_SLICE(gone.user, "ann");
    lock = lock_as(&folder, "ann", "h", "x0");
    CHECK_INT(store_lock_break(folder.store, slice_str(lock.token), &arena, &gone), ERR_NONE);
    CHECK_SLICE(gone.root.text, "h");
    CHECK_INT(store_lock_break(folder.store, slice_str(lock.token), &arena, &gone), ERR_MISSING);
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(writelock__what_others_removed_can_still_be_given_up)
{
    struct folder folder;
    struct got lock;

    tree_make(&folder);
    lock = lock_as(&folder, "ann", "d/f", "x0");
    CHECK_INT(unlinkat(folder.fd, "d/f", 0), 0);
    CHECK_INT(unlock_as(&folder, "ann", "d/f", lock.token), ERR_NONE);
    folder_remove(&folder);
}

/* DAV-125 */
TEST(writelock__a_lock_whose_time_is_over_was_never_there)
{
    struct folder folder;
    struct got lock;

    role_assert_worker();
    tree_make(&folder);
    lock = lock_for(&folder, "ann", "d", "xi", 60);
    pass(&folder, 59);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
    pass(&folder, 2);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_NONE);
    CHECK_FALSE(store_has_locks(folder.store));
    CHECK_FALSE(store_lock_covers(folder.store, path_of("d"), slice_str(lock.token)));
    CHECK_INT(unlock_as(&folder, "ann", "d", lock.token), ERR_MISSING);
    CHECK_INT(lock_as(&folder, "bob", "d/f", "x0").err, ERR_NONE);
    folder_remove(&folder);
}

TEST(writelock__a_clock_that_is_set_changes_no_lock)
{
    struct folder folder;

    tree_make(&folder);
    CHECK_INT(lock_for(&folder, "ann", "d/f", "x0", 60).err, ERR_NONE);
    folder.store->writelocks->skew_real_ms += INT64_C(1000) * 86400;
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
    folder.store->writelocks->skew_real_ms -= INT64_C(1000) * 10 * 86400;
    pass(&folder, 61);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_NONE);
    folder_remove(&folder);
}

TEST(writelock__refreshing_starts_the_time_anew)
{
    struct folder folder;
    struct arena arena = {0};
    struct write_lock lock;
    struct got got;
    struct slice token;

    role_assert_worker();
    tree_make(&folder);
    got = lock_for(&folder, "ann", "d", "xi", 60);
    token = slice_str(got.token);
    pass(&folder, 50);
    CHECK_INT(store_lock_refresh(folder.store, path_of("h"), token, SLICE("ann"), 60, &arena, &lock), ERR_MISSING);
    CHECK_INT(store_lock_refresh(folder.store, path_of("d"), token, SLICE("bob"), 60, &arena, &lock), ERR_DENIED);
    CHECK_INT(store_lock_refresh(folder.store, path_of("d/f"), token, SLICE("ann"), 120, &arena, &lock), ERR_NONE);
    CHECK_INT(lock.seconds, 120); /* DAV-121 */
    CHECK(lock.left_s >= 118);
    pass(&folder, 110);
    CHECK_INT(change_as(&folder, "ann", got.token, 'w', "d/f").err, ERR_NONE); /* DAV-126: this does not */
    pass(&folder, 11);
    CHECK_INT(store_lock_refresh(folder.store, path_of("d"), token, SLICE("ann"), 60, &arena, &lock), ERR_MISSING);
    arena_release(&arena);
    folder_remove(&folder);
}

/* DAV-077, DAV-135 */
TEST(writelock__what_is_removed_takes_its_locks_along)
{
    struct folder folder;
    struct got file, folder_lock, below;

    role_assert_worker();
    tree_make(&folder);
    file = lock_as(&folder, "ann", "h", "x0");
    CHECK_INT(change_as(&folder, "ann", file.token, 'd', "h").err, ERR_NONE);
    CHECK_FALSE(store_has_locks(folder.store));
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "h").err, ERR_NONE);
    below = lock_as(&folder, "ann", "d/e/g", "x0");
    CHECK_INT(change_as(&folder, "ann", below.token, 'd', "d/e").err, ERR_NONE);
    CHECK_FALSE(store_has_locks(folder.store));
    folder_lock = lock_as(&folder, "ann", "d", "xi");
    CHECK_INT(change_as(&folder, "ann", folder_lock.token, 'd', "d/f").err, ERR_NONE); /* not its root */
    CHECK(store_has_locks(folder.store));
    CHECK_INT(change_as(&folder, "ann", folder_lock.token, 'd', "d").err, ERR_NONE);
    CHECK_FALSE(store_has_locks(folder.store));
    folder_remove(&folder);
}

/* ---- limits ---- */

TEST(writelock__one_user_cannot_take_all_of_them)
{
    struct folder folder;
    char path[32];

    tree_make(&folder);
    for (int i = 0; i < LOCKS_OF_USER_MAX; i++) /* on one file, so that this is quick */
        CHECK_INT(lock_as(&folder, "ann", "h", "s0").err, ERR_NONE);
    CHECK_INT(lock_as(&folder, "ann", "h", "s0").err, ERR_TOO_MANY);
    snprintf(path, sizeof(path), "d/new");
    CHECK_INT(lock_as(&folder, "ann", path, "s0").err, ERR_TOO_MANY);
    CHECK_STR(folder_read(&folder, path), "(missing)");
    CHECK_INT(lock_as(&folder, "bob", "h", "s0").err, ERR_NONE);
    pass(&folder, HOUR + 1);
    CHECK_INT(lock_as(&folder, "ann", "h", "x0").err, ERR_NONE);
    folder_remove(&folder);
}

/* ---- what it outlives ---- */

/* A process that serves, does `act` and is gone without a word. */
static void in_killed(struct folder *folder, const struct store_options *options, void (*act)(struct folder *))
{
    int status = -1;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        folder_serve(folder, options);
        act(folder);
        _exit(0);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
}

static void take_some(struct folder *folder)
{
    struct got gone = lock_as(folder, "ann", "d/e/g", "x0");
    struct arena arena = {0};
    struct write_lock lock;
    struct got kept = lock_for(folder, "ann", "d/f", "x0", 60);

    role_assert_worker();
    if (gone.err || kept.err || unlock_as(folder, "ann", "d/e/g", gone.token) ||
        store_lock_refresh(folder->store, path_of("d/f"), slice_str(kept.token), SLICE("ann"), HOUR, &arena, &lock))
        _exit(1);
    folder_write(folder, "token", kept.token);
}

static void expect_some(struct folder *folder)
{
    char token[64];

    snprintf(token, sizeof(token), "%s", folder_read(folder, "token"));
    pass(folder, HOUR - 60);
    CHECK_INT(change_as(folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
    CHECK_INT(change_as(folder, "ann", token, 'w', "d/f").err, ERR_NONE);
    CHECK_INT(change_as(folder, "bob", NULL, 'w', "d/e/g").err, ERR_NONE);
    CHECK_INT(unlock_as(folder, "ann", "d/f", token), ERR_NONE);
}

TEST(writelock__locks_outlive_a_process_that_is_killed)
{
    struct folder folder;

    tree_make(&folder);
    folder_stop(&folder);
    in_killed(&folder, NULL, take_some);
    folder_serve(&folder, NULL);
    expect_some(&folder);
    folder_remove(&folder);
}

static void take_another(struct folder *folder)
{
    if (lock_as(folder, "ann", "h", "x0").err)
        _exit(1);
}

TEST(writelock__an_entry_that_was_cut_short_is_written_over)
{
    for (int cut = 1; cut < 41; cut += 13) { /* the last entry: the time of the lock anew */
        struct folder folder;
        struct stat got;
        char path[512];

        tree_make(&folder);
        folder_stop(&folder);
        in_killed(&folder, NULL, take_some);
        CHECK_INT(fstatat(folder.fd, ".samovar/locks", &got, 0), 0);
        snprintf(path, sizeof(path), "%s/.samovar/locks", folder.path);
        CHECK_INT(truncate(path, got.st_size - cut), 0);
        in_killed(&folder, NULL, take_another);
        folder_serve(&folder, NULL);
        CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
        CHECK_INT(change_as(&folder, "bob", NULL, 'w', "h").err, ERR_REFUSED);
        folder_remove(&folder);
    }
}

/* As if the machine had been started anew since. */
static void change_boot(struct folder *folder)
{
    int fd = openat(folder->fd, ".samovar/locks", O_WRONLY | O_CLOEXEC);

    CHECK_INT(pwrite(fd, "00000000-1111", 13, 16), 13);
    close(fd);
}

TEST(writelock__after_a_power_cut_locks_are_forgotten_and_after_a_clean_stop_kept)
{
    struct folder folder;

    tree_make(&folder);
    folder_stop(&folder);
    in_killed(&folder, NULL, take_some);
    change_boot(&folder);
    folder_serve(&folder, NULL);
    CHECK_FALSE(store_has_locks(folder.store));
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_NONE);
    folder_stop(&folder);
    CHECK(faccessat(folder.fd, ".samovar/locks", F_OK, 0) < 0);
    in_killed(&folder, NULL, take_some);
    folder_serve(&folder, NULL);
    folder_stop(&folder);
    change_boot(&folder);
    folder_serve(&folder, NULL);
    expect_some(&folder);
    folder_remove(&folder);
}

TEST(writelock__durable_locks_are_among_the_records)
{
    struct store_options durable = {.locks_durable = true};
    struct folder folder;

    tree_make(&folder);
    folder_stop(&folder);
    in_killed(&folder, &durable, take_some);
    CHECK(faccessat(folder.fd, ".samovar/locks", F_OK, 0) < 0);
    folder_serve(&folder, &durable);
    expect_some(&folder);
    folder_remove(&folder);
}

TEST(writelock__whether_locks_are_durable_may_change_with_a_restart)
{
    struct store_options durable = {.locks_durable = true};
    struct folder folder;

    tree_make(&folder);
    folder_stop(&folder);
    in_killed(&folder, &durable, take_some);
    folder_serve(&folder, NULL);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_REFUSED);
    folder_stop(&folder);
    folder_serve(&folder, &durable);
    CHECK(faccessat(folder.fd, ".samovar/locks", F_OK, 0) < 0);
    expect_some(&folder);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_FALSE(store_has_locks(folder.store));
    folder_remove(&folder);
}

static void take_with_end(struct folder *folder)
{
    if (lock_for(folder, "ann", "d/f", "x0", 60).err)
        _exit(1);
}

TEST(writelock__a_restart_gives_no_more_time_than_was_granted)
{
    struct folder folder;

    tree_make(&folder);
    folder_stop(&folder);
    in_killed(&folder, NULL, take_with_end);
    folder_serve(&folder, NULL);
    pass(&folder, 61);
    CHECK_INT(change_as(&folder, "bob", NULL, 'w', "d/f").err, ERR_NONE);
    folder_remove(&folder);
}

/* Thousands of entries about locks that are gone do not stay. */
TEST(writelock__the_journal_does_not_grow_without_end)
{
    struct folder folder;
    struct stat got;

    tree_make(&folder);
    CHECK_INT(lock_as(&folder, "ann", "d/f", "x0").err, ERR_NONE);
    for (int i = 0; i < 30000; i++) {
        struct got lock = lock_as(&folder, "ann", "h", "x0");

        CHECK_INT(lock.err, ERR_NONE);
        CHECK_INT(unlock_as(&folder, "ann", "h", lock.token), ERR_NONE);
    }
    CHECK_INT(fstatat(folder.fd, ".samovar/locks", &got, 0), 0);
    CHECK(got.st_size < 5 << 20);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(count_at(&folder, "d/f"), 1);
    CHECK_INT(count_at(&folder, "h"), 0);
    folder_remove(&folder);
}

/* ---- many at once ---- */

struct racer {
    struct folder *folder;
    pthread_barrier_t *start;
    const char *path, *how;
    unsigned won;
};

enum { RACES = 200 };

static void *race(void *arg)
{
    struct racer *racer = arg;

    role_take(ROLE_ANY, "racer");
    for (int i = 0; i < RACES; i++) {
        struct got got;

        pthread_barrier_wait(racer->start);
        got = lock_as(racer->folder, "ann", racer->path, racer->how);
        pthread_barrier_wait(racer->start);
        if (got.err != ERR_NONE)
            continue;
        racer->won++;
        unlock_as(racer->folder, "ann", racer->path, got.token);
    }
    return NULL;
}

TEST(writelock__of_two_who_ask_at_once_one_gets_it)
{
    struct folder folder;
    pthread_barrier_t start;
    struct racer racers[2] = {{.path = "d", .how = "xi"}, {.path = "d/e/g", .how = "x0"}};
    pthread_t threads[2];

    tree_make(&folder);
    pthread_barrier_init(&start, NULL, 2);
    for (int i = 0; i < 2; i++) {
        racers[i].folder = &folder;
        racers[i].start = &start;
        CHECK_INT(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK(racers[0].won + racers[1].won <= RACES);
    CHECK(racers[0].won + racers[1].won > 0);
    CHECK_FALSE(store_has_locks(folder.store));
    pthread_barrier_destroy(&start);
    folder_remove(&folder);
}
