/*
 * args.h - the command line taken apart, before it means anything. Private to conf/.
 */
#ifndef CONF_ARGS_H
#define CONF_ARGS_H

#include "table.h"

struct arg {
    const struct directive *row;
    struct slice value; /* of an option without argument: what it stands for */
};

struct args {
    enum command command;
    const char *dir;       /* as given, or NULL */
    const char *config;    /* as given, or NULL */
    const char *second;    /* a second operand, of the commands that take two; the first one is dir */
    const char **operands; /* all of them, of the commands that take any number; in the arena */
    unsigned operand_count;
    struct args_orders {
        /* Orders of commands, as given, or NULL; "" for one without a value that was given. */
        const char *token, *mend, *content, *remove, *app, *removal;
        const char *restore;
        const char *json, *markdown;                                    /* of codes and survey */
        const char *list;                                               /* of demo */
        const char *login, *ca_file, *insecure, *force, *quiet, *whole; /* of get and put */
        const char *tea, *stop, *when;                                  /* of brew */
        const char *only, *hints, *write, *wait, *junit;                /* of survey */
        const char *vouchers, *make, *time, *bytes, *devices, *withdraw, *disconnect, *print_nft, *intercept_port;
    } orders;
    int codes[CODES_MAX]; /* of COMMAND_CODES */
    unsigned code_count;
    const char *additions[BREW_ADDITIONS_MAX]; /* of COMMAND_BREW; what is one too many is counted */
    unsigned addition_count;
    struct arg *items; /* settings, in order */
    unsigned count;
};

/* Of malloc(); NULL for NULL. */
static inline char *args_copy(const char *text)
{
    return text ? xstrdup(slice_str(text)) : NULL;
}

/* transfer_order.c */
enum err transfer_order_take(struct build *build, const struct args *args, struct transfer_order *out);

/* demo_order.c: what samovar demo is asked. */
enum err demo_order_take(struct build *build, const struct args *args, struct invocation *out);
/* brew_order.c: what samovar brew is asked. */
enum err brew_order_take(struct build *build, const struct args *args, struct brew_order *out);
/* survey_order.c */
enum err survey_order_take(struct build *build, const struct args *args, struct survey_order *out);

/* All in the arena of build->conf. The strings must live as long as the result. */
enum err args_parse(struct build *build, int argc, const char *const *argv, struct args *out);

/* An order that was given and is another command's than args->command: its option, and *word the command; NULL. */
const char *args_foreign_order(const struct args *args, const char **word);

/* portal_order.c: what samovar portal is to do. */
enum err portal_order_take(struct build *build, const struct args *args, struct portal_order *out);

/* Blanks the passwords in the process's own argv. */
void args_wipe(int argc, char **argv);

#endif
