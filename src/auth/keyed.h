/*
 * keyed.h - HMAC-SHA-256 (RFC 2104) of short things. Private to auth/.
 *
 * By OpenSSL's digests and not its EVP_MAC, whose set-up costs several times the hash itself; the cache
 * asks on every request. Any thread.
 */
#ifndef AUTH_KEYED_H
#define AUTH_KEYED_H

#include "base/slice.h"

#define KEYED_BYTES 32

struct keyed_hash {
    unsigned char bytes[KEYED_BYTES];
};

/*
 * Of number, name and password, each with its length before it, so no two claims give one text.
 * name and password within AUTH_NAME_BYTES_MAX and AUTH_PASSWORD_BYTES_MAX.
 */
struct keyed_hash keyed_claim(const unsigned char key[KEYED_BYTES], uint64_t number, struct slice name,
                              struct slice password);

/* Its plain SHA-256: for what is longer than a claim. */
struct keyed_hash keyed_digest(struct slice text);

/* In a time that does not depend on where they differ. */
bool keyed_eq(const struct keyed_hash *a, const struct keyed_hash *b);

#endif
