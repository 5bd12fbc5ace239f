/*
 * test_groups.c - files of groups, and who is in which.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../../src/auth/groups.h"
#include "../../../src/auth/users.h"
#include "check.h"

static char path[] = "/tmp/samovar-groups-XXXXXX";
static struct arena arena;
static struct login login;

static struct users *load(struct slice content, struct buf *why)
{
    struct site site = {0};
    int fd;
    struct users *users;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_INT(write(fd, content.ptr, content.len), (ssize_t)content.len);
    close(fd);
    site.groups = path;
    users = users_load(&site, why);
    unlink(path);
    return users;
}

/* His groups, with a comma after each. */
static const char *groups_of(const struct users *users, const char *name)
{
    static char text[1000];

    login = (struct login){.name = slice_str(name)};
    users_groups(users, &arena, &login);
    text[0] = '\0';
    for (unsigned i = 0; i < login.group_count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s,", SLICE_FMT(login.groups[i]));
    return text;
}

static void check_refused(struct slice content, const char *where, const char *what)
{
    struct buf why = BUF_INIT(500);
    char want[100];

    CHECK(load(content, &why) == NULL);
    snprintf(want, sizeof(want), "%s%s", path, where);
    CHECK_SLICE(slice_upto(buf_slice(&why), strlen(want)), want);
    if (!strstr(buf_str(&why), what))
        CHECK_STR(buf_str(&why), what);
    buf_release(&why);
}

TEST(groups__lines_name_users_after_a_colon)
{
    struct buf why = BUF_INIT(500);
    struct users *users =
        load(SLICE("# who\n\nstaff: alice bob\r\n  admins :\talice\t carol  \nempty:\nstaff: dave alice\n"
                   "g\xc3\xa4ste:j\xc3\xb6rg"),
             &why);

    CHECK(users != NULL);
    CHECK_STR(groups_of(users, "alice"), "admins,staff,");
    CHECK_STR(groups_of(users, "bob"), "staff,");
    CHECK_STR(groups_of(users, "carol"), "admins,");
    CHECK_STR(groups_of(users, "dave"), "staff,");
    CHECK_STR(groups_of(users, "j\xc3\xb6rg"), "g\xc3\xa4ste,");
    CHECK_STR(groups_of(users, "Alice"), "");
    CHECK_STR(groups_of(users, "ali"), "");
    CHECK_STR(groups_of(users, ""), "");
    users_unref(users);
    arena_release(&arena);
}

TEST(groups__they_add_to_what_a_token_names)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load(SLICE("staff: alice\n"), &why);
    struct slice named[] = {SLICE("guests"), SLICE("readers")};

    login = (struct login){.name = SLICE("alice"), .groups = named, .group_count = 2};
    users_groups(users, &arena, &login);
    CHECK_INT(login.group_count, 3);
    CHECK_SLICE(login.groups[0], "guests");
    CHECK_SLICE(login.groups[2], "staff");
    users_unref(users);
    arena_release(&arena);
}

TEST(groups__a_wrong_line_is_told)
{
    check_refused(SLICE("staff: alice\nbob\n"), ":2: ", "not GROUP: USER");
    check_refused(SLICE(": alice\n"), ":1: ", "a group's name");
    check_refused(SLICE("@staff: alice\n"), ":1: ", "without it");
    check_refused(SLICE("st\x01"
                        "aff: alice\n"),
                  ":1: ", "a group's name");
    check_refused(SLICE("staff: al\xff\n"), ":1: ", "a name is");
    check_refused(SLICE("staff: al\0ice\n"), ":1: ", "a name is");
}

TEST(groups__nobody_is_in_too_many)
{
    struct buf text = BUF_INIT(10000), why = BUF_INIT(500);
    struct users *users;

    for (unsigned i = 0; i < GROUPS_OF_USER_MAX; i++)
        buf_printf(&text, "g%u: zoe adam\n", i);
    users = load(buf_slice(&text), &why);
    CHECK(users != NULL);
    groups_of(users, "zoe");
    CHECK_INT(login.group_count, GROUPS_OF_USER_MAX);
    users_unref(users);
    buf_add_str(&text, "g0: adam\nmore: adam\n"); /* the first of them he is in already */
    check_refused(buf_slice(&text), ": adam", "more than 256 groups");
    buf_release(&text);
    arena_release(&arena);
}

TEST(groups__without_a_file_nobody_is_in_any)
{
    struct buf why = BUF_INIT(500);
    struct site site = {0};
    struct users *users = users_load(&site, &why);

    CHECK_STR(groups_of(users, "alice"), "");
    users_unref(users);
    site.groups = "/nowhere/groups";
    CHECK(users_load(&site, &why) == NULL);
    CHECK(strstr(buf_str(&why), "/nowhere/groups: No such file"));
    buf_release(&why);
}
