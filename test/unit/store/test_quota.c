/*
 * test_quota.c - what may lie below a folder, and what does; and what a client wants a content to be.
 */
#include "folder.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "quota_private.h"
#include "store/props.h"

#define TWELVE "twelve bytes"

static void limit(struct folder *folder, const char *path, uint64_t bytes)
{
    struct quota_root root = {slice_str(path), bytes};

    store_set_quotas(folder->store, &root, 1);
}

static struct quota quota_at(struct folder *folder, const char *path)
{
    struct quota quota;

    role_assert_worker();
    CHECK_INT(store_quota(folder->store, path_of(path), &quota), ERR_NONE);
    return quota;
}

static enum err put_at(struct folder *folder, const char *path, const char *content)
{
    struct commit commit;

    return put(folder, path, content, no_guard, &commit);
}

static enum err delete_at(struct folder *folder, const char *path)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    enum err err;

    role_assert_worker();
    err = store_delete(folder->store, path_of(path), no_guard, (struct progress){0}, &casualties);
    arena_release(&arena);
    return err;
}

static void make(struct folder *folder, const char *name)
{
    CHECK_INT(mkdirat(folder->fd, name, 0755), 0);
}

static void start(struct folder *folder)
{
    folder_make(folder);
    make(folder, "a");
    make(folder, "a/b");
    make(folder, "c");
    folder_serve(folder, NULL);
}

/* Stop and serve again: what is told then comes from the records, or a walk. */
static void again(struct folder *folder)
{
    folder_stop(folder);
    folder_serve(folder, NULL);
}

TEST(quota__without_one_the_file_system_has_the_figures)
{
    struct folder folder;
    struct quota quota;

    role_assert_worker();
    start(&folder);
    quota = quota_at(&folder, "a");
    CHECK_FALSE(quota.is_limited);
    CHECK(quota.used + quota.available > 0);
    CHECK_INT(store_quota(folder.store, path_of("none"), &quota), ERR_MISSING);
    folder_remove(&folder);
}

TEST(quota__used_follows_put_and_delete_DAV_171)
{
    struct folder folder;

    start(&folder);
    limit(&folder, "a", 100);
    CHECK_U64(quota_at(&folder, "a").used, 0);
    CHECK_INT(put_at(&folder, "a/x", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "a/b/y", "abc"), ERR_NONE);
    CHECK_INT(put_at(&folder, "c/z", TWELVE), ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 15);
    CHECK_U64(quota_at(&folder, "a/b").used, 15); /* the nearest quota root's */
    CHECK_U64(quota_at(&folder, "a/b").available, 85);
    CHECK_FALSE(quota_at(&folder, "c").is_limited);
    CHECK_INT(put_at(&folder, "a/x", "1"), ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 4);
    CHECK_INT(delete_at(&folder, "a/x"), ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 3);
    CHECK_INT(delete_at(&folder, "a/b"), ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 0);
    folder_remove(&folder);
}

TEST(quota__what_is_too_much_is_refused_and_changes_nothing_DAV_168_DAV_170)
{
    struct folder folder;
    struct part *part;

    role_assert_worker();
    start(&folder);
    limit(&folder, "a", 20);
    CHECK_INT(put_at(&folder, "a/x", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "a/y", "123456789"), ERR_QUOTA);
    CHECK_INT(part_open(folder.store, path_of("a/y"), 9, no_guard, &part), ERR_QUOTA); /* before the first byte */
    CHECK_STR(folder_read(&folder, "a/y"), "(missing)");
    CHECK_U64(quota_at(&folder, "a").used, 12);
    CHECK_INT(put_at(&folder, "a/x", "12345678901234567890"), ERR_NONE); /* what it replaces is credited */
    CHECK_INT(put_at(&folder, "a/x", "123456789012345678901"), ERR_QUOTA);
    CHECK_STR(folder_read(&folder, "a/x"), "12345678901234567890");
    CHECK_U64(quota_at(&folder, "a").available, 0);
    CHECK_INT(put_at(&folder, "a/empty", ""), ERR_NONE); /* nothing fits always */
    CHECK_INT(delete_at(&folder, "a/x"), ERR_NONE);
    CHECK_INT(put_at(&folder, "a/y", "123456789"), ERR_NONE);
    folder_remove(&folder);
}

TEST(quota__unknown_length_is_refused_while_it_is_written)
{
    struct folder folder;
    struct part *part;

    role_assert_worker();
    start(&folder);
    limit(&folder, "a", 20);
    CHECK_INT(part_open(folder.store, path_of("a/x"), -1, no_guard, &part), ERR_NONE);
    CHECK_INT(part_write(part, SLICE("12345678901234567890")), ERR_NONE);
    CHECK_INT(part_write(part, SLICE("1")), ERR_QUOTA);
    part_release(part);
    CHECK_INT(put_at(&folder, "a/y", "12345678901234567890"), ERR_NONE); /* nothing is claimed any more */
    folder_remove(&folder);
}

