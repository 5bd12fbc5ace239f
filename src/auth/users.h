/*
 * users.h - what the schemes know of a site's users. Private to auth/.
 *
 * Each part is loaded by its own file, in users_load(), and freed with the set.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include <stdatomic.h>

#include "auth/auth.h"
#include "keyed.h"

struct users {
    atomic_uint refs;
    uint64_t generation;            /* unlike that of every other set of this process */
    unsigned char key[KEYED_BYTES]; /* for inline passwords, and to choose a stand-in */
    struct slice realm;             /* the site's name, as challenges tell it; "samovar" for an empty one */
    struct user *list;              /* users.c: who has a password */
    unsigned count, room;
    struct app *apps; /* users.c: their programs' */
    unsigned app_count, app_room;
    struct digest_users *digest; /* digest_users.c; NULL: nobody */
    struct bearer *bearer;       /* bearer.c: keys and what must stand in a token; NULL: no tokens */
    struct groups *groups;       /* groups.c; NULL: none */
    struct arena arena;
};

uint64_t users_generation(const struct users *users);
/* Whether somebody of this name has a password, for himself or a program, or a hash for Digest. */
bool users_know(const struct users *users, struct slice name);

/* Whether the password is theirs: AUTH_OK or AUTH_WRONG. Slow. */
enum auth_result users_verify(const struct users *users, struct slice name, struct slice password) WORKER_SIDE;

/*
 * A file of users, one a line, with the care that such files need: a regular one, of at most 16 MiB, that not everybody
 * may write. Comments (#) and empty lines are skipped; each other line is given to take() without its end. False: why
 * holds one line with the file's name; take() says what is wrong by lines_refuse().
 */
struct lines {
    const char *path;
    unsigned line; /* the one that take() has, from 1 */
    void *context; /* take()'s */
    struct buf *why;
};

bool lines_read(struct lines *lines, bool (*take)(struct lines *lines, struct slice text));
/* Adds the whole file, with the same care, to `out`, whose largest size is the file's. False: why says why not. */
bool users_file_read(const char *path, struct buf *out, struct buf *why);
/* Writes "FILE:LINE: what" and gives false. */
bool lines_refuse(const struct lines *lines, unsigned line, const char *what);

#endif
