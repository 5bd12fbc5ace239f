/*
 * reading.h - a text in libconfuse's hands, private to conf/. Not re-entrant: one text is read at a time.
 */
#ifndef CONF_READING_H
#define CONF_READING_H

#include <confuse.h>

#include "build.h"

struct target;

/* What the text as a whole means; build->line is 0 when it is called. */
typedef enum err take_fn(struct build *build, cfg_t *cfg, void *context);

/*
 * Takes the text apart by the table's rows of this scope (SCOPE_GLOBAL or SCOPE_REGISTER) and has `take` look at the
 * parts. build->file is the text's name. Messages name the line.
 */
enum err text_take(struct build *build, unsigned scope, struct slice text, take_fn *take, void *context);

/* For take: every value set in this block, not those of blocks inside it. */
enum err settings_take(struct build *build, cfg_t *cfg, unsigned scope, const struct target *target);
/* Messages name the line of this option or block from now on; the one before stays where it is not known. */
void go_to(const void *what);
void go_to_block(const cfg_t *cfg);

#endif
