/*
 * test_demands.c - the register of legal demands, and which of them holds at a path.
 */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/names.h"

#include "../../../src/conf/demand_index.h"
#include "../../../src/conf/table.h"

#define LINES "site \"s\" { root = \"/srv\"\n"

static char why_text[1024];

/* A site with these lines and this register, called /etc/register; NULL: why_text says why. */
static struct conf *with(const char *lines, const char *text)
{
    char whole[512];
    struct buf why = BUF_INIT(1000);
    struct conf *conf;
    struct build build = {.why = &why, .folder = "/etc", .file = "/etc/register", .looks_at_fs = true};

    snprintf(whole, sizeof(whole), "country-database = \"/c.mmdb\"\n" LINES "%s }\n", lines);
    conf = kit_text(whole);
    CHECK(conf != NULL);
    build.conf = conf;
    if (demands_read(&build, &conf->sites[0], slice_str(text))) {
        conf_unref(conf);
        conf = NULL;
    }
    snprintf(why_text, sizeof(why_text), "%s", buf_str(&why));
    CHECK((conf == NULL) == (why.len > 0));
    buf_release(&why);
    return conf;
}

static struct conf *naming(const char *paths)
{
    char text[2048];
    struct conf *conf;

    snprintf(text, sizeof(text), "demand \"d\" { paths = { %s } }\n", paths);
    conf = with("", text);
    CHECK_STR(why_text, "");
    return conf;
}

static bool is_closed(const struct conf *conf, const char *path)
{
    return conf_demand(&conf->sites[0], slice_str(path), SLICE_NONE);
}

TEST(demands__a_path_covers_itself_and_all_below)
{
    struct conf *conf = naming("\"/books/banned\", \"/x/\"");

    CHECK(is_closed(conf, "books/banned"));
    CHECK(is_closed(conf, "books/banned/a/b"));
    CHECK(is_closed(conf, "x"));
    CHECK(is_closed(conf, "x/y"));
    CHECK_FALSE(is_closed(conf, ""));
    CHECK_FALSE(is_closed(conf, "books"));
    CHECK_FALSE(is_closed(conf, "books/banned2"));
    CHECK_FALSE(is_closed(conf, "books/ban"));
    CHECK_FALSE(is_closed(conf, "y/books/banned"));
    conf_unref(conf);
}

TEST(demands__the_root_is_everything)
{
    struct conf *conf = naming("\"/\"");

    CHECK(is_closed(conf, ""));
    CHECK(is_closed(conf, "a/b"));
    conf_unref(conf);
}

TEST(demands__a_pattern_covers_what_it_fits_and_all_below)
{
    struct conf *conf = naming("\"/a/*/secret-*\", \"/**/name.pdf\", \"/*.tmp\", \"/deep/**/x?\"");

    CHECK(is_closed(conf, "a/b/secret-1"));
    CHECK(is_closed(conf, "a/b/secret-1/below/it"));
    CHECK_FALSE(is_closed(conf, "a/secret-1"));
    CHECK(is_closed(conf, "name.pdf"));
    CHECK(is_closed(conf, "q/w/name.pdf"));
    CHECK(is_closed(conf, "q/name.pdf/part"));
    CHECK_FALSE(is_closed(conf, "q/name.pdf2"));
    CHECK(is_closed(conf, "a.tmp"));
    CHECK(is_closed(conf, "a.tmp/x"));
    CHECK_FALSE(is_closed(conf, "b/a.tmp"));
    CHECK(is_closed(conf, "deep/xy"));
    CHECK(is_closed(conf, "deep/q/xy"));
    CHECK_FALSE(is_closed(conf, "deep/x"));
    conf_unref(conf);
}

TEST(demands__an_encoded_path_closes_both_spellings)
{
    struct conf *conf = naming("\"/f%C3%BCr%20alle\", \"/100%25\", \"/%zz\"");

    CHECK(is_closed(conf, "f\xc3\xbcr alle/x"));
    CHECK(is_closed(conf, "f%C3%BCr%20alle"));
    CHECK(is_closed(conf, "100%"));
    CHECK(is_closed(conf, "100%25"));
    CHECK(is_closed(conf, "%zz"));
    conf_unref(conf);
}

TEST(demands__names_in_another_form_are_the_same_where_the_site_says_so)
{
    struct conf *conf;

    if (!names_can_nfc())
        skip();
    conf = with("names = nfc", "demand \"d\" { paths = { \"/f\xc3\xbcr\", \"/e\xcc\x81\" } }");
    CHECK(is_closed(conf, "f\xc3\xbcr"));
    CHECK(is_closed(conf, "fu\xcc\x88r/x"));
    CHECK(is_closed(conf, "\xc3\xa9"));
    conf_unref(conf);
    conf = naming("\"/f\xc3\xbcr\"");
    CHECK_FALSE(is_closed(conf, "fu\xcc\x88r/x"));
    conf_unref(conf);
}

