/*
 * test_file.c - the configuration file: what it means, and its errors with their lines.
 */
#include "kit.h"

static void fails(const char *text, const char *why)
{
    struct conf *conf = kit_text(text);

    CHECK_STR(kit_why(), why);
    CHECK(conf == NULL);
}

TEST(file__sites_hosts_and_places_are_read)
{
    struct conf *conf = kit_text("listen = { \"0.0.0.0:8080\", \"[::1]:81\" }\n"
                                 "workers = 4 # a comment\n"
                                 "limits { body = \"10G\" head-time = 5m }\n"
                                 "site \"files\" {\n"
                                 "    host = { \"files.example.org\" }\n"
                                 "    root = \"/srv/files\"\n"
                                 "    users = \"samovar/users\"\n"
                                 "    at \"/\" { allow \"*\" { rights = { \"read\" } }\n"
                                 "             allow \"alice\" { rights = { \"read\", \"write\" } } }\n"
                                 "    at \"/a box/\" { hidden = deny }\n"
                                 "}\n"
                                 "site two { root = /srv/two read-only = on }\n");
    bool is_named;

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->listen_count, 2);
    CHECK_INT(conf->workers, 4);
    CHECK_U64(conf->limits.body_max, 10ull << 30);
    CHECK_INT(conf->limits.head_timeout_ms, 300000);
    CHECK_INT(conf->limits.field_count_max, 200);
    CHECK_INT(conf->site_count, 2);
    CHECK_STR(conf->sites[0].users_file, "/etc/samovar/users");
    CHECK_SLICE(conf->sites[0].places[0].path, "a box");
    CHECK_SLICE(conf->sites[0].places[1].path, "");
    CHECK_SLICE(conf_site(conf, SLICE("files.example.org"), &is_named)->name, "files");
    CHECK(is_named);
    CHECK_SLICE(conf_site(conf, SLICE("elsewhere"), &is_named)->name, "files");
    CHECK_FALSE(is_named);
    CHECK(conf->sites[1].read_only);
    conf_unref(conf);
}

TEST(file__errors_name_file_and_line)
{
    fails("workers = 4\nsite a {\n  root = /a\n  histroy = 5\n}\n",
          "/etc/t.conf:4: no directive is called \"histroy\" here; did you mean history?");
    fails("site a {\n  root = /a\n  simlinks = never\n}\n",
          "/etc/t.conf:3: no directive is called \"simlinks\" here; did you mean symlinks?");
    fails("\n\nworkers = many\n", "/etc/t.conf:3: workers needs a number, not \"many\"");
    fails("site a {\n  root = /a\n  durability = none\n}\n",
          "/etc/t.conf:3: durability must be full or relaxed, not \"none\"");
    fails("site a {\n  root = /a\n at \"x\" {\n hidden = deny\n}\n}\n",
          "/etc/t.conf:4: at needs a path such as \"/a folder\", without \".\" and \"..\", not \"x\"");
    fails("site a {\n  root = /a\n at \"/x\" {\n allow bob {\n rights = { \"reed\" }\n}\n}\n}\n",
          "/etc/t.conf:5: no right is called \"reed\"; did you mean read?");
    fails("limits {\n body = lots\n}\nsite a { root = /a }\n",
          "/etc/t.conf:2: body needs a size such as 64K or 10G, not \"lots\"");
    fails("workers = 1\nworkers = 2\n", "/etc/t.conf:2: workers is set twice, first in line 1");
}

TEST(file__a_site_needs_a_root_of_its_own)
{
    fails("", "/etc/t.conf: no site is in it; the least is: site \"files\" { root = \"/srv/files\" }");
    fails("site a {\n}\n", "/etc/t.conf:2: site \"a\" has no root");
    fails("site a { root = /x }\nsite b {\n root = \"/x/\"\n}\n",
          "/etc/t.conf:3: site \"b\" has the root of site \"a\", /x");
    fails("site a { root = /x host = { h } }\nsite b {\n root = /y\n host = { g, H }\n}\n",
          "/etc/t.conf:4: site \"b\" has the host of site \"a\", h");
}

