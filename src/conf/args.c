/*
 * args.c - the command line: [COMMAND] [DIR] and options, each found in the table.
 *
 * Both `--option value` and `--option=value`; everything after `--` is no option.
 */
#include "args.h"

#include "http/status.h"

/* Words that name a command when they come first; a folder of that name is ./WORD. */
static const struct {
    const char *word;
    enum command command;
    const char *operands;
    const char *help;
} commands[] = {
    {"serve", COMMAND_SERVE, "[DIR] [OPTION...]", "serve a folder; this is what no command means"},
    {"status", COMMAND_STATUS, "[DIR]", "ask the server that serves a folder how it is"},
    {"locks", COMMAND_LOCKS, "[DIR] [--break TOKEN]", "list the write locks of a folder, or break one"},
    {"check", COMMAND_CHECK, "[DIR] [--mend] [--content]",
     "compare a folder with what is recorded of it, and mend that"},
    {"forwards", COMMAND_FORWARDS, "[DIR] [--remove PATH]", "list the forwarding addresses of a folder, or forget one"},
    {"history", COMMAND_HISTORY, "[DIR] FILE [--restore NUMBER]",
     "list the earlier contents of a file, or bring one back"},
    {"portal", COMMAND_PORTAL, "[DIR] [--vouchers | --make N | --disconnect WHOM | --print-nft]",
     "list who is let through a captive portal, and make vouchers"},
    {"passwd", COMMAND_PASSWD, "FILE USER [--app NAME] [--delete]", "set, make or remove a password in a users file"},
    {"codes", COMMAND_CODES, "[CODE...] [--json | --markdown]",
     "what status codes mean, where they are defined, and what earns them here"},
    {"brew", COMMAND_BREW, "URL [--addition NAME]... [--tea NAME] [--stop | --when]",
     "have a pot make coffee or tea, and watch it"},
    {"get", COMMAND_GET, "URL [FILE]", "load a file, or of one that was loaded before what is new in it"},
    {"put", COMMAND_PUT, "URL FILE", "store a file, or of one that was loaded or stored before what is new in it"},
    {"survey", COMMAND_SURVEY, "URL... [--write] [--only CODES] [--hints FILE]",
     "find out which of the 22 extension codes servers earn, and whether each is right"},
    {"demo", COMMAND_DEMO, "[--listen HOST:PORT] [--list]",
     "serve a folder made up for it in which each of 22 status codes is one line away"},
};
enum { COMMAND_COUNT_KNOWN = sizeof(commands) / sizeof(commands[0]) };

const char *command_word(unsigned index)
{
    return index < COMMAND_COUNT_KNOWN ? commands[index].word : NULL;
}

const char *command_help(unsigned index)
{
    return index < COMMAND_COUNT_KNOWN ? commands[index].help : NULL;
}

const char *command_operands(unsigned index)
{
    return index < COMMAND_COUNT_KNOWN ? commands[index].operands : NULL;
}

static const char *option_at(unsigned index, const void *arg)
{
    if (index >= directive_count)
        return NULL;
    return directives[index].option ? directives[index].option : "";
}

/* What other programs call it. */
static const char *const other_words[][2] = {
    {"port", "listen"},     {"bind", "listen"},     {"address", "listen"}, {"https", "certificate"},
    {"tls", "certificate"}, {"ssl", "certificate"}, {"log", "access-log"},
};

/* The option of that directive (--http2 for --no-http2), or what another word means; NULL. */
static const char *option_meant(struct slice name)
{
    for (unsigned i = 0; i < directive_count; i++)
        if (directives[i].option && slice_eq(name, slice_str(directives[i].name)))
            return directives[i].option;
    for (unsigned i = 0; i < sizeof(other_words) / sizeof(*other_words); i++)
        if (slice_eq(name, slice_str(other_words[i][0])))
            return other_words[i][1];
    return NULL;
}

static enum err option_unknown(struct build *build, struct slice name)
{
    const char *near = option_meant(name);

    if (!near)
        near = nearest_name(name, option_at, NULL);

