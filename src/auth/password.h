/*
 * password.h - one-way forms of passwords, as htpasswd and the system's crypt write them. Private to auth/.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/role.h"
#include "base/slice.h"

enum password_kind {
    PASSWORD_UNKNOWN,
    PASSWORD_PLAIN_SHA1, /* {SHA}: without salt, refused */
    PASSWORD_APR1,
    PASSWORD_BCRYPT,
    PASSWORD_YESCRYPT,
    PASSWORD_SHA256_CRYPT,
    PASSWORD_SHA512_CRYPT,
};

/* PASSWORD_UNKNOWN also for a known kind whose form is not whole (cut off by an editor, say). */
enum password_kind password_kind(struct slice hash);

/* Whether `password` gives `hash`, a whole one of a kind that is not refused. Slow. */
bool password_matches(const char *hash, struct slice password) WORKER_SIDE;

/*
 * Apache's MD5: a thousand rounds over name-less salt. `hash` begins with $apr1$SALT. Writes the whole
 * form, 37 characters at most and a NUL, into out; false if the salt makes no sense.
 */
#define APR1_TEXT_MAX 38
bool apr1_hash(const char *setting, struct slice password, char out[APR1_TEXT_MAX]);

#endif
