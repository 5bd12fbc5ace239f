/*
 * scheme.h - the ways to say who one is, a row each. Private to auth/.
 *
 * A row's functions get what they may need in one struct, and use of it what they like.
 */
#ifndef AUTH_SCHEME_H
#define AUTH_SCHEME_H

#include "auth/auth.h"

/* A claim before its judge. `cred` is of the row's own scheme. */
struct judging {
    struct auth_memory *memory;
    const struct users *users;
    const struct credentials *cred;
    const struct auth_request *request; /* NULL on a worker */
    struct arena *arena;
};

/* A refusal that is being written. */
struct challenging {
    struct auth_memory *memory;
    const struct users *users;
    const struct auth_request *request;
    const struct credentials *cred; /* what was claimed, in whichever scheme; NULL: nothing */
    enum auth_result result;        /* of that */
    struct slice realm;             /* quoted, ready to be written after realm= */
    struct arena *arena;
    struct challenges *out;
};

struct scheme {
    struct slice name; /* compared without case: RFC 9110 §11.1 */
    size_t value_max;  /* longer ones are not looked at */
    /* `value` is what follows the scheme's name and its spaces */
    enum err (*parse)(struct slice value, struct arena *arena, struct credentials *out);
    /* Somebody of these users may come so. */
    bool (*is_known)(const struct users *users);
    /*
     * At once, any side. NULL: AUTH_UNDECIDED always. Fills out->name, may fill groups and info. Asked again on a
     * worker, without a request, since the same claim may have been judged meanwhile.
     */
    enum auth_result (*judge)(const struct judging *judging, struct login *out);
    /* Slow; remembers what is true. NULL: AUTH_WRONG always. */
    enum auth_result (*verify)(const struct judging *judging, struct login *out); /* worker side */
    /* Adds what this connection is offered, with challenge_add(); nothing: nothing. */
    void (*challenge)(const struct challenging *challenging);
};

/* Copies the text into the list; more than there is room for are dropped. */
void challenge_add(const struct challenging *challenging, struct slice text);

/* basic.c */
extern const struct scheme scheme_basic;
/* digest.c */
extern const struct scheme scheme_digest;
/* bearer.c */
extern const struct scheme scheme_bearer;

/* text.c: fit to be a name or a password: UTF-8 without control characters (RFC 7617 §2 and §2.1). */
bool text_is_plain(struct slice text);

#endif
