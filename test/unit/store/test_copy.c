/*
 * test_copy.c - COPY: what is copied, what is not, and that nothing is half done.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "core.h"
#include "store/props.h"

static enum err copy(struct folder *folder, const char *from, const char *to, struct transferred *out)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct transferred unused;

    role_assert_worker();
    return store_copy(folder->store, &transfer, NULL, out ? out : &unused);
}

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    return false;
}

TEST(copy__file_is_another_resource_with_the_same_content_and_properties)
{
    struct folder folder;
    struct transferred out;
    struct facts before;
    unsigned char id[16], other[16];
    char value[8] = "";

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "content", no_guard, NULL), ERR_NONE);
    fchmodat(folder.fd, "a", 0640, 0);
    int fd = openat(folder.fd, "a", O_RDONLY);
    CHECK_INT(fsetxattr(fd, "user.mine", "1", 1, 0), 0);
    close(fd);
    CHECK_INT(put_prop(&folder, "a", "<p>1</p>"), ERR_NONE);
    CHECK_INT(store_find(folder.store, path_of("a"), &before), ERR_NONE);
    CHECK_INT(copy(&folder, "a", "b", &out), ERR_NONE);
    CHECK(out.created);
    CHECK_U64(out.facts.size, 7);
    CHECK_INT(out.facts.mode & 0777, 0640);
    CHECK_FALSE(slice_eq(facts_tag(&before), facts_tag(&out.facts)));
    CHECK_STR(folder_read(&folder, "b"), "content");
    CHECK_STR(prop_of(&folder, "b"), "<p>1</p>");
    CHECK_INT(store_id(folder.store, path_of("a"), id), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("b"), other), ERR_NONE);
    CHECK(memcmp(id, other, 16) != 0);
    fd = openat(folder.fd, "b", O_RDONLY);
    CHECK_INT(fgetxattr(fd, "user.mine", value, sizeof(value)), 1);
    close(fd);
    /* each has its own from now on */
    CHECK_INT(put_prop(&folder, "a", "<p>2</p>"), ERR_NONE);
    CHECK_STR(prop_of(&folder, "b"), "<p>1</p>");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(prop_of(&folder, "b"), "<p>1</p>");
    CHECK_INT(put(&folder, "b", "replaced", no_guard, NULL), ERR_NONE);
    CHECK_STR(prop_of(&folder, "b"), "<p>1</p>");
    folder_remove(&folder);
}

TEST(copy__tree_comes_whole_with_the_properties_of_its_members)
{
    struct folder folder;
    char path[64];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/e", 0755);
    mkdirat(folder.fd, "d/e/g", 0755);
    mkdirat(folder.fd, "d/.samovar", 0755);
    mkfifoat(folder.fd, "d/fifo", 0644);
    CHECK_INT(symlinkat("e/f1", folder.fd, "d/link"), 0);
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof(path), "d/e/f%d", i);
        folder_write(&folder, path, path);
    }
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d", "<p>d</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d/e", "<p>e</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d/e/f7", "<p>7</p>"), ERR_NONE);
    CHECK_INT(copy(&folder, "d/", "c/", NULL), ERR_NONE);
    CHECK_INT(folder_count(&folder, "c"), 2); /* neither the FIFO nor what is hidden */
    CHECK_INT(folder_count(&folder, "c/e"), 301);
    CHECK_STR(folder_read(&folder, "c/e/f299"), "d/e/f299");
    CHECK_STR(folder_read(&folder, "c/link"), "d/e/f1");
    CHECK_STR(prop_of(&folder, "c"), "<p>d</p>");
    CHECK_STR(prop_of(&folder, "c/e"), "<p>e</p>");
    CHECK_STR(prop_of(&folder, "c/e/f7"), "<p>7</p>");
    CHECK_STR(prop_of(&folder, "c/e/f8"), "");
    CHECK_STR(prop_of(&folder, "d/e/f7"), "<p>7</p>");
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    folder_remove(&folder);
}

TEST(copy__shallow_is_the_folder_and_its_properties)
{
    struct transfer transfer = {.from = path_of("d"), .to = path_of("c"), .is_shallow = true};
    struct transferred out;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "d/f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d", "<p>d</p>"), ERR_NONE);
    CHECK_INT(store_copy(folder.store, &transfer, NULL, &out), ERR_NONE);
    CHECK_INT(out.facts.kind, KIND_FOLDER);
    CHECK_INT(folder_count(&folder, "c"), 0);
    CHECK_STR(prop_of(&folder, "c"), "<p>d</p>");
    folder_remove(&folder);
}

