/*
 * jwks.h - the public keys that tokens are signed with: a JSON Web Key Set (RFC 7517 §5). Private to auth/.
 *
 * A key takes part with one algorithm, which its type says and nothing in a token can change (RFC 8725 §3.1).
 */
#ifndef AUTH_JWKS_H
#define AUTH_JWKS_H

#include "base/arena.h"
#include "base/buf.h"

enum jwt_alg {
    JWT_RS256, /* RSA, PKCS #1 1.5, SHA-256: RFC 7518 §3.3 */
    JWT_ES256, /* ECDSA, P-256, SHA-256: RFC 7518 §3.4 */
    JWT_EDDSA, /* Ed25519: RFC 8037 §3.1 */
    JWT_ALGS
};

/*
 * A provider shows the key in use, the last one and the next one, of each kind that it has; a token without a key's
 * name is tried with all that fit. One key with its chain of certificates takes some 8 KiB.
 */
enum { JWKS_KEYS_MAX = 32, JWKS_BYTES_MAX = 256 << 10, JWKS_KID_BYTES_MAX = 256 };
/* Below, it can be broken (RFC 7518 §3.3); above, each token costs a millisecond. */
enum { JWKS_RSA_BITS_MIN = 2048, JWKS_RSA_BITS_MAX = 8192 };

struct jwk {
    enum jwt_alg alg;
    struct slice kid; /* ptr NULL: it has none */
    struct evp_pkey_st *key;
};

struct jwks {
    struct jwk keys[JWKS_KEYS_MAX];
    unsigned count; /* at least 1 */
};

/* The algorithm of that name (RFC 7518 §3.1, RFC 9864 §2.2): JWT_ALGS for all others, "none" and HMACs among them. */
enum jwt_alg jwt_alg_of(struct slice name);

/*
 * Reads the text of the file `name`; the kids go to the arena. Keys of other types, curves and algorithms, and those
 * for encryption, are not for us and skipped. False: `why` holds one line with the file's name; `out` is empty.
 */
bool jwks_read(struct slice text, const char *name, struct arena *arena, struct jwks *out, struct buf *why);
void jwks_release(struct jwks *keys);

#endif