    if (near)
        return complain(build, "unknown option --%.*s; did you mean --%s?", SLICE_FMT(name), near);
    return complain(build, "unknown option --%.*s; --help lists them all", SLICE_FMT(name));
}

/* Orders of single commands, and where they are noted. */
#define ORDER(member) offsetof(struct args_orders, member)
static const struct order {
    const char *name;
    enum command command;
    size_t offset;
    enum command also; /* another one that takes it */
} orders[] = {
    {"break", COMMAND_LOCKS, ORDER(token)},
    {"mend", COMMAND_CHECK, ORDER(mend)},
    {"content", COMMAND_CHECK, ORDER(content)},
    {"remove", COMMAND_FORWARDS, ORDER(remove)},
    {"app", COMMAND_PASSWD, ORDER(app)},
    {"delete", COMMAND_PASSWD, ORDER(removal)},
    {"restore", COMMAND_HISTORY, ORDER(restore)},
    {"json", COMMAND_CODES, ORDER(json), COMMAND_SURVEY},
    {"list", COMMAND_DEMO, ORDER(list)},
    {"markdown", COMMAND_CODES, ORDER(markdown), COMMAND_SURVEY},
    {"login", COMMAND_GET, ORDER(login)}, /* and of put, as all of get's: order_is_of() */
    {"cacert", COMMAND_GET, ORDER(ca_file), COMMAND_SURVEY},
    {"insecure", COMMAND_GET, ORDER(insecure), COMMAND_SURVEY},
    {"force", COMMAND_GET, ORDER(force)},
    {"quiet", COMMAND_GET, ORDER(quiet)},
    {"whole", COMMAND_GET, ORDER(whole)},
    {"tea", COMMAND_BREW, ORDER(tea)},
    {"stop", COMMAND_BREW, ORDER(stop)},
    {"when", COMMAND_BREW, ORDER(when)},
    {"only", COMMAND_SURVEY, ORDER(only)},
    {"hints", COMMAND_SURVEY, ORDER(hints)},
    {"write", COMMAND_SURVEY, ORDER(write)},
    {"wait", COMMAND_SURVEY, ORDER(wait)},
    {"junit", COMMAND_SURVEY, ORDER(junit)},
    {"vouchers", COMMAND_PORTAL, ORDER(vouchers)},
    {"make", COMMAND_PORTAL, ORDER(make)},
    {"time", COMMAND_PORTAL, ORDER(time)},
    {"bytes", COMMAND_PORTAL, ORDER(bytes)},
    {"for-devices", COMMAND_PORTAL, ORDER(devices)},
    {"withdraw", COMMAND_PORTAL, ORDER(withdraw)},
    {"disconnect", COMMAND_PORTAL, ORDER(disconnect)},
    {"print-nft", COMMAND_PORTAL, ORDER(print_nft)},
    {"intercept-port", COMMAND_PORTAL, ORDER(intercept_port)},
};
enum { ORDER_COUNT = sizeof(orders) / sizeof(orders[0]) };

static const char **order_place(struct args *args, const struct order *order)
{
    return (const char **)(void *)((char *)&args->orders + order->offset);
}

static bool order_is_of(const struct order *order, enum command command)
{
    bool is_for_all = order->offset == ORDER(login) || order->offset == ORDER(ca_file) ||
                      order->offset == ORDER(insecure) || order->offset == ORDER(quiet);

    return order->command == command || (order->also && order->also == command) ||
           (order->command == COMMAND_GET && command == COMMAND_PUT) || (is_for_all && command == COMMAND_BREW);
}

const char *args_foreign_order(const struct args *args, const char **word)
{
    if (args->addition_count && args->command != COMMAND_BREW) {
        *word = "brew";
        return "addition";
    }
    for (unsigned i = 0; i < ORDER_COUNT; i++)
        if (!order_is_of(&orders[i], args->command) && *order_place((struct args *)args, &orders[i]))
            for (unsigned k = 0; k < COMMAND_COUNT_KNOWN; k++)
                if (commands[k].command == orders[i].command) {
                    *word = commands[k].word;
                    return orders[i].name;
                }
    return NULL;
}