TEST(file__what_stands_in_the_wrong_place_is_told_where_it_belongs)
{
    fails("moved \"/a\" { to = /b }\n", "/etc/t.conf:1: moved stands in a site, not here");
    fails("site a {\n root = /a\n at /b {\n users = /u\n }\n}\n", "/etc/t.conf:4: users stands in a site, not here");
    fails("site a {\n root = /a\n listen = 8080\n}\n", "/etc/t.conf:3: listen stands outside of all sites, not here");
    fails("site a {\n root = /a\n at /b {\n limit x { rate = 5/s }\n }\n}\n",
          "/etc/t.conf:4: limit stands in a site, or outside of all, not here");
    fails("rate = 5/s\n", "/etc/t.conf:1: rate stands in a block limit \"NAME\", not here");
    fails("site a {\n root = /a\n paths = /x\n}\n", "/etc/t.conf:3: paths stands in a block limit \"NAME\", not here");
}

TEST(file__addresses_that_moved_are_told_with_their_line)
{
    fails("site a {\n root = /a\n at /x { moved-to = /y }\n at /y { moved-to = /x }\n}\n",
          "/etc/t.conf:3: what moved from \"/x\" leads in a circle, or through more than 32 addresses");
    fails("site a {\n root = /a\n\n moved /x { public = on }\n}\n",
          "/etc/t.conf:4: moved \"/x\" does not say where to: it needs to = ADDRESS");
}

TEST(file__a_group_has_a_name)
{
    fails("site a {\n root = /a\n allow \"@\" { rights = { read } }\n}\n",
          "/etc/t.conf:3: allow \"@\" needs the name of a group, such as \"@editors\"");
}

TEST(file__blocks_of_one_name_are_errors)
{
    fails("site a { root = /x }\nsite a { root = /y }\n",
          "/etc/t.conf:2: there are two blocks of the same kind with the name \"a\"");
    fails("site {\n root = /x }\n", "/etc/t.conf:1: site needs a name, in quotes, before its {");
    fails("site a { root = /x at /b { hidden = deny }\n at /b/ { hidden = deny }\n}\n",
          "/etc/t.conf:2: at \"/b/\" is there twice");
}

TEST(file__allow_needs_a_name_and_may_give_no_rights)
{
    struct conf *conf = kit_text("site a { root = /x at / { allow \"*\" { rights = {} } } }");

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf_rights(&conf->sites[0], SLICE("x"), &(struct asker){.user = SLICE_NONE, .is_loopback = true}), 0);
    conf_unref(conf);
    fails("site a { root = /x\n at / {\n allow \"\" {\n}\n}\n}",
          "/etc/t.conf:4: allow needs a name, \"users\" or \"*\"");
}

TEST(file__a_text_that_ends_early_does_not_spoil_the_next_one)
{
    struct conf *conf;

    kit_text("site a { root = \"/x");
    CHECK(kit_why()[0]);
    conf = kit_text("site a { root = /x }");
    CHECK_STR(kit_why(), "");
    conf_unref(conf);
    kit_text("site a { root = '/x");
    kit_text("site a { /* no end");
    conf = kit_text("site a { root = /x }");
    CHECK_STR(kit_why(), "");
    conf_unref(conf);
}

TEST(file__cut_short_is_an_error_wherever_it_is_cut)
{
    static const char whole[] = "workers = 2 # two\nlisten = { \"1\", '2' }\nsite a { root = \"/x\" /* y */\n"
                                " at \"/b\" { hidden = deny allow \"*\" { rights = { read } } } }";
    char text[sizeof(whole)];

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        memcpy(text, whole, len);
        text[len] = '\0';
        CHECK(kit_text(text) == NULL);
        CHECK(strncmp(kit_why(), "/etc/t.conf:", 12) == 0);
    }
    conf_unref(kit_text(whole));
    CHECK_STR(kit_why(), "");
}
