/*
 * passwd_ask.h - a password from whoever sits there, or from a program. Private to auth/.
 */
#ifndef AUTH_PASSWD_ASK_H
#define AUTH_PASSWD_ASK_H

#include "base/buf.h"

/*
 * On a terminal: asked for twice, without showing it. Else one line of standard input. False: `why` holds one line; it
 * is empty, too long, no UTF-8, or the two differ. Whoever gets it wipes `out`.
 */
bool passwd_ask(struct slice user, struct buf *out, struct buf *why);

#endif
