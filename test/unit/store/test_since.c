/*
 * test_since.c - what changed in a folder since a client last asked.
 */
#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "store/props.h"
#include "store/since.h"

struct asking {
    struct folder folder;
    char mark[80];
    char told[8192]; /* "path" changed, "-path" removed, each with a space; folders end in '/' */
    unsigned count;
    bool is_truncated;
};

static void start(struct asking *asking)
{
    *asking = (struct asking){.mark = ""};
    folder_make(&asking->folder);
    CHECK_INT(mkdirat(asking->folder.fd, "a", 0755), 0);
    CHECK_INT(mkdirat(asking->folder.fd, "a/b", 0755), 0);
    folder_write(&asking->folder, "a/x", "one");
    folder_write(&asking->folder, "a/b/y", "two");
    folder_serve(&asking->folder, NULL);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, since a folder's order is its own. */
static void note(struct asking *asking, const struct change_list *list)
{
    char *texts[64];
    size_t len = 0;

    CHECK(list->count <= 64);
    for (unsigned i = 0; i < list->count; i++) {
        const struct change *change = &list->list[i];
        size_t room = change->path.len + 3;

        texts[i] = malloc(room);
        snprintf(texts[i], room, "%s%.*s%s", change->is_removed ? "-" : "", (int)change->path.len, change->path.ptr,
                 change->is_folder ? "/" : "");
    }
    qsort(texts, list->count, sizeof(texts[0]), by_text);
    asking->told[0] = '\0';
    for (unsigned i = 0; i < list->count; i++) {
        len += (size_t)snprintf(asking->told + len, sizeof(asking->told) - len, "%s%s", i ? " " : "", texts[i]);
        free(texts[i]);
    }
    asking->count = list->count;
    asking->is_truncated = list->is_truncated;
    snprintf(asking->mark, sizeof(asking->mark), "%s", list->mark);
}

static enum err ask_limited(struct asking *asking, const char *path, bool is_deep, unsigned limit)
{
    struct change_list list;
    enum err err;

    role_assert_worker();
    err = store_changes(asking->folder.store, path_of(path), is_deep, slice_str(asking->mark), limit, &list);
    if (err == ERR_NONE)
        note(asking, &list);
    change_list_release(&list);
    return err;
}

static const char *ask(struct asking *asking, const char *path, bool is_deep)
{
    CHECK_INT(ask_limited(asking, path, is_deep, 0), ERR_NONE);
    return asking->told;
}

static void put_at(struct asking *asking, const char *path, const char *content)
{
    struct commit commit;

    CHECK_INT(put(&asking->folder, path, content, no_guard, &commit), ERR_NONE);
}

static void delete_at(struct asking *asking, const char *path)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};

    role_assert_worker();
    CHECK_INT(store_delete(asking->folder.store, path_of(path), no_guard, (struct progress){0}, &casualties), ERR_NONE);
    arena_release(&arena);
}

static void move_at(struct asking *asking, const char *from, const char *to)
{
    struct arena arena = {0};
    struct casualties casualties = {.arena = &arena};
    struct transfer transfer = {.from = path_of(from), .to = path_of(to), .source = no_guard, .target = no_guard};
    struct transferred out;

    role_assert_worker();
    CHECK_INT(store_move(asking->folder.store, &transfer, &casualties, &out), ERR_NONE);
    arena_release(&arena);
}

TEST(since__the_first_time_all_members_are_told_DAV_185)
{
    struct asking asking;

    start(&asking);
    CHECK_STR(ask(&asking, "a", false), "a/b/ a/x");
    CHECK_STR(ask(&asking, "a", false), "");
    asking.mark[0] = '\0';
    CHECK_STR(ask(&asking, "", true), "a/ a/b/ a/b/y a/x");
    CHECK_STR(ask(&asking, "", true), "");
    CHECK_INT(ask_limited(&asking, "a/x", false, 0), ERR_NOT_FOLDER);
    CHECK_INT(ask_limited(&asking, "none", false, 0), ERR_MISSING);
    folder_remove(&asking.folder);
}

