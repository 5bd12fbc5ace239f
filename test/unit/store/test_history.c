/*
 * test_history.c - earlier contents of files.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history_private.h"
#include "meta.h"
#include "store/digest.h"

static const struct history_limits five = {.count = 5};

static struct facts put_limited(struct folder *folder, const char *path, const char *content,
                                const struct history_limits *limits)
{
    struct commit commit = {.created = false};
    struct part *part;

    role_assert_worker();
    CHECK_INT(part_open(folder->store, path_of(path), (int64_t)strlen(content), no_guard, &part), ERR_NONE);
    part_history(part, limits);
    CHECK_INT(part_write(part, slice_str(content)), ERR_NONE);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_NONE);
    part_release(part);
    return commit.facts;
}

static struct version_list versions_of(struct folder *folder, const char *path)
{
    static struct version copies[64];
    struct version_list list;
    struct arena arena = {0};

    role_assert_worker();
    CHECK_INT(store_versions(folder->store, path_of(path), &arena, &list), ERR_NONE);
    CHECK(list.count <= 64);
    if (list.count)
        memcpy(copies, list.list, list.count * sizeof(*copies));
    arena_release(&arena);
    list.list = copies;
    return list;
}

/* "(missing)": there is none of this number. */
static const char *content_of(struct folder *folder, const char *path, uint64_t number)
{
    static char text[256];
    struct facts facts;
    ssize_t got;
    int fd;

    role_assert_worker();
    if (store_version_open(folder->store, path_of(path), number, &fd, &facts) != ERR_NONE)
        return "(missing)";
    got = read(fd, text, sizeof(text) - 1);
    CHECK_INT(got, facts.size);
    text[got] = '\0';
    close(fd);
    return text;
}

static void serve(struct folder *folder)
{
    folder_make(folder);
    folder_serve(folder, NULL);
}

/* The keeper counts what earlier runs left when the first one comes; what goes meanwhile would be counted, too. */
static void wait_counted(struct folder *folder)
{
    for (int i = 0; i < 10000 && !atomic_load(&folder->store->history.is_counted); i++)
        usleep(1000);
    CHECK(atomic_load(&folder->store->history.is_counted));
}

TEST(history__without_limits_nothing_is_kept)
{
    struct folder folder;

    serve(&folder);
    put_limited(&folder, "a", "one", &(struct history_limits){0});
    put_limited(&folder, "a", "two", &(struct history_limits){0});
    CHECK_INT(versions_of(&folder, "a").count, 0);
    CHECK_INT(folder_count(&folder, ".samovar/history"), 0);
    folder_remove(&folder);
}

TEST(history__what_is_replaced_is_kept_with_its_tag_and_time)
{
    struct folder folder;
    struct facts first, second, facts;
    struct version_list list;
    uint64_t number;
    int fd;

    role_assert_worker();
    serve(&folder);
    first = put_limited(&folder, "a", "one", &five);
    CHECK_INT(versions_of(&folder, "a").count, 0);
    second = put_limited(&folder, "a", "second", &five);
    wait_counted(&folder);
    put_limited(&folder, "a", "the third", &five);
    list = versions_of(&folder, "a");
    CHECK_INT(list.count, 2);
    CHECK_STR(content_of(&folder, "a", list.list[0].number), "second");
    CHECK_STR(content_of(&folder, "a", list.list[1].number), "one");
    CHECK_STR(folder_read(&folder, "a"), "the third");
    CHECK(slice_eq(slice_of(list.list[1].tag, list.list[1].tag_len), facts_tag(&first)));
    CHECK(list.list[1].modified_ns == first.modified_ns && list.list[1].size == 3 && !list.list[1].is_weak);
    CHECK(list.list[0].number > list.list[1].number);
    CHECK_INT(store_version_by_tag(folder.store, path_of("a"), facts_tag(&second), &fd, &facts, &number), ERR_NONE);
    CHECK(number == list.list[0].number && facts.size == 6 && facts.modified_ns == second.modified_ns);
    CHECK(slice_eq(facts_tag(&facts), facts_tag(&second)));
    close(fd);
    CHECK_INT(store_version_by_tag(folder.store, path_of("a"), SLICE("nonesuch"), &fd, &facts, &number), ERR_MISSING);
    CHECK_INT(store_version_by_tag(folder.store, path_of("a"), SLICE(""), &fd, &facts, &number), ERR_MISSING);
    CHECK_U64(store_history_bytes(folder.store), 3 + 6);
    folder_remove(&folder);
}

