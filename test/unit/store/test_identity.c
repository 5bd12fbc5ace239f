/*
 * test_identity.c - ids over replacement, renaming, restarts, by us and by others.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "facts.h"
#include "identity.h"

struct id {
    unsigned char bytes[16];
};

static struct id id_of(struct folder *folder, const char *path)
{
    struct id id = {{0}};

    role_assert_worker();
    CHECK_INT(store_id(folder->store, path_of(path), id.bytes), ERR_NONE);
    return id;
}

static void check_same(struct id a, struct id b)
{
    assert_memory_equal(a.bytes, b.bytes, 16);
}

static void check_other(struct id a, struct id b)
{
    assert_memory_not_equal(a.bytes, b.bytes, 16);
}

/* As savers do: a new file renamed over the old one. */
static void replace_outside(struct folder *folder, const char *name, const char *content)
{
    folder_write(folder, "saving", content);
    CHECK_INT(renameat(folder->fd, "saving", folder->fd, name), 0);
}

/* Inodes are no keys everywhere (overlayfs, network file systems): there ids go by name and are recorded at once. */
#define NEEDS_BIRTHS(folder)                                                                                           \
    if (!(folder).store->has_btime) {                                                                                  \
        folder_remove(&(folder));                                                                                      \
        SKIP();                                                                                                        \
    }

static void start(struct folder *folder)
{
    folder_make(folder);
    mkdirat(folder->fd, "d", 0755);
    mkdirat(folder->fd, "d/e", 0755);
    folder_write(folder, "d/e/f", "one");
    folder_serve(folder, NULL);
}

