/*
 * test_binding.c - bindings: BIND, what goes with a last name, paths, loops.
 */
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "bound.h"
#include "core.h"
#include "store/binding.h"
#include "store/members.h"
#include "store/quota.h"

static const struct progress no_progress;

static enum err bind_with(struct folder *folder, const char *from, const char *to, bool no_loops, bool *created)
{
    struct binding_wish wish = {.from = path_of(from), .to = path_of(to), .no_loops = no_loops};
    struct transferred out;
    enum err err;

    role_assert_worker();
    err = store_bind(folder->store, &wish, &out);
    if (created)
        *created = out.created;
    return err;
}

static enum err bind(struct folder *folder, const char *from, const char *to)
{
    return bind_with(folder, from, to, false, NULL);
}

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

static enum err move(struct folder *folder, const char *from, const char *to)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct transferred unused;

    role_assert_worker();
    return store_move(folder->store, &transfer, NULL, &unused);
}

/* What a request would get. */
static const char *content_of(struct folder *folder, const char *path)
{
    static char text[64];
    struct facts facts;
    ssize_t len;
    int fd;

    role_assert_worker();
    if (store_open_file(folder->store, path_of(path), &fd, &facts) != ERR_NONE)
        return "(missing)";
    len = read(fd, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    store_close_file(folder->store, fd, &facts);
    return text;
}

static bool is_there(struct folder *folder, const char *path)
{
    struct facts facts;

    role_assert_worker();
    return store_find(folder->store, path_of(path), &facts) == ERR_NONE;
}

static void id_at(struct folder *folder, const char *path, unsigned char id[16])
{
    role_assert_worker();
    CHECK_INT(store_id(folder->store, path_of(path), id), ERR_NONE);
}

static bool same_ids(struct folder *folder, const char *one, const char *other)
{
    unsigned char a[16], b[16];

    id_at(folder, one, a);
    id_at(folder, other, b);
    return memcmp(a, b, 16) == 0;
}

/* All that a deep walk meets, "a b/ b/c" and with '*' behind what comes again. */
static const char *walk_of(struct folder *folder, const char *path)
{
    static char text[1024];
    struct walk_entry entry;
    struct walk *walk;
    size_t len = 0;

    text[0] = '\0';
    role_assert_worker();
    CHECK_INT(store_walk(folder->store, path_of(path), WALK_DEEP, &walk), ERR_NONE);
    walk_once(walk);
    while (walk_next(walk, &entry) == ERR_NONE)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s%s", len ? " " : "", SLICE_FMT(entry.path),
                                entry.facts.kind == KIND_FOLDER ? "/" : "", entry.is_again ? "*" : "");
    walk_close(walk);
    return text;
}

static const char *aliases_of(struct folder *folder, const char *path)
{
    static char text[1024];
    struct arena arena = {0};
    struct aliases aliases;
    size_t len = 0;

    role_assert_worker();
    text[0] = '\0';
    CHECK_INT(store_aliases(folder->store, path_of(path), &arena, &aliases), ERR_NONE);
    for (unsigned i = 0; i < aliases.count; i++)
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", len ? " " : "", SLICE_FMT(aliases.list[i].text));
    arena_release(&arena);
    return text;
}

static const char *names_of(struct folder *folder, const char *path)
{
    static char text[1024];
    struct arena arena = {0};
    struct binding *names;
    unsigned count;
    size_t len = 0;

    role_assert_worker();
    text[0] = '\0';
    CHECK_INT(store_bindings(folder->store, path_of(path), &arena, &names, &count), ERR_NONE);
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s/%.*s:%.*s", len ? " " : "",
                                SLICE_FMT(names[i].folder.text), SLICE_FMT(names[i].name));
    arena_release(&arena);
    return text;
}

static void begin(struct folder *folder)
{
    folder_make(folder);
    folder_serve(folder, NULL);
    CHECK_INT(make(folder, "a"), ERR_NONE);
    CHECK_INT(make(folder, "b"), ERR_NONE);
    CHECK_INT(put(folder, "a/x", "one", no_guard, NULL), ERR_NONE);
}

