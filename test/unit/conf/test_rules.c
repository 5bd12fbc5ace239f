/*
 * test_rules.c - what holds at a path, and who may do what there.
 */
#include "kit.h"

enum { READING = RIGHT_READ | RIGHT_LIST };

TEST(rules__the_longest_at_wins_for_each_directive)
{
    struct conf *conf = kit_text("site a { root = /x hidden = deny untrusted = on\n"
                                 " at / { index = off }\n"
                                 " at /a { hidden = listed index = on }\n"
                                 " at /a/b { untrusted = off } }");
    const struct site *site = &conf->sites[0];

    CHECK_INT(conf_rules(site, SLICE("")).hidden, HIDDEN_DENY);
    CHECK_FALSE(conf_rules(site, SLICE("z")).index);
    CHECK(conf_rules(site, SLICE("a")).untrusted);
    CHECK_INT(conf_rules(site, SLICE("a/b/c")).hidden, HIDDEN_LISTED);
    CHECK(conf_rules(site, SLICE("a/b/c")).index);
    CHECK_FALSE(conf_rules(site, SLICE("a/b/c")).untrusted);
    CHECK_INT(conf_rules(site, SLICE("ab")).hidden, HIDDEN_DENY);
    conf_unref(conf);
}

TEST(rights__are_the_union_of_who_matches_at_the_longest_at)
{
    struct conf *conf = kit_text("site a { root = /x\n"
                                 " at / { allow \"*\" { rights = { read } } allow users { rights = { create } }\n"
                                 "        allow alice { rights = { delete } } }\n"
                                 " at /box { allow bob { rights = { list } } }\n"
                                 " at /box/in { hidden = deny } }");
    const struct site *site = &conf->sites[0];

    CHECK_INT(conf_rights(site, SLICE("f"), &(struct asker){.user = SLICE_NONE, .is_loopback = true}), READING);
    CHECK_INT(conf_rights(site, SLICE("f"), &(struct asker){.user = SLICE("bob"), .is_loopback = false}),
              READING | RIGHT_CREATE);
    CHECK_INT(conf_rights(site, SLICE("f"), &(struct asker){.user = SLICE("alice"), .is_loopback = false}),
              READING | RIGHT_CREATE | RIGHT_DELETE);
    CHECK_INT(conf_rights(site, SLICE("box"), &(struct asker){.user = SLICE("alice"), .is_loopback = true}), 0);
    CHECK_INT(conf_rights(site, SLICE("box/in/x"), &(struct asker){.user = SLICE("bob"), .is_loopback = true}),
              RIGHT_LIST);
    conf_unref(conf);
}

TEST(rights__a_groups_rights_are_those_of_its_members)
{
    struct conf *conf = kit_text("site a { root = /x\n"
                                 " allow \"@editors\" { rights = { write } }\n"
                                 " allow editors { rights = { list } } }");
    const struct slice groups[] = {SLICE("readers"), SLICE("editors")};
    struct asker asker = {.user = SLICE("ann"), .groups = groups, .group_count = 2};
    const struct site *site = &conf->sites[0];

    CHECK_INT(conf_rights(site, SLICE("f"), &asker), RIGHT_ALL & ~READING & ~RIGHT_BREW);
    asker.group_count = 1;
    CHECK_INT(conf_rights(site, SLICE("f"), &asker), 0);
    asker.user = SLICE("@editors"); /* a user who is called so is in no group by that */
    CHECK_INT(conf_rights(site, SLICE("f"), &asker), 0);
    asker.user = SLICE("editors");
    CHECK_INT(conf_rights(site, SLICE("f"), &asker), RIGHT_LIST);
    asker = (struct asker){.groups = groups, .group_count = 2}; /* nobody is in a group */
    CHECK_INT(conf_rights(site, SLICE("f"), &asker), 0);
    conf_unref(conf);
}

TEST(rights__what_logging_in_could_give)
{
    struct conf *conf = kit_text("site a { root = /x users = /u\n"
                                 " at /in { allow \"*\" { rights = { create } } }\n"
                                 " at /out { allow \"*\" { rights = { read } } allow bob { rights = { delete } } } }\n"
                                 "site b { root = /y users = /u read-only = on }\n"
                                 "site c { root = /z }");

    CHECK_INT(conf_rights_of_users(&conf->sites[0], SLICE("f")), RIGHT_ALL);
    CHECK_INT(conf_rights_of_users(&conf->sites[0], SLICE("in/f")), RIGHT_CREATE);
    CHECK_INT(conf_rights_of_users(&conf->sites[0], SLICE("out/f")), READING | RIGHT_DELETE);
    CHECK_INT(conf_rights_of_users(&conf->sites[1], SLICE("f")), READING | RIGHT_BREW);
    CHECK_INT(conf_rights_of_users(&conf->sites[2], SLICE("f")), 0);
    CHECK(conf_names(&conf->sites[0], SLICE("in")) && conf_names(&conf->sites[0], SLICE("")));
    CHECK_FALSE(conf_names(&conf->sites[0], SLICE("in/f")));
    conf_unref(conf);
}