/* True if the order ends the parsing: --help and --version need nothing else. */
static bool order_take(struct args *args, const struct directive *row, struct slice value)
{
    struct slice name = slice_str(row->name);

    if (slice_eq(name, SLICE("addition"))) {
        if (args->addition_count < BREW_ADDITIONS_MAX)
            args->additions[args->addition_count] = value.ptr;
        args->addition_count++;
        return false;
    }
    for (unsigned i = 0; i < ORDER_COUNT; i++)
        if (slice_eq(name, slice_str(orders[i].name))) {
            *order_place(args, &orders[i]) = row->argument ? value.ptr : "";
            return false;
        }
    if (slice_eq(name, SLICE("config")))
        args->config = value.ptr;
    else if (slice_eq(name, SLICE("check-config")))
        args->command = COMMAND_CHECK_CONFIG;
    else if (slice_eq(name, SLICE("help")))
        args->command = COMMAND_HELP;
    else
        args->command = COMMAND_VERSION;
    return args->command == COMMAND_HELP || args->command == COMMAND_VERSION;
}

static void setting_take(struct build *build, struct args *args, const struct directive *row, struct slice value)
{
    args->items = list_grow(&build->conf->arena, args->items, args->count, sizeof(*args->items));
    args->items[args->count++] = (struct arg){.row = row, .value = value};
}

/* argv[*at] is an option; moves *at over a value of its own. */
static enum err option_take(struct build *build, int argc, const char *const *argv, int *at, struct args *args,
                            bool *is_end)
{
    struct slice name = slice_from(slice_str(argv[*at]), 2), value = SLICE_NONE;
    bool has_value = slice_cut(name, '=', &name, &value);
    const struct directive *row = directive_of_option(name);

    if (!row)
        return option_unknown(build, name);
    if (!row->argument && has_value)
        return complain(build, "--%s takes no value", row->option);
    if (row->argument && !has_value) {
        if (*at + 1 >= argc)
            return complain(build, "--%s needs %s", row->option, row->argument);
        value = slice_str(argv[++*at]);
    }
    if (row->argument && value.len == 0)
        return complain(build, "--%s needs %s", row->option, row->argument);
    if (row->kind == KIND_ORDER)
        *is_end = order_take(args, row, value);
    else
        setting_take(build, args, row, row->argument ? value : slice_str(row->option_value));
    return ERR_NONE;
}

static unsigned command_index(const char *word)
{
    unsigned i = 0;

    while (i < COMMAND_COUNT_KNOWN && strcmp(word, commands[i].word) != 0)
        i++;
    return i;
}

/* Any number of addresses. */
static enum err survey_operand_take(struct build *build, const char *word, struct args *args)
{
    if (*word == '\0')
        return complain(build, "the address is empty");
    args->operands = list_grow(&build->conf->arena, args->operands, args->operand_count, sizeof(*args->operands));
    args->operands[args->operand_count++] = word;
    return ERR_NONE;
}

/* An address, then a file. */
static enum err transfer_operand_take(struct build *build, const char *word, struct args *args)
{
    const char **operand = !args->dir ? &args->dir : &args->second;

    if (*word == '\0')
        return complain(build, "the %s is empty", args->dir ? "file's name" : "address");
    if (*operand)
        return complain(build, "samovar %s takes an address and a file; what is \"%s\"?",
                        args->command == COMMAND_PUT ? "put" : "get", word);
    if (args->dir && args->command == COMMAND_BREW)
        return complain(build, "samovar brew takes one address; what is \"%s\"?", word);
    *operand = word;
    return ERR_NONE;
}

/* Its file, then its user. */
static enum err passwd_operand_take(struct build *build, const char *word, struct args *args)
{
    const char **operand = !args->dir ? &args->dir : &args->second;

    if (*word == '\0')
        return complain(build, "the %s's name is empty", args->dir ? "user" : "file");
    if (*operand)
        return complain(build, "samovar passwd takes a file and a user; what is \"%s\"?", word);
    *operand = word;
    return ERR_NONE;
}