TEST(since__changed_new_and_removed_members_are_told_whoever_did_it_DAV_186)
{
    struct asking asking;

    start(&asking);
    ask(&asking, "a", false);
    put_at(&asking, "a/x", "other");
    put_at(&asking, "a/new", "new");
    CHECK_STR(ask(&asking, "a", false), "a/new a/x");
    folder_write(&asking.folder, "a/x", "by others");
    folder_write(&asking.folder, "a/theirs", "new");
    CHECK_INT(unlinkat(asking.folder.fd, "a/new", 0), 0);
    CHECK_STR(ask(&asking, "a", false), "-a/new a/theirs a/x");
    delete_at(&asking, "a/x");
    put_at(&asking, "a/b/y", "deeper"); /* no change of a's members */
    CHECK_STR(ask(&asking, "a", false), "-a/x");
    folder_remove(&asking.folder);
}

TEST(since__created_and_deleted_in_between_is_removed_and_recreated_is_changed_DAV_187)
{
    struct asking asking;

    start(&asking);
    ask(&asking, "a", false);
    put_at(&asking, "a/brief", "here");
    delete_at(&asking, "a/brief");
    delete_at(&asking, "a/x");
    put_at(&asking, "a/x", "again");
    CHECK_STR(ask(&asking, "a", false), "-a/brief a/x");
    folder_remove(&asking.folder);
}

TEST(since__marks_last_over_a_restart)
{
    struct asking asking;

    start(&asking);
    ask(&asking, "", true);
    put_at(&asking, "a/b/brief", "here");
    delete_at(&asking, "a/b/brief");
    folder_stop(&asking.folder);
    folder_write(&asking.folder, "a/b/y", "meanwhile");
    folder_serve(&asking.folder, NULL);
    CHECK_STR(ask(&asking, "", true), "-a/b/brief a/b/y");
    folder_remove(&asking.folder);
}

TEST(since__a_mark_that_is_not_of_this_folder_or_unknown_is_refused_DAV_189)
{
    struct asking asking;
    char good[80];

    start(&asking);
    ask(&asking, "a", false);
    snprintf(good, sizeof(good), "%s", asking.mark);
    CHECK_INT(ask_limited(&asking, "a/b", false, 0), ERR_INVALID);
    good[34] ^= 1; /* another epoch */
    snprintf(asking.mark, sizeof(asking.mark), "%s", good);
    CHECK_INT(ask_limited(&asking, "a", false, 0), ERR_INVALID);
    good[34] ^= 1;
    snprintf(asking.mark, sizeof(asking.mark), "%.*s7fffffff", 42, good); /* what has not happened yet */
    CHECK_INT(ask_limited(&asking, "a", false, 0), ERR_INVALID);
    snprintf(asking.mark, sizeof(asking.mark), "nonsense");
    CHECK_INT(ask_limited(&asking, "a", false, 0), ERR_INVALID);
    snprintf(asking.mark, sizeof(asking.mark), "%s", good);
    CHECK_STR(ask(&asking, "a", false), "");
    folder_remove(&asking.folder);
}

TEST(since__members_of_a_removed_folder_are_not_told_DAV_190)
{
    struct asking asking;

    start(&asking);
    ask(&asking, "", true);
    delete_at(&asking, "a/b");
    CHECK_STR(ask(&asking, "", true), "-a/b/");
    delete_at(&asking, "a");
    CHECK_STR(ask(&asking, "", true), "-a/");
    folder_remove(&asking.folder);
}

TEST(since__an_answer_that_is_cut_goes_on_where_it_was_cut_DAV_191_DAV_192)
{
    struct asking asking;
    unsigned told = 0, answers = 0;
    char name[32];

    start(&asking);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "a/f%d", i);
        folder_write(&asking.folder, name, "x");
    }
    do {
        CHECK_INT(ask_limited(&asking, "", true, 7), ERR_NONE);
        CHECK(asking.count <= 7);
        told += asking.count;
        answers++;
    } while (asking.is_truncated);
    CHECK_INT(told, 24);
    CHECK_INT(answers, 4);
    CHECK_STR(ask(&asking, "", true), "");
    put_at(&asking, "a/f3", "y");
    put_at(&asking, "a/f4", "y");
    CHECK_INT(ask_limited(&asking, "", true, 1), ERR_NONE);
    CHECK(asking.is_truncated);
    CHECK_INT(asking.count, 1);
    CHECK_INT(ask_limited(&asking, "", true, 1), ERR_NONE);
    CHECK_FALSE(asking.is_truncated);
    CHECK_INT(asking.count, 1);
    folder_remove(&asking.folder);
}

