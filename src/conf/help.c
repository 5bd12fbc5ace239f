/*
 * help.c - the texts made from the table: --help, samovar(1), samovar(5).
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

/* Limits have no argument of their own: the kind says what it looks like. */
static const char *argument_of(const struct directive *row)
{
    return row->kind == KIND_SIZE ? "SIZE" : row->kind == KIND_TIME ? "TIME" : row->argument ? row->argument : "N";
}

void conf_help(FILE *out)
{
    fputs("Usage: samovar [serve] [DIR] [OPTION...]\n"
          "       samovar status [DIR]\n"
          "\n"
          "Serves a folder, the current one unless DIR is given, to browsers and as a network drive.\n"
          "A folder that is called like a command is written ./NAME.\n"
          "\n"
          "Options, as --name value or --name=value:\n",
          out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option)
            help_row(out, &directives[i], "--", directives[i].option);
    fputs("\nLimits, for --limit NAME=VALUE:\n", out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].scopes & SCOPE_LIMITS)
            help_row(out, &directives[i], "", directives[i].name);
    fputs("\nDirectives of the configuration file only:\n", out);
    for (unsigned i = 0; i < directive_count; i++)
        if (!directives[i].option && !(directives[i].scopes & SCOPE_LIMITS))
            help_row(out, &directives[i], "", directives[i].name);
    fputs("\nSizes are written 64K, 10M or 2G, times 30s, 5m or 24h. samovar(5) tells of the configuration file.\n",
          out);
}

