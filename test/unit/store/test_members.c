/*
 * test_members.c - the pulled walk: what it gives, and that it ends in bounded memory.
 */
#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/members.h"

/* "+path" for folders, "-path" for files, "!path" for what is broken, each at its depth, sorted. */
struct seen {
    char lines[4096][96];
    unsigned count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void note(struct seen *seen, const struct walk_entry *entry)
{
    char kind = entry->is_broken ? '!' : entry->facts.kind == KIND_FOLDER ? '+' : '-';

    if (seen->count < 4096)
        snprintf(seen->lines[seen->count], sizeof(seen->lines[0]), "%c%.*s@%u", kind, SLICE_FMT(entry->path),
                 entry->depth);
    seen->count++;
}

static void walk_all(struct folder *folder, const char *path, unsigned depth, struct seen *seen)
{
    struct walk_entry entry;
    struct walk *walk;
    enum err err;

    role_assert_worker();
    seen->count = 0;
    CHECK_INT(store_walk(folder->store, path_of(path), depth, &walk), ERR_NONE);
    while ((err = walk_next(walk, &entry)) == ERR_NONE)
        note(seen, &entry);
    CHECK_INT(err, ERR_MISSING);
    walk_close(walk);
    if (seen->count > 1)
        qsort(seen->lines[1], seen->count - 1, sizeof(seen->lines[0]), by_text); /* the first one is the first */
}

static void start(struct folder *folder)
{
    folder_make(folder);
    mkdirat(folder->fd, "d", 0755);
    mkdirat(folder->fd, "d/e", 0755);
    folder_write(folder, "d/e/f", "one");
    folder_write(folder, "d/g", "two");
    folder_write(folder, "h", "three");
    folder_serve(folder, NULL);
}

TEST(members__depth_says_how_far)
{
    static struct seen seen;
    struct folder folder;

    start(&folder);
    walk_all(&folder, "d", 0, &seen);
    CHECK_INT(seen.count, 1);
    CHECK_STR(seen.lines[0], "+d@0");
    walk_all(&folder, "d", 1, &seen);
    CHECK_INT(seen.count, 3);
    CHECK_STR(seen.lines[0], "+d@0");
    CHECK_STR(seen.lines[1], "+d/e@1");
    CHECK_STR(seen.lines[2], "-d/g@1");
    walk_all(&folder, "", WALK_DEEP, &seen);
    CHECK_INT(seen.count, 6);
    CHECK_STR(seen.lines[0], "+@0");
    CHECK_STR(seen.lines[1], "+d/e@2");
    CHECK_STR(seen.lines[2], "+d@1");
    CHECK_STR(seen.lines[3], "-d/e/f@3");
    walk_all(&folder, "h", WALK_DEEP, &seen);
    CHECK_INT(seen.count, 1);
    CHECK_STR(seen.lines[0], "-h@0");
    folder_remove(&folder);
}

TEST(members__missing_and_mistaken_paths_are_told_at_once)
{
    struct folder folder;
    struct walk *walk;

    role_assert_worker();
    start(&folder);
    CHECK_INT(store_walk(folder.store, path_of("nothing"), 1, &walk), ERR_MISSING);
    CHECK_INT(store_walk(folder.store, path_of("nothing/at/all"), 1, &walk), ERR_PARENT);
    CHECK_INT(store_walk(folder.store, path_of(".samovar"), 1, &walk), ERR_MISSING);
    CHECK_INT(store_walk(folder.store, (struct rpath){.text = SLICE("h"), .has_slash = true}, 1, &walk),
              ERR_NOT_FOLDER);
    folder_remove(&folder);
}

TEST(members__a_folder_comes_before_its_members_and_may_be_skipped)
{
    struct folder folder;
    struct walk_entry entry;
    struct walk *walk;
    unsigned count = 0;
    bool has_d = false;

    role_assert_worker();
    start(&folder);
    CHECK_INT(store_walk(folder.store, path_of(""), WALK_DEEP, &walk), ERR_NONE);
    while (walk_next(walk, &entry) == ERR_NONE) {
        CHECK(entry.depth < 2 || has_d);
        if (slice_eq(entry.path, SLICE("d")))
            has_d = true;
        if (slice_eq(entry.path, SLICE("d/e")))
            walk_skip(walk);
        CHECK_FALSE(slice_eq(entry.path, SLICE("d/e/f")));
        count++;
    }
    walk_close(walk);
    CHECK_INT(count, 5);
    CHECK_INT(store_walk(folder.store, path_of(""), WALK_DEEP, &walk), ERR_NONE);
    CHECK_INT(walk_next(walk, &entry), ERR_NONE);
    walk_skip(walk);
    CHECK_INT(walk_next(walk, &entry), ERR_MISSING);
    walk_close(walk);
    folder_remove(&folder);
}

TEST(members__what_no_path_reaches_is_left_out)
{
    static struct seen seen;
    struct folder folder;

    start(&folder);
    CHECK_INT(put(&folder, "h", "makes the folder of records", no_guard, NULL), ERR_NONE);
    folder_write(&folder, "d/.samovar-up-x", "on its way");
    mkfifoat(folder.fd, "fifo", 0644);
    symlinkat("nothing", folder.fd, "broken");
    walk_all(&folder, "", WALK_DEEP, &seen);
    CHECK_INT(seen.count, 8);
    CHECK_STR(seen.lines[1], "!broken@1");
    CHECK_STR(seen.lines[2], "!fifo@1");
    folder_remove(&folder);
}

TEST(members__links_in_circles_end)
{
    static struct seen seen;
    struct folder folder;

    start(&folder);
    symlinkat("..", folder.fd, "d/up");  /* to one above */
    symlinkat(".", folder.fd, "self");   /* to itself */
    symlinkat("d/e", folder.fd, "to-e"); /* aside */
    symlinkat("../../d2", folder.fd, "d/e/to-d2");
    mkdirat(folder.fd, "d2", 0755);
    symlinkat("../d/e", folder.fd, "d2/to-e"); /* to and fro */
    folder_write(&folder, "d2/k", "four");
    walk_all(&folder, "", WALK_DEEP, &seen);
    CHECK(seen.count < 40);
    for (unsigned i = 0; i < seen.count; i++) {
        CHECK(seen.lines[i][0] != '!');
        CHECK(strncmp(seen.lines[i], "+self/", 6) != 0);
        CHECK(strncmp(seen.lines[i], "+d/up/", 6) != 0);
    }
    CHECK_STR(seen.lines[seen.count - 1], "-to-e/f@2"); /* a link aside has its members */
    walk_all(&folder, "self", 1, &seen);
    CHECK_INT(seen.count, 6);
    folder_remove(&folder);
}

static unsigned open_files(void)
{
    DIR *list = opendir("/proc/self/fd");
    unsigned count = 0;

    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

/* Deeper than there are descriptors: levels are closed and read on later. */
TEST(members__deep_trees_are_walked_with_few_descriptors)
{
    enum { DEEP = 600 };
    struct folder folder;
    struct walk_entry entry;
    struct walk *walk;
    unsigned folders = 0, files = 0, deepest = 0;
    unsigned before, most = 0;
    int at;

    role_assert_worker();
    start(&folder);
    at = dup(folder.fd);
    for (int i = 0; i < DEEP; i++) {
        int next;

        mkdirat(at, "a", 0755);
        close(openat(at, "0", O_CREAT | O_WRONLY, 0644)); /* some come before, some after it */
        close(openat(at, "zz", O_CREAT | O_WRONLY, 0644));
        close(openat(at, "k", O_CREAT | O_WRONLY, 0644));
        next = openat(at, "a", O_RDONLY | O_DIRECTORY);
        close(at);
        at = next;
    }
    close(at);
    before = open_files();
    CHECK_INT(store_walk(folder.store, path_of(""), WALK_DEEP, &walk), ERR_NONE);
    while (walk_next(walk, &entry) == ERR_NONE) {
        unsigned now = open_files();

        most = now > most ? now : most;
        folders += entry.facts.kind == KIND_FOLDER;
        files += entry.facts.kind == KIND_FILE;
        deepest = entry.depth > deepest ? entry.depth : deepest;
    }
    walk_close(walk);
    CHECK_INT(folders, 1 + DEEP + 2);
    CHECK_INT(files, 3 * DEEP + 3);
    CHECK_INT(deepest, DEEP);
    CHECK_INT(most - before, WALK_FDS);
    folder_remove(&folder);
}

TEST(members__many_members_take_the_same_memory_as_few)
{
    enum {
        MANY = 20000
    }; /* at 4 bytes each they would be beyond what is allowed below; more of them take the disk seconds */
    struct folder folder;
    struct walk_entry entry;
    struct walk *walk;
    unsigned count = 0;
    size_t before, most = 0;
    char name[32];

    role_assert_worker();
    folder_make(&folder);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "member-%d", i);
        CHECK_INT(mknodat(folder.fd, name, S_IFREG | 0644, 0), 0);
    }
    folder_serve(&folder, NULL);
    before = mallinfo2().uordblks;
    CHECK_INT(store_walk(folder.store, path_of(""), 1, &walk), ERR_NONE);
    while (walk_next(walk, &entry) == ERR_NONE)
        if (++count % 1000 == 0 && mallinfo2().uordblks > most)
            most = mallinfo2().uordblks;
    walk_close(walk);
    CHECK_INT(count, MANY + 1);
    CHECK(most < before + (64 << 10));
    folder_remove(&folder);
}