TEST(quota__two_uploads_at_once_cannot_both_have_the_last_bytes)
{
    struct folder folder;
    struct part *one, *two;
    struct commit commit;

    role_assert_worker();
    start(&folder);
    limit(&folder, "a", 20);
    CHECK_INT(part_open(folder.store, path_of("a/x"), 12, no_guard, &one), ERR_NONE);
    CHECK_INT(part_open(folder.store, path_of("a/y"), 12, no_guard, &two), ERR_QUOTA);
    CHECK_INT(part_write(one, SLICE(TWELVE)), ERR_NONE);
    CHECK_INT(part_commit(one, no_guard, &commit), ERR_NONE);
    part_release(one);
    CHECK_INT(part_open(folder.store, path_of("a/y"), 8, no_guard, &two), ERR_NONE);
    part_release(two);
    folder_remove(&folder);
}

TEST(quota__every_one_above_counts_and_the_nearest_is_shown)
{
    struct quota_root roots[] = {{SLICE(""), 30}, {SLICE("a"), 100}, {SLICE("a/b"), 20}};
    struct folder folder;

    start(&folder);
    store_set_quotas(folder.store, roots, 3);
    CHECK_INT(put_at(&folder, "a/b/x", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "a/b/y", TWELVE), ERR_QUOTA);
    CHECK_INT(put_at(&folder, "a/y", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "a/z", TWELVE), ERR_QUOTA); /* by the root of all */
    CHECK_U64(quota_at(&folder, "a/b").used, 12);
    CHECK_U64(quota_at(&folder, "a").used, 24);
    CHECK_U64(quota_at(&folder, "c").available, 6);
    folder_remove(&folder);
}

TEST(quota__what_is_there_at_first_is_counted)
{
    struct folder folder;
    struct quota quota;

    folder_make(&folder);
    make(&folder, "a");
    make(&folder, "a/b");
    folder_write(&folder, "a/x", TWELVE);
    folder_write(&folder, "a/b/y", TWELVE);
    CHECK_INT(symlinkat("b/y", folder.fd, "a/link"), 0); /* another name, not another content */
    folder_serve(&folder, NULL);
    limit(&folder, "a", 30);
    CHECK_INT(put_at(&folder, "a/z", TWELVE), ERR_QUOTA);
    quota = quota_at(&folder, "a");
    CHECK_U64(quota.used, 24);
    again(&folder);
    limit(&folder, "a", 30);
    CHECK_U64(quota_at(&folder, "a").used, 24);
    folder_remove(&folder);
}

TEST(quota__changes_by_others_are_found_and_mended)
{
    struct buf out = BUF_INIT(4096);
    struct quota_check check;
    struct folder folder;

    role_assert_worker();
    start(&folder);
    limit(&folder, "", 1000);
    CHECK_INT(put_at(&folder, "a/b/x", TWELVE), ERR_NONE);
    folder_write(&folder, "a/b/other", "12345");
    folder_write(&folder, "c/other", "123");
    CHECK_U64(quota_at(&folder, "").used, 12);
    CHECK_INT(store_check_quotas(folder.store, false, NULL, NULL, &out, &check), ERR_NONE);
    CHECK_U64(check.bytes, 20);
    CHECK_U64(check.files, 3);
    CHECK_INT(check.roots, 1);
    CHECK_INT(check.wrong, 1);
    CHECK_INT(check.mended, 0);
    CHECK_U64(quota_at(&folder, "").used, 12);
    CHECK_INT(store_check_quotas(folder.store, true, NULL, NULL, &out, &check), ERR_NONE);
    CHECK_INT(check.mended, 1);
    CHECK_U64(quota_at(&folder, "").used, 20);
    CHECK_INT(store_check_quotas(folder.store, false, NULL, NULL, &out, &check), ERR_NONE);
    CHECK_INT(check.wrong, 0);
    CHECK_INT(unlinkat(folder.fd, "a/b/x", 0), 0);
    CHECK_INT(store_check_quotas(folder.store, true, NULL, NULL, &out, &check), ERR_NONE);
    CHECK_U64(quota_at(&folder, "").used, 8);
    CHECK_INT(delete_at(&folder, "a"), ERR_NONE);
    CHECK_U64(quota_at(&folder, "").used, 3);
    buf_release(&out);
    folder_remove(&folder);
}

static void move_at(struct folder *folder, const char *from, const char *to, enum err expected)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    struct transfer transfer = {.from = path_of(from), .to = path_of(to), .source = no_guard, .target = no_guard};
    struct transferred out;

    role_assert_worker();
    CHECK_INT(store_move(folder->store, &transfer, &casualties, &out), expected);
    arena_release(&arena);
}

