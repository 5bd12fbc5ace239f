/*
 * test_derived.c - what was made of contents is kept, found again, and goes when there is too much.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "derived_private.h"

static void key_of(unsigned number, unsigned char key[DERIVED_KEY])
{
    memset(key, 0, DERIVED_KEY);
    memcpy(key, &number, sizeof(number));
}

static void keep(struct folder *folder, unsigned number, const char *bytes, size_t len)
{
    unsigned char key[DERIVED_KEY];
    struct derived derived;
    int fd;

    role_assert_worker();
    key_of(number, key);
    CHECK_INT(store_derived_new(folder->store, &derived), ERR_NONE);
    CHECK_INT(derived_write(&derived, slice_of(bytes, len / 2)), ERR_NONE);
    CHECK_INT(derived_write(&derived, slice_of(bytes + len / 2, len - len / 2)), ERR_NONE);
    CHECK_INT(derived.size, len);
    fd = derived_keep(&derived, key);
    CHECK(fd >= 0);
    CHECK_INT(lseek(fd, 0, SEEK_END), len);
    close(fd);
}

/* "(missing)" without. */
static const char *content_of(struct folder *folder, unsigned number)
{
    static char text[64];
    unsigned char key[DERIVED_KEY];
    uint64_t size;
    ssize_t got;
    int fd;

    role_assert_worker();
    key_of(number, key);
    if (store_derived_open(folder->store, key, &fd, &size) != ERR_NONE)
        return "(missing)";
    got = read(fd, text, sizeof(text) - 1);
    text[got > 0 ? got : 0] = '\0';
    close(fd);
    return text;
}

static void ask(struct folder *folder, unsigned number, int64_t hours_ago)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - hours_ago * 3600}};
    unsigned char key[DERIVED_KEY];
    char name[2 * DERIVED_KEY + 1];

    key_of(number, key);
    hex_encode(name, key, DERIVED_KEY);
    name[2 * DERIVED_KEY] = '\0';
    CHECK_INT(utimensat(folder->store->state.derived, name, times, 0), 0);
}

static void folder_with(struct folder *folder, uint64_t bytes)
{
    folder_make(folder);
    folder_serve(folder, &(struct store_options){.derived_bytes = bytes});
}

TEST(derived__what_was_kept_is_found_under_its_key_alone)
{
    struct folder folder;

    folder_with(&folder, 1 << 20);
    CHECK_STR(content_of(&folder, 1), "(missing)");
    keep(&folder, 1, "delta one", 9);
    keep(&folder, 2, "", 0);
    CHECK_STR(content_of(&folder, 1), "delta one");
    CHECK_STR(content_of(&folder, 2), "");
    CHECK_STR(content_of(&folder, 3), "(missing)");
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__a_second_one_under_the_same_key_is_whole_and_leaves_the_first)
{
    struct folder folder;

    folder_with(&folder, 1 << 20);
    keep(&folder, 1, "first", 5);
    keep(&folder, 1, "first", 5);
    CHECK_STR(content_of(&folder, 1), "first");
    CHECK_INT(store_derived_bytes(folder.store), 4096);
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__what_was_not_kept_leaves_nothing)
{
    struct derived derived;
    struct folder folder;

    role_assert_worker();
    folder_with(&folder, 1 << 20);
    CHECK_INT(store_derived_new(folder.store, &derived), ERR_NONE);
    CHECK_INT(derived_write(&derived, SLICE("half")), ERR_NONE);
    derived_drop(&derived);
    CHECK_INT(derived.fd, -1);
    CHECK_INT(store_derived_bytes(folder.store), 0);
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__without_room_it_can_be_sent_and_is_not_kept)
{
    struct folder folder;

    folder_with(&folder, 0);
    keep(&folder, 1, "once", 4);
    CHECK_STR(content_of(&folder, 1), "(missing)");
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__past_the_budget_those_go_that_nobody_asked_for_longest)
{
    struct folder folder;

    folder_with(&folder, 1 << 20);
    for (unsigned i = 0; i < 8; i++) {
        keep(&folder, i, "x", 1);
        ask(&folder, i, i == 0 ? 0 : 10 - i); /* the first of them just now */
    }
    CHECK_INT(store_derived_bytes(folder.store), 8 * 4096);
    folder.store->options.derived_bytes = 6 * 4096;
    atomic_store(&folder.store->derived.is_due, true);
    derived_trim(folder.store);
    CHECK_STR(content_of(&folder, 0), "x");
    CHECK_STR(content_of(&folder, 1), "(missing)");
    CHECK_STR(content_of(&folder, 2), "(missing)");
    CHECK_STR(content_of(&folder, 7), "x");
    CHECK(store_derived_bytes(folder.store) <= 6 * 4096 / 8 * 7);
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__asking_for_one_makes_it_young_again)
{
    struct folder folder;

    folder_with(&folder, 1 << 20);
    for (unsigned i = 0; i < 4; i++) {
        keep(&folder, i, "x", 1);
        ask(&folder, i, 10);
    }
    CHECK_STR(content_of(&folder, 3), "x");
    folder.store->options.derived_bytes = 3 * 4096;
    atomic_store(&folder.store->derived.is_due, true);
    derived_trim(folder.store);
    CHECK_STR(content_of(&folder, 3), "x");
    folder_stop(&folder);
    folder_remove(&folder);
}

TEST(derived__a_sweep_removes_what_has_no_key_for_its_name)
{
    struct folder folder;
    int fd;

    folder_with(&folder, 1 << 20);
    keep(&folder, 1, "x", 1);
    fd = openat(folder.store->state.derived, "new-0", O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0);
    close(fd);
    atomic_store(&folder.store->derived.is_due, true);
    derived_trim(folder.store);
    CHECK_INT(faccessat(folder.store->state.derived, "new-0", F_OK, 0), -1);
    CHECK_STR(content_of(&folder, 1), "x");
    folder_stop(&folder);
    folder_remove(&folder);
}