TEST(members__what_vanishes_meanwhile_is_left_out)
{
    struct folder folder;
    struct walk_entry entry;
    struct walk *walk;
    enum err err;

    role_assert_worker();
    start(&folder);
    CHECK_INT(store_walk(folder.store, path_of("d"), WALK_DEEP, &walk), ERR_NONE);
    CHECK_INT(walk_next(walk, &entry), ERR_NONE);
    CHECK_INT(unlinkat(folder.fd, "d/g", 0), 0);
    CHECK_INT(unlinkat(folder.fd, "d/e/f", 0), 0);
    CHECK_INT(unlinkat(folder.fd, "d/e", AT_REMOVEDIR), 0);
    CHECK_INT(unlinkat(folder.fd, "d", AT_REMOVEDIR), 0);
    while ((err = walk_next(walk, &entry)) == ERR_NONE)
        CHECK(entry.is_broken);
    CHECK_INT(err, ERR_MISSING);
    walk_close(walk);
    folder_remove(&folder);
}

static void patch(struct folder *folder, const char *path, const char *value)
{
    struct prop_edit edit = {.space = SLICE("urn:x"), .local = SLICE("p"), .xml = slice_str(value)};

    role_assert_worker();
    CHECK_INT(store_patch(folder->store, path_of(path), &edit, 1, NULL, no_guard, NULL), ERR_NONE);
}

