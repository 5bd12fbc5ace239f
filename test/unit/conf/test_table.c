/*
 * test_table.c - every directive is in the help and the manual, and every default is a value it takes.
 */
#include "kit.h"

#include <stdlib.h>

#include "../../../src/conf/table.h"

static char *help_text, *man_text[2];

static char *printed(void (*print)(FILE *out, int section), int section)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    print(out, section);
    fclose(out);
    return text;
}

static void print_help(FILE *out, int section)
{
    conf_help(out);
}

static void print_all(void)
{
    help_text = printed(print_help, 0);
    man_text[0] = printed(conf_man, 1);
    man_text[1] = printed(conf_man, 5);
}

static void release_all(void)
{
    free(help_text);
    free(man_text[0]);
    free(man_text[1]);
}

/* The name as roff has it: each dash escaped. */
static bool is_in_man(const char *text, const char *dashes, const char *name)
{
    char escaped[200] = "\n.B ", *to = escaped + 4;

    for (const char *part = dashes; part; part = part == dashes ? name : NULL)
        for (const char *c = part; *c; c++) {
            if (*c == '-')
                *to++ = '\\';
            *to++ = *c;
        }
    *to = '\0';
    return strstr(text, escaped) != NULL;
}

TEST(table__every_row_is_in_help_and_manual)
{
    print_all();
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        char left[100];

        snprintf(left, sizeof(left), "\n  %s%s", row->option ? "--" : "", row->option ? row->option : row->name);
        if (!strstr(help_text, left))
            CHECK_STR("not in the help", row->name);
        if (row->option && !is_in_man(man_text[0], "--", row->option))
            CHECK_STR("not in samovar(1)", row->name);
        if (!(row->scopes & SCOPE_LINE) && !is_in_man(man_text[1], "", row->name))
            CHECK_STR("not in samovar(5)", row->name);
    }
    release_all();
}

TEST(table__every_default_is_a_value_that_is_taken)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        struct conf *conf = kit_args("/tmp").conf;
        struct buf why = BUF_INIT(512);
        struct build build = {.conf = conf, .why = &why, .folder = "/"};
        void *target = row->scopes & SCOPE_LIMITS ? (void *)&conf->limits
                       : row->place_bit           ? (void *)&conf->sites[0].places[0]
                       : row->scopes & SCOPE_SITE ? (void *)&conf->sites[0]
                                                  : (void *)conf;

        if (row->fallback && row->kind != KIND_LIST)
            CHECK_INT(setting_apply(&build, row, target, slice_str(row->fallback)), ERR_NONE);
        CHECK_STR(buf_str(&why), "");
        conf_unref(conf);
    }
}

TEST(table__rows_are_complete)
{
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        bool is_stored = row->kind < KIND_LIST;

        CHECK(row->help != NULL);
        CHECK(!row->option || row->argument || row->kind == KIND_ORDER || row->option_value);
        CHECK(!is_stored || row->size || row->set);
        CHECK((row->kind == KIND_WORD) == (row->words != NULL));
        CHECK(row->kind < KIND_COUNT || row->kind > KIND_TIME || row->most > row->least);
        CHECK(row->kind >= KIND_TEXT || row->fallback);
        CHECK(!(row->scopes & SCOPE_LIMITS) || row->reason);
        CHECK(!(row->scopes & SCOPE_AT) || row->place_bit || row->kind == KIND_BLOCK);
    }
}