TEST(bind__gives_a_file_a_second_name)
{
    struct folder folder;
    struct facts facts;
    unsigned char id[16];
    bool created;

    begin(&folder);
    id_at(&folder, "a/x", id);
    CHECK_INT(bind_with(&folder, "a/x", "b/y", false, &created), ERR_NONE);
    CHECK(created);
    CHECK_STR(content_of(&folder, "a/x"), "one");
    CHECK_STR(content_of(&folder, "b/y"), "one");
    CHECK_STR(folder_read(&folder, "a/x"), "one"); /* as others see it */
    CHECK_STR(folder_read(&folder, "b/y"), "one");
    role_assert_worker();
    CHECK_INT(store_find(folder.store, path_of("b/y"), &facts), ERR_NONE);
    CHECK(facts.is_bound && memcmp(facts.bound_id, id, 16) == 0 && !facts.through_symlink);
    CHECK_STR(names_of(&folder, "b/y"), "/a:x /b:y");
    CHECK_STR(aliases_of(&folder, "b/y"), "a/x b/y");
    CHECK_INT(bind_with(&folder, "a/x", "b/y", false, &created), ERR_NONE);
    CHECK(!created);
    folder_remove(&folder);
}

TEST(bind__put_through_one_name_is_seen_through_the_other)
{
    struct folder folder;
    unsigned char before[16], after[16];

    begin(&folder);
    CHECK_INT(bind(&folder, "a/x", "b/y"), ERR_NONE);
    id_at(&folder, "b/y", before);
    CHECK_INT(put(&folder, "b/y", "two", no_guard, NULL), ERR_NONE);
    CHECK_STR(content_of(&folder, "a/x"), "two");
    CHECK_INT(put(&folder, "a/x", "three", no_guard, NULL), ERR_NONE);
    CHECK_STR(content_of(&folder, "b/y"), "three");
    id_at(&folder, "a/x", after);
    CHECK(memcmp(before, after, 16) == 0);
    CHECK_INT(put_prop(&folder, "b/y", "<p xmlns=\"t\">v</p>"), ERR_NONE);
    CHECK(strstr(prop_of(&folder, "a/x"), ">v<"));
    folder_remove(&folder);
}

TEST(bind__a_name_less_leaves_the_others_and_the_last_one_takes_it_all)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(bind(&folder, "a/x", "b/y"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "a/x"), ERR_NONE);
    CHECK_STR(content_of(&folder, "b/y"), "one");
    CHECK_STR(names_of(&folder, "b/y"), "/b:y");
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 1);
    CHECK_INT(delete_at(&folder, "b"), ERR_NONE);
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 0);
    folder_wait_empty(&folder);
    folder_remove(&folder);
}

TEST(bind__folders_and_what_is_in_them)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(bind(&folder, "a", "b/a2"), ERR_NONE);
    CHECK_STR(content_of(&folder, "b/a2/x"), "one");
    CHECK_INT(put(&folder, "b/a2/z", "new", no_guard, NULL), ERR_NONE);
    CHECK_STR(content_of(&folder, "a/z"), "new");
    CHECK(same_ids(&folder, "a/x", "b/a2/x"));
    CHECK(same_ids(&folder, "a", "b/a2"));
    CHECK_STR(aliases_of(&folder, "b/a2/z"), "a/z b/a2/z");
    CHECK_INT(move(&folder, "b", "c"), ERR_NONE);
    CHECK_STR(content_of(&folder, "c/a2/x"), "one");
    CHECK_STR(aliases_of(&folder, "a/x"), "a/x c/a2/x");
    CHECK_INT(move(&folder, "c/a2", "d"), ERR_NONE);
    CHECK_STR(aliases_of(&folder, "a"), "a d");
    CHECK_STR(folder_read(&folder, "d/x"), "one");
    CHECK_INT(move(&folder, "a", "d/self"), ERR_NONE); /* d is there: a loop */
    CHECK_STR(content_of(&folder, "d/self/self/self/x"), "one");
    folder_remove(&folder);
}

TEST(bind__loops_end)
{
    struct folder folder;
    struct bound_below below;

    begin(&folder);
    CHECK_INT(bind_with(&folder, "a", "a/again", true, NULL), ERR_LOOP);
    CHECK_INT(bind(&folder, "a", "a/again"), ERR_NONE);
    CHECK_INT(bind(&folder, "a/x", "a/y"), ERR_NONE);
    CHECK_STR(content_of(&folder, "a/again/again/again/x"), "one");
    CHECK_STR(walk_of(&folder, ""), "/ a/ a/again/* a/x a/y b/");
    CHECK_STR(walk_of(&folder, "a"), "a/ a/again/* a/x a/y");
    role_assert_worker();
    CHECK_INT(store_bound_below(folder.store, path_of(""), &below), ERR_NONE);
    CHECK(below.loops && below.repeats);
    CHECK_INT(store_bound_below(folder.store, path_of("b"), &below), ERR_NONE);
    CHECK(!below.loops && !below.repeats);
    CHECK_STR(aliases_of(&folder, "a/again/x"), "a/x a/y");
    CHECK_INT(bind(&folder, "a", "b/a"), ERR_NONE);
    CHECK_INT(move(&folder, "b/a", "a/b"), ERR_NONE);  /* the root still leads to it */
    CHECK_INT(move(&folder, "a", "a/c"), ERR_ESCAPES); /* nothing would */
    CHECK_INT(delete_at(&folder, "a"), ERR_NONE);
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 0);
    CHECK(!is_there(&folder, "a"));
    folder_remove(&folder);
}

