/*
 * test_place_index.c - the longest place above a path is found as by a walk through all of them.
 */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../../src/conf/table.h"
#include "base/names.h"

/* Names that sort around '/', and one that is the beginning of another. */
static const char *const names[] = {"a", "b", "ab", "a!", "a-b", "a.", "\303\251", "zz", "a0", "0"};

static unsigned seed = 1;

static unsigned any(unsigned below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % below;
}

static void any_path(char *out, size_t size, unsigned depth_max)
{
    unsigned depth = 1 + any(depth_max);

    out[0] = '\0';
    for (unsigned i = 0; i < depth; i++)
        snprintf(out + strlen(out), size - strlen(out), "/%s", names[any(sizeof(names) / sizeof(names[0]))]);
}

/* A site of many places; each sets two of three directives, by chance. */
static struct conf *any_site(unsigned count)
{
    struct buf text = BUF_INIT(1 << 20);
    struct conf *conf;

    buf_printf(&text, "site s { root = /srv\nallow \"*\" { rights = { list } }\n");
    for (unsigned i = 0; i < count; i++) {
        char path[200];
        char block[300];

        any_path(path, sizeof(path), 4);
        snprintf(block, sizeof(block), "at \"%s\" {", path);
        if (strstr(buf_str(&text), block))
            continue;
        buf_add_str(&text, block);
        if (any(3))
            buf_printf(&text, " hidden = %s", any(2) ? "deny" : "listed");
        if (any(3))
            buf_printf(&text, " index = %s", any(2) ? "on" : "off");
        if (any(3))
            buf_printf(&text, " allow \"*\" { rights = { %s } }", any(2) ? "create" : "delete");
        buf_add_str(&text, " }\n");
    }
    buf_add_str(&text, "}\n");
    conf = kit_text(buf_str(&text));
    CHECK_STR(kit_why(), "");
    buf_release(&text);
    return conf;
}

/* The directives of the places on the way, one after the other. */
static struct rules by_walk(const struct site *site, struct slice path)
{
    struct rules rules = {0};

    for (size_t len = 0; len <= path.len; len++) {
        if (len && len < path.len && path.ptr[len] != '/')
            continue;
        for (unsigned i = 0; i < site->place_count; i++) {
            const struct place *place = &site->places[i];

            if (!slice_eq(place->path, slice_upto(path, len)))
                continue;
            if (place->set & SET_ALLOW)
                rules.allows = place->rules.allows;
            if (place->set & SET_HIDDEN)
                rules.hidden = place->rules.hidden;
            if (place->set & SET_INDEX)
                rules.index = place->rules.index;
        }
    }
    return rules;
}

TEST(places__the_longest_is_found_among_many)
{
    for (unsigned round = 0; round < 20; round++) {
        struct conf *conf = any_site(1 + any(120));
        const struct site *site = &conf->sites[0];

        for (unsigned i = 0; i < 300; i++) {
            char text[400];
            struct slice path;
            struct rules want, got;
            bool is_named = false, has_below = false;

            any_path(text, sizeof(text), 6);
            path = slice_from(slice_str(text), 1);
            want = by_walk(site, path);
            got = conf_rules(site, path);
            CHECK_INT(got.hidden, want.hidden);
            CHECK_INT(got.index, want.index);
            CHECK_INT(got.allows[0].rights, want.allows[0].rights);
            for (unsigned k = 0; k < site->place_count; k++) {
                is_named |= slice_eq(site->places[k].path, path);
                has_below |= !slice_eq(site->places[k].path, path) && rpath_is_within(site->places[k].path, path);
            }
            CHECK_INT(conf_names(site, path), is_named);
            CHECK_INT(conf_differs_below(site, path), has_below);
        }
        conf_unref(conf);
    }
}

TEST(places__a_place_that_says_nothing_changes_nothing)
{
    struct conf *conf =
        kit_text("site s { root = /srv index = off at /a { } at /a/b { hidden = deny } at /a/b/c { } }");
    const struct site *site = &conf->sites[0];

    CHECK_INT(conf_rules(site, SLICE("a/b/c/d")).hidden, HIDDEN_DENY);
    CHECK_FALSE(conf_rules(site, SLICE("a/b/c/d")).index);
    CHECK_INT(conf_rules(site, SLICE("a/bc")).hidden, HIDDEN_UNLISTED);
    CHECK(conf_differs_below(site, SLICE("")) && conf_differs_below(site, SLICE("a/b")));
    CHECK_FALSE(conf_differs_below(site, SLICE("a/b/c")));
    conf_unref(conf);
}

TEST(places__a_name_in_another_form_gets_round_no_rule)
{
    struct conf *conf;
    const struct site *site;

    if (!names_can_nfc())
        skip();
    conf = kit_text("site s { root = /srv names = nfc at \"/\303\251\" { hidden = deny } at \"/e\314\201/in\" { } "
                    "moved \"/\303\274\" { to = /u } }");
    CHECK_STR(kit_why(), "");
    site = &conf->sites[0];
    CHECK_INT(conf_rules(site, SLICE("\303\251/x")).hidden, HIDDEN_DENY);
    CHECK_INT(conf_rules(site, SLICE("e\314\201/x")).hidden, HIDDEN_DENY);
    CHECK(conf_names(site, SLICE("e\314\201")) && conf_names(site, SLICE("\303\251/in")));
    CHECK(conf_differs_below(site, SLICE("e\314\201")));
    CHECK(conf_moved(site, (struct rpath){.text = SLICE("u\314\210")}, &conf->arena,
                     &(struct moved){.has_query = false}));
    conf_unref(conf);
    conf = kit_text("site s { root = /srv at \"/\303\251\" { hidden = deny } }");
    CHECK_INT(conf_rules(&conf->sites[0], SLICE("e\314\201")).hidden, HIDDEN_UNLISTED);
    conf_unref(conf);
}