TEST(history__the_oldest_go_first)
{
    struct folder folder;
    struct version_list list;
    char text[16];

    serve(&folder);
    for (int i = 0; i < 9; i++) {
        snprintf(text, sizeof(text), "content %d", i);
        put_limited(&folder, "a", text, &(struct history_limits){.count = 3});
        if (i == 1) /* the first one came */
            wait_counted(&folder);
    }
    list = versions_of(&folder, "a");
    CHECK_INT(list.count, 3);
    CHECK_STR(content_of(&folder, "a", list.list[0].number), "content 7");
    CHECK_STR(content_of(&folder, "a", list.list[2].number), "content 5");
    CHECK_INT(folder_count(&folder, ".samovar/history"), 3);
    CHECK_U64(store_history_bytes(folder.store), 27);
    put_limited(&folder, "a", "last", &(struct history_limits){.bytes = 20}); /* 9 of content 8, 9 of content 7 */
    CHECK_INT(versions_of(&folder, "a").count, 2);
    put_limited(&folder, "a", "x", &(struct history_limits){.bytes = 3}); /* "last" is more than that by itself */
    CHECK_INT(versions_of(&folder, "a").count, 2);
    folder_remove(&folder);
}

static void move(struct folder *folder, const char *from, const char *to)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct transferred out;

    role_assert_worker();
    CHECK_INT(store_move(folder->store, &transfer, &(struct casualties){0}, &out), ERR_NONE);
}

TEST(history__follows_a_move_and_goes_with_the_resource)
{
    struct folder folder;
    struct version_list list;

    role_assert_worker();
    serve(&folder);
    put_limited(&folder, "a", "one", &five);
    put_limited(&folder, "a", "two", &five);
    wait_counted(&folder);
    move(&folder, "a", "b");
    list = versions_of(&folder, "b");
    CHECK_INT(list.count, 1);
    CHECK_STR(content_of(&folder, "b", list.list[0].number), "one");
    put_limited(&folder, "a", "another", &five); /* DLT-32: it is another resource */
    CHECK_INT(versions_of(&folder, "a").count, 0);
    CHECK_INT(store_delete(folder.store, path_of("b"), no_guard, (struct progress){0}, &(struct casualties){0}),
              ERR_NONE);
    folder_wait_empty(&folder);
    CHECK_INT(folder_count(&folder, ".samovar/history"), 0);
    CHECK_U64(store_history_bytes(folder.store), 0);
    put_limited(&folder, "b", "one", &five);
    CHECK_INT(versions_of(&folder, "b").count, 0);
    folder_remove(&folder);
}

TEST(history__is_there_after_a_restart)
{
    struct folder folder;
    struct version_list list;

    serve(&folder);
    put_limited(&folder, "a", "one", &five);
    put_limited(&folder, "a", "two", &five);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    list = versions_of(&folder, "a");
    CHECK_INT(list.count, 1);
    CHECK_STR(content_of(&folder, "a", list.list[0].number), "one");
    put_limited(&folder, "a", "three", &five);
    CHECK(versions_of(&folder, "a").list[0].number > list.list[1].number);
    CHECK_INT(versions_of(&folder, "a").count, 2);
    folder_remove(&folder);
}

TEST(history__what_others_may_change_is_not_kept)
{
    struct folder folder;
    char path[512], link_path[512];

    serve(&folder);
    put_limited(&folder, "a", "one", &five);
    snprintf(path, sizeof(path), "%s/a", folder.path);
    snprintf(link_path, sizeof(link_path), "%s/b", folder.path);
    CHECK_INT(link(path, link_path), 0);
    put_limited(&folder, "a", "two", &five);
    CHECK_INT(versions_of(&folder, "a").count, 0);
    CHECK_STR(folder_read(&folder, "b"), "one");
    folder_remove(&folder);
}

TEST(history__a_version_that_is_not_what_was_recorded_is_none)
{
    struct folder folder;
    struct version_list list;
    char path[512];
    int writer;

    serve(&folder);
    put_limited(&folder, "a", "one", &five);
    snprintf(path, sizeof(path), "%s/a", folder.path);
    writer = open(path, O_WRONLY | O_CLOEXEC); /* somebody has it open, and goes on */
    put_limited(&folder, "a", "two", &five);
    list = versions_of(&folder, "a");
    CHECK_INT(list.count, 1);
    CHECK_INT(write(writer, "longer", 6), 6);
    close(writer);
    CHECK_STR(content_of(&folder, "a", list.list[0].number), "(missing)");
    CHECK_INT(versions_of(&folder, "a").count, 0);
    folder_remove(&folder);
}

static void wait_for_bytes(struct folder *folder, uint64_t most)
{
    for (int i = 0; i < 1000 && store_history_bytes(folder->store) > most; i++)
        usleep(10000);
    CHECK(store_history_bytes(folder->store) <= most);
}

TEST(history__all_together_stay_within_their_budget)
{
    struct folder folder;
    char name[8];

    folder_make(&folder);
    folder_serve(&folder, &(struct store_options){.history_bytes = 20});
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        put_limited(&folder, name, "0123456789", &five);
        put_limited(&folder, name, "", &five);
    }
    wait_for_bytes(&folder, 20);
    CHECK_INT(versions_of(&folder, "f0").count, 0);
    CHECK_INT(versions_of(&folder, "f5").count, 1);
    CHECK_STR(content_of(&folder, "f5", versions_of(&folder, "f5").list[0].number), "0123456789");
    folder_remove(&folder);
}