TEST(bind__a_diamond_is_no_loop)
{
    struct folder folder;
    struct bound_below below;

    begin(&folder);
    CHECK_INT(bind(&folder, "a", "b/a2"), ERR_NONE);
    role_assert_worker();
    CHECK_INT(store_bound_below(folder.store, path_of(""), &below), ERR_NONE);
    CHECK(below.repeats && !below.loops);
    CHECK_INT(store_bound_below(folder.store, path_of("b"), &below), ERR_NONE);
    CHECK(!below.repeats);
    folder_remove(&folder);
}

TEST(bind__what_it_replaces_goes_unless_it_has_another_name)
{
    struct folder folder;
    bool created;

    begin(&folder);
    CHECK_INT(put(&folder, "b/y", "old", no_guard, NULL), ERR_NONE);
    CHECK_INT(bind(&folder, "b/y", "b/kept"), ERR_NONE);
    CHECK_INT(bind_with(&folder, "a/x", "b/y", false, &created), ERR_NONE);
    CHECK(!created);
    CHECK_STR(content_of(&folder, "b/y"), "one");
    CHECK_STR(content_of(&folder, "b/kept"), "old");
    CHECK_INT(bind(&folder, "a/x", "b/kept"), ERR_NONE);
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 1);
    CHECK_STR(names_of(&folder, "a/x"), "/a:x /b:y /b:kept");
    folder_remove(&folder);
}

TEST(bind__names_that_others_made_and_removed)
{
    struct folder folder;
    char from[300], to[300], text[300];
    ssize_t len;

    begin(&folder);
    CHECK_INT(bind(&folder, "a/x", "b/y"), ERR_NONE);
    snprintf(from, sizeof(from), "%s/b/y", folder.path);
    snprintf(to, sizeof(to), "%s/copied", folder.path);
    len = readlink(from, text, sizeof(text) - 1);
    CHECK(len > 0);
    text[len] = '\0';
    CHECK(symlink(text, to) == 0); /* its text leads nowhere from there, but only its end counts */
    CHECK_STR(content_of(&folder, "copied"), "one");
    CHECK_STR(names_of(&folder, "copied"), "/a:x /b:y /:copied");
    unlink(from);
    CHECK_STR(names_of(&folder, "copied"), "/a:x /:copied");
    CHECK_STR(aliases_of(&folder, "copied"), "a/x copied");
    folder_remove(&folder);
}

TEST(bind__outlives_a_restart)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(bind(&folder, "a", "b/a2"), ERR_NONE);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK_STR(content_of(&folder, "b/a2/x"), "one");
    CHECK_STR(names_of(&folder, "a"), "/:a /b:a2");
    CHECK_INT(delete_at(&folder, "a"), ERR_NONE);
    CHECK_STR(names_of(&folder, "b/a2"), "/b:a2");
    folder_remove(&folder);
}

TEST(bind__text_is_the_end_alone)
{
    unsigned char id[16];

    CHECK(bound_parse(SLICE(".samovar/bound/00112233445566778899aabbccddeeff"), id));
    CHECK(bound_parse(SLICE("../../.samovar/bound/00112233445566778899aabbccddeeff"), id));
    CHECK(bound_parse(SLICE("/x/.samovar/bound/00112233445566778899aabbccddeeff"), id) && id[15] == 0xff);
    CHECK(!bound_parse(SLICE("x.samovar/bound/00112233445566778899aabbccddeeff"), id));
    CHECK(!bound_parse(SLICE(".samovar/bound/00112233445566778899aabbccddeefg"), id));
    CHECK(!bound_parse(SLICE(".samovar/bound/00112233445566778899AABBCCDDEEFF"), id));
    CHECK(!bound_parse(SLICE(".samovar/bound/00112233445566778899aabbccddeeff/"), id));
    CHECK(!bound_parse(SLICE(".samovar/bound/"), id));
    CHECK(!bound_parse(SLICE(""), id));
}