/* Text for roff: no dash becomes a hyphen, nothing at a line's start is taken for a request. */
static void roff(FILE *out, const char *text)
{
    for (bool is_start = true; *text; is_start = *text == '\n', text++) {
        if (is_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void man_lines(FILE *out, const char *title, const char *const *lines)
{
    fprintf(out, ".SH %s\n", title);
    for (; *lines; lines++) {
        if (**lines == '.') {
            fputs(*lines, out); /* a request of ours */
        } else {
            roff(out, *lines);
        }
        fputc('\n', out);
    }
}

static void man_row(FILE *out, const struct directive *row, bool is_file)
{
    const char *name = is_file ? row->name : row->option;

    fputs(".TP\n.B ", out);
    roff(out, is_file ? "" : "--");
    roff(out, name);
    if (is_file && row->kind != KIND_BLOCK)
        fputs(" = \\fI", out);
    else if (row->argument)
        fputs(" \\fI", out);
    if (is_file && row->kind == KIND_FLAG)
        roff(out, "on|off");
    else if (is_file && row->kind == KIND_LIST)
        fputs("\\fR{ \\fI\\(dqVALUE\\(dq\\fR, ... }", out);
    else if (is_file && row->kind != KIND_BLOCK)
        roff(out, row->words ? row->words : argument_of(row));
    else if (row->argument)
        roff(out, row->argument);
    fputs(is_file && row->kind == KIND_BLOCK ? "\\fR { ... }\n" : "\\fR\n", out);
    roff(out, row->option_help && !is_file ? row->option_help : row->help);
    fputs(".\n", out);
    if (row->reason) {
        fputs("The reason: ", out);
        roff(out, row->reason);
        fputs(".\n", out);
    }
    if (row->fallback && (is_file || row->kind != KIND_FLAG)) {
        fputs("Default: ", out);
        roff(out, row->fallback);
        fputs(".\n", out);
    }
    if (row->needs_restart)
        fputs("A new value needs a restart.\n", out);
}

static void man_rows(FILE *out, const char *title, unsigned scope, unsigned not_scope)
{
    fprintf(out, ".SH %s\n", title);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].scopes & scope && !(directives[i].scopes & not_scope))
            man_row(out, &directives[i], true);
}

static void man_command(FILE *out)
{
    static const char *const name[] = {"samovar - serve a folder as a web site and as a network drive", NULL};
    static const char *const synopsis[] = {
        ".B samovar", "[serve] [DIR] [OPTION...]", ".br", ".B samovar status", "[DIR]", NULL};
    static const char *const description[] = {
        "Serves DIR, or the current folder, over HTTP. Without users and without --listen it listens on loopback",
        "addresses only and everybody there reads and writes; on any other address everybody only reads, unless",
        "--allow-write anyone is given. A folder that is called like a command is written ./NAME.",
        ".PP",
        "samovar status asks the server that serves DIR how it is.",
        NULL};
    static const char *const status[] = {"0 after an orderly end, 1 when something went wrong, 2 for a wrong option",
                                         "or configuration.", NULL};
    static const char *const signals[] = {
        "SIGTERM and SIGINT: the first lets requests under way finish, the second ends at once.",
        ".PP",
        "SIGHUP: reads the configuration again; a wrong one is told and the old one kept. A new value of a",
        "directive that needs a restart is refused.",
        ".PP",
        "SIGUSR1: lists what is in flight.",
        NULL};
    static const char *const examples[] = {".nf",
                                           "samovar ~/share",
                                           "samovar --listen 0.0.0.0:8080 --users /etc/samovar/users /srv/files",
                                           "samovar --config /etc/samovar.conf --check-config",
                                           ".fi",
                                           NULL};

    man_lines(out, "NAME", name);
    man_lines(out, "SYNOPSIS", synopsis);
    man_lines(out, "DESCRIPTION", description);
    fputs(".SH OPTIONS\nEvery value may also be joined to its option by \\(dq=\\(dq.\n", out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option)
            man_row(out, &directives[i], false);
    man_lines(out, "EXIT STATUS", status);
    man_lines(out, "SIGNALS", signals);
    man_lines(out, "EXAMPLES", examples);
    fputs(".SH SEE ALSO\n.BR samovar (5)\n", out);
}

static void man_file(FILE *out)
{
    static const char *const name[] = {"samovar - the configuration file of samovar(1)", NULL};
    static const char *const description[] = {
        "Directives are NAME = VALUE, blocks are NAME { ... } or NAME \"TITLE\" { ... }, lists are",
        "{ \"a\", \"b\" }. Comments begin with # or //, or stand between /* and */. Values with other characters",
        "than letters, digits, dots, dashes and slashes stand in quotes. In double quotes ${NAME} is a variable of",
        "the environment; single quotes take all as it is. Sizes are written 64K, 10M or 2G, times 30s, 5m or 24h.",
        "Relative paths start at the file's folder.",
        ".PP",
        "A site without allow: with users, whoever logged in does everything and nobody else anything; without,",
        "everybody reads, and writes over loopback addresses or with allow-write = anyone.",
        NULL};
    static const char *const example[] = {".nf",
                                          "listen = { \"0.0.0.0:8080\" }",
                                          "site \"files\" {",
                                          "    host = { \"files.example.org\" }",
                                          "    root = \"/srv/files\"",
                                          "    users = \"/etc/samovar/users\"",
                                          "    at \"/\" { allow \"*\" { rights = { \"read\" } } }",
                                          "}",
                                          ".fi",
                                          NULL};

    man_lines(out, "NAME", name);
    man_lines(out, "DESCRIPTION", description);
    man_rows(out, "THE SERVER", SCOPE_GLOBAL, 0);
    man_rows(out, "SITES", SCOPE_SITE, SCOPE_AT);
    man_rows(out, "SITES AND PATHS", SCOPE_AT, 0);
    man_rows(out, "RIGHTS", SCOPE_ALLOW, 0);
    man_rows(out, "LIMITS", SCOPE_LIMITS, 0);
    man_lines(out, "EXAMPLE", example);
    fputs(".SH SEE ALSO\n.BR samovar (1)\n", out);
}

void conf_man(FILE *out, int section)
{
    fprintf(out, ".TH SAMOVAR %d\n", section);
    if (section == 1)
        man_command(out);
    else
        man_file(out);
}
