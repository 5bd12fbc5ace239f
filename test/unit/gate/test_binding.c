/*
 * test_binding.c - what BIND, UNBIND and REBIND name, and what holds at the other paths of a resource (RFC 5842).
 */
#include "asked.h"
#include "gate/gate.h"
#include "store/binding.h"

static struct loop *loop;
static struct conf *conf;
static struct exchange *ex;

static void ask(const char *site, const char *line, const char *user)
{
    struct buf request = BUF_INIT(1024);

    role_assert_loop();
    loop = loop_new();
    conf = conf_of_site(site);
    buf_printf(&request, "%s HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", line);
    ex = asked(loop, conf, buf_str(&request));
    ex->asker.is_loopback = true;
    ex->asker.user = slice_str(user);
    ex->rights = conf_rights(ex->site, ex->path.text, &ex->asker);
    buf_release(&request);
}

static void leave(void)
{
    role_assert_loop();
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
}

static void check_name(const char *segment, const char *path)
{
    struct verdict verdict;

    role_assert_loop();
    verdict = binding_judge_name(ex, slice_str(segment));
    if (path) {
        CHECK_INT(verdict.status, 0);
        CHECK_SLICE(ex->destination.text, path);
    } else {
        CHECK_INT(verdict.status, 403);
        CHECK_SLICE(verdict.condition, "name-allowed");
    }
}

TEST(binding__a_segment_is_one_name) /* BND-19, BND-26 */
{
    static const char *const none[] = {"",   ".",     "..",   "%2E%2e", "a/b", "a%2Fb", "/a",
                                       "a/", "a%00b", "a%zz", "a%4",    "a?b", "a#b",   "%"};

    ask("", "BIND /y", "");
    check_name("bar", "y/bar");
    check_name("b%C3%A4r%20%3F", "y/b\xc3\xa4r ?");
    check_name("a b", "y/a b"); /* as a Destination: it can mean nothing else */
    check_name("...", "y/...");
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        check_name(none[i], NULL);
    leave();
    ask("", "BIND /", "");
    check_name("bar", "bar");
    check_name(".samovar", NULL);
    leave();
}

static struct verdict source(const char *href, struct rpath *path)
{
    unsigned rights;

    role_assert_loop();
    return binding_judge_source(ex, slice_str(href), path, &rights);
}

TEST(binding__an_href_is_on_this_very_site) /* BND-18 */
{
    struct rpath path;

    ask("", "BIND /y", "");
    CHECK_INT(source("/x/foo", &path).status, 0);
    CHECK_SLICE(path.text, "x/foo");
    CHECK_INT(source("http://localhost:8080/x/f%20o/", &path).status, 0);
    CHECK_SLICE(path.text, "x/f o");
    CHECK_SLICE(source("http://evil.example/x", &path).condition, "cross-server-binding");
    CHECK_INT(source("http://evil.example/x", &path).status, 403);
    CHECK_SLICE(source("http://localhost:8081/x", &path).condition, "cross-server-binding");
    CHECK_SLICE(source("ftp://localhost/x", &path).condition, "cross-server-binding");
    CHECK_INT(source("foo", &path).status, 400);
    CHECK_INT(source("", &path).status, 400);
    CHECK_INT(source("/x/../y", &path).status, 400);
    CHECK_INT(source("/x//y", &path).status, 400);
    CHECK_INT(source("/x?y", &path).status, 400);
    CHECK_SLICE(source("/.samovar/x", &path).condition, "binding-allowed");
    leave();
}

#define PLACES                                                                                                         \
    "users = \"/etc/users\"\nallow \"bob\" { rights = { \"read\", \"write\" } }\n"                                     \
    "at \"/seen\" { allow \"bob\" { rights = { \"read\" } } }\n"                                                       \
    "at \"/bound\" { allow \"bob\" { rights = { \"read\", \"bind\" } } }\n"                                            \
    "at \"/made\" { allow \"bob\" { rights = { \"create\" } } }\n"                                                     \
    "at \"/taken\" { allow \"bob\" { rights = { \"delete\" } } }\n"                                                    \
    "at \"/hidden\" { hidden = deny }\n"

