/*
 * test_part.c - PUT and DELETE of files.
 */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core.h"

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    return false;
}

static bool is_absent(void *arg, const struct facts *now, struct write_locks *locks)
{
    return now == NULL;
}

TEST(part__new_file_appears_with_its_content)
{
    struct folder folder;
    struct commit commit;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "hello", no_guard, &commit), ERR_NONE);
    CHECK(commit.created);
    CHECK_U64(commit.facts.size, 5);
    CHECK_INT(commit.facts.tag_len, 26);
    CHECK_STR(folder_read(&folder, "a"), "hello");
    CHECK_INT(folder_count(&folder, "."), 1); /* no `.samovar` for a new file */
    folder_remove(&folder);
}

TEST(part__replacing_keeps_the_name_and_leaves_nothing_aside)
{
    struct folder folder;
    struct commit first, second;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "one", no_guard, &first), ERR_NONE);
    CHECK_INT(put(&folder, "a", "two", no_guard, &second), ERR_NONE);
    CHECK_FALSE(second.created);
    CHECK_STR(folder_read(&folder, "a"), "two");
    CHECK_FALSE(slice_eq(facts_tag(&first.facts), facts_tag(&second.facts)));
    CHECK(second.facts.modified_ns > first.facts.modified_ns);
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

TEST(part__guard_refuses_when_the_upload_starts)
{
    struct folder folder;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "old");
    CHECK_INT(put(&folder, "a", "new", (struct guard){.holds = never}, NULL), ERR_REFUSED);
    CHECK_INT(put(&folder, "a", "new", (struct guard){.holds = is_absent}, NULL), ERR_REFUSED);
    CHECK_STR(folder_read(&folder, "a"), "old");
    folder_remove(&folder);
}

TEST(delete__file_is_gone_and_its_second_delete_finds_nothing)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "one", no_guard, NULL), ERR_NONE);
    CHECK_INT(store_delete(folder.store, path_of("a"), (struct guard){.holds = never}, (struct progress){0}, NULL),
              ERR_REFUSED);
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard, (struct progress){0}, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a"), "(missing)");
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard, (struct progress){0}, NULL), ERR_MISSING);
    folder_remove(&folder);
}

static struct stat stat_of(struct folder *folder, const char *name)
{
    struct stat got = {0};

    CHECK_INT(fstatat(folder->fd, name, &got, AT_SYMLINK_NOFOLLOW), 0);
    return got;
}

TEST(part__new_file_has_the_mode_of_new_files)
{
    struct folder folder;
    mode_t mask = umask(027);

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "one", no_guard, NULL), ERR_NONE);
    CHECK_INT(stat_of(&folder, "a").st_mode & 07777, 0640);
    umask(mask);
    folder_remove(&folder);
}

/* user::rw-, user:1234:rw-, group::r--, mask::rw-, other::--- as the kernel keeps it */
static const unsigned char access_list[] = {2,    0,    0,    0,    1,  0, 6, 0, 0xff, 0xff, 0xff, 0xff, 2,  0, 6, 0,
                                            0xd2, 4,    0,    0,    4,  0, 4, 0, 0xff, 0xff, 0xff, 0xff, 16, 0, 6, 0,
                                            0xff, 0xff, 0xff, 0xff, 32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};

TEST(part__new_file_inherits_default_list_and_group_of_its_folder)
{
    struct folder folder;
    unsigned char got[256];
    char path[512];

    folder_make(&folder);
    CHECK_INT(mkdirat(folder.fd, "d", 0755), 0);
    snprintf(path, sizeof(path), "%s/d", folder.path);
    if (geteuid() != 0 || setxattr(path, "system.posix_acl_default", access_list, sizeof(access_list), 0) < 0) {
        folder_remove(&folder);
        SKIP();
    }
    CHECK_INT(chown(path, (uid_t)-1, 1234), 0);
    CHECK_INT(chmod(path, 02755), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "d/a", "one", no_guard, NULL), ERR_NONE);
    snprintf(path, sizeof(path), "%s/d/a", folder.path);
    CHECK_INT(getxattr(path, "system.posix_acl_access", got, sizeof(got)), sizeof(access_list));
    assert_memory_equal(got, access_list, sizeof(access_list));
    CHECK_INT(stat_of(&folder, "d/a").st_gid, 1234);
    folder_remove(&folder);
}

