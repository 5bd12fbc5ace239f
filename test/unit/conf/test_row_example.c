/*
 * test_row_example.c - each directive's example in samovar.conf(5) is taken, wherever the table lets it stand.
 */
#include "kit.h"

#include <stdlib.h>

#include "../../../src/conf/table.h"

enum { FILE_MAX = 4096 };

/* What stands around an example in each scope. A site's root is its first line, so that root itself may go without. */
static const struct around {
    unsigned scope;
    const char *before, *after;
} arounds[] = {
    {SCOPE_GLOBAL, "", "\nsite \"around\" { root = \"/srv/around\" }\n"},
    {SCOPE_SITE, "site \"around\" {\nroot = \"/srv/around\"\n", "\n}\n"},
    {SCOPE_AT, "site \"around\" {\nroot = \"/srv/around\"\nextensions = on\nat \"/reports\" {\n", "\n}\n}\n"},
    {SCOPE_ALLOW, "site \"around\" {\nroot = \"/srv/around\"\nat \"/inbox\" {\nallow \"bob\" {\n", "\n}\n}\n}\n"},
    {SCOPE_MOVED, "site \"around\" {\nroot = \"/srv/around\"\nmoved \"/old/*\" {\n", "\n}\n}\n"},
    {SCOPE_LIMITS, "limits {\n", "\n}\nsite \"around\" { root = \"/srv/around\" }\n"},
    {SCOPE_LIMIT, "limit \"some\" {\n", "\n}\nsite \"around\" { root = \"/srv/around\" }\n"},
    {SCOPE_PORTAL, "portal {\n", "\n}\nsite \"around\" { root = \"/srv/around\" }\n"},
    {SCOPE_POT, "site \"around\" {\nroot = \"/srv/around\"\npot \"some\" {\n", "\n}\n}\n"},
    {SCOPE_TEA, "site \"around\" {\nroot = \"/srv/around\"\npot \"some\" {\nbrews = tea\ntea \"some-tea\" {\n",
     "\n}\n}\n}\n"},
    {SCOPE_REGISTER, "", "\n"},
    {SCOPE_DEMAND, "demand \"some\" {\n", "\n}\n"},
    {SCOPE_LIMIT, "site \"around\" {\nroot = \"/srv/around\"\nlimit \"some\" {\n", "\n}\n}\n"},
};

/* The register is a file of its own, which a site reads. */
static void check_register(const char *text)
{
    struct conf *conf = kit_text("country-database = \"/c.mmdb\"\nsite \"around\" { root = \"/srv/around\" }\n");
    struct buf why = BUF_INIT(512);
    struct build build = {.conf = conf, .why = &why, .folder = "/etc", .file = "/etc/register"};
    enum err err = demands_read(&build, &conf->sites[0], slice_str(text));

    if (err)
        fail_msg("%s\n%s", buf_str(&why), text);
    CHECK_INT(conf->sites[0].demand_count, 1);
    buf_release(&why);
    conf_unref(conf);
}

static void check_file(const char *text)
{
    struct conf *conf = kit_text(text);

    if (!conf)
        fail_msg("%s\n%s", kit_why(), text);
    conf_unref(conf);
}

/* Comes back if it is taken. */
static void load_in(const struct directive *row, const struct around *around)
{
    bool is_root = strcmp(row->name, "root") == 0;
    bool needs_extensions = strcmp(row->name, "require-extension") == 0 && around->scope == SCOPE_SITE;
    bool is_portal = around->scope == SCOPE_PORTAL;
    char text[FILE_MAX];

    snprintf(text, sizeof(text), "%s%s%s%s%s%s", is_root ? "site \"around\" {\n" : around->before,
             needs_extensions ? "extensions = on\n" : "",
             is_portal && strcmp(row->name, "name") != 0 ? "name = \"portal.example.net\"\n" : "",
             is_portal && strcmp(row->name, "login") != 0 ? "login = { terms }\n" : "", row->example, around->after);
    if (around->scope & (SCOPE_REGISTER | SCOPE_DEMAND))
        check_register(text);
    else
        check_file(text);
}

TEST(row__every_directive_of_the_file_has_an_example_that_names_it)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];

        if (row->scopes & SCOPE_LINE)
            continue;
        if (!row->example || !strstr(row->example, row->name))
            CHECK_STR("without an example", row->name);
    }
}

TEST(row__every_example_is_taken_in_each_block_where_it_may_stand)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        unsigned left = row->scopes & ~(unsigned)(SCOPE_LINE | SCOPE_TLS);

        if (row->scopes & SCOPE_LINE)
            continue;
        for (unsigned k = 0; k < sizeof(arounds) / sizeof(arounds[0]); k++)
            if (row->scopes & arounds[k].scope) {
                load_in(row, &arounds[k]);
                left &= ~arounds[k].scope;
            }
        CHECK_INT(left, 0); /* a block that this test does not know */
    }
}