TEST(demands__hold_where_they_say)
{
    struct conf *conf = with("", "demand \"some\" { paths = { \"/a\" } countries = { \"DE\", \"fr\" } }\n"
                                 "demand \"all\" { paths = { \"/b\" } }\n");
    const struct site *site = &conf->sites[0];

    CHECK(conf_demand(site, SLICE("a/x"), SLICE("DE")));
    CHECK(conf_demand(site, SLICE("a/x"), SLICE("FR")));
    CHECK_FALSE(conf_demand(site, SLICE("a/x"), SLICE("IT")));
    CHECK_FALSE(conf_demand(site, SLICE("a/x"), SLICE_NONE));
    CHECK(conf_demand(site, SLICE("a/x"), COUNTRY_HIDDEN));
    CHECK_FALSE(conf_demand(site, SLICE("c"), COUNTRY_HIDDEN));
    CHECK(conf_demand(site, SLICE("b"), SLICE_NONE));
    CHECK(conf_knows_countries(site));
    CHECK(conf_depends_on_country(site, SLICE("a")));
    CHECK_FALSE(conf_depends_on_country(site, SLICE("b")));
    CHECK_SLICE(conf_demand_elsewhere(site, SLICE("a/b"))->name, "some");
    conf_unref(conf);
}

TEST(demands__the_public_one_is_told_first_and_then_the_earlier)
{
    struct conf *conf = with("", "demand \"one\" { paths = { \"/a\" } }\n"
                                 "demand \"two\" { paths = { \"/a\", \"/b/c\" } }\n"
                                 "demand \"three\" { paths = { \"/**/c\" } public = on }\n");
    const struct site *site = &conf->sites[0];

    CHECK_SLICE(conf_demand(site, SLICE("a"), SLICE_NONE)->name, "one");
    CHECK_SLICE(conf_demand(site, SLICE("b/c"), SLICE_NONE)->name, "three");
    CHECK_SLICE(conf_demand(site, SLICE("a/c"), SLICE_NONE)->name, "three");
    conf_unref(conf);
}

TEST(demands__who_is_kept_from_it_has_no_sight_of_it)
{
    struct conf *conf = naming("\"/a/b\"");
    const struct site *site = &conf->sites[0];
    struct asker asker = {.is_loopback = true};

    CHECK_INT(conf_sight(site, SLICE("a"), &asker), RIGHT_ALL);
    CHECK_INT(conf_sight(site, SLICE("a/b/c"), &asker), 0);
    conf_unref(conf);
}

TEST(demands__members_differ_only_above_what_is_named_and_where_patterns_reach)
{
    struct conf *conf = naming("\"/a/b/c\", \"/p/*/x*\"");
    const struct site *site = &conf->sites[0];

    CHECK(conf_differs_below(site, SLICE("")));
    CHECK(conf_differs_below(site, SLICE("a")));
    CHECK(conf_differs_below(site, SLICE("a/b")));
    CHECK_FALSE(conf_differs_below(site, SLICE("a/b/c")));
    CHECK_FALSE(conf_differs_below(site, SLICE("a/z")));
    CHECK_FALSE(conf_differs_below(site, SLICE("z")));
    CHECK(conf_differs_below(site, SLICE("p")));
    CHECK(conf_differs_below(site, SLICE("p/q/r")));
    CHECK(conf_demand_fits_below(site, SLICE("p/q")));
    CHECK_FALSE(conf_demand_fits_below(site, SLICE("z")));
    conf_unref(conf);
    conf = naming("\"/**/x\"");
    CHECK(conf_differs_below(&conf->sites[0], SLICE("any/where")));
    conf_unref(conf);
    conf = naming("\"/a\"");
    CHECK_FALSE(conf_demand_fits_below(&conf->sites[0], SLICE("")));
    conf_unref(conf);
}

TEST(demands__what_is_named_below_a_folder_is_stepped_through)
{
    struct conf *conf = naming("\"/a/b/c\", \"/a/*/x\", \"/a/d\", \"/a\", \"/ab\"");
    const struct site *site = &conf->sites[0];
    struct demand_step step = {0};
    struct slice below;

    CHECK(conf_demand_below(site, SLICE("a"), &step, &below));
    CHECK_SLICE(below, "b/c");
    CHECK(conf_demand_below(site, SLICE("a"), &step, &below));
    CHECK_SLICE(below, "d");
    CHECK_FALSE(conf_demand_below(site, SLICE("a"), &step, &below));
    step = (struct demand_step){0};
    CHECK(conf_demand_below(site, SLICE(""), &step, &below));
    CHECK_SLICE(below, "a/b/c");
    conf_unref(conf);
}

TEST(demands__are_written_as_the_manual_says)
{
    struct conf *conf = with("", "demand \"order-17\" {\n"
                                 "  paths = { \"/books/banned\" }\n  authority = \"District Court\"\n"
                                 "  reference = \"Order 17/2026\"\n  date = 2028-02-29\n"
                                 "  blocked-by = \"https://www.example.org/legal\"\n  public = on\n"
                                 "  text = { \"en: No: never.\", \"de-CH: Nein.\" }\n}\n");
    const struct demand *demand = conf_demand(&conf->sites[0], SLICE("books/banned"), SLICE_NONE);

    CHECK_SLICE(demand->name, "order-17");
    CHECK_STR(demand->authority, "District Court");
    CHECK_STR(demand->reference, "Order 17/2026");
    CHECK_STR(demand->date, "2028-02-29");
    CHECK_STR(demand->blocked_by, "https://www.example.org/legal");
    CHECK(demand->is_public);
    CHECK_INT(demand->text_count, 2);
    CHECK_SLICE(demand->texts[0].text, "No: never.");
    CHECK_SLICE(demand->texts[1].language, "de-CH");
    conf_unref(conf);
}

