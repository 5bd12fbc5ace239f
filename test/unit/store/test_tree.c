/*
 * test_tree.c - folders and trees: MKCOL, DELETE, MOVE.
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
#include "meta.h"
#include "store/props.h"

static const struct progress no_progress;

static enum err make(struct folder *folder, const char *path)
{
    role_assert_worker();
    return store_make_folder(folder->store, path_of(path), NULL, 0, NULL, no_guard, NULL);
}

static enum err delete_at(struct folder *folder, const char *path)
{
    role_assert_worker();
    return store_delete(folder->store, path_of(path), no_guard, no_progress, NULL);
}

static enum err move(struct folder *folder, const char *from, const char *to, struct transferred *out)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct transferred unused;

    role_assert_worker();
    return store_move(folder->store, &transfer, NULL, out ? out : &unused);
}

static bool same_id(struct folder *folder, const char *path, const unsigned char id[16])
{
    unsigned char now[16];

    role_assert_worker();
    CHECK_INT(store_id(folder->store, path_of(path), now), ERR_NONE);
    return memcmp(now, id, 16) == 0;
}

static bool never(void *arg, const struct facts *now, struct write_locks *locks)
{
    return false;
}

/* ---- MKCOL ---- */

TEST(make_folder__is_there_and_only_once)
{
    struct folder folder;
    struct facts facts;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(store_make_folder(folder.store, path_of("d"), NULL, 0, NULL, no_guard, &facts), ERR_NONE);
    CHECK_INT(facts.kind, KIND_FOLDER);
    CHECK_INT(make(&folder, "d"), ERR_EXISTS);
    CHECK_INT(make(&folder, ""), ERR_EXISTS);
    CHECK_INT(make(&folder, "none/d"), ERR_PARENT);
    folder_write(&folder, "f", "x");
    CHECK_INT(make(&folder, "f"), ERR_EXISTS);
    CHECK_INT(make(&folder, "f/d"), ERR_PARENT);
    CHECK_INT(symlinkat("nowhere", folder.fd, "link"), 0);
    CHECK_INT(make(&folder, "link"), ERR_EXISTS);
    CHECK_INT(make(&folder, ".samovar"), ERR_MISSING);
    CHECK_INT(store_make_folder(folder.store, path_of("e"), NULL, 0, NULL, (struct guard){.holds = never}, NULL),
              ERR_REFUSED);
    CHECK_INT(folder_count(&folder, "."), 3);
    folder_remove(&folder);
}

TEST(make_folder__appears_with_its_properties_or_not_at_all)
{
    struct prop_edit edit = {.space = SLICE("urn:x"), .local = SLICE("p"), .xml = SLICE("<p>1</p>")};
    struct prop_edit bad = {.space = SLICE("urn:x"), .local = SLICE("p")};
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(store_make_folder(folder.store, path_of("d"), &edit, 1, NULL, no_guard, NULL), ERR_NONE);
    CHECK_STR(prop_of(&folder, "d"), "<p>1</p>");
    bad.xml.ptr = xcalloc(1, PROP_VALUE_MAX + 1);
    bad.xml.len = PROP_VALUE_MAX + 1;
    CHECK_INT(store_make_folder(folder.store, path_of("e"), &bad, 1, NULL, no_guard, NULL), ERR_TOO_LARGE);
    CHECK_INT(folder_count(&folder, "e"), 0);
    CHECK_INT(faccessat(folder.fd, "e", F_OK, 0), -1);
    CHECK_INT(folder_count(&folder, ".samovar/up"), 0);
    free((char *)bad.xml.ptr);
    folder_remove(&folder);
}