TEST(part__replaced_file_keeps_mode_owner_list_and_user_attributes)
{
    struct folder folder;
    char path[512], value[32];
    bool is_root = geteuid() == 0;
    unsigned char got[256];
    struct stat before, after;
    bool has_list;

    folder_make(&folder);
    folder_write(&folder, "a", "one");
    snprintf(path, sizeof(path), "%s/a", folder.path);
    CHECK_INT(chmod(path, 0754), 0);
    if (is_root)
        CHECK_INT(chown(path, 4321, 1234), 0);
    has_list = setxattr(path, "system.posix_acl_access", access_list, sizeof(access_list), 0) == 0;
    CHECK_INT(setxattr(path, "user.colour", "green", 5, 0), 0);
    before = stat_of(&folder, "a");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "two", no_guard, NULL), ERR_NONE);
    after = stat_of(&folder, "a");
    CHECK(before.st_ino != after.st_ino);
    CHECK_INT(after.st_mode, before.st_mode);
    CHECK_INT(after.st_uid, before.st_uid);
    CHECK_INT(after.st_gid, before.st_gid);
    CHECK_INT(getxattr(path, "user.colour", value, sizeof(value)), 5);
    if (has_list) {
        CHECK_INT(getxattr(path, "system.posix_acl_access", got, sizeof(got)), sizeof(access_list));
        assert_memory_equal(got, access_list, sizeof(access_list));
    }
    folder_remove(&folder);
}

TEST(part__nothing_is_left_of_an_upload_that_was_dropped)
{
    struct folder folder;
    struct part *part;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "old");
    folder_serve(&folder, NULL);
    CHECK_INT(part_open(folder.store, path_of("a"), -1, no_guard, &part), ERR_NONE);
    CHECK_INT(part_write(part, SLICE("half of it")), ERR_NONE);
    part_release(part);
    CHECK_INT(part_open(folder.store, path_of("new"), -1, no_guard, &part), ERR_NONE);
    part_release(part);
    part_release(NULL);
    CHECK_STR(folder_read(&folder, "a"), "old");
    CHECK_INT(folder_count(&folder, "."), 1);
    folder_remove(&folder);
}

TEST(part__impossible_targets)
{
    struct folder folder;
    struct part *part = NULL;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "d", "x", no_guard, NULL), ERR_IS_FOLDER);
    CHECK_INT(put(&folder, "new/", "x", no_guard, NULL), ERR_IS_FOLDER);
    CHECK_INT(put(&folder, "", "x", no_guard, NULL), ERR_IS_FOLDER);
    CHECK_INT(put(&folder, "none/a", "x", no_guard, NULL), ERR_PARENT);
    CHECK_INT(put(&folder, "f/a", "x", no_guard, NULL), ERR_PARENT);
    CHECK_INT(store_delete(folder.store, path_of(""), no_guard, (struct progress){0}, NULL), ERR_DENIED);
    CHECK_INT(store_delete(folder.store, path_of("none/a"), no_guard, (struct progress){0}, NULL), ERR_PARENT);
    CHECK_INT(part_open(folder.store, path_of("huge"), INT64_MAX, no_guard, &part), ERR_NO_SPACE);
    CHECK(part == NULL);
    folder_remove(&folder);
}

/* Does something to the folder when it is asked the second time: between opening and committing. */
struct meddler {
    struct folder *folder;
    void (*meddle)(struct folder *);
    int asked;
    bool last_saw_nothing;
    uint64_t last_saw_size;
};

static bool meddle_second(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct meddler *meddler = arg;

    meddler->last_saw_nothing = now == NULL;
    meddler->last_saw_size = now ? now->size : 0;
    if (++meddler->asked == 2)
        meddler->meddle(meddler->folder);
    return true;
}

static void replace_by_rename(struct folder *folder)
{
    folder_write(folder, "saving", "by others");
    renameat(folder->fd, "saving", folder->fd, "a");
}