/* ---- COPY ---- */

static enum err copy(struct folder *folder, const char *from, const char *to)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to)};
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    struct transferred unused;
    enum err err;

    role_assert_worker();
    err = store_copy(folder->store, &transfer, &casualties, &unused);
    CHECK_INT(casualties.total, 0);
    arena_release(&arena);
    return err;
}

TEST(bind__copy_onto_a_name_updates_the_resource)
{
    struct folder folder;
    unsigned char before[16], after[16];

    begin(&folder);
    CHECK_INT(put(&folder, "b/r", "other", no_guard, NULL), ERR_NONE);
    CHECK_INT(put_prop(&folder, "b/r", "<p xmlns=\"t\">r</p>"), ERR_NONE);
    CHECK_INT(put_prop(&folder, "a/x", "<p xmlns=\"t\">x</p>"), ERR_NONE);
    CHECK_INT(bind(&folder, "b/r", "b/s"), ERR_NONE);
    id_at(&folder, "b/s", before);
    CHECK_INT(copy(&folder, "a/x", "b/s"), ERR_NONE);
    CHECK_STR(content_of(&folder, "b/r"), "one");
    CHECK(strstr(prop_of(&folder, "b/r"), ">x<"));
    CHECK(strstr(prop_of(&folder, "a/x"), ">x<"));
    id_at(&folder, "b/r", after);
    CHECK(memcmp(before, after, 16) == 0);
    CHECK_STR(names_of(&folder, "b/r"), "/b:r /b:s");
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 1);
    /* what is not bound stays who it is, too */
    CHECK_INT(put(&folder, "b/plain", "p", no_guard, NULL), ERR_NONE);
    id_at(&folder, "b/plain", before);
    CHECK_INT(copy(&folder, "a/x", "b/plain"), ERR_NONE);
    id_at(&folder, "b/plain", after);
    CHECK(memcmp(before, after, 16) == 0);
    CHECK_STR(content_of(&folder, "b/plain"), "one");
    CHECK(strstr(prop_of(&folder, "b/plain"), ">x<"));
    id_at(&folder, "b", before);
    CHECK_INT(copy(&folder, "a", "b"), ERR_NONE);
    id_at(&folder, "b", after);
    CHECK(memcmp(before, after, 16) == 0);
    CHECK_STR(walk_of(&folder, "b"), "b/ b/x");
    CHECK(strstr(prop_of(&folder, "b/x"), ">x<"));
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 0);
    folder_remove(&folder);
}

TEST(bind__copy_makes_one_copy_of_each_resource)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(put_prop(&folder, "a/x", "<p xmlns=\"t\">x</p>"), ERR_NONE);
    CHECK_INT(bind(&folder, "a/x", "a/y"), ERR_NONE);
    CHECK_INT(make(&folder, "a/sub"), ERR_NONE);
    CHECK_INT(bind(&folder, "a/x", "a/sub/z"), ERR_NONE);
    CHECK_INT(copy(&folder, "a", "c"), ERR_NONE);
    CHECK_STR(walk_of(&folder, "c"), "c/ c/sub/ c/sub/z c/x c/y");
    CHECK(same_ids(&folder, "c/x", "c/y") && same_ids(&folder, "c/x", "c/sub/z") && !same_ids(&folder, "c/x", "a/x"));
    CHECK(strstr(prop_of(&folder, "c/y"), ">x<"));
    CHECK_STR(folder_read(&folder, "c/sub/z"), "one");
    CHECK_STR(names_of(&folder, "a/x"), "/a:x /a:y /a/sub:z");
    CHECK_INT(put(&folder, "c/y", "two", no_guard, NULL), ERR_NONE);
    CHECK_STR(content_of(&folder, "c/sub/z"), "two");
    CHECK_STR(content_of(&folder, "a/x"), "one");
    CHECK_INT(delete_at(&folder, "c"), ERR_NONE);
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 1);
    folder_remove(&folder);
}

