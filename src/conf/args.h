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
    const char *dir;    /* as given, or NULL */
    const char *config; /* as given, or NULL */
    const char *token;  /* --break, as given, or NULL */
    bool mend;
    const char *remove, *app;
    const char *user; /* samovar passwd's second operand; the first one is dir */
    bool is_removal;
    struct arg *items; /* settings, in order */
    unsigned count;
};

/* All in the arena of build->conf. The strings must live as long as the result. */
enum err args_parse(struct build *build, int argc, const char *const *argv, struct args *out);

/* Blanks the passwords in the process's own argv. */
void args_wipe(int argc, char **argv);

#endif
