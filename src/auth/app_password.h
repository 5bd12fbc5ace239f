/*
 * app_password.h - passwords that were made for one program or device of a user. Private to auth/.
 *
 * In a users file they are further lines of a user: NAME:$app-sha256$SALT$HASH:app=PROGRAM. SALT are 16 octets and HASH
 * is HMAC-SHA-256 under them, both in base64url. That is a quick hash, on purpose: the server chooses these passwords,
 * of 99 random bits, which nobody guesses however quick the hash; and a wrong password is compared with all of a user's
 * programs, which must not cost a slow hash each (docs/decisions/0016-app-passwords.md).
 */
#ifndef AUTH_APP_PASSWORD_H
#define AUTH_APP_PASSWORD_H

#include "base/buf.h"

/* One for each program on each of a person's devices is enough; all are compared in a tenth of a millisecond. */
enum { APPS_OF_USER_MAX = 64, APP_NAME_BYTES_MAX = 64 };
enum { APP_SALT_BYTES = 16, APP_HASH_BYTES = 32 };
/* 20 characters out of 31, with a dash after each four. */
enum { APP_PASSWORD_BYTES = 24 };

struct app_hash {
    unsigned char salt[APP_SALT_BYTES], hash[APP_HASH_BYTES];
};

/* The second field of a line is one of an app's. */
bool app_hash_is(struct slice text);
/* False: it is cut off, or else wrong. */
bool app_hash_parse(struct slice text, struct app_hash *out);
/* In a time that does not depend on where they differ. */
bool app_hash_matches(const struct app_hash *hash, struct slice password);
/* Adds the whole form, with a new salt. */
void app_hash_add(struct buf *out, struct slice password);

/* The program's name in a line's third field, "app=PROGRAM". False: it is no good name. */
bool app_name_parse(struct slice field, struct slice *out);
/* 1 to 64 bytes of UTF-8 without control characters, colons, and blanks at its ends. */
bool app_name_is_good(struct slice name);

/* A new one; terminated. No letters or digits that look alike. */
void app_password_make(char out[APP_PASSWORD_BYTES + 1]);

#endif
