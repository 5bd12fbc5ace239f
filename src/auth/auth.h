/*
 * auth.h - who is asking.
 *
 * Two questions are answered here: what a request claims (credentials_parse) and whether the claim is
 * true (auth_cache_has, else auth_verify). What the one who asks may do is conf_rights().
 *
 * The way of one request: the loop parses the Authorization field and asks the cache; only a miss goes
 * to a worker, whose job calls auth_verify() and, when the answer is AUTH_OK, auth_cache_add(). Hashing
 * a password is slow on purpose, so it never runs on a loop.
 *
 * Schemes: Basic (RFC 7617). A further scheme is a row in scheme.c: how to read its credentials, how to
 * write its challenge.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/role.h"
#include "conf/conf.h"

/* Longest field value that is read at all: name and password below in base64, and some air. */
#define AUTH_FIELD_BYTES_MAX 1024
/* A name goes into logs, lock owners and the metadata; crypt_r takes no longer password than 512. */
#define AUTH_NAME_BYTES_MAX 255
#define AUTH_PASSWORD_BYTES_MAX 256

/* Who is asking, for everything behind the gate. The name is borrowed from the exchange's arena. */
struct principal {
    struct slice name; /* empty for the anonymous one */
    bool is_anonymous;
};

#define PRINCIPAL_ANONYMOUS ((struct principal){.is_anonymous = true})

enum auth_scheme { AUTH_BASIC };

/* What a request claims. The slices lie in the arena that was given; UTF-8 as sent, not normalised. */
struct credentials {
    enum auth_scheme scheme;
    struct slice name, password;
};

/*
 * Reads the value of one Authorization field (RFC 9110 §11.6.2). Any side.
 * ERR_UNSUPPORTED: a scheme without a row here; answer 401 with the challenge.
 * ERR_INVALID: the value is malformed (bad base64, no colon, a NUL or other control byte, no UTF-8, an
 * empty name); ERR_TOO_LARGE: past a limit above. Both are claims that cannot be true: 401 too.
 */
enum err credentials_parse(struct slice field, struct arena *arena, struct credentials *out);

/* Overwrites the password; call it once the claim was judged. */
void credentials_wipe(struct credentials *cred);

/* ---- Users ------------------------------------------------------------------------------------- */

/*
 * The users of one site: its file and its inline ones (an inline one wins over the file's). Immutable,
 * reference counted, any side; a reload makes a new one, whose generation is unlike every earlier one's,
 * so nothing cached for the old one counts for it.
 */
struct users;

/*
 * Reads site->users_file and site->users. NULL: `why` holds one line that names file and line. A site
 * with neither gives a set without users. Reads the disk: before the loops start, or on a worker.
 * A file that others on the system may write is refused; comments (#) and empty lines are skipped.
 */
struct users *users_load(const struct site *site, struct buf *why);
struct users *users_ref(struct users *users);
void users_unref(struct users *users); /* NULL is fine */
unsigned users_count(const struct users *users);
/* Whether the site has users at all; without, Authorization fields are ignored. */
static inline bool users_exist(const struct users *users)
{
    return users && users_count(users) > 0;
}

/* ---- Judging ----------------------------------------------------------------------------------- */

enum auth_result {
    AUTH_OK,
    AUTH_WRONG, /* unknown name or wrong password; which of the two is not told, nor shown by the time taken */
};

/* Slow (up to a second for a costly bcrypt). The caller's stack stays small: crypt's 32 KiB are on the heap. */
enum auth_result auth_verify(struct users *users, struct slice name, struct slice password) WORKER_SIDE;

/*
 * Claims that were found true lately: at most 1024, each for ten minutes, then judged anew. It holds
 * HMAC-SHA-256 values under a random key of the process, never a password. One for the whole server,
 * shared by all threads; each call takes one mutex for less than a microsecond's work on 4 entries.
 */
struct auth_cache;

struct auth_cache *auth_cache_new(void);
void auth_cache_free(struct auth_cache *cache);
bool auth_cache_has(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password);
void auth_cache_add(struct auth_cache *cache, const struct users *users, struct slice name, struct slice password);

/*
 * The value of WWW-Authenticate: Basic realm="...", charset="UTF-8" (RFC 7617 §2.1). Quotes, backslashes
 * are escaped and control bytes dropped from the realm; an empty realm gives "samovar".
 */
void auth_challenge(struct slice realm, struct buf *out);

#endif
