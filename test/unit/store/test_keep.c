/*
 * test_keep.c - what a PUT replaces is kept beside it.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keep.h"

#define LABEL SLICE("conflict 2026-11-22 alice")

static const char *name_of(const char *name, unsigned number)
{
    static char out[NAME_ROOM];

    return keep_name(slice_str(name), LABEL, number, out) ? out : "(none)";
}

TEST(keep_name__stands_before_the_extension)
{
    CHECK_STR(name_of("a.txt", 1), "a (conflict 2026-11-22 alice).txt");
    CHECK_STR(name_of("a.txt", 2), "a (conflict 2026-11-22 alice 2).txt");
    CHECK_STR(name_of("a.tar.gz", 1), "a.tar (conflict 2026-11-22 alice).gz");
    CHECK_STR(name_of("a", 1), "a (conflict 2026-11-22 alice)");
    CHECK_STR(name_of(".profile", 1), ".profile (conflict 2026-11-22 alice)");
    CHECK_STR(name_of(".a.b", 1), ".a (conflict 2026-11-22 alice).b");
    CHECK_STR(name_of("a.", 1), "a. (conflict 2026-11-22 alice)");
    CHECK_STR(name_of("Mr. Smith wrote this sentence once and forgot", 1),
              "Mr. Smith wrote this sentence once and forgot (conflict 2026-11-22 alice)");
}

TEST(keep_name__is_no_longer_than_names_are_and_cuts_no_character)
{
    char name[NAME_ROOM], label[NAME_ROOM], out[NAME_ROOM];

    for (size_t len = 1; len < NAME_ROOM; len++) {
        memset(name, 'x', len);
        for (size_t i = 0; i + 1 < len; i += 2)
            memcpy(name + i, "\xc3\xa4", 2);
        name[len] = '\0';
        CHECK(keep_name(slice_str(name), LABEL, 1000, out));
        CHECK(strlen(out) < NAME_ROOM);
        CHECK((unsigned char)out[strcspn(out, " ") - 1] != 0xc3);
        CHECK(strstr(out, " (conflict 2026-11-22 alice 1000)") != NULL);
    }
    memset(label, 'l', NAME_ROOM - 1);
    label[NAME_ROOM - 1] = '\0';
    CHECK_FALSE(keep_name(SLICE("a"), slice_str(label), 1, out));
}

/* ---- PUT ---- */

static bool wants(void *arg, const struct facts *replaced)
{
    return *(bool *)arg;
}

static enum err put_keeping(struct folder *folder, const char *path, const char *content, struct guard beside,
                            bool is_wanted, struct commit *commit)
{
    struct part_keep wish = {.wants = wants, .arg = &is_wanted, .guard = beside, .label = SLICE("old")};
    struct part *part;
    enum err err;

    role_assert_worker();
    *commit = (struct commit){.created = false};
    err = part_open(folder->store, path_of(path), (int64_t)strlen(content), no_guard, &part);
    if (err == ERR_NONE)
        err = part_write(part, slice_str(content));
    if (err == ERR_NONE) {
        part_keep(part, &wish);
        err = part_commit(part, no_guard, commit);
    }
    part_release(part);
    return err;
}

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    return false;
}

TEST(part__what_is_replaced_is_kept_where_it_is_wanted)
{
    struct folder folder;
    struct commit commit;
    struct stat before, after;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a.txt", "one");
    CHECK_INT(fstatat(folder.fd, "a.txt", &before, 0), 0);
    CHECK_INT(put_keeping(&folder, "a.txt", "two", no_guard, true, &commit), ERR_NONE);
    CHECK_STR(commit.kept, "a (old).txt");
    CHECK_STR(folder_read(&folder, "a.txt"), "two");
    CHECK_STR(folder_read(&folder, "a (old).txt"), "one");
    CHECK_INT(fstatat(folder.fd, "a (old).txt", &after, 0), 0);
    CHECK_U64(after.st_ino, before.st_ino); /* not copied, */
    CHECK_INT(after.st_nlink, 1);           /* and nothing else's */
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    CHECK_INT(put_keeping(&folder, "a.txt", "three", no_guard, true, &commit), ERR_NONE);
    CHECK_STR(commit.kept, "a (old 2).txt");
    CHECK_INT(put_keeping(&folder, "a.txt", "four", no_guard, false, &commit), ERR_NONE);
    CHECK_STR(commit.kept, "");
    CHECK_INT(put_keeping(&folder, "new", "one", no_guard, true, &commit), ERR_NONE);
    CHECK_STR(commit.kept, "");
    CHECK_INT(folder_count(&folder, "."), 5); /* with .samovar */
    folder_remove(&folder);
}

TEST(part__what_cannot_be_kept_is_not_replaced)
{
    struct folder folder;
    struct commit commit;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    folder_write(&folder, "a", "one");
    CHECK_INT(symlinkat("a", folder.fd, "link"), 0);
    CHECK_INT(put_keeping(&folder, "link", "two", no_guard, true, &commit), ERR_UNSUPPORTED);
    CHECK_INT(put_keeping(&folder, "a", "two", (struct guard){.holds = never}, true, &commit), ERR_UNSUPPORTED);
    CHECK_STR(folder_read(&folder, "a"), "one");
    CHECK_STR(folder_read(&folder, "a (old)"), "(missing)");
    CHECK_INT(put_keeping(&folder, "link", "two", no_guard, false, &commit), ERR_NONE);
    folder_remove(&folder);
}

TEST(part__the_resource_stays_where_it_was_and_the_kept_one_is_another)
{
    unsigned char before[16], after[16], kept[16];
    struct folder folder;
    struct commit commit;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "one", no_guard, NULL), ERR_NONE);
    role_assert_worker();
    CHECK_INT(store_id(folder.store, path_of("a"), before), ERR_NONE);
    CHECK_INT(put_keeping(&folder, "a", "two", no_guard, true, &commit), ERR_NONE);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_INT(store_id(folder.store, path_of("a (old)"), kept), ERR_NONE);
        CHECK_INT(store_id(folder.store, path_of("a"), after), ERR_NONE);
        CHECK_INT(memcmp(before, after, 16), 0);
        CHECK(memcmp(before, kept, 16) != 0);
        folder_stop(&folder);
        folder_serve(&folder, NULL);
    }
    folder_remove(&folder);
}

/* As a crash leaves it: exchanged, and neither parted nor out of up/. */
TEST(keep__what_a_crash_left_is_parted_at_the_next_start)
{
    unsigned char before[16], after[16], kept[16];
    struct folder folder;
    struct commit commit;

    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "zero", no_guard, NULL), ERR_NONE);
    CHECK_INT(put(&folder, "a", "one", no_guard, &commit), ERR_NONE); /* so that it is recorded */
    role_assert_worker();
    CHECK_INT(store_id(folder.store, path_of("a"), before), ERR_NONE);
    folder_stop(&folder);
    CHECK_INT(linkat(folder.fd, "a", folder.fd, "a (old)", 0), 0);
    CHECK_INT(renameat(folder.fd, "a", folder.fd, ".samovar/up/00000000000000000000000000000001.1"), 0);
    folder_write(&folder, "a", "two");
    folder_serve(&folder, NULL);
    store_begin(folder.store);
    CHECK_INT(store_id(folder.store, path_of("a (old)"), kept), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("a"), after), ERR_NONE);
    CHECK_INT(memcmp(before, after, 16), 0);
    CHECK(memcmp(before, kept, 16) != 0);
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    CHECK_STR(folder_read(&folder, "a (old)"), "one");
    folder_remove(&folder);
}
