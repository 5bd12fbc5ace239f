/*
 * complete.c - completions for bash, zsh and fish, made from the table.
 *
 * What may follow an option is told by its row: words by KIND_WORD, files, folders and users by what help calls the
 * value. What comes before is a command or a folder. The three shells share no syntax, so each has its own printer;
 * none needs more than the shell itself (bash-completion is not asked for).
 */
#include "http/status.h"
#include "table.h"

enum value { VALUE_NONE, VALUE_ANY, VALUE_WORDS, VALUE_FILE, VALUE_FOLDER, VALUE_USER, VALUE_LIMIT };

static enum value value_of(const struct directive *row)
{
    struct slice name = slice_str(row->argument);

    if (!row->argument)
        return VALUE_NONE;
    if (row->kind == KIND_WORD)
        return VALUE_WORDS;
    if (slice_eq(name, SLICE("FILE")))
        return VALUE_FILE;
    if (slice_eq(name, SLICE("DIR")))
        return VALUE_FOLDER;
    if (slice_starts(name, SLICE("USER[")))
        return VALUE_USER;
    return slice_eq(name, SLICE("NAME=VALUE")) ? VALUE_LIMIT : VALUE_ANY;
}

/* The words of a row, or the names of all limits with "=" behind, a space between. */
static void print_words(FILE *out, const struct directive *row)
{
    const char *gap = "";

    for (const char *c = row->words; c && *c; c++)
        fputc(*c == '|' ? ' ' : *c, out);
    for (unsigned i = 0; !row->words && i < directive_count; i++)
        if (directives[i].scopes & SCOPE_LIMITS) {
            fprintf(out, "%s%s=", gap, directives[i].name);
            gap = " ";
        }
}

/* What `samovar codes` knows, a space between. */
static void print_codes(FILE *out)
{
    unsigned count;
    const struct status *table = status_table(&count);

    for (unsigned i = 0; i < count; i++)
        fprintf(out, "%s%d", i ? " " : "", table[i].code);
}

static const char *help_of(const struct directive *row)
{
    return row->option_help ? row->option_help : row->help;
}