static void make_a(struct folder *folder)
{
    folder_write(folder, "a", "first");
}

static void remove_a(struct folder *folder)
{
    unlinkat(folder->fd, "a", 0);
}

static void make_folder(struct folder *folder)
{
    unlinkat(folder->fd, "a", 0);
    mkdirat(folder->fd, "a", 0755);
}

TEST(part__replaced_by_others_after_judging_is_judged_again)
{
    struct folder folder;
    struct meddler meddler = {&folder, replace_by_rename};
    struct commit commit;

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "ours", (struct guard){meddle_second, &meddler}, &commit), ERR_NONE);
    CHECK_INT(meddler.asked, 3);
    CHECK_U64(meddler.last_saw_size, 9);
    CHECK_STR(folder_read(&folder, "a"), "ours");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

static bool until_others_wrote(void *arg, const struct facts *now, struct write_locks *locks)
{
    meddle_second(arg, now, locks);
    return now && now->size == 3;
}

TEST(part__conditional_put_never_overwrites_what_others_wrote_meanwhile)
{
    struct folder folder;
    struct meddler meddler = {&folder, replace_by_rename};

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "ours", (struct guard){until_others_wrote, &meddler}, NULL), ERR_REFUSED);
    CHECK_STR(folder_read(&folder, "a"), "by others");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

static bool while_absent(void *arg, const struct facts *now, struct write_locks *locks)
{
    meddle_second(arg, now, locks);
    return now == NULL;
}

TEST(part__if_none_match_star_holds_against_others)
{
    struct folder folder;
    struct meddler meddler = {&folder, make_a};

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "second", (struct guard){while_absent, &meddler}, NULL), ERR_REFUSED);
    CHECK_STR(folder_read(&folder, "a"), "first");
    folder_remove(&folder);
}

TEST(part__removed_or_turned_into_a_folder_by_others_after_judging)
{
    struct folder folder;
    struct meddler meddler = {&folder, remove_a};
    struct commit commit;

    folder_make(&folder);
    folder_write(&folder, "a", "old");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "ours", (struct guard){meddle_second, &meddler}, &commit), ERR_NONE);
    CHECK(meddler.last_saw_nothing);
    CHECK(commit.created);
    CHECK_STR(folder_read(&folder, "a"), "ours");
    meddler = (struct meddler){&folder, make_folder};
    CHECK_INT(put(&folder, "a", "ours", (struct guard){meddle_second, &meddler}, &commit), ERR_IS_FOLDER);
    CHECK(S_ISDIR(stat_of(&folder, "a").st_mode));
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

TEST(delete__conditional_delete_never_removes_what_others_wrote_meanwhile)
{
    struct folder folder;
    struct meddler meddler = {&folder, replace_by_rename, .asked = 1};

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "b", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "b", "y", no_guard, NULL), ERR_NONE); /* now there is a trash */
    folder_write(&folder, "a", "old");
    CHECK_INT(store_delete(folder.store, path_of("a"), (struct guard){until_others_wrote, &meddler},
                           (struct progress){0}, NULL),
              ERR_REFUSED);
    CHECK_STR(folder_read(&folder, "a"), "by others");
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard, (struct progress){0}, NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a"), "(missing)");
    CHECK_INT(folder_count(&folder, ".samovar/trash"), 0);
    folder_remove(&folder);
}

TEST(delete__link_goes_and_its_target_stays)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "kept");
    symlinkat("a", folder.fd, "link");
    symlinkat("/etc/passwd", folder.fd, "outside");
    folder_serve(&folder, NULL);
    CHECK_INT(store_delete(folder.store, path_of("link"), no_guard, (struct progress){0}, NULL), ERR_NONE);
    CHECK_INT(store_delete(folder.store, path_of("outside"), no_guard, (struct progress){0}, NULL), ERR_MISSING);
    CHECK_STR(folder_read(&folder, "a"), "kept");
    CHECK_INT(folder_count(&folder, "."), 2);
    folder_remove(&folder);
}

enum { RIVALS = 8 };

struct rival {
    struct folder *folder;
    int64_t seen_ns; /* the modification time that its condition names */
    enum err result;
};

