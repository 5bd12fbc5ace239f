/*
 * help.c - --help, made from the table. The manual pages are man.c's, completions complete.c's.
 */
#include "table.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 100 };

/* Prints words from `column` on, broken so that no line is longer than HELP_WIDTH. */
static void print_wrapped(FILE *out, const char *text, unsigned column)
{
    struct slice rest = slice_str(text), word;
    unsigned at = column;

    while (rest.len) {
        if (!slice_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = SLICE_NONE;
        }
        if (at > column && at + 1 + word.len > HELP_WIDTH) {
            fprintf(out, "\n%*s", (int)column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", SLICE_FMT(word));
        at += (unsigned)word.len;
    }
    fputc('\n', out);
}

/* The default as the option shows it; flags have none worth telling, and 0 is explained by the sentence. */
static bool has_shown_default(const struct directive *row)
{
    return row->fallback && row->kind != KIND_FLAG && row->kind != KIND_ORDER &&
           !slice_eq(slice_str(row->fallback), SLICE("0"));
}

static void help_row(FILE *out, const struct directive *row, const char *dashes, const char *name)
{
    char left[80], right[400];
    int len = snprintf(left, sizeof(left), "  %s%s%s%s", dashes, name, row->argument ? " " : "",
                       row->argument ? row->argument : "");

    snprintf(right, sizeof(right), "%s%s%s%s", row->option_help ? row->option_help : row->help,
             has_shown_default(row) ? " [default: " : "", has_shown_default(row) ? row->fallback : "",
             has_shown_default(row) ? "]" : "");
    fputs(left, out);
    if (len >= HELP_COLUMN)
        fprintf(out, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(out, "%*s", HELP_COLUMN - len, "");
    print_wrapped(out, right, HELP_COLUMN);
}

const char *directive_argument(const struct directive *row)
{
    return row->kind == KIND_SIZE ? "SIZE" : row->kind == KIND_TIME ? "TIME" : row->argument ? row->argument : "N";
}

/* The options of each chapter below its title; a chapter without options has none. */
static void help_options(FILE *out)
{
    const char *chapter = NULL;

    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];

        if (row->chapter)
            chapter = row->chapter;
        if (!row->option)
            continue;
        if (chapter)
            fprintf(out, "\n%s:\n", chapter);
        chapter = NULL;
        help_row(out, row, "--", row->option);
    }
}

/* What is no option, block by block: some blocks call other things by the same names. */
static void help_file(FILE *out)
{
    static const struct {
        unsigned scopes;
        const char *title;
    } parts[] = {
        {SCOPE_GLOBAL | SCOPE_SITE | SCOPE_AT, "Directives of the configuration file only"},
        {SCOPE_ALLOW, "In a block allow"},
        {SCOPE_MOVED, "In a block moved"},
        {SCOPE_LIMIT, "In a block limit"},
        {SCOPE_PORTAL, "In the block portal"},
        {SCOPE_POT, "In a block pot"},
        {SCOPE_TEA, "In a block tea of a pot"},
        {SCOPE_REGISTER, "In the register of demands"},
        {SCOPE_DEMAND, "In a block demand of the register"},
    };

    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        fprintf(out, "\n%s:\n", parts[i].title);
        for (unsigned k = 0; k < directive_count; k++)
            if (!directives[k].option && directives[k].scopes & parts[i].scopes)
                help_row(out, &directives[k], "", directives[k].name);
    }
}

void conf_help(FILE *out)
{
    fprintf(out, "Usage: samovar [%s] %s\n", command_word(0), command_operands(0));
    for (unsigned i = 1; command_word(i); i++)
        fprintf(out, "       samovar %s %s\n", command_word(i), command_operands(i));
    fputs("\n"
          "Serves a folder, the current one unless DIR is given, to browsers and as a network drive.\n"
          "A folder that is called like a command is written ./NAME.\n"
          "\n"
          "Options are written --name value or --name=value.\n",
          out);
    help_options(out);
    fputs("\nLimits, for --limit NAME=VALUE:\n", out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].scopes & SCOPE_LIMITS)
            help_row(out, &directives[i], "", directives[i].name);
    help_file(out);
    fputs("\nSizes are written 64K, 10M or 2G, times 500ms, 30s, 5m or 24h. samovar(5) tells of the\n"
          "configuration file, samovar(8) of running it as a service.\n",
          out);
}