TEST(copy__into_itself_has_what_was_there_before)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/e", 0755);
    folder_write(&folder, "d/e/f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(copy(&folder, "d", "d/e/d", NULL), ERR_NONE);
    CHECK_STR(folder_read(&folder, "d/e/d/e/f"), "x");
    CHECK_INT(folder_count(&folder, "d/e/d/e"), 1);
    CHECK_INT(copy(&folder, "d/e", "d", NULL), ERR_ESCAPES);
    CHECK_INT(copy(&folder, "d", "d", NULL), ERR_INVALID);
    CHECK_INT(copy(&folder, "d", "", NULL), ERR_ESCAPES);
    CHECK_INT(copy(&folder, "none", "x", NULL), ERR_MISSING);
    CHECK_INT(copy(&folder, "d", "none/x", NULL), ERR_PARENT);
    folder_remove(&folder);
}

TEST(copy__over_something_replaces_it_whole)
{
    static const char *const pairs[][2] = {{"f", "g"}, {"f", "e"}, {"d", "g"}, {"d", "e"}};

    role_assert_worker();
    for (int i = 0; i < 4; i++) {
        struct transfer transfer = {.from = path_of(pairs[i][0]), .to = path_of(pairs[i][1]), .no_overwrite = true};
        struct folder folder;
        struct transferred out;

        folder_make(&folder);
        mkdirat(folder.fd, "d", 0755);
        mkdirat(folder.fd, "e", 0755);
        folder_write(&folder, "d/in", "of d");
        folder_write(&folder, "e/other", "of e");
        folder_write(&folder, "f", "f");
        folder_write(&folder, "g", "g");
        folder_serve(&folder, NULL);
        CHECK_INT(put_prop(&folder, pairs[i][1], "<p>old</p>"), ERR_NONE);
        CHECK_INT(store_copy(folder.store, &transfer, NULL, &out), ERR_EXISTS);
        transfer.no_overwrite = false;
        transfer.target.holds = never;
        CHECK_INT(store_copy(folder.store, &transfer, NULL, &out), ERR_REFUSED);
        transfer.target.holds = NULL;
        CHECK_INT(store_copy(folder.store, &transfer, NULL, &out), ERR_NONE);
        CHECK_FALSE(out.created);
        CHECK_STR(prop_of(&folder, pairs[i][1]), "");
        CHECK_STR(folder_read(&folder, "f"), "f");
        CHECK_STR(folder_read(&folder, "d/in"), "of d");
        if (i < 2)
            CHECK_STR(folder_read(&folder, pairs[i][1]), "f");
        else
            CHECK_STR(folder_read(&folder, i == 2 ? "g/in" : "e/in"), "of d");
        CHECK_STR(folder_read(&folder, "e/other"), i == 1 || i == 3 ? "(missing)" : "of e");
        folder_wait_empty(&folder);
        folder_remove(&folder);
    }
}

TEST(copy__holes_stay_holes)
{
    struct folder folder;
    struct stat got;
    char end[4] = "";
    int fd;

    role_assert_worker();
    folder_make(&folder);
    fd = openat(folder.fd, "sparse", O_RDWR | O_CREAT, 0644);
    CHECK_INT(pwrite(fd, "one", 3, 0), 3);
    CHECK_INT(pwrite(fd, "two", 3, 64 << 20), 3);
    CHECK_INT(ftruncate(fd, 100 << 20), 0);
    close(fd);
    folder_serve(&folder, NULL);
    CHECK_INT(copy(&folder, "sparse", "copy", NULL), ERR_NONE);
    fd = openat(folder.fd, "copy", O_RDONLY);
    CHECK_INT(fstat(fd, &got), 0);
    CHECK_U64(got.st_size, 100 << 20);
    CHECK(got.st_blocks * 512 < 1 << 20);
    CHECK_INT(pread(fd, end, 3, 64 << 20), 3);
    CHECK_STR(end, "two");
    close(fd);
    folder_remove(&folder);
}

static bool not_the_secret(void *arg, struct rpath path)
{
    return !slice_eq(path.text, SLICE("d/secret"));
}

/* DAV-102: one member fails, the others are copied. */
TEST(copy__what_may_not_be_read_is_told_and_the_rest_goes_on)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    struct transfer transfer = {.from = path_of("d"), .to = path_of("c"), .may_read = not_the_secret};
    struct transferred out;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/secret", 0755);
    folder_write(&folder, "d/secret/f", "x");
    folder_write(&folder, "d/f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(store_copy(folder.store, &transfer, &casualties, &out), ERR_NONE);
    CHECK_INT(casualties.count, 1);
    CHECK(slice_eq(casualties.list[0].path.text, SLICE("d/secret")));
    CHECK_INT(casualties.list[0].err, ERR_REFUSED);
    CHECK_INT(folder_count(&folder, "c"), 1);
    CHECK_STR(folder_read(&folder, "c/f"), "x");
    arena_release(&arena);
    folder_remove(&folder);
}