/* Numbers that mean something. */
static enum err code_take(struct build *build, const char *word, struct args *args)
{
    uint64_t code;

    if (strlen(word) != 3 || !slice_u64(slice_str(word), &code) || !status_find((int)code))
        return complain(build, "%s is no registered status code; samovar codes lists them", word);
    if (args->code_count == CODES_MAX)
        return complain(build, "that is more codes than there are");
    args->codes[args->code_count++] = (int)code;
    return ERR_NONE;
}

static enum err operand_take(struct build *build, const char *word, unsigned position, struct args *args)
{
    unsigned index = position == 0 ? command_index(word) : COMMAND_COUNT_KNOWN;

    if (index < COMMAND_COUNT_KNOWN) {
        if (commands[index].command != COMMAND_SERVE)
            args->command = commands[index].command; /* serve changes nothing: --check-config may stand before it */
        return ERR_NONE;
    }
    if (args->command == COMMAND_PASSWD)
        return passwd_operand_take(build, word, args);
    if (args->command == COMMAND_CODES)
        return code_take(build, word, args);
    if (args->command == COMMAND_GET || args->command == COMMAND_PUT || args->command == COMMAND_BREW)
        return transfer_operand_take(build, word, args);
    if (args->command == COMMAND_SURVEY)
        return survey_operand_take(build, word, args);
    if (*word == '\0')
        return complain(build, "the folder's name is empty");
    if ((args->command == COMMAND_PORTAL || args->command == COMMAND_HISTORY) && args->dir && !args->second) {
        args->second = word; /* a file after its folder; two interfaces, of --print-nft, which may come behind them */
        return ERR_NONE;
    }
    if (args->dir)
        return complain(build, "one folder can be served, not both \"%s\" and \"%s\"; --config knows several sites",
                        args->dir, word);
    args->dir = word;
    return ERR_NONE;
}

/* A second value for what has only one is a slip worth telling. */
static enum err args_check_twice(struct build *build, const struct args *args)
{
    for (unsigned i = 0; i < args->count; i++)
        for (unsigned j = 0; j < i; j++)
            if (args->items[i].row == args->items[j].row && args->items[i].row->kind != KIND_LIST)
                return complain(build, "--%s is given twice", args->items[i].row->option);
    return ERR_NONE;
}

enum err args_parse(struct build *build, int argc, const char *const *argv, struct args *out)
{
    bool are_options_over = false, is_end = false;
    unsigned operands = 0;

    *out = (struct args){.command = COMMAND_SERVE};
    for (int i = 1; i < argc && !is_end; i++) {
        enum err err;

        if (!are_options_over && strcmp(argv[i], "--") == 0) {
            are_options_over = true;
            continue;
        }
        if (!are_options_over && strncmp(argv[i], "--", 2) == 0)
            err = option_take(build, argc, argv, &i, out, &is_end);
        else if (!are_options_over && argv[i][0] == '-')
            err = complain(build, "unknown option %s; options begin with two dashes, --help lists them all", argv[i]);
        else
            err = operand_take(build, argv[i], operands++, out);
        if (err)
            return err;
    }
    return is_end ? ERR_NONE : args_check_twice(build, out);
}

static void wipe_after_colon(char *text)
{
    char *colon = strchr(text, ':');

    if (colon)
        explicit_bzero(colon + 1, strlen(colon + 1));
}

/* "USER:PASSWORD@HOST/..." */
static void wipe_in_address(char *text)
{
    char *end = text + strcspn(text, "/?#"), *at = end;

    while (at > text && *at != '@')
        at--;
    text = memchr(text, ':', (size_t)(at - text));
    while (text && ++text < at)
        *text = 'x';
}

void args_wipe(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--user") == 0 && i + 1 < argc)
            wipe_after_colon(argv[++i]);
        else if (strncmp(argv[i], "--user=", 7) == 0)
            wipe_after_colon(argv[i] + 7);
        else if (strncmp(argv[i], "http://", 7) == 0 || strncmp(argv[i], "https://", 8) == 0)
            wipe_in_address(strstr(argv[i], "//") + 2);
    }
}
