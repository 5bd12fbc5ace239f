/*
 * test_pot.c - the blocks `pot` and `tea`, and what is at which path.
 */
#include "kit.h"

static struct conf *pots_of(const char *inside)
{
    struct buf text = BUF_INIT(8192);
    struct conf *conf;

    buf_printf(&text, "site \"s\" {\nroot = \"/srv\"\n%s\n}\n", inside);
    conf = kit_text(buf_str(&text));
    buf_release(&text);
    return conf;
}

static void refused(const char *inside, const char *why)
{
    CHECK(pots_of(inside) == NULL);
    CHECK_STR(kit_why(), why);
}

#define TEAPOT "pot \"t\" {\nbrews = tea\ntea \"assam\" { }\n}\n"

TEST(pot__the_least_is_a_name)
{
    struct conf *conf = pots_of("pot \"p\" { }");
    const struct pot_conf *pot;

    CHECK(conf && conf->has_pots);
    pot = &conf->sites[0].pots[0];
    CHECK_SLICE(conf->sites[0].pots_path, "pots");
    CHECK_SLICE(pot->name, "p");
    CHECK(pot_brews_coffee(pot) && !pot_brews_tea(pot));
    CHECK_INT(pot->heating_ms, 60000);
    CHECK_INT(pot->brewing_ms, 240000);
    CHECK_INT(pot->retry_s, 600);
    CHECK_INT(pot->additions, 0);
    CHECK_INT(pot->driver, POT_SIMULATED);
    conf_unref(conf);
}

TEST(pot__a_site_without_any_has_none)
{
    struct conf *conf = pots_of("");

    CHECK_FALSE(conf->has_pots);
    CHECK_INT(conf_pots(&conf->sites[0], SLICE("pots")).kind, POT_NOWHERE);
    conf_unref(conf);
}

TEST(pot__what_is_where)
{
    struct conf *conf =
        pots_of("pots = \"/k/p\"\n" TEAPOT "pot \"u\" {\nbrews = both\ntea \"assam\" { }\ntea \"keemun\" { }\n}");
    const struct site *site = &conf->sites[0];
    struct pot_place place = conf_pots(site, SLICE("k/p/assam"));

    CHECK_INT(conf_pots(site, SLICE("k")).kind, POT_NOWHERE);
    CHECK_INT(conf_pots(site, SLICE("k/pp")).kind, POT_NOWHERE);
    CHECK_INT(conf_pots(site, SLICE("k/p")).kind, POT_COLLECTION);
    CHECK_INT(place.kind, POT_TEA);
    CHECK_SLICE(place.pot->name, "t");
    place = conf_pots(site, SLICE("k/p/u/assam"));
    CHECK_INT(place.kind, POT_TEA);
    CHECK_SLICE(place.pot->name, "u");
    CHECK_INT(conf_pots(site, SLICE("k/p/u")).kind, POT_ITSELF);
    CHECK_INT(conf_pots(site, SLICE("k/p/t/keemun")).kind, POT_UNKNOWN);
    CHECK_INT(conf_pots(site, SLICE("k/p/x")).kind, POT_UNKNOWN);
    CHECK_INT(conf_pots(site, SLICE("k/p/x/y")).kind, POT_UNKNOWN);
    CHECK_INT(conf_pots(site, SLICE("k/p/keemun/y")).kind, POT_UNKNOWN);
    conf_unref(conf);
}

TEST(pot__at_the_top_files_are_beside_them)
{
    struct conf *conf = pots_of("pots = \"/\"\n" TEAPOT);
    const struct site *site = &conf->sites[0];

    CHECK_INT(conf_pots(site, SLICE("")).kind, POT_COLLECTION);
    CHECK_INT(conf_pots(site, SLICE("t")).kind, POT_ITSELF);
    CHECK_INT(conf_pots(site, SLICE("assam")).kind, POT_TEA);
    CHECK_INT(conf_pots(site, SLICE("t/x")).kind, POT_UNKNOWN);
    CHECK_INT(conf_pots(site, SLICE("file")).kind, POT_NOWHERE);
    CHECK_INT(conf_pots(site, SLICE("folder/file")).kind, POT_NOWHERE);
    conf_unref(conf);
}

TEST(pot__what_makes_no_sense_is_told)
{
    refused("pots = \"/pots\"", "/etc/t.conf:3: pots says where pots are, and the site has none: pot \"pot-1\" { }");
    refused("pot \"p\" {\nbrews = tea\n}", "/etc/t.conf:4: pot \"p\" brews tea and needs some: tea \"earl-grey\" { }");
    refused("pot \"p\" {\ntea \"a\" { }\n}", "/etc/t.conf:4: pot \"p\" has teas, and brews none: brews = tea, or both");
    refused(
        "pot \"a b\" { }",
        "/etc/t.conf:3: a pot needs a name of letters, digits, \"-\", \"_\" and dots, such as \"pot-1\", not \"a b\"");
    refused("pot \"p\" {\nadditions = { Cram }\n}",
            "/etc/t.conf:4: no addition is called \"Cram\"; did you mean Cream?");
    refused("pot \"p\" {\nbrews = tea\ntea \"a\" {\nagainst = { \"Rum+Milk\" }\n}\n}",
            "/etc/t.conf:6: no addition is called \"Milk\"");
    refused(TEAPOT "pot \"assam\" { }", "/etc/t.conf:7: a pot and a tea are both called \"assam\"");
}