/* The value of each entry's property, and that ids are those that a request would get. */
static void check_looks(struct folder *folder, unsigned want)
{
    struct walk_entry entry;
    struct arena arena = {0};
    struct walk *walk;
    unsigned found = 0;

    role_assert_worker();
    CHECK_INT(store_walk(folder->store, path_of(""), WALK_DEEP, &walk), ERR_NONE);
    while (walk_next(walk, &entry) == ERR_NONE) {
        unsigned char id[16], same[16];
        struct property *props;
        struct traits traits;
        unsigned count;

        CHECK_INT(walk_look(walk, &arena, &props, &count, &traits, NULL), ERR_NONE);
        for (unsigned i = 0; i < count; i++, found++)
            CHECK(slice_eq(props[i].xml, entry.name.len ? entry.name : SLICE("root")));
        CHECK_INT(walk_look(walk, &arena, NULL, NULL, NULL, id), ERR_NONE);
        CHECK_INT(store_id(folder->store, (struct rpath){.text = entry.path}, same), ERR_NONE);
        assert_memory_equal(id, same, 16);
    }
    walk_close(walk);
    arena_release(&arena);
    CHECK_INT(found, want);
}

TEST(members__each_comes_with_what_is_recorded_of_it)
{
    struct folder folder;

    start(&folder);
    check_looks(&folder, 0);
    patch(&folder, "d/e/f", "f");
    patch(&folder, "d/e", "e");
    patch(&folder, "h", "h");
    check_looks(&folder, 3);
    patch(&folder, "", "root");
    check_looks(&folder, 4);
    CHECK_INT(renameat(folder.fd, "d", folder.fd, "moved"), 0);
    check_looks(&folder, 4);
    folder_write(&folder, "new", "another file");
    CHECK_INT(renameat(folder.fd, "new", folder.fd, "moved/e/f"), 0); /* replaced by others: adopted */
    check_looks(&folder, 4);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    check_looks(&folder, 4);
    folder_remove(&folder);
}