TEST(rights__write_gives_create_delete_and_lock_and_read_gives_list)
{
    struct conf *conf = kit_text("site a { root = /x allow \"*\" { rights = { read, write } } }");

    CHECK_INT(conf_rights(&conf->sites[0], SLICE("f"), &(struct asker){.user = SLICE_NONE, .is_loopback = false}),
              RIGHT_ALL & ~RIGHT_BREW);
    conf_unref(conf);
}

TEST(rights__locks_are_given_by_their_own_words)
{
    struct conf *conf = kit_text("site a { root = /x allow alice { rights = { lock } }\n"
                                 " allow bob { rights = { unlock-any } } }");

    CHECK_INT(conf_rights(&conf->sites[0], SLICE("f"), &(struct asker){.user = SLICE("alice"), .is_loopback = false}),
              RIGHT_LOCK);
    CHECK_INT(conf_rights(&conf->sites[0], SLICE("f"), &(struct asker){.user = SLICE("bob"), .is_loopback = false}),
              RIGHT_UNLOCK_ANY);
    conf_unref(conf);
}

TEST(rights__nobody_breaks_locks_unless_told_so_by_name)
{
    struct conf *open = kit_text("site a { root = /x }"), *users = kit_text("site a { root = /x users = /u }");

    CHECK_INT(conf_rights(&open->sites[0], SLICE("f"), &(struct asker){.user = SLICE_NONE, .is_loopback = true}) &
                  RIGHT_UNLOCK_ANY,
              0);
    CHECK_INT(conf_rights(&users->sites[0], SLICE("f"), &(struct asker){.user = SLICE("x"), .is_loopback = true}) &
                  RIGHT_UNLOCK_ANY,
              0);
    CHECK(conf_rights(&users->sites[0], SLICE("f"), &(struct asker){.user = SLICE("x"), .is_loopback = true}) &
          RIGHT_LOCK);
    conf_unref(open);
    conf_unref(users);
}

TEST(rules__each_place_has_its_own_quota)
{
    struct conf *conf = kit_text("site a { root = /x quota = 1T\n at /a { quota = 10G }\n at /a/b { index = off } }");
    const struct site *site = &conf->sites[0];

    CHECK_INT(site->place_count, 3);
    CHECK_SLICE(site->places[0].path, "a/b");
    CHECK_U64(site->places[0].quota, 0);
    CHECK_U64(site->places[1].quota, 10ull << 30);
    CHECK_U64(site->places[2].quota, 1ull << 40);
    conf_unref(conf);
}

TEST(rules__a_place_may_refuse_to_be_walked_through)
{
    struct conf *conf = kit_text("site a { root = /x at /big { propfind-infinity = off } at /big/one { quota = 1M } }");

    CHECK(conf_rules(&conf->sites[0], SLICE("")).propfind_infinity);
    CHECK_FALSE(conf_rules(&conf->sites[0], SLICE("big/one/x")).propfind_infinity);
    conf_unref(conf);
}

TEST(rights__at_the_root_replaces_what_the_site_says)
{
    struct conf *conf = kit_text("site a { root = /x allow \"*\" { rights = { write } }\n"
                                 " at / { allow \"*\" { rights = { read } } } }");

    CHECK_INT(conf_rights(&conf->sites[0], SLICE("f"), &(struct asker){.user = SLICE_NONE, .is_loopback = false}),
              READING);
    conf_unref(conf);
}

TEST(rights__without_allow_follow_users_and_listener)
{
    struct conf *open = kit_text("site a { root = /x }");
    struct conf *anyone = kit_text("site a { root = /x allow-write = anyone }");
    struct conf *users = kit_text("site a { root = /x users = /u allow-write = anyone }");
    struct conf *fixed = kit_text("site a { root = /x read-only = on }");

    CHECK_INT(conf_rights(&open->sites[0], SLICE(""), &(struct asker){.user = SLICE_NONE, .is_loopback = true}),
              RIGHT_ALL);
    CHECK_INT(conf_rights(&open->sites[0], SLICE(""), &(struct asker){.user = SLICE_NONE, .is_loopback = false}),
              READING);
    CHECK_INT(conf_rights(&anyone->sites[0], SLICE(""), &(struct asker){.user = SLICE_NONE, .is_loopback = false}),
              RIGHT_ALL);
    CHECK_INT(conf_rights(&users->sites[0], SLICE(""), &(struct asker){.user = SLICE_NONE, .is_loopback = true}), 0);
    CHECK_INT(conf_rights(&users->sites[0], SLICE(""), &(struct asker){.user = SLICE("x"), .is_loopback = false}),
              RIGHT_ALL);
    CHECK_INT(conf_rights(&fixed->sites[0], SLICE(""), &(struct asker){.user = SLICE_NONE, .is_loopback = true}),
              READING | RIGHT_BREW);
    conf_unref(open);
    conf_unref(anyone);
    conf_unref(users);
    conf_unref(fixed);
}