TEST(identity__showing_an_id_writes_nothing)
{
    struct folder folder;
    struct id file, directory;

    start(&folder);
    NEEDS_BIRTHS(folder)
    file = id_of(&folder, "d/e/f");
    directory = id_of(&folder, "d");
    CHECK_INT(file.bytes[6] >> 4, 8); /* RFC 9562 §5.8 */
    check_other(file, directory);
    check_other(file, id_of(&folder, ""));
    CHECK_INT(folder_count(&folder, "."), 1);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    check_same(file, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__put_keeps_the_id_over_restarts)
{
    struct folder folder;
    struct id before;

    start(&folder);
    before = id_of(&folder, "d/e/f");
    for (int i = 0; i < 3; i++) {
        CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
        check_same(before, id_of(&folder, "d/e/f"));
    }
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    check_same(before, id_of(&folder, "d/e/f"));
    CHECK_INT(put(&folder, "d/e/f", "three", no_guard, NULL), ERR_NONE);
    check_same(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__renamed_outside_keeps_the_id)
{
    struct folder folder;
    struct id before;

    start(&folder);
    NEEDS_BIRTHS(folder)
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(renameat(folder.fd, "d/e/f", folder.fd, "g"), 0);
    check_same(before, id_of(&folder, "g"));
    CHECK_INT(put(&folder, "g", "three", no_guard, NULL), ERR_NONE);
    check_same(before, id_of(&folder, "g"));
    /* a new file at the old name is somebody else: the file was seen at its new name first */
    folder_write(&folder, "d/e/f", "another");
    check_other(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__moving_a_folder_outside_keeps_the_ids_in_it)
{
    struct folder folder;
    struct id before;

    start(&folder);
    NEEDS_BIRTHS(folder)
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(renameat(folder.fd, "d/e", folder.fd, "moved"), 0);
    check_same(before, id_of(&folder, "moved/f"));
    replace_outside(&folder, "moved/f", "by an editor");
    check_same(before, id_of(&folder, "moved/f")); /* found by (parent's id, name) */
    folder_remove(&folder);
}

TEST(identity__replaced_outside_is_adopted_by_name)
{
    struct folder folder;
    struct id before;

    start(&folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    replace_outside(&folder, "d/e/f", "three");
    check_same(before, id_of(&folder, "d/e/f"));
    CHECK_INT(put(&folder, "d/e/f", "four", no_guard, NULL), ERR_NONE);
    check_same(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__first_look_at_the_old_name_adopts_and_retires_the_old_file)
{
    struct folder folder;
    struct id before;

    start(&folder);
    NEEDS_BIRTHS(folder)
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(renameat(folder.fd, "d/e/f", folder.fd, "d/e/f.1"), 0); /* log rotation */
    folder_write(&folder, "d/e/f", "new log");
    check_same(before, id_of(&folder, "d/e/f"));
    check_other(before, id_of(&folder, "d/e/f.1"));
    folder_remove(&folder);
}

TEST(identity__first_look_at_the_new_name_keeps_the_id_there)
{
    struct folder folder;
    struct id before;

    start(&folder);
    NEEDS_BIRTHS(folder)
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(renameat(folder.fd, "d/e/f", folder.fd, "d/e/f.1"), 0);
    folder_write(&folder, "d/e/f", "new log");
    check_same(before, id_of(&folder, "d/e/f.1"));
    check_other(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__another_kind_at_the_name_is_no_adoption)
{
    struct folder folder;
    struct id before;

    start(&folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    unlinkat(folder.fd, "d/e/f", 0);
    mkdirat(folder.fd, "d/e/f", 0755);
    check_other(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__file_removed_outside_and_put_anew_is_somebody_else)
{
    struct folder folder;
    struct id before;

    start(&folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    unlinkat(folder.fd, "d/e/f", 0);
    CHECK_INT(put(&folder, "d/e/f", "three", no_guard, NULL), ERR_NONE);
    check_other(before, id_of(&folder, "d/e/f"));
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    check_other(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

TEST(identity__deleted_ids_do_not_come_back)
{
    struct folder folder;
    struct id before;

    role_assert_worker();
    start(&folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(store_delete(folder.store, path_of("d/e/f"), no_guard, (struct progress){0}, NULL), ERR_NONE);
    folder_write(&folder, "d/e/f", "by others");
    check_other(before, id_of(&folder, "d/e/f"));
    folder_remove(&folder);
}

/* Whoever asks for a lock or a property looks at the file first and at its records then; a PUT may go by in between. */
TEST(identity__a_look_that_a_put_overtook_corrects_nothing)
{
    struct identity seen;
    struct folder folder;
    struct place place;
    struct statx stale;
    struct id before;

    role_assert_worker();
    start(&folder);
    NEEDS_BIRTHS(folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    before = id_of(&folder, "d/e/f");
    CHECK_INT(resolve_place(folder.store, SLICE("d/e/f"), &place), ERR_NONE);
    CHECK_INT(statx(place.folder, place.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &stale), 0);
    CHECK_INT(put(&folder, "d/e/f", "three", no_guard, NULL), ERR_NONE);
    CHECK_INT(identity_of(folder.store, &place, &stale, &seen), ERR_NONE);
    check_same(before, id_of(&folder, "d/e/f"));
    place_release(&place);
    folder_remove(&folder);
}

TEST(identity__put_to_one_of_two_hard_links_parts_them)
{
    struct folder folder;
    struct id before;

    start(&folder);
    NEEDS_BIRTHS(folder)
    CHECK_INT(linkat(folder.fd, "d/e/f", folder.fd, "twin", 0), 0);
    before = id_of(&folder, "d/e/f");
    check_same(before, id_of(&folder, "twin"));
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    check_same(before, id_of(&folder, "d/e/f"));
    check_other(before, id_of(&folder, "twin"));
    CHECK_STR(folder_read(&folder, "twin"), "one");
    folder_remove(&folder);
}

TEST(identity__restored_tree_is_known_by_its_names)
{
    struct folder folder, copy;
    struct id file, directory;
    char command[1024];

    start(&folder);
    CHECK_INT(put(&folder, "d/e/f", "two", no_guard, NULL), ERR_NONE);
    file = id_of(&folder, "d/e/f");
    directory = id_of(&folder, "d");
    folder_stop(&folder);
    folder_make(&copy);
    snprintf(command, sizeof(command), "cp -a '%.200s/.' '%.200s/'", folder.path, copy.path);
    CHECK_INT(system(command), 0);
    folder_serve(&copy, NULL);
    check_same(directory, id_of(&copy, "d"));
    check_same(file, id_of(&copy, "d/e/f"));
    folder_remove(&copy);
    folder_remove(&folder);
}