static bool not_for_long(void *arg)
{
    return --*(int *)arg > 0;
}

TEST(copy__stopped_leaves_nothing)
{
    struct transfer transfer = {.from = path_of("d"), .to = path_of("c")};
    struct transferred out;
    struct folder folder;
    char path[64];
    int questions = 3;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    for (int i = 0; i < 500; i++) {
        snprintf(path, sizeof(path), "d/f%d", i);
        folder_write(&folder, path, "x");
    }
    folder_write(&folder, "c", "old");
    folder_serve(&folder, NULL);
    transfer.progress = (struct progress){not_for_long, &questions};
    CHECK_INT(store_copy(folder.store, &transfer, NULL, &out), ERR_CLOSED);
    CHECK_INT(questions, 0);
    CHECK_STR(folder_read(&folder, "c"), "old");
    folder_wait_empty(&folder);
    folder_remove(&folder);
}

/* DAV-108. The whole folder lies on a volume of one MiB. */
TEST(copy__without_room_nothing_changes)
{
    struct folder folder;
    char *content = xcalloc(1, 400 << 10);
    int fd;

    role_assert_worker();
    folder_make(&folder);
    if (mount("none", folder.path, "tmpfs", 0, "size=1m") < 0) {
        free(content);
        folder_remove(&folder);
        skip();
    }
    close(folder.fd);
    folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mkdirat(folder.fd, "d", 0755);
    for (int i = 0; i < 2; i++) {
        fd = openat(folder.fd, i ? "d/b" : "d/a", O_WRONLY | O_CREAT, 0644);
        memset(content, 'x', 400 << 10);
        CHECK_INT(write(fd, content, 300 << 10), 300 << 10);
        close(fd);
    }
    folder_write(&folder, "c", "old");
    folder_serve(&folder, NULL);
    CHECK_INT(copy(&folder, "d", "c", NULL), ERR_NO_SPACE);
    CHECK_STR(folder_read(&folder, "c"), "old");
    folder_wait_empty(&folder);
    CHECK_INT(copy(&folder, "d/a", "c", NULL), ERR_NONE);
    folder_stop(&folder);
    close(folder.fd);
    CHECK_INT(umount(folder.path), 0);
    folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(content);
    folder_remove(&folder);
}

/* CND-09 */
TEST(copy__last_modified_at_the_target_does_not_go_back)
{
    struct arena arena = {0};
    struct timespec times[2] = {{.tv_sec = 4000000000}, {.tv_sec = 4000000000}};
    struct traits traits;
    struct transferred out;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "a");
    folder_write(&folder, "b", "b");
    CHECK_INT(utimensat(folder.fd, "b", times, 0), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(copy(&folder, "a", "b", &out), ERR_NONE);
    CHECK_INT(store_traits(folder.store, path_of("b"), &out.facts, &arena, &traits), ERR_NONE);
    CHECK(traits.floor_s > 4000000000);
    arena_release(&arena);
    folder_remove(&folder);
}

static enum err move(struct folder *folder, const char *from, const char *to)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct transferred unused;

    role_assert_worker();
    return store_move(folder->store, &transfer, NULL, &unused);
}

TEST(copy__move_to_and_from_another_volume_copies)
{
    struct folder folder;
    char point[300];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "m", 0755);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "d/f", "x");
    snprintf(point, sizeof(point), "%s/m", folder.path);
    if (mount("none", point, "tmpfs", 0, "size=1m") < 0) {
        folder_remove(&folder);
        skip();
    }
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d/f", "<p>1</p>"), ERR_NONE);
    CHECK_INT(move(&folder, "d", "m/d"), ERR_NONE);
    CHECK_STR(folder_read(&folder, "m/d/f"), "x");
    CHECK_STR(prop_of(&folder, "m/d/f"), "<p>1</p>");
    CHECK_INT(faccessat(folder.fd, "d", F_OK, 0), -1);
    CHECK_INT(move(&folder, "m/d/f", "f"), ERR_NONE);
    CHECK_STR(folder_read(&folder, "f"), "x");
    CHECK_STR(prop_of(&folder, "f"), "<p>1</p>");
    CHECK_INT(folder_count(&folder, "m/d"), 0);
    folder_stop(&folder);
    CHECK_INT(umount(point), 0);
    folder_remove(&folder);
}
