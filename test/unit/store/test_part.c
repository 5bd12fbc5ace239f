/*
 * test_part.c - PUT and DELETE of files.
 */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool never(void *arg, const struct facts *now)
{
    return false;
}

static bool is_absent(void *arg, const struct facts *now)
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
    CHECK_INT(store_delete(folder.store, path_of("a"), (struct guard){.holds = never}), ERR_REFUSED);
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a"), "(missing)");
    CHECK_INT(store_delete(folder.store, path_of("a"), no_guard), ERR_MISSING);
    folder_remove(&folder);
}