TEST(since__a_folder_that_moved_here_is_new_with_all_in_it)
{
    struct asking asking;

    start(&asking);
    CHECK_INT(mkdirat(asking.folder.fd, "c", 0755), 0);
    ask(&asking, "", true);
    CHECK_INT(renameat(asking.folder.fd, "a/b", asking.folder.fd, "c/b"), 0);
    CHECK_STR(ask(&asking, "", true), "-a/b/ c/b/ c/b/y");
    move_at(&asking, "c/b", "a/b");
    CHECK_STR(ask(&asking, "", true), "-c/b/ a/b/ a/b/y");
    CHECK_STR(ask(&asking, "", true), "");
    folder_remove(&asking.folder);
}

TEST(since__a_folder_that_another_one_replaced_is_changed_with_what_is_gone_from_it)
{
    struct asking asking;

    start(&asking);
    folder_write(&asking.folder, "a/b/z", "three");
    ask(&asking, "", true);
    CHECK_INT(renameat(asking.folder.fd, "a/b", asking.folder.fd, "elsewhere"), 0);
    CHECK_INT(mkdirat(asking.folder.fd, "a/b", 0755), 0);
    folder_write(&asking.folder, "a/b/y", "another");
    CHECK_STR(ask(&asking, "", true), "-a/b/z a/b/ a/b/y elsewhere/ elsewhere/y elsewhere/z");
    delete_at(&asking, "elsewhere");
    CHECK_INT(mkdirat(asking.folder.fd, "elsewhere", 0755), 0);
    put_at(&asking, "elsewhere/y", "again");
    CHECK_STR(ask(&asking, "", true), "-elsewhere/z elsewhere/ elsewhere/y");
    folder_remove(&asking.folder);
}

TEST(since__the_mark_of_now_is_current_until_something_changes_DAV_163)
{
    struct asking asking;
    struct store *store;
    char mark[80];

    role_assert_worker();
    start(&asking);
    store = asking.folder.store;
    CHECK_INT(store_mark(store, path_of("a"), asking.mark), ERR_NONE);
    CHECK(store_mark_is_current(store, path_of("a"), slice_str(asking.mark)));
    CHECK_FALSE(store_mark_is_current(store, path_of("a/b"), slice_str(asking.mark)));
    CHECK_FALSE(store_mark_is_current(store, path_of("a"), SLICE("")));
    CHECK_INT(store_mark(store, path_of("a"), mark), ERR_NONE);
    CHECK_STR(mark, asking.mark);
    put_at(&asking, "a/new", "new");
    CHECK_FALSE(store_mark_is_current(store, path_of("a"), slice_str(mark)));
    CHECK_STR(ask(&asking, "a", false), "a/new");
    folder_remove(&asking.folder);
}

TEST(since__properties_that_changed_are_a_change)
{
    struct asking asking;
    struct prop_edit edit = {.space = SLICE("urn:x"), .local = SLICE("p"), .xml = SLICE("<p xmlns=\"urn:x\">1</p>")};

    role_assert_worker();
    start(&asking);
    ask(&asking, "a", false);
    CHECK_INT(store_patch(asking.folder.store, path_of("a/x"), &edit, 1, NULL, no_guard, NULL), ERR_NONE);
    CHECK_STR(ask(&asking, "a", false), "a/x");
    CHECK_INT(store_patch(asking.folder.store, path_of("a/b"), &edit, 1, NULL, no_guard, NULL), ERR_NONE);
    CHECK_STR(ask(&asking, "a", false), "a/b/");
    folder_remove(&asking.folder);
}
