/*
 * test_forward.c - forwarding addresses: where they lead, and that they never lead in a circle.
 */
#include "folder.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/forward.h"

static struct folder folder;

static enum err move(const char *from, const char *to)
{
    struct transfer transfer = {.from = path_of(from), .to = path_of(to), .leave_forwarding = true};
    struct transferred out;

    role_assert_worker();
    return store_move(folder.store, &transfer, NULL, &out);
}

/* Static memory. */
static const char *leads(const char *path)
{
    static char text[4096];
    struct arena arena = {0};
    struct rpath to;
    enum err err;

    role_assert_worker();
    err = store_forward_find(folder.store, path_of(path), &arena, &to);
    snprintf(text, sizeof(text), "%.*s", SLICE_FMT(err == ERR_NONE ? to.text : slice_str(err_text(err))));
    arena_release(&arena);
    return text;
}

static unsigned listed(void)
{
    struct arena arena = {0};
    struct forward_list found;
    unsigned count;

    role_assert_worker();
    CHECK_INT(store_forwards(folder.store, &arena, &found), ERR_NONE);
    count = found.count;
    arena_release(&arena);
    return count;
}

static void begin(void)
{
    folder_make(&folder);
    folder_write(&folder, "a", "a");
    folder_serve(&folder, NULL);
}

/* All of a folder, as they are told: some at a time, in order, each once. */
static unsigned listed_in(const char *path, unsigned *times)
{
    char after[64] = "";
    unsigned count = 0;
    bool is_cut = true;

    role_assert_worker();
    for (*times = 0; is_cut; ++*times) {
        struct arena arena = {0};
        struct forward_list found;

        CHECK_INT(store_forwards_in(folder.store, path_of(path), slice_str(after), &arena, &found), ERR_NONE);
        CHECK(found.count <= FORWARDS_AT_ONCE);
        for (unsigned i = 0; i < found.count; i++) {
            CHECK(slice_cmp(slice_str(after), found.list[i].from) < 0);
            snprintf(after, sizeof(after), "%.*s", SLICE_FMT(found.list[i].from));
        }
        count += found.count;
        is_cut = found.is_cut;
        arena_release(&arena);
    }
    return count;
}

TEST(forward__many_of_one_folder_are_told_some_at_a_time)
{
    enum { MANY = 2 * FORWARDS_AT_ONCE + 1 };
    unsigned times;

    begin();
    for (unsigned i = 0; i < MANY; i++) {
        char name[32];

        snprintf(name, sizeof(name), "old%u", i);
        folder_write(&folder, name, "x");
        CHECK_INT(move(name, "new"), ERR_NONE);
    }
    CHECK_INT(listed_in("", &times), MANY);
    CHECK_INT(times, 3);
    CHECK_INT(listed_in("a", &times), 0);
    CHECK_INT(times, 1);
    folder_remove(&folder);
}

TEST(forward__without_any_nobody_is_asked_to_look)
{
    begin();
    CHECK(!store_has_forwards(folder.store));
    CHECK_INT(put_prop(&folder, "a", "<x xmlns='urn:y'/>"), ERR_NONE);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK(!store_has_forwards(folder.store)); /* though something else is recorded */
    CHECK_INT(move("a", "b"), ERR_NONE);
    CHECK(store_has_forwards(folder.store));
    folder_remove(&folder);
}

TEST(forward__is_not_left_where_a_link_is_on_the_path)
{
    char real[4096];

    begin();
    snprintf(real, sizeof(real), "%s/real", folder.path);
    CHECK_INT(mkdir(real, 0755), 0);
    snprintf(real, sizeof(real), "%s/link", folder.path);
    CHECK_INT(symlink("real", real), 0);
    CHECK_INT(move("a", "link/a"), ERR_NONE);
    CHECK_STR(leads("a"), "link/a");
    CHECK_INT(move("link/a", "b"), ERR_NONE);
    CHECK_INT(listed(), 1);
    CHECK_STR(leads("link/a"), err_text(ERR_MISSING));
    CHECK_INT(move("b", "c"), ERR_NONE);
    CHECK_INT(move("real", "other"), ERR_NONE); /* a link's own folder has one */
    CHECK_INT(listed(), 3);
    folder_remove(&folder);
}

TEST(forward__a_move_that_fails_leaves_none)
{
    begin();
    CHECK_INT(move("a", "none/b"), ERR_PARENT);
    CHECK_INT(move("a", "a"), ERR_INVALID);
    CHECK_INT(listed(), 0);
    CHECK_INT(move("missing", "b"), ERR_MISSING);
    CHECK_INT(listed(), 0);
    folder_remove(&folder);
}

TEST(forward__outlives_the_server_and_goes_with_what_takes_its_place)
{
    begin();
    CHECK_INT(move("a", "b"), ERR_NONE);
    folder_stop(&folder);
    folder_serve(&folder, NULL);
    CHECK(store_has_forwards(folder.store));
    CHECK_STR(leads("a"), "b");
    CHECK_STR(leads("a/below"), err_text(ERR_MISSING)); /* b is a file */
    CHECK_INT(put(&folder, "a", "new", no_guard, NULL), ERR_NONE);
    CHECK_STR(leads("a"), err_text(ERR_EXISTS));
    CHECK_INT(listed(), 0);
    folder_remove(&folder);
}

TEST(forward__is_found_for_the_longest_names)
{
    char name[256];

    begin();
    memset(name, 'n', 255);
    name[255] = '\0';
    CHECK_INT(move("a", name), ERR_NONE);
    CHECK_INT(move(name, "b"), ERR_NONE);
    CHECK_STR(leads(name), "b");
    CHECK_STR(leads("a"), "b");
    folder_remove(&folder);
}

TEST(forward__is_removed_by_its_path)
{
    begin();
    CHECK_INT(move("a", "b"), ERR_NONE);
    role_assert_worker();
    CHECK_INT(store_forward_remove(folder.store, path_of("other")), ERR_MISSING);
    CHECK_INT(store_forward_remove(folder.store, path_of("a")), ERR_NONE);
    CHECK_STR(leads("a"), err_text(ERR_MISSING));
    folder_remove(&folder);
}

/* POL-15: whatever is moved whither, every address leads to the one file or to nothing, and each look ends. */
TEST(forward__never_leads_in_a_circle)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    unsigned at = 0, seed = 12345;

    role_assert_worker();
    begin();
    for (int i = 0; i < 200; i++) {
        unsigned to = (seed = seed * 1103515245 + 12345) >> 16;

        to %= 5;
        if (to == at)
            continue;
        CHECK_INT(move(names[at], names[to]), ERR_NONE);
        at = to;
        for (unsigned k = 0; k < 5; k++)
            if (k != at && strcmp(leads(names[k]), err_text(ERR_MISSING)) != 0)
                CHECK_STR(leads(names[k]), names[at]);
    }
    CHECK_INT(listed(), 4);
    CHECK_INT(store_forward_remove(folder.store, path_of(names[at])), ERR_MISSING);
    unlinkat(folder.fd, names[at], 0);
    for (unsigned k = 0; k < 5; k++)
        CHECK_STR(leads(names[k]), err_text(ERR_MISSING));
    folder_remove(&folder);
}