TEST(binding__both_ends_take_rights)
{
    static const struct {
        const char *line, *segment, *href;
        int want;
    } rows[] = {
        {"BIND /y", "a", "/x", 0},          {"BIND /y", "a", "/bound", 0},       {"BIND /y", "a", "/seen", 403},
        {"BIND /y", "a", "/made", 403},     {"BIND /made", "a", "/x", 403},      {"BIND /bound", "a", "/x", 403},
        {"BIND /hidden", ".a", "/x", 403},  {"BIND /y", "a", "/hidden/.x", 403}, {"REBIND /made", "a", "/x", 0},
        {"REBIND /seen", "a", "/x", 403},   {"REBIND /y", "a", "/seen", 403},    {"REBIND /y", "a", "/taken", 403},
        {"REBIND /made", "a", "/taken", 0}, {"UNBIND /taken", "a", NULL, 0},     {"UNBIND /made", "a", NULL, 403},
        {"UNBIND /seen", "a", NULL, 403},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct rpath path;

        ask(PLACES, rows[i].line, "bob");
        role_assert_loop();
        verdict = binding_judge_name(ex, slice_str(rows[i].segment));
        if (!verdict.status && rows[i].href)
            verdict = source(rows[i].href, &path);
        if (verdict.status != rows[i].want)
            fail_msg("%s %s: %d, not %d", rows[i].line, rows[i].href ? rows[i].href : "", verdict.status, rows[i].want);
        leave();
    }
}

TEST(binding__of_a_folder_that_is_served_read_only_nothing_is_changed)
{
    role_assert_loop();
    for (unsigned i = 0; i < 3; i++) {
        ask("read-only = on", (const char *[]){"BIND /y", "UNBIND /y", "REBIND /y"}[i], "");
        CHECK_INT(gates_after_auth(ex).status, 403);
        leave();
    }
}

/* ---- other paths ---- */

static struct aliases aliases_of(struct rpath list[2], const char *home, const char *other)
{
    list[0] = (struct rpath){.text = slice_str(home)};
    list[1] = (struct rpath){.text = slice_str(other)};
    return (struct aliases){list, 2, false};
}

TEST(alias__rights_are_those_at_both_ends)
{
    struct rpath paths[2], homes[2];
    struct aliases aliases = aliases_of(paths, "seen/f", "y/f"), none = {.count = 0},
                   home = aliases_of(homes, "taken/f", "");
    unsigned rights = RIGHT_ALL;

    role_assert_loop();
    ask(PLACES, "GET /y/f", "bob");
    CHECK_INT(aliases_judge(ex, &aliases, NULL, &rights).status, 0);
    CHECK_INT(rights, RIGHT_READ | RIGHT_LIST);
    rights = RIGHT_ALL;
    CHECK_INT(aliases_judge(ex, &none, NULL, &rights).status, 0);
    CHECK_INT(rights, RIGHT_ALL);
    CHECK_INT(aliases_judge(ex, &aliases, &none, &rights).status, 0); /* the name's folder is where it seems to be */
    CHECK_INT(rights, RIGHT_READ | RIGHT_LIST | RIGHT_DELETE);
    rights = RIGHT_ALL;
    CHECK_INT(aliases_judge(ex, &aliases, &home, &rights).status, 0);
    CHECK_INT(rights, RIGHT_READ | RIGHT_LIST | RIGHT_DELETE);
    rights = RIGHT_ALL;
    home = aliases_of(homes, "seen/f", "");
    CHECK_INT(aliases_judge(ex, &home, &home, &rights).status, 0);
    CHECK_INT(rights, RIGHT_READ | RIGHT_LIST);
    leave();
}

TEST(alias__what_is_hidden_or_unknown_by_one_path_is_closed_by_all)
{
    struct rpath paths[2];
    struct aliases aliases = aliases_of(paths, "x/f", "hidden/.f");
    unsigned rights = RIGHT_ALL;

    role_assert_loop();
    ask(PLACES, "GET /y/f", "bob");
    CHECK_INT(aliases_judge(ex, &aliases, NULL, &rights).status, 403);
    aliases = aliases_of(paths, "x/f", "hidden/f");
    CHECK_INT(aliases_judge(ex, &aliases, NULL, &rights).status, 0);
    aliases.is_partial = true;
    CHECK_INT(aliases_judge(ex, &aliases, NULL, &rights).status, 403);
    leave();
}

TEST(alias__a_request_that_loses_its_right_is_refused)
{
    struct rpath paths[2];
    struct aliases aliases = aliases_of(paths, "made/f", "y/f");

    role_assert_loop();
    ask(PLACES, "GET /y/f", "bob");
    CHECK_INT(gates_after_auth(ex).status, 0);
    CHECK_INT(aliases_judge_target(ex, &aliases, NULL).status, 403);
    leave();
    ask(PLACES, "MKCOL /y/f", "bob");
    CHECK_INT(gates_after_auth(ex).status, 0);
    CHECK_INT(aliases_judge_target(ex, &aliases, NULL).status, 0);
    ex->destination_rights = RIGHT_ALL;
    CHECK_INT(aliases_judge_destination(ex, &aliases).status, 0);
    aliases = aliases_of(paths, "seen/f", "y/f");
    CHECK_INT(aliases_judge_destination(ex, &aliases).status, 403);
    leave();
}
