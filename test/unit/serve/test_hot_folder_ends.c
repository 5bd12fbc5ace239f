/*
 * test_hot_folder_ends.c - hot folders: every change by anyone ends what is known.
 */
#include "finds.h"

/* ---- every change ends it ---- */

static int at_f(int flags, int (*act)(int fd))
{
    int fd = openat(inn->folder.fd, "a/d/f", flags | O_CLOEXEC), got = act(fd);

    close(fd);
    return got;
}

static int put_same_size(int fd)
{
    return pwrite(fd, "HELLO", 5, 0) == 5 ? 0 : -1;
}

static int put_at_end(int fd)
{
    return pwrite(fd, "!", 1, 5) == 1 ? 0 : -1;
}

static int cut(int fd)
{
    return ftruncate(fd, 2);
}

static int executable(int fd)
{
    return fchmod(fd, 0755);
}

static int write_in_place(void)
{
    return at_f(O_WRONLY, put_same_size);
}

static int append(void)
{
    return at_f(O_WRONLY, put_at_end);
}

static int truncate_it(void)
{
    return at_f(O_WRONLY, cut);
}

static int change_mode(void)
{
    return at_f(O_RDONLY, executable);
}

static int touch(void)
{
    return utimensat(inn->folder.fd, "a/d/f", NULL, 0);
}

static int rename_over(void)
{
    folder_write(&inn->folder, "new", "other");
    return renameat(inn->folder.fd, "new", inn->folder.fd, "a/d/f");
}

static int exchange_it(void)
{
    folder_write(&inn->folder, "new", "other");
    return renameat2(inn->folder.fd, "new", inn->folder.fd, "a/d/f", RENAME_EXCHANGE);
}

static int unlink_it(void)
{
    return unlinkat(inn->folder.fd, "a/d/f", 0);
}

static int rename_within(void)
{
    return renameat(inn->folder.fd, "a/d/f", inn->folder.fd, "a/d/ff");
}

static int rename_out(void)
{
    return renameat(inn->folder.fd, "a/d/f", inn->folder.fd, "f");
}

static int create(void)
{
    folder_write(&inn->folder, "a/d/new", "");
    return 0;
}

static int make_folder(void)
{
    return mkdirat(inn->folder.fd, "a/d/new", 0755);
}

static int make_link(void)
{
    return symlinkat("h", inn->folder.fd, "a/d/new");
}

static int give_a_name_here(void)
{
    folder_write(&inn->folder, "new", "other");
    return linkat(inn->folder.fd, "new", inn->folder.fd, "a/d/new", 0);
}

static int create_in_member(void)
{
    folder_write(&inn->folder, "a/d/sub/new", "");
    return 0;
}

static int delete_in_member(void)
{
    return unlinkat(inn->folder.fd, "a/d/sub/g", 0);
}

static int rename_in_member(void)
{
    return renameat(inn->folder.fd, "a/d/sub/g", inn->folder.fd, "a/d/sub/gg");
}

static int touch_member(void)
{
    return utimensat(inn->folder.fd, "a/d/sub", NULL, 0);
}

static int move_member_out(void)
{
    return renameat(inn->folder.fd, "a/d/sub", inn->folder.fd, "sub");
}

static int touch_folder(void)
{
    return utimensat(inn->folder.fd, "a/d", NULL, 0);
}

static int move_folder(void)
{
    return renameat(inn->folder.fd, "a/d", inn->folder.fd, "a/e");
}

static int move_ancestor(void)
{
    return renameat(inn->folder.fd, "a", inn->folder.fd, "z");
}

static int replace_ancestor(void)
{
    make("x");
    make("x/d");
    return renameat2(inn->folder.fd, "x", inn->folder.fd, "a", RENAME_EXCHANGE);
}

static const struct change {
    const char *what;
    int (*act)(void);
    int status;
} changes[] = {
    {"written in place", write_in_place, 207},
    {"appended to", append, 207},
    {"truncated", truncate_it, 207},
    {"its mode changed", change_mode, 207},
    {"touched", touch, 207},
    {"renamed over", rename_over, 207},
    {"exchanged", exchange_it, 207},
    {"unlinked", unlink_it, 207},
    {"renamed", rename_within, 207},
    {"renamed away", rename_out, 207},
    {"a new file", create, 207},
    {"a new folder", make_folder, 207},
    {"a new link", make_link, 207},
    {"a file got a name here", give_a_name_here, 207},
    {"a new file in a member", create_in_member, 207},
    {"a file in a member deleted", delete_in_member, 207},
    {"a file in a member renamed", rename_in_member, 207},
    {"a member touched", touch_member, 207},
    {"a member moved out", move_member_out, 207},
    {"itself touched", touch_folder, 207},
    {"itself moved", move_folder, 404},
    {"an ancestor moved", move_ancestor, 404},
    {"an ancestor replaced", replace_ancestor, 207},
};

static void change_ends_it(const struct change *change)
{
    char *before;

    begin();
    CHECK(find_hot("/a/d/", 1));
    before = buf_take(&inn->body);
    inn->body = BUF_INIT(1024 * 1024);
    CHECK_INT(change->act(), 0);
    find("/a/d/", 1);
    if (inn->was_hot || inn->status != change->status)
        fail_msg("%s: %d, %s", change->what, inn->status, inn->was_hot ? "still hot" : "not hot");
    if (strcmp(before, buf_str(&inn->body)) == 0)
        fail_msg("%s: as before", change->what);
    free(before);
    inn_close(inn);
}

TEST(hot_folder__every_change_by_others_ends_it_before_the_next_answer)
{
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        change_ends_it(&changes[i]);
}

TEST(hot_folder__what_changes_nothing_of_it_leaves_it)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    folder_write(&inn->folder, "a/d/sub/g", "in place");
    folder_write(&inn->folder, "a/new", "x");
    folder_write(&inn->folder, "new", "x");
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK(is_still_hot());
    inn_close(inn);
}

TEST(hot_folder__each_of_many_member_folders_is_watched)
{
    char name[40], *before;

    begin();
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "a/d/many-%u", i);
        make(name);
        make_old(name);
    }
    for (unsigned i = 0; i < 40; i += 13) {
        CHECK(find_hot("/a/d/", 1));
        before = buf_take(&inn->body);
        inn->body = BUF_INIT(1024 * 1024);
        snprintf(name, sizeof(name), "a/d/many-%u/x", i);
        folder_write(&inn->folder, name, "");
        CHECK_INT(find("/a/d/", 1), 207);
        CHECK_FALSE(inn->was_hot);
        CHECK(strcmp(before, buf_str(&inn->body)) != 0);
        free(before);
    }
    inn_close(inn);
}