TEST(bind__copy_of_a_loop_has_the_same_loop)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(make(&folder, "a/sub"), ERR_NONE);
    CHECK_INT(bind(&folder, "a", "a/sub/again"), ERR_NONE);
    CHECK_INT(copy(&folder, "a", "c"), ERR_NONE);
    CHECK_STR(walk_of(&folder, "c"), "c/ c/sub/ c/sub/again/* c/x");
    CHECK(same_ids(&folder, "c", "c/sub/again") && !same_ids(&folder, "c", "a"));
    CHECK_STR(folder_read(&folder, "c/sub/again/x"), "one");
    CHECK_INT(make(&folder, "d"), ERR_NONE);
    CHECK_INT(copy(&folder, "a", "d"), ERR_NONE);
    CHECK_STR(walk_of(&folder, "d"), "d/ d/sub/ d/sub/again/* d/x");
    CHECK_INT(copy(&folder, "a", "d"), ERR_NONE);
    CHECK_STR(walk_of(&folder, "d"), "d/ d/sub/ d/sub/again/* d/x");
    CHECK_INT(copy(&folder, "", "b/all"), ERR_DENIED);
    CHECK_INT(bind(&folder, "a", "b/a2"), ERR_NONE);
    CHECK_INT(copy(&folder, "b", "e"), ERR_NONE);
    CHECK_STR(walk_of(&folder, "e"), "e/ e/a2/ e/a2/sub/ e/a2/sub/again/* e/a2/x");
    CHECK_INT(delete_at(&folder, "c"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "d"), ERR_NONE);
    CHECK_INT(delete_at(&folder, "e"), ERR_NONE);
    CHECK_INT(folder_count(&folder, ".samovar/bound"), 1);
    folder_remove(&folder);
}

TEST(bind__copy_updates_what_has_names_elsewhere)
{
    struct folder folder;

    begin(&folder);
    CHECK_INT(put(&folder, "a/y", "last", no_guard, NULL), ERR_NONE);
    CHECK_INT(put(&folder, "b/x", "old", no_guard, NULL), ERR_NONE);
    CHECK_INT(bind(&folder, "b/x", "b/y"), ERR_NONE);
    CHECK_INT(bind(&folder, "b/x", "elsewhere"), ERR_NONE);
    CHECK_INT(copy(&folder, "a", "b"), ERR_NONE);
    CHECK_STR(content_of(&folder, "b/x"), "last");
    CHECK_STR(content_of(&folder, "elsewhere"), "last");
    CHECK_STR(names_of(&folder, "b/x"), "/b:x /b:y /:elsewhere");
    folder_remove(&folder);
}

/* ---- quotas ---- */

static uint64_t used_at(struct folder *folder, const char *path)
{
    struct quota quota;

    role_assert_worker();
    CHECK_INT(store_quota(folder->store, path_of(path), &quota), ERR_NONE);
    return quota.used;
}

/* A count that is due comes within moments. */
static bool comes_to(struct folder *folder, const char *path, uint64_t bytes)
{
    for (int i = 0; i < 1000 && used_at(folder, path) != bytes; i++)
        usleep(10000);
    return used_at(folder, path) == bytes;
}

TEST(bind__what_has_several_names_counts_at_its_home)
{
    struct quota_root roots[] = {{.path = SLICE("a"), .bytes = 100}, {.path = SLICE("b"), .bytes = 100}};
    struct folder folder;

    begin(&folder);
    store_set_quotas(folder.store, roots, 2);
    store_begin(folder.store);
    CHECK_INT(bind(&folder, "a/x", "b/y"), ERR_NONE);
    CHECK_INT(put(&folder, "b/y", "0123456789", no_guard, NULL), ERR_NONE);
    CHECK_INT((int)used_at(&folder, "a"), 10);
    CHECK_INT((int)used_at(&folder, "b"), 0);
    CHECK_INT(make(&folder, "a/sub"), ERR_NONE);
    CHECK_INT(bind(&folder, "a/sub", "b/sub2"), ERR_NONE);
    CHECK_INT(put(&folder, "b/sub2/f", "01234", no_guard, NULL), ERR_NONE);
    CHECK_INT((int)used_at(&folder, "a"), 15);
    CHECK_INT((int)used_at(&folder, "b"), 0);
    CHECK_INT(put(&folder, "b/sub2/g",
                  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
                  no_guard, NULL),
              ERR_QUOTA);
    CHECK_INT(delete_at(&folder, "a/x"), ERR_NONE);
    CHECK(comes_to(&folder, "a", 5) && comes_to(&folder, "b", 10));
    CHECK_INT(delete_at(&folder, "b/y"), ERR_NONE);
    CHECK(comes_to(&folder, "b", 0));
    CHECK_INT(move(&folder, "a/sub", "sub"), ERR_NONE);
    CHECK(comes_to(&folder, "a", 0) && comes_to(&folder, "b", 0)); /* it is still the oldest name */
    CHECK_INT(delete_at(&folder, "sub"), ERR_NONE);
    CHECK(comes_to(&folder, "b", 5));
    folder_remove(&folder);
}