/* Inside single quotes; `escaped` are the characters that this shell wants behind a backslash there. */
static void print_quoted(FILE *out, const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(escaped, *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

/* ---- bash ---- */

/* "--a|--b)" of the options whose values are alike; false if there are none. */
static bool bash_case(FILE *out, enum value value)
{
    const char *gap = "    ";

    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option && value_of(&directives[i]) == value) {
            fprintf(out, "%s--%s", gap, directives[i].option);
            gap = "|";
        }
    if (gap[0] == '|')
        fputs(")\n", out);
    return gap[0] == '|';
}

static void bash_values(FILE *out)
{
    static const struct {
        enum value value;
        const char *action;
    } alike[] = {
        {VALUE_FILE, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"},
        {VALUE_FOLDER, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")"},
        {VALUE_USER, "mapfile -t COMPREPLY < <(compgen -u -- \"$cur\")"},
        {VALUE_ANY, ":"},
    };

    for (unsigned i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
        if (bash_case(out, alike[i].value))
            fprintf(out, "        %s\n        return\n        ;;\n", alike[i].action);
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];
        enum value value = row->option ? value_of(row) : VALUE_NONE;

        if (value != VALUE_WORDS && value != VALUE_LIMIT)
            continue;
        fprintf(out, "    --%s)\n        %smapfile -t COMPREPLY < <(compgen -W '", row->option,
                value == VALUE_LIMIT ? "compopt -o nospace; " : "");
        print_words(out, row);
        fputs("' -- \"$cur\")\n        return\n        ;;\n", out);
    }
}

/* After all options: folders and commands; files for passwd, codes for codes. */
static void bash_end(FILE *out)
{
    fputs("' -- \"$cur\")\n"
          "        return\n"
          "    fi\n"
          "    compopt -o filenames\n"
          "    if [[ ${COMP_WORDS[1]} == passwd && $COMP_CWORD -gt 1 ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
          "        return\n"
          "    fi\n"
          "    if [[ ${COMP_WORDS[1]} == codes && $COMP_CWORD -gt 1 ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          out);
    print_codes(out);
    fputs("' -- \"$cur\")\n"
          "        return\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W '",
          out);
    for (unsigned i = 0; command_word(i); i++)
        fprintf(out, "%s%s", i ? " " : "", command_word(i));
    fputs("' -- \"$cur\")\n"
          "    fi\n"
          "}\n"
          "complete -F _samovar samovar\n",
          out);
}

static void bash_print(FILE *out)
{
    /* bash parts words at "=" too: --name=value comes as three. */
    fputs("# Completion of samovar(1) for bash.\n"
          "_samovar()\n"
          "{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "\n"
          "    if [[ $cur == '=' ]]; then\n"
          "        cur=\n"
          "    elif [[ $option == '=' && $COMP_CWORD -ge 3 ]]; then\n"
          "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    COMPREPLY=()\n"
          "    case $option in\n",
          out);
    bash_values(out);
    fputs("    esac\n"
          "    if [[ $cur == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option)
            fprintf(out, "%s--%s", i ? " " : "", directives[i].option);
    bash_end(out);
}

/* ---- zsh ---- */

static void zsh_value(FILE *out, const struct directive *row)
{
    static const char *const actions[] = {
        [VALUE_ANY] = " ", [VALUE_FILE] = "_files", [VALUE_FOLDER] = "_files -/", [VALUE_USER] = "_users"};
    enum value value = value_of(row);

    if (value == VALUE_NONE)
        return;
    fputc(':', out);
    print_quoted(out, row->argument, "[]:\\");
    fputc(':', out);
    if (value == VALUE_WORDS) {
        fputc('(', out);
        print_words(out, row);
        fputc(')', out);
    } else if (value == VALUE_LIMIT) {
        fputs("_samovar_limits", out);
    } else {
        fputs(actions[value], out);
    }
}

/* What the arguments' actions call. */
static void zsh_functions(FILE *out)
{
    fputs("#compdef samovar\n"
          "# Completion of samovar(1) for zsh.\n"
          "_samovar_limits()\n"
          "{\n"
          "    compadd -S '' -- ",
          out);
    print_words(out, directive_of_option(SLICE("limit")));
    fputs("\n}\n"
          "_samovar_first()\n"
          "{\n"
          "    local -a commands=(",
          out);
    for (unsigned i = 0; command_word(i); i++) {
        fprintf(out, "%s'%s:", i ? " " : "", command_word(i));
        print_quoted(out, command_help(i), "");
        fputc('\'', out);
    }
    fputs(")\n"
          "    _describe -t commands command commands\n"
          "    _files -/\n"
          "}\n"
          "_samovar_second()\n"
          "{\n"
          "    if [[ $words[2] == passwd ]]; then\n"
          "        _files\n"
          "    elif [[ $words[2] == codes ]]; then\n"
          "        compadd -- ",
          out);
    print_codes(out);
    fputs("\n"
          "    else\n"
          "        _files -/\n"
          "    fi\n"
          "}\n",
          out);
}

static void zsh_print(FILE *out)
{
    zsh_functions(out);
    fputs("_arguments -S \\\n", out);
    for (unsigned i = 0; i < directive_count; i++) {
        const struct directive *row = &directives[i];

        if (!row->option)
            continue;
        fprintf(out, "    '%s--%s%s[", row->kind == KIND_LIST ? "*" : "", row->option, row->argument ? "=" : "");
        print_quoted(out, help_of(row), "[]\\");
        fputc(']', out);
        zsh_value(out, row);
        fputs("' \\\n", out);
    }
    fputs("    '1:command or folder:_samovar_first' \\\n"
          "    '*:folder or file:_samovar_second'\n",
          out);
}

/* ---- fish ---- */

static void fish_option(FILE *out, const struct directive *row)
{
    enum value value = value_of(row);

    fprintf(out, "complete -c samovar -l %s", row->option);
    if (value == VALUE_FILE)
        fputs(" -r -F", out);
    else if (value != VALUE_NONE)
        fputs(" -x", out);
    if (value == VALUE_FOLDER)
        fputs(" -a '(__fish_complete_directories)'", out);
    if (value == VALUE_USER)
        fputs(" -a '(__fish_complete_users)'", out);
    if (value == VALUE_WORDS || value == VALUE_LIMIT) {
        fputs(" -a '", out);
        print_words(out, row);
        fputc('\'', out);
    }
    fputs(" -d '", out);
    /* A single quote has its own escape there. */
    for (const char *c = help_of(row); *c; c++)
        fprintf(out, strchr("'\\", *c) ? "\\%c" : "%c", *c);
    fputs("'\n", out);
}

static void fish_print(FILE *out)
{
    fputs("# Completion of samovar(1) for fish.\n"
          "complete -c samovar -f -a '(__fish_complete_directories)'\n",
          out);
    for (unsigned i = 0; command_word(i); i++)
        fprintf(out, "complete -c samovar -n '__fish_is_first_token' -a %s -d '%s'\n", command_word(i),
                command_help(i));
    fputs("complete -c samovar -n '__fish_seen_subcommand_from passwd' -F\n"
          "complete -c samovar -n '__fish_seen_subcommand_from codes' -a '",
          out);
    print_codes(out);
    fputs("'\n", out);
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option)
            fish_option(out, &directives[i]);
}

void conf_completion(FILE *out, enum shell shell)
{
    if (shell == SHELL_BASH)
        bash_print(out);
    else if (shell == SHELL_ZSH)
        zsh_print(out);
    else
        fish_print(out);
}
