/*
 * kit.h - snapshots for tests from a command line or a text, and the line that says why there is none.
 */
#ifndef TEST_CONF_KIT_H
#define TEST_CONF_KIT_H

#include "check.h"

#include "conf/conf.h"

/* Words between spaces as argv; the result's conf is NULL when it failed, and kit_why says why. */
struct invocation kit_args(const char *line);
/* A file "/etc/t.conf" with this text; NULL when it failed, and kit_why says why. */
struct conf *kit_text(const char *text);
/* Of the last failure; "" after a success. */
const char *kit_why(void);
/* Argv as the last kit_args() left it, joined by spaces; octets that are NUL shown as '.'. */
const char *kit_argv(void);

#endif
