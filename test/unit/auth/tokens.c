/*
 * tokens.c - keys and tokens for tests.
 */
#include "tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "check.h"

EVP_PKEY *token_key(const char *kind, unsigned bits)
{
    EVP_PKEY *key;

    if (strcmp(kind, "RSA") == 0)
        key = EVP_RSA_gen(bits);
    else if (strcmp(kind, "EC") == 0)
        key = EVP_EC_gen("P-256");
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
    CHECK(key != NULL);
    return key;
}

void token_base64url(struct buf *out, const void *octets, size_t len)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *from = octets;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)from[i] << 16;
        size_t left = len - i;

        bits |= left > 1 ? (uint32_t)from[i + 1] << 8 : 0;
        bits |= left > 2 ? from[i + 2] : 0;
        for (size_t k = 0; k < (left > 2 ? 4 : left + 1); k++)
            buf_add_char(out, alphabet[bits >> (18 - 6 * k) & 63]);
    }
}

static void add_number(struct buf *out, EVP_PKEY *key, const char *name, const char *param, size_t len)
{
    BIGNUM *number = NULL;
    unsigned char octets[2048];
    size_t size;

    CHECK(EVP_PKEY_get_bn_param(key, param, &number) == 1);
    size = len ? len : (size_t)BN_num_bytes(number);
    CHECK(BN_bn2binpad(number, octets, (int)size) == (int)size);
    buf_printf(out, ",\"%s\":\"", name);
    token_base64url(out, octets, size);
    buf_add_char(out, '"');
    BN_free(number);
}

void token_jwk(struct buf *out, EVP_PKEY *key, const char *kid, const char *more)
{
    unsigned char octets[32];
    size_t len = sizeof(octets);

    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        buf_add_str(out, "{\"kty\":\"RSA\"");
        add_number(out, key, "n", OSSL_PKEY_PARAM_RSA_N, 0);
        add_number(out, key, "e", OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        buf_add_str(out, "{\"kty\":\"EC\",\"crv\":\"P-256\"");
        add_number(out, key, "x", OSSL_PKEY_PARAM_EC_PUB_X, 32);
        add_number(out, key, "y", OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    } else {
        CHECK(EVP_PKEY_get_raw_public_key(key, octets, &len) == 1);
        buf_add_str(out, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
        token_base64url(out, octets, len);
        buf_add_char(out, '"');
    }
    if (kid)
        buf_printf(out, ",\"kid\":\"%s\"", kid);
    buf_printf(out, "%s}", more);
}

/* RFC 7518 §3.4: r and s side by side instead of OpenSSL's DER */
static size_t raw_of_der(unsigned char *signature, size_t len)
{
    const unsigned char *at = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)len);

    CHECK(pair != NULL);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
    ECDSA_SIG_free(pair);
    return 64;
}

void token_make(struct buf *out, EVP_PKEY *key, const char *header, const char *claims)
{
    unsigned char signature[2048];
    size_t start = out->len, len = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    token_base64url(out, header, strlen(header));
    buf_add_char(out, '.');
    token_base64url(out, claims, strlen(claims));
    if (key) {
        const EVP_MD *digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();

        CHECK(EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1);
        CHECK(EVP_DigestSign(context, signature, &len, (unsigned char *)out->ptr + start, out->len - start) == 1);
        if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
            len = raw_of_der(signature, len);
    } else {
        len = 0;
    }
    EVP_MD_CTX_free(context);
    buf_add_char(out, '.');
    token_base64url(out, signature, len);
}