TEST(make_folder__a_new_one_has_nothing_of_an_old_one)
{
    struct folder folder;
    unsigned char id[16];

    role_assert_worker();
    folder_make(&folder);
    folder_serve(&folder, NULL);
    CHECK_INT(make(&folder, "d"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d", "<p>1</p>"), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("d"), id), ERR_NONE);
    CHECK_INT(unlinkat(folder.fd, "d", AT_REMOVEDIR), 0); /* by others: what is recorded stays, as an orphan */
    CHECK_INT(make(&folder, "d"), ERR_NONE);
    CHECK_STR(prop_of(&folder, "d"), "");
    CHECK_FALSE(same_id(&folder, "d", id));
    folder_remove(&folder);
}

/* ---- DELETE ---- */

TEST(delete__folder_goes_with_all_in_it_and_leaves_no_trace)
{
    struct folder folder;
    char path[64];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/a", 0755);
    mkdirat(folder.fd, "d/a/b", 0555);
    mkdirat(folder.fd, "keep", 0755);
    folder_write(&folder, "keep/f", "kept");
    CHECK_INT(symlinkat("../keep", folder.fd, "d/link"), 0);
    for (int i = 0; i < 2500; i++) {
        snprintf(path, sizeof(path), "d/%s%d", i % 3 ? "a/f" : "f", i);
        folder_write(&folder, path, "x");
    }
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d/f0", "<p>1</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d/a", "<p>2</p>"), ERR_NONE);
    CHECK_INT(store_delete(folder.store, path_of("d"), (struct guard){.holds = never}, no_progress, NULL), ERR_REFUSED);
    CHECK_INT(delete_at(&folder, "d/"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "d"), ERR_MISSING);
    folder_wait_empty(&folder);
    CHECK_STR(folder_read(&folder, "keep/f"), "kept");
    /* the same names again are other resources */
    CHECK_INT(make(&folder, "d"), ERR_NONE);
    CHECK_INT(make(&folder, "d/a"), ERR_NONE);
    CHECK_STR(prop_of(&folder, "d/a"), "");
    folder_remove(&folder);
}

TEST(delete__members_records_go_before_them)
{
    struct folder folder;
    struct meta_batch left = {0};

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/a", 0755);
    folder_write(&folder, "d/a/f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d/a/f", "<p>1</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d/a", "<p>1</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "d", "<p>1</p>"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "d"), ERR_NONE);
    folder_wait_empty(&folder);
    CHECK_INT(meta_flush(records_find(folder.store)), ERR_NONE);
    for (const char *kind = "pin"; *kind; kind++) {
        CHECK_INT(meta_scan(records_find(folder.store), slice_of(kind, 1), SLICE_NONE, 10, &left), ERR_NONE);
        CHECK_INT(left.count, 0);
        meta_batch_release(&left);
    }
    folder_remove(&folder);
}

TEST(delete__what_a_crash_left_in_the_trash_is_emptied_at_start)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "a", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "y", no_guard, NULL), ERR_NONE); /* makes `.samovar` */
    folder_stop(&folder);
    mkdirat(folder.fd, ".samovar/trash/00112233445566778899aabbccddeeff.5", 0755);
    mkdirat(folder.fd, ".samovar/trash/00112233445566778899aabbccddeeff.5/deep", 0755);
    folder_write(&folder, ".samovar/trash/00112233445566778899aabbccddeeff.5/deep/f", "x");
    mkdirat(folder.fd, ".samovar/up/00112233445566778899aabbccddeeff.6", 0755);
    folder_write(&folder, ".samovar/up/00112233445566778899aabbccddeeff.6/f", "x");
    folder_serve(&folder, NULL);
    store_begin(folder.store);
    folder_wait_empty(&folder);
    CHECK_STR(folder_read(&folder, "a"), "y");
    folder_remove(&folder);
}

TEST(delete__with_days_to_keep_the_trash_keeps)
{
    struct store_options options = {.trash_days = 7};
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "d/f", "x");
    folder_write(&folder, "a", "1");
    folder_serve(&folder, &options);
    CHECK_INT(put(&folder, "a", "2", no_guard, NULL), ERR_NONE);
    CHECK_INT(delete_at(&folder, "d"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "a"), ERR_NONE);
    usleep(50000);
    CHECK_INT(folder_count(&folder, ".samovar/trash"), 2); /* not what PUT replaced */
    folder_stop(&folder);
    folder_serve(&folder, &options);
    store_begin(folder.store);
    usleep(50000);
    CHECK_INT(folder_count(&folder, ".samovar/trash"), 2);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    store_begin(folder.store);
    folder_wait_empty(&folder);
    folder_remove(&folder);
}

