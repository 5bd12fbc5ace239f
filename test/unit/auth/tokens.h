/*
 * tokens.h - keys made for a test, and tokens signed by them.
 *
 * Signed here by OpenSSL's own calls, so that what verifies is tried against something else than itself.
 */
#ifndef TEST_AUTH_TOKENS_H
#define TEST_AUTH_TOKENS_H

#include <openssl/evp.h>

#include "../../../src/auth/jwt.h"

/* "RSA", "EC" or "ED25519"; bits are RSA's. EVP_PKEY_free() it. */
EVP_PKEY *token_key(const char *kind, unsigned bits);
/* A member of a JWKS: the public half, and `more` (such as ,"use":"sig") before its end. */
void token_jwk(struct buf *out, EVP_PKEY *key, const char *kid, const char *more);
/* HEADER.CLAIMS.SIGNATURE. key NULL: without the third part's content. */
void token_make(struct buf *out, EVP_PKEY *key, const char *header, const char *claims);
void token_base64url(struct buf *out, const void *octets, size_t len);

#endif