/* ---- require-extension ---- */

static struct slice required_at(const struct conf *conf, const char *path)
{
    return conf_rules(&conf->sites[0], slice_str(path)).extension;
}

TEST(require_extension__is_kept_as_a_uri_and_lifted_by_none)
{
    struct conf *conf = kit_text("site \"s\" { root = \"/srv\"\nextensions = on\nrequire-extension = \"integrity\"\n"
                                 "at \"/a\" { require-extension = \"urn:samovar:ext:reason\" }\n"
                                 "at \"/a/b\" { require-extension = \"none\" } }\n");

    assert_non_null(conf);
    CHECK_SLICE(required_at(conf, "x"), "urn:samovar:ext:integrity");
    CHECK_SLICE(required_at(conf, "a/x"), "urn:samovar:ext:reason");
    CHECK_SLICE(required_at(conf, "a/b/c"), "");
    conf_unref(conf);
}

TEST(require_extension__is_one_of_ours_and_takes_extensions_on)
{
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\nextensions = on\nrequire-extension = \"http://e.example/x\" }\n"));
    CHECK(strstr(kit_why(), "\"integrity\", \"reason\""));
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\nat \"/a\" { require-extension = \"reason\" } }\n"));
    CHECK(strstr(kit_why(), "extensions = on"));
}

TEST(rules__history_is_a_number_a_time_or_a_size)
{
    struct conf *conf = kit_text("site s { root = \"/srv\" history = { 5 }\n"
                                 "at \"/a\" { history = { 3, \"30d\", \"2G\" } }\n"
                                 "at \"/a/b\" { history = { 0 } }\nat \"/c\" { index = off }\n}");
    struct history_rule rule;

    CHECK(conf != NULL);
    rule = conf_rules(&conf->sites[0], SLICE("x")).history;
    CHECK(rule.count == 5 && rule.bytes == 0 && rule.seconds == 0);
    rule = conf_rules(&conf->sites[0], SLICE("a/x")).history;
    CHECK(rule.count == 3 && rule.bytes == 2ull << 30 && rule.seconds == 30 * 86400);
    rule = conf_rules(&conf->sites[0], SLICE("a/b/x")).history;
    CHECK(rule.count == 0 && rule.bytes == 0 && rule.seconds == 0);
    CHECK_INT(conf_rules(&conf->sites[0], SLICE("c/x")).history.count, 5);
    conf_unref(conf);
    CHECK(kit_text("site s { root = \"/srv\" history = { 1001 } }") == NULL);
    CHECK_STR(kit_why(), "/etc/t.conf:1: history keeps 1000 earlier contents of a file at most, not 1001");
    CHECK(kit_text("site s { root = \"/srv\" history = { often } }") == NULL);
    CHECK_STR(kit_why(), "/etc/t.conf:1: history needs a number of contents (5), a time (30d) or a size (2G), or "
                         "several of them, not \"often\"");
}

/* ---- dictionary ---- */

static struct rules rules_at(const struct conf *conf, const char *path)
{
    return conf_rules(&conf->sites[0], slice_str(path));
}

TEST(dictionary__has_a_pattern_and_an_id_or_is_for_itself)
{
    struct conf *conf = kit_text("site \"s\" { root = \"/srv\"\n"
                                 "at \"/app\" { dictionary = { \"/app/*.js\", \"one\" }\nfresh = 1h }\n"
                                 "at \"/app/raw\" { dictionary = off }\n"
                                 "at \"/self\" { dictionary = self\nfresh = 5m } }\n");

    assert_non_null(conf);
    CHECK(conf->sites[0].has_dictionaries);
    CHECK(rules_at(conf, "app/x").dictionary.is_on);
    CHECK_SLICE(rules_at(conf, "app/x").dictionary.match, "/app/*.js");
    CHECK_SLICE(rules_at(conf, "app/x").dictionary.id, "one");
    CHECK_INT(rules_at(conf, "app/x").fresh_s, 3600);
    CHECK(!rules_at(conf, "app/raw/x").dictionary.is_on);
    CHECK(rules_at(conf, "self/x").dictionary.is_on && !rules_at(conf, "self/x").dictionary.match.len);
    CHECK(!rules_at(conf, "x").dictionary.is_on && rules_at(conf, "x").fresh_s == 0);
    conf_unref(conf);
}

TEST(dictionary__is_refused_where_clients_would_not_use_it)
{
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\ndictionary = \"/app/*\" }\n"));
    CHECK(strstr(kit_why(), "fresh") != NULL);
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\nfresh = 1h\ndictionary = \"https://other.example/*\" }\n"));
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\nfresh = 1h\ndictionary = \"/(a|b)\" }\n"));
    CHECK(!kit_text("site \"s\" { root = \"/srv\"\nfresh = 1h\ndictionary = { \"/a\", \"b\", \"c\" } }\n"));
}
