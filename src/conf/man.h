/*
 * man.h - what the makers of the manual pages share, private to conf/.
 *
 * Lines that begin with a dot and a letter are requests of roff, the others are text; NULL after the last one.
 */
#ifndef CONF_MAN_H
#define CONF_MAN_H

#include <stdio.h>

/* Text for roff: no dash becomes a hyphen, nothing at a line's start is taken for a request. */
void man_roff(FILE *out, const char *text);
void man_text(FILE *out, const char *const *lines);
/* The same under a heading. */
void man_lines(FILE *out, const char *title, const char *const *lines);

/* The bodies of samovar(8) and samovar-codes(7). */
void man_service(FILE *out);
void man_codes(FILE *out);

#endif