TEST(delete__link_to_a_folder_goes_and_the_folder_stays)
{
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "d/f", "x");
    CHECK_INT(symlinkat("d", folder.fd, "link"), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(delete_at(&folder, "link/"), ERR_NONE);
    CHECK_STR(folder_read(&folder, "d/f"), "x");
    CHECK_INT(folder_count(&folder, "."), 1);
    folder_remove(&folder);
}

TEST(delete__folder_that_holds_what_is_refused_stays)
{
    struct folder folder;
    char secret[300];
    const char *refused[] = {secret, NULL};
    struct store_options options = {.refused_files = refused};

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/e", 0755);
    folder_write(&folder, "d/e/users", "x");
    snprintf(secret, sizeof(secret), "%s/d/e/users", folder.path);
    folder_serve(&folder, &options);
    CHECK_INT(delete_at(&folder, "d"), ERR_DENIED);
    CHECK_INT(move(&folder, "d/e", "f", NULL), ERR_DENIED);
    CHECK_STR(folder_read(&folder, "d/e/users"), "x");
    folder_remove(&folder);
}

TEST(delete__mount_points_are_told_of_and_all_else_goes)
{
    struct folder folder;
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    char point[300];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/a", 0755);
    mkdirat(folder.fd, "d/a/m", 0755);
    mkdirat(folder.fd, "d/b", 0755);
    folder_write(&folder, "d/a/f", "x");
    folder_write(&folder, "d/b/f", "x");
    snprintf(point, sizeof(point), "%s/d/a/m", folder.path);
    if (mount("none", point, "tmpfs", 0, "size=1m") < 0) {
        folder_remove(&folder);
        skip();
    }
    folder_write(&folder, "d/a/m/kept", "kept");
    folder_serve(&folder, NULL);
    CHECK_INT(delete_at(&folder, "d/a/m"), ERR_BUSY);
    CHECK_INT(store_delete(folder.store, path_of("d"), no_guard, no_progress, &casualties), ERR_NONE);
    CHECK_INT(casualties.count, 1);
    CHECK(slice_eq(casualties.list[0].path.text, SLICE("d/a/m")));
    CHECK_INT(casualties.list[0].err, ERR_BUSY);
    CHECK_STR(folder_read(&folder, "d/a/m/kept"), "kept");
    CHECK_INT(folder_count(&folder, "d"), 1);
    CHECK_INT(folder_count(&folder, "d/a"), 1);
    /* on the other volume itself a tree goes too */
    CHECK_INT(make(&folder, "d/a/m/t"), ERR_NONE);
    CHECK_INT(make(&folder, "d/a/m/t/u"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "d/a/m/t"), ERR_NONE);
    CHECK_INT(folder_count(&folder, "d/a/m"), 1);
    folder_stop(&folder);
    CHECK_INT(umount(point), 0);
    arena_release(&arena);
    folder_remove(&folder);
}

/* ---- MOVE ---- */

TEST(move__file_keeps_its_id_its_properties_and_its_tag)
{
    struct folder folder;
    struct transferred out;
    unsigned char id[16];
    struct facts before;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "a", "x", no_guard, NULL), ERR_NONE);
    CHECK_INT(put_prop(&folder, "a", "<p>1</p>"), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("a"), id), ERR_NONE);
    CHECK_INT(store_find(folder.store, path_of("a"), &before), ERR_NONE);
    CHECK_INT(move(&folder, "a", "d/b", &out), ERR_NONE);
    CHECK(out.created);
    CHECK(slice_eq(facts_tag(&before), facts_tag(&out.facts)));
    CHECK_STR(folder_read(&folder, "a"), "(missing)");
    CHECK_STR(folder_read(&folder, "d/b"), "x");
    CHECK(same_id(&folder, "d/b", id));
    CHECK_STR(prop_of(&folder, "d/b"), "<p>1</p>");
    CHECK_INT(put(&folder, "a", "new", no_guard, NULL), ERR_NONE);
    CHECK_FALSE(same_id(&folder, "a", id));
    CHECK_STR(prop_of(&folder, "a"), "");
    folder_remove(&folder);
}

