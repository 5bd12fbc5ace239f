/*
 * test_edit.c - uploads that are smaller than their file.
 */
#include "store/edit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

static const struct progress no_progress;

static struct part *part_of(struct folder *folder, const char *path)
{
    struct part *part = NULL;

    role_assert_worker();
    CHECK_INT(part_open(folder->store, path_of(path), -1, no_guard, &part), ERR_NONE);
    return part;
}

/* The file `name`, with these octets from `first` on. */
static enum err edit(struct folder *folder, const char *name, uint64_t first, struct slice bytes)
{
    struct part *part = part_of(folder, name);
    struct commit commit;
    struct facts facts;
    enum err err;
    int fd;

    role_assert_worker();
    CHECK_INT(store_open_file(folder->store, path_of(name), &fd, &facts), ERR_NONE);
    err = part_write_at(part, first, bytes);
    if (err == ERR_NONE)
        err = part_fill_around(part, fd, facts.size, first, first + bytes.len, no_progress);
    if (err == ERR_NONE)
        err = part_commit(part, no_guard, &commit);
    store_close_file(folder->store, fd, &facts);
    part_release(part);
    return err;
}

TEST(edit__a_stretch_is_replaced_and_all_around_it_stays)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "0123456789");
    CHECK_INT(edit(&folder, "a", 2, SLICE("abc")), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a"), "01abc56789");
    CHECK_INT(edit(&folder, "a", 0, SLICE("x")), ERR_NONE);
    CHECK_INT(edit(&folder, "a", 9, SLICE("yz")), ERR_NONE);
    CHECK_INT(edit(&folder, "a", 11, SLICE("!")), ERR_NONE);
    CHECK_STR(folder_read(&folder, "a"), "x1abc5678yz!");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

static bool is_content(struct folder *folder, const char *name, const char *content, size_t len)
{
    char *room = malloc(len + 1);
    int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC);
    bool is_same = read(fd, room, len + 1) == (ssize_t)len && memcmp(room, content, len) == 0;

    close(fd);
    free(room);
    return is_same;
}

/* Around the places at which blocks may be shared. */
TEST(edit__a_stretch_anywhere_in_a_large_file)
{
    enum { SIZE = 300001 };
    static const unsigned starts[] = {0, 1, 65535, 65536, 65537, 131000, 262144, 299999};
    char *content = malloc(SIZE + 1);
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    for (unsigned i = 0; i < SIZE; i++)
        content[i] = (char)('a' + i * 7 % 26);
    content[SIZE] = '\0';
    folder_write(&folder, "a", content);
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        CHECK_INT(edit(&folder, "a", starts[i], SLICE("##")), ERR_NONE);
        memcpy(content + starts[i], "##", 2);
        CHECK(is_content(&folder, "a", content, SIZE));
    }
    folder_remove(&folder);
    free(content);
}

TEST(edit__what_waits_is_read_again_and_is_no_part_of_the_content)
{
    struct folder folder;
    struct commit commit;
    struct part *part;
    char room[8] = "";

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    part = part_of(&folder, "a");
    CHECK_INT(part_scratch_write(part, SLICE("wai")), ERR_NONE);
    CHECK_INT(part_scratch_write(part, SLICE("ting")), ERR_NONE);
    CHECK_U64(part_scratch_size(part), 7);
    CHECK_INT(part_scratch_read(part, 2, room, 5), ERR_NONE);
    CHECK_STR(room, "iting");
    CHECK_INT(part_write(part, SLICE("content")), ERR_NONE);
    CHECK_U64(part_size(part), 7);
    CHECK_INT(part_commit(part, no_guard, &commit), ERR_NONE);
    part_release(part);
    CHECK_STR(folder_read(&folder, "a"), "content");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

TEST(edit__what_was_not_committed_leaves_nothing)
{
    struct folder folder;
    struct part *part;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "old");
    part = part_of(&folder, "a");
    CHECK_INT(part_scratch_write(part, SLICE("x")), ERR_NONE);
    CHECK_INT(part_write_at(part, 1000, SLICE("x")), ERR_NONE);
    part_release(part);
    CHECK_STR(folder_read(&folder, "a"), "old");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

static bool stops(void *arg)
{
    return false;
}

TEST(edit__who_leaves_ends_the_copy)
{
    char *content = calloc(200001, 1);
    struct folder folder;
    struct part *part;
    struct facts facts;
    int fd;

    role_assert_worker();
    memset(content, 'a', 200000);
    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", content);
    part = part_of(&folder, "a");
    CHECK_INT(store_open_file(folder.store, path_of("a"), &fd, &facts), ERR_NONE);
    CHECK_INT(part_fill_around(part, fd, facts.size, 0, 0, (struct progress){stops, NULL}), ERR_CLOSED);
    store_close_file(folder.store, fd, &facts);
    part_release(part);
    folder_remove(&folder);
    free(content);
}

TEST(edit__a_size_that_the_file_system_has_not_is_an_error)
{
    struct folder folder;
    struct part *part;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    part = part_of(&folder, "a");
    CHECK_INT(part_write_at(part, INT64_MAX - 1, SLICE("xyz")) != ERR_NONE, 1);
    part_release(part);
    folder_remove(&folder);
}