TEST(demands__every_example_of_the_manual_is_taken)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        char text[2048];

        if (!(row->scopes & (SCOPE_REGISTER | SCOPE_DEMAND)))
            continue;
        snprintf(text, sizeof(text), row->scopes & SCOPE_DEMAND ? "demand \"d\" {\n%s\n}\n" : "%s\n", row->example);
        conf_unref(with("", text));
        CHECK_STR(why_text, "");
    }
}

TEST(demands__what_is_wrong_is_told_with_its_line)
{
    static const struct {
        const char *inside, *want;
    } cases[] = {
        {"paths = { \"a\" }", "/etc/register:2: paths takes paths such as"},
        {"paths = { \"/a/../b\" }", "/etc/register:2: paths takes paths such as"},
        {"paths = { \"/a//b\" }", "/etc/register:2: paths takes paths such as"},
        {"paths = { \"\" }", "/etc/register:2: paths must not be empty"},
        {"public = on", "/etc/register:2: demand \"d\" has no paths"},
        {"paths = { \"/a\" }\ndate = 2026-02-29", "/etc/register:3: date needs a day such as"},
        {"date = 31.1.2026", "/etc/register:2: date needs a day such as"},
        {"countries = { \"DEU\" }", "/etc/register:2: countries takes two letters"},
        {"countries = { \"UK\" }", "/etc/register:2: UK is no country's code"},
        {"text = { \"No language\" }", "/etc/register:2: text needs a language"},
        {"text = { \"en: a\", \"EN: b\" }", "/etc/register:2: there are two texts in the language EN"},
        {"text = { \"toolonglanguage: a\" }", "/etc/register:2: text needs a language"},
        {"blocked-by = \"https://a/>; rel=x\"", "/etc/register:2: blocked-by needs a URL"},
        {"blocked-by = \"District Court\"", "/etc/register:2: blocked-by needs a URL"},
        {"path = { \"/a\" }", "/etc/register:2: no directive is called \"path\" here; did you mean paths?"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        snprintf(text, sizeof(text), "demand \"d\" {\n%s\n}\n", cases[i].inside);
        CHECK(with("", text) == NULL);
        if (!slice_starts(slice_str(why_text), slice_str(cases[i].want)))
            CHECK_STR(why_text, cases[i].want);
    }
    CHECK(with("", "demand \"d\" { paths = { \"/a\" }") == NULL);
    CHECK(with("", "root = \"/a\"\n") == NULL);
    CHECK(with("", "demand \"d\" { paths = { \"/a\" } }\ndemand \"d\" { paths = { \"/b\" } }\n") == NULL);
    CHECK(with("", "demand \"\" { paths = { \"/a\" } }\n") == NULL);
}

TEST(demands__patterns_have_limits)
{
    char text[2000] = "demand \"d\" { paths = { \"/", longest[1200];

    memset(longest, 'a', 1100);
    longest[1100] = '\0';
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s*\" } }\n", longest);
    CHECK(with("", text) == NULL);
    CHECK(strstr(why_text, "longer than"));
}

TEST(demands__countries_need_a_database)
{
    struct buf why = BUF_INIT(1000);
    struct conf *conf = kit_text(LINES "}\n");
    struct build build = {.conf = conf, .why = &why, .folder = "/etc", .file = "/etc/register"};

    CHECK(demands_read(&build, &conf->sites[0],
                       SLICE("demand \"d\" { paths = { \"/a\" }\ncountries = { \"DE\" }\n}\n")) == ERR_INVALID);
    CHECK(strstr(buf_str(&why), "country-database"));
    buf_release(&why);
    conf_unref(conf);
}

/* Not a measure of the machine: what looked at each demand would take a hundred times as long as is allowed here. */
TEST(demands__a_look_costs_little_however_many_there_are)
{
    enum { DEMANDS = 5000, LOOKS = 100000 };
    struct buf text = BUF_INIT(1 << 20);
    struct conf *conf;
    clock_t start;

    for (unsigned i = 0; i < DEMANDS; i++)
        buf_printf(&text, "demand \"d%u\" { paths = { \"/books/%u/banned\", \"/p%u/*.pdf\" } }\n", i, i, i);
    conf = with("", buf_str(&text));
    buf_release(&text);
    CHECK(is_closed(conf, "books/4999/banned/x"));
    CHECK(is_closed(conf, "p4999/x.pdf"));
    start = clock();
    for (unsigned i = 0; i < LOOKS; i++)
        if (is_closed(conf, "books/777/some/thing.pdf"))
            CHECK(false);
    CHECK((clock() - start) / (double)CLOCKS_PER_SEC < 2);
    conf_unref(conf);
}