TEST(move__members_follow_their_folder)
{
    struct folder folder;
    unsigned char id[16];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/e", 0755);
    mkdirat(folder.fd, "to", 0755);
    folder_write(&folder, "d/e/f", "x");
    folder_serve(&folder, NULL);
    CHECK_INT(put_prop(&folder, "d/e/f", "<p>1</p>"), ERR_NONE);
    CHECK_INT(store_id(folder.store, path_of("d/e/f"), id), ERR_NONE);
    CHECK_INT(move(&folder, "d/", "to/d2/", NULL), ERR_NONE);
    CHECK(same_id(&folder, "to/d2/e/f", id));
    CHECK_STR(prop_of(&folder, "to/d2/e/f"), "<p>1</p>");
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(prop_of(&folder, "to/d2/e/f"), "<p>1</p>");
    folder_remove(&folder);
}

TEST(move__over_something_replaces_it_whole)
{
    static const char *const pairs[][2] = {{"f", "g"}, {"f", "e"}, {"d", "g"}, {"d", "e"}};

    role_assert_worker();
    for (int i = 0; i < 4; i++) {
        struct transfer transfer = {.from = path_of(pairs[i][0]), .to = path_of(pairs[i][1]), .no_overwrite = true};
        struct folder folder;
        struct transferred out;
        unsigned char id[16];

        folder_make(&folder);
        mkdirat(folder.fd, "d", 0755);
        mkdirat(folder.fd, "e", 0755);
        folder_write(&folder, "d/in", "of d");
        folder_write(&folder, "e/in", "of e");
        folder_write(&folder, "f", "f");
        folder_write(&folder, "g", "g");
        folder_serve(&folder, NULL);
        CHECK_INT(put_prop(&folder, pairs[i][1], "<p>old</p>"), ERR_NONE);
        CHECK_INT(put_prop(&folder, pairs[i][0], "<p>new</p>"), ERR_NONE);
        CHECK_INT(store_id(folder.store, path_of(pairs[i][0]), id), ERR_NONE);
        CHECK_INT(store_move(folder.store, &transfer, NULL, &out), ERR_EXISTS);
        transfer.no_overwrite = false;
        CHECK_INT(store_move(folder.store, &transfer, NULL, &out), ERR_NONE);
        CHECK_FALSE(out.created);
        CHECK(same_id(&folder, pairs[i][1], id));
        CHECK_STR(prop_of(&folder, pairs[i][1]), "<p>new</p>");
        CHECK_INT(faccessat(folder.fd, pairs[i][0], F_OK, 0), -1);
        if (i < 2)
            CHECK_STR(folder_read(&folder, pairs[i][1]), "f");
        else
            CHECK_STR(folder_read(&folder, i == 2 ? "g/in" : "e/in"), "of d");
        folder_wait_empty(&folder);
        folder_remove(&folder);
    }
}

