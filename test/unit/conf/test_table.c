/*
 * test_table.c - every directive is in the help and the manual, and every default is a value it takes.
 */
#include "kit.h"

#include <stdlib.h>

#include "../../../src/conf/table.h"

static char *help_text, *man_text[2];

/* Not inlined: gcc 12 takes the stream's last word on where the text is for a pointer to nowhere. */
__attribute__((noinline)) static char *printed(void (*print)(FILE *out, int section), int section)
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

/* As roff has it. Examples are short. */
static bool is_example_in(const char *text, const char *example)
{
    char wanted[1024] = ".nf\n", *to = wanted + 4;

    for (const char *c = example; *c; c++) {
        if (*c == '-')
            *to++ = '\\';
        *to++ = *c;
    }
    strcpy(to, "\n.fi\n");
    return strstr(text, wanted) != NULL;
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
        if (!(row->scopes & SCOPE_LINE) && !is_example_in(man_text[1], row->example))
            CHECK_STR("no example in samovar(5)", row->name);
    }
    release_all();
}

/* The rest of the line after the first place where `text` has `what`. */
static struct slice line_after(const char *text, const char *what)
{
    const char *found = strstr(text, what);

    CHECK(found != NULL);
    found += strlen(what);
    return slice_of(found, strcspn(found, "\n"));
}

static void print_shell(FILE *out, int shell)
{
    conf_completion(out, (enum shell)shell);
}

TEST(completion__every_option_is_in_every_shells)
{
    static const char *const forms[] = {[SHELL_BASH] = "--%s", [SHELL_ZSH] = "--%s", [SHELL_FISH] = "-l %s "};

    for (int shell = SHELL_BASH; shell <= SHELL_FISH; shell++) {
        char *text = printed(print_shell, shell), form[100];

        for (unsigned i = 0; i < directive_count; i++) {
            snprintf(form, sizeof(form), forms[shell], directives[i].option ? directives[i].option : "help");
            if (!strstr(text, form))
                CHECK_STR("not in the completion", directives[i].name);
        }
        CHECK(strstr(text, "status") != NULL);
        CHECK(strstr(text, "locks") != NULL);
        CHECK(strstr(text, "check") != NULL);
        CHECK(strstr(text, "forwards") != NULL);
        CHECK(strstr(text, "brew") != NULL);
        CHECK(strstr(text, "survey") != NULL);
        CHECK(strstr(text, "demo") != NULL);
        free(text);
    }
}

TEST(completion__words_files_and_folders_follow_the_row)
{
    char *zsh = printed(print_shell, SHELL_ZSH), *fish = printed(print_shell, SHELL_FISH);

    CHECK_SLICE(line_after(zsh, "'--tls-min=[the oldest version of TLS that is spoken: 1.2 or 1.3]"),
                ":VERSION:(1.2 1.3)' \\");
    CHECK(slice_ends(line_after(zsh, "'*--key="), SLICE(":FILE:_files' \\")));
    CHECK(slice_ends(line_after(zsh, "'--state="), SLICE(":DIR:_files -/' \\")));
    CHECK(slice_starts(line_after(zsh, "'--no-http2"), SLICE("[speak HTTP/1.1 only]' \\")));
    CHECK(slice_starts(line_after(zsh, "*--key="), SLICE("[the certificate'\\''s private key")));
    CHECK(slice_starts(line_after(fish, "-l key "), SLICE("-r -F -d 'the certificate\\'s private key")));
    CHECK(slice_starts(line_after(fish, "-l hidden "), SLICE("-x -a 'listed unlisted deny' ")));
    free(zsh);
    free(fish);
}

TEST(manual__the_service_page_tells_of_signals_variables_and_ends)
{
    static const char *const wanted[] = {"SIGTERM",       "SIGINT",     "SIGHUP",          "SIGUSR1",
                                         "\\-\\-replace", "LISTEN_FDS", "LISTEN_FDNAMES",  "NOTIFY_SOCKET",
                                         "WATCHDOG_USEC", "run\\-as",   ".SH EXIT STATUS", ".SH CERTIFICATES",
                                         "/metrics",      "/health"};
    char *page = printed(conf_man, 8);

    CHECK(strncmp(page, ".TH SAMOVAR 8\n", 14) == 0);
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (!strstr(page, wanted[i]))
            CHECK_STR("not in samovar(8)", wanted[i]);
    free(page);
}

TEST(help__chapters_group_the_options)
{
    static const char *const wanted[] = {"--certificate ", "--client-name ", "--no-http2 "};
    char *help = printed(print_help, 0);
    const char *tls = strstr(help, "\nTLS and HTTP/2:\n");
    char *chapter;

    CHECK(tls != NULL);
    chapter = strndup(tls, (size_t)(strstr(tls, "\n\n") - tls)); /* an empty line ends it */
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        CHECK(strstr(chapter, wanted[i]) != NULL);
    CHECK(strstr(chapter, "--host ") == NULL);
    CHECK(strstr(help, "\nSites:\n") != NULL);
    CHECK(strstr(help, "Rights:") == NULL); /* none of its directives is an option */
    free(chapter);
    free(help);
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
                       : row->scopes & SCOPE_TLS  ? (void *)&conf->tls
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
        CHECK(!(row->scopes & SCOPE_TLS) || row->tls_bit || row->kind == KIND_LIST);
        CHECK(!(row->scopes & SCOPE_TLS) || (row->scopes & SCOPE_SITE && row->scopes & SCOPE_GLOBAL));
        CHECK(!(row->scopes & SCOPE_AT) || row->place_bit || row->kind == KIND_BLOCK);
    }
}