TEST(history__a_file_that_no_record_names_goes_at_the_next_start)
{
    struct folder folder;
    char path[512];

    serve(&folder);
    put_limited(&folder, "a", "one", &five);
    put_limited(&folder, "a", "two", &five);
    folder_write(&folder, ".samovar/history/00112233445566778899aabbccddeeff.17", "left by a crash");
    folder_write(&folder, ".samovar/history/what a person put there", "mine");
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    store_begin(folder.store);
    put_limited(&folder, "a", "three", &five);
    snprintf(path, sizeof(path), "%s/.samovar/history/00112233445566778899aabbccddeeff.17", folder.path);
    for (int i = 0; i < 1000 && access(path, F_OK) == 0; i++)
        usleep(10000);
    CHECK(access(path, F_OK) != 0);
    CHECK_STR(folder_read(&folder, ".samovar/history/what a person put there"), "mine");
    CHECK_INT(versions_of(&folder, "a").count, 2);
    folder_remove(&folder);
}

static void put_with_sums(struct folder *folder, const char *path, const char *content, const char *sums)
{
    struct commit commit;
    struct part *part;

    role_assert_worker();
    CHECK_INT(part_open(folder->store, path_of(path), (int64_t)strlen(content), no_guard, &part), ERR_NONE);
    part_history(part, &five);
    part_wish(part, &(struct part_wish){.checksums = slice_str(sums), .is_lazy = true});
    CHECK_INT(part_write(part, slice_str(content)), ERR_NONE);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_NONE);
    part_release(part);
}

TEST(history__an_earlier_content_keeps_its_digest_and_is_found_by_it)
{
    static const char sums[] = "MD5:900150983cd24fb0d6963f7d28e17f72 "
                               "SHA256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    unsigned char digest[SHA256_LEN];
    struct version_list list;
    struct folder folder;
    struct facts facts;
    uint64_t number;
    int fd;

    role_assert_worker();
    CHECK(hex_decode(slice_from(slice_str(sums), sizeof(sums) - 1 - 64), digest, SHA256_LEN));
    folder_make(&folder);
    folder_serve(&folder, NULL);
    put_with_sums(&folder, "a", "abc", sums);
    CHECK_INT(store_find(folder.store, path_of("a"), &facts), ERR_NONE);
    CHECK_INT(store_digest_find(folder.store, path_of("a"), &facts, digest), ERR_NONE);
    CHECK_INT(store_version_by_digest(folder.store, path_of("a"), digest, &fd, &facts, &number), ERR_MISSING);
    put_with_sums(&folder, "a", "other", "");
    put_with_sums(&folder, "a", "third", "");
    list = versions_of(&folder, "a");
    CHECK_INT(list.count, 2);
    CHECK(list.list[1].has_sha256 && memcmp(list.list[1].sha256, digest, SHA256_LEN) == 0);
    CHECK_FALSE(list.list[0].has_sha256);
    CHECK_INT(store_version_by_digest(folder.store, path_of("a"), digest, &fd, &facts, &number), ERR_NONE);
    CHECK_INT(number, list.list[1].number);
    CHECK_INT(facts.size, 3);
    close(fd);
    CHECK_INT(store_find(folder.store, path_of("a"), &facts), ERR_NONE);
    CHECK_INT(store_digest_find(folder.store, path_of("a"), &facts, digest), ERR_MISSING);
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(history__a_digest_is_kept_for_the_content_that_it_is_of_alone)
{
    static const unsigned char digest[SHA256_LEN] = {1, 2, 3};
    unsigned char found[SHA256_LEN];
    struct folder folder;
    struct facts facts;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    put_with_sums(&folder, "a", "abc", "MD5:900150983cd24fb0d6963f7d28e17f72");
    CHECK_INT(store_find(folder.store, path_of("a"), &facts), ERR_NONE);
    put_with_sums(&folder, "a", "new", "MD5:900150983cd24fb0d6963f7d28e17f72");
    store_digest_keep(folder.store, path_of("a"), &facts, digest);
    CHECK_INT(store_find(folder.store, path_of("a"), &facts), ERR_NONE);
    CHECK_INT(store_digest_find(folder.store, path_of("a"), &facts, found), ERR_MISSING);
    store_digest_keep(folder.store, path_of("a"), &facts, digest);
    CHECK_INT(store_digest_find(folder.store, path_of("a"), &facts, found), ERR_NONE);
    CHECK(memcmp(found, digest, SHA256_LEN) == 0);
    folder_stop(&folder);
    folder_remove(&folder);
}