static bool is_what_was_seen(void *arg, const struct facts *now, struct write_locks *locks)
{
    const struct rival *rival = arg;

    return now && now->modified_ns == rival->seen_ns;
}

static void *compete(void *arg)
{
    struct rival *rival = arg;

    role_take(ROLE_ANY, "rival");
    rival->result = put(rival->folder, "a", "mine", (struct guard){is_what_was_seen, rival}, NULL);
    return NULL;
}

TEST(part__of_concurrent_conditional_puts_exactly_one_wins)
{
    struct folder folder;
    struct commit commit;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "start", no_guard, &commit), ERR_NONE);
    for (int round = 0; round < 20; round++) {
        struct rival rivals[RIVALS];
        pthread_t threads[RIVALS];
        int won = 0;

        for (int i = 0; i < RIVALS; i++) {
            rivals[i] = (struct rival){&folder, commit.facts.modified_ns, ERR_IO};
            CHECK_INT(pthread_create(&threads[i], NULL, compete, &rivals[i]), 0);
        }
        for (int i = 0; i < RIVALS; i++) {
            pthread_join(threads[i], NULL);
            CHECK(rivals[i].result == ERR_NONE || rivals[i].result == ERR_REFUSED);
            won += rivals[i].result == ERR_NONE;
        }
        CHECK_INT(won, 1);
        CHECK_INT(put(&folder, "a", "next", no_guard, &commit), ERR_NONE);
    }
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

static void put_replace_delete(struct folder *folder)
{
    struct commit commit;

    role_assert_worker();
    CHECK_INT(put(folder, "a", "one", no_guard, &commit), ERR_NONE);
    CHECK(commit.created);
    CHECK_INT(put(folder, "a", "two", no_guard, &commit), ERR_NONE);
    CHECK_FALSE(commit.created);
    CHECK_STR(folder_read(folder, "a"), "two");
    CHECK_INT(put(folder, "a", "no", (struct guard){.holds = is_absent}, NULL), ERR_REFUSED);
    CHECK_INT(store_delete(folder->store, path_of("a"), no_guard, (struct progress){0}, NULL), ERR_NONE);
    CHECK_INT(folder_count(folder, ".samovar/up"), 0);
    CHECK_INT(folder_count(folder, "."), 1);
}

TEST(part__every_fallback_does_the_same)
{
    static const enum missing sets[][4] = {
        {MISSING_EXCHANGE, MISSING_COUNT},
        {MISSING_TMPFILE, MISSING_COUNT},
        {MISSING_TMPFILE, MISSING_EXCHANGE, MISSING_COUNT},
        {MISSING_TMPFILE, MISSING_EXCHANGE, MISSING_NOREPLACE, MISSING_COUNT},
    };

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        struct folder folder;

        folder_make(&folder);
        folder_serve(&folder, NULL);
        for (size_t j = 0; sets[i][j] != MISSING_COUNT; j++)
            store_lacks(folder.store, sets[i][j]);
        put_replace_delete(&folder);
        CHECK_INT(put(&folder, "b", "x", no_guard, NULL), ERR_NONE);
        CHECK_INT(stat_of(&folder, "b").st_mode & 0777, 0644);
        folder_remove(&folder);
    }
}

TEST(part__relaxed_durability_does_the_same)
{
    struct folder folder;

    folder_make(&folder);
    folder_serve(&folder, &(struct store_options){.durability = DURABILITY_RELAXED});
    put_replace_delete(&folder);
    folder_remove(&folder);
}

TEST(part__folder_moved_away_during_the_upload)
{
    struct folder folder;
    struct part *part;
    struct commit commit;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_serve(&folder, NULL);
    CHECK_INT(part_open(folder.store, path_of("d/a"), -1, no_guard, &part), ERR_NONE);
    CHECK_INT(part_write(part, SLICE("text")), ERR_NONE);
    CHECK_INT(renameat(folder.fd, "d", folder.fd, "elsewhere"), 0);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_PARENT);
    part_release(part);
    CHECK_INT(folder_count(&folder, "elsewhere"), 0);
    folder_remove(&folder);
}