TEST(quota__moves_across_a_border_count_DAV_168)
{
    struct quota_root roots[] = {{SLICE("a"), 20}, {SLICE("c"), 20}};
    struct folder folder;

    start(&folder);
    make(&folder, "free");
    store_set_quotas(folder.store, roots, 2);
    CHECK_INT(put_at(&folder, "a/b/x", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "free/y", TWELVE), ERR_NONE);
    CHECK_INT(put_at(&folder, "c/z", TWELVE), ERR_NONE);
    move_at(&folder, "a/b", "c/b", ERR_QUOTA);
    CHECK_STR(folder_read(&folder, "a/b/x"), TWELVE);
    move_at(&folder, "a/b", "a/d", ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 12);
    move_at(&folder, "free", "a/free", ERR_QUOTA);
    move_at(&folder, "a/d", "d", ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 0);
    move_at(&folder, "free", "a/free", ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 12);
    CHECK_INT(delete_at(&folder, "c/z"), ERR_NONE);
    move_at(&folder, "a/free", "c/free", ERR_NONE);
    CHECK_U64(quota_at(&folder, "a").used, 0);
    CHECK_U64(quota_at(&folder, "c").used, 12);
    CHECK_INT(delete_at(&folder, "c/free"), ERR_NONE);
    CHECK_U64(quota_at(&folder, "c").used, 0);
    folder_remove(&folder);
}

/* part_wish() */

static struct facts put_wishing(struct folder *folder, const char *path, const char *content,
                                const struct part_wish *wish)
{
    struct commit commit = {0};
    struct part *part;

    role_assert_worker();
    CHECK_INT(part_open(folder->store, path_of(path), (int64_t)strlen(content), no_guard, &part), ERR_NONE);
    CHECK_INT(part_write(part, slice_str(content)), ERR_NONE);
    part_wish(part, wish);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_NONE);
    part_release(part);
    return commit.facts;
}

static struct traits traits_of(struct folder *folder, const char *path, struct arena *arena)
{
    struct traits traits;
    struct facts facts;

    role_assert_worker();
    CHECK_INT(store_find(folder->store, path_of(path), &facts), ERR_NONE);
    CHECK_INT(store_traits(folder->store, path_of(path), &facts, arena, &traits), ERR_NONE);
    return traits;
}

TEST(wish__the_clients_time_is_the_files_and_its_tag_is_strong_and_its_own)
{
    struct part_wish wish = {.has_modified = true, .modified_ns = 1000000000ll * 1234567890};
    struct folder folder;
    struct facts one, two, seen;
    struct stat got;

    role_assert_worker();
    start(&folder);
    one = put_wishing(&folder, "x", "one", &wish);
    two = put_wishing(&folder, "x", "two", &wish);
    CHECK_INT(fstatat(folder.fd, "x", &got, 0), 0);
    CHECK_INT(got.st_mtim.tv_sec, 1234567890);
    CHECK_FALSE(slice_eq(facts_tag(&one), facts_tag(&two)));
    CHECK_FALSE(two.is_weak);
    CHECK_INT(store_find(folder.store, path_of("x"), &seen), ERR_NONE);
    CHECK(slice_eq(facts_tag(&seen), facts_tag(&two)));
    wish.modified_ns = -5;
    CHECK(put_wishing(&folder, "x", "old", &wish).modified_ns >= 0);
    wish.modified_ns = INT64_MAX; /* the year 2262 */
    CHECK(put_wishing(&folder, "x", "new", &wish).modified_ns < INT64_MAX);
    folder_remove(&folder);
}

/* It is what the client asked for, and what it is told. */
TEST(wish__a_clients_older_time_is_not_lifted_by_a_floor)
{
    struct part_wish wish = {.has_modified = true, .modified_ns = 1000000000ll * 1234567890};
    struct arena arena = {0};
    struct folder folder;

    start(&folder);
    put_wishing(&folder, "x", "one", &(struct part_wish){0});
    CHECK_INT(put_wishing(&folder, "x", "two", &wish).modified_ns, wish.modified_ns);
    CHECK_INT(traits_of(&folder, "x", &arena).floor_s, 0);
    CHECK_INT(put_at(&folder, "y", "one"), ERR_NONE);
    CHECK_INT(traits_of(&folder, "y", &arena).floor_s, 0);
    arena_release(&arena);
    folder_remove(&folder);
}

TEST(wish__type_and_checksums_are_kept_until_the_next_content)
{
    struct part_wish wish = {.type = SLICE("text/x-special"), .checksums = SLICE("SHA1:abc")};
    struct arena arena = {0};
    struct folder folder;
    struct traits traits;

    start(&folder);
    put_wishing(&folder, "x", "one", &wish);
    traits = traits_of(&folder, "x", &arena);
    CHECK_SLICE(traits.type, "text/x-special");
    CHECK_SLICE(traits.checksums, "SHA1:abc");
    again(&folder);
    CHECK_SLICE(traits_of(&folder, "x", &arena).type, "text/x-special");
    CHECK_INT(put_at(&folder, "x", "two"), ERR_NONE);
    traits = traits_of(&folder, "x", &arena);
    CHECK_SLICE(traits.type, "");
    CHECK_SLICE(traits.checksums, "");
    arena_release(&arena);
    folder_remove(&folder);
}