TEST(move__impossible_ones_change_nothing)
{
    struct transfer guarded = {.from = path_of("f"), .to = path_of("n"), .source = {.holds = never}};
    struct transferred out;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    mkdirat(folder.fd, "d/e", 0755);
    folder_write(&folder, "f", "f");
    linkat(folder.fd, "f", folder.fd, "hard", 0);
    CHECK_INT(symlinkat("f", folder.fd, "soft"), 0);
    folder_serve(&folder, NULL);
    CHECK_INT(move(&folder, "f", "f", NULL), ERR_INVALID);
    CHECK_INT(move(&folder, "f", "hard", NULL), ERR_INVALID);
    CHECK_INT(move(&folder, "f", "soft", NULL), ERR_INVALID);
    CHECK_INT(move(&folder, "d", "d/", NULL), ERR_INVALID);
    CHECK_INT(move(&folder, "d", "d/e/x", NULL), ERR_ESCAPES);
    CHECK_INT(move(&folder, "d/e", "d", NULL), ERR_ESCAPES);
    CHECK_INT(move(&folder, "d", "", NULL), ERR_ESCAPES);
    CHECK_INT(move(&folder, "", "x", NULL), ERR_DENIED);
    CHECK_INT(move(&folder, "none", "x", NULL), ERR_MISSING);
    CHECK_INT(move(&folder, "none/none", "x", NULL), ERR_MISSING);
    CHECK_INT(move(&folder, "f", "none/x", NULL), ERR_PARENT);
    CHECK_INT(move(&folder, "f/", "x", NULL), ERR_NOT_FOLDER);
    CHECK_INT(move(&folder, "f", ".samovar", NULL), ERR_MISSING);
    CHECK_INT(store_move(folder.store, &guarded, NULL, &out), ERR_REFUSED);
    guarded.source.holds = NULL;
    guarded.target.holds = never;
    CHECK_INT(store_move(folder.store, &guarded, NULL, &out), ERR_REFUSED);
    CHECK_INT(folder_count(&folder, "."), 4);
    folder_remove(&folder);
}

/* CND-09: whoever has the former content must not be told that nothing changed. */
TEST(move__last_modified_at_the_target_does_not_go_back)
{
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct arena arena = {0};
    struct traits traits;
    struct facts facts;
    struct folder folder;

    role_assert_worker();
    folder_make(&folder);
    folder_write(&folder, "old", "old");
    CHECK_INT(utimensat(folder.fd, "old", old, 0), 0);
    folder_write(&folder, "new", "new");
    folder_serve(&folder, NULL);
    CHECK_INT(store_find(folder.store, path_of("new"), &facts), ERR_NONE);
    CHECK_INT(move(&folder, "old", "new", NULL), ERR_NONE);
    CHECK_INT(store_traits(folder.store, path_of("new"), &facts, &arena, &traits), ERR_NONE);
    CHECK(traits.floor_s > facts.modified_ns / 1000000000);
    arena_release(&arena);
    folder_remove(&folder);
}

/* Cut between the exchange of the names and the end of the loser. */
TEST(move__a_crash_amid_an_overwrite_is_finished_at_start)
{
    struct folder folder;
    struct statx loser;
    char note[300];

    role_assert_worker();
    folder_make(&folder);
    mkdirat(folder.fd, "d", 0755);
    folder_write(&folder, "d/winner", "winner");
    folder_write(&folder, "d/loser", "loser");
    folder_serve(&folder, NULL);
    CHECK_INT(put(&folder, "x", "1", no_guard, NULL), ERR_NONE);
    CHECK_INT(put(&folder, "x", "2", no_guard, NULL), ERR_NONE);
    folder_stop(&folder);
    CHECK_INT(statx(folder.fd, "d/loser", 0, STATX_BASIC_STATS | STATX_BTIME, &loser), 0);
    snprintf(note, sizeof(note), "over %llx %llx d/winner", (unsigned long long)loser.stx_ino,
             (unsigned long long)(loser.stx_btime.tv_sec * 1000000000 + loser.stx_btime.tv_nsec));
    CHECK_INT(symlinkat(note, folder.fd, ".samovar/up/00000000000000000000000000000000.7"), 0);
    CHECK_INT(renameat2(folder.fd, "d/winner", folder.fd, "d/loser", RENAME_EXCHANGE), 0);
    folder_serve(&folder, NULL);
    store_begin(folder.store);
    folder_wait_empty(&folder);
    CHECK_STR(folder_read(&folder, "d/loser"), "winner");
    CHECK_STR(folder_read(&folder, "d/winner"), "(missing)");
    folder_remove(&folder);
}
