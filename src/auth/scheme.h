/*
 * scheme.h - the ways to say who one is, a row each. Private to auth/.
 */
#ifndef AUTH_SCHEME_H
#define AUTH_SCHEME_H

#include "auth/auth.h"

struct scheme {
    struct slice name; /* compared without case: RFC 9110 §11.1 */
    enum auth_scheme kind;
    /* `value` is what follows the scheme's name and its spaces */
    enum err (*parse)(struct slice value, struct arena *arena, struct credentials *out);
};

/* basic.c */
enum err basic_parse(struct slice value, struct arena *arena, struct credentials *out);

/* text.c: fit to be a name or a password: UTF-8 without control characters (RFC 7617 §2 and §2.1). */
bool text_is_plain(struct slice text);

#endif
