/*
 * jwks.c - public keys out of JSON.
 *
 * What is not meant for us is skipped, since providers add kinds of keys at any time. What is meant for us and
 * cannot be right is told: a key that is silently left out would be found by users who cannot log in.
 */
#include "jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "jose.h"

enum { COORDINATE_BYTES = 32, POINT_BYTES = 1 + 2 * COORDINATE_BYTES };

/* One key on its way in. */
struct reading {
    const json_t *key;
    struct arena *arena;
    const char *flaw; /* what is wrong with it */
};

static EVP_PKEY *flawed(struct reading *reading, const char *what)
{
    reading->flaw = what;
    return NULL;
}

enum jwt_alg jwt_alg_of(struct slice name)
{
    if (slice_eq(name, SLICE("RS256")))
        return JWT_RS256;
    if (slice_eq(name, SLICE("ES256")))
        return JWT_ES256;
    if (slice_eq(name, SLICE("EdDSA")) || slice_eq(name, SLICE("Ed25519")))
        return JWT_EDDSA;
    return JWT_ALGS;
}

static bool take_octets(struct reading *reading, const char *name, struct slice *out)
{
    struct slice text = json_text(reading->key, name);

    return text.len > 0 && base64url_decode(text, reading->arena, out) && out->len > 0;
}

/* ---- the three kinds ---- */

static EVP_PKEY *pkey_of_params(const char *kind, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;

    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *rsa_of_numbers(const BIGNUM *n, const BIGNUM *e)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(build);
    if (params)
        key = pkey_of_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/* RFC 7518 §6.3.1 */
static EVP_PKEY *read_rsa(struct reading *reading)
{
    struct slice modulus, exponent;
    EVP_PKEY *key = NULL;
    BIGNUM *n, *e;
    int bits;

    if (!take_octets(reading, "n", &modulus) || !take_octets(reading, "e", &exponent))
        return flawed(reading, "an RSA key has \"n\" and \"e\", in base64url");
    if (modulus.len > JWKS_RSA_BITS_MAX / 8 + 1 || exponent.len > 8)
        return flawed(reading, "an RSA key has at most 8192 bits, and a small exponent");
    n = BN_bin2bn((const unsigned char *)modulus.ptr, (int)modulus.len, NULL);
    e = BN_bin2bn((const unsigned char *)exponent.ptr, (int)exponent.len, NULL);
    bits = n ? BN_num_bits(n) : 0;
    if (!n || !e || bits < JWKS_RSA_BITS_MIN)
        flawed(reading, "an RSA key needs 2048 bits; make a new one");
    else if (bits > JWKS_RSA_BITS_MAX)
        flawed(reading, "an RSA key has at most 8192 bits, and a small exponent");
    else if (!BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e))
        flawed(reading, "this is no RSA key: \"n\" and \"e\" are odd, and \"e\" is 3 or more");
    else if (!(key = rsa_of_numbers(n, e)))
        flawed(reading, "this is no RSA key");
    BN_free(n);
    BN_free(e);
    return key;
}

static bool is_on_curve(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool is_good = context && EVP_PKEY_public_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    return is_good;
}

/* RFC 7518 §6.2.1: both coordinates in their full length */
static EVP_PKEY *read_p256(struct reading *reading)
{
    unsigned char point[POINT_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    char group[] = "prime256v1";
    struct slice x, y;
    EVP_PKEY *key;

    if (!take_octets(reading, "x", &x) || !take_octets(reading, "y", &y) || x.len != COORDINATE_BYTES ||
        y.len != COORDINATE_BYTES)
        return flawed(reading, "a P-256 key has \"x\" and \"y\", 32 octets each, in base64url");
    memcpy(point + 1, x.ptr, COORDINATE_BYTES);
    memcpy(point + 1 + COORDINATE_BYTES, y.ptr, COORDINATE_BYTES);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
                           OSSL_PARAM_construct_end()};
    key = pkey_of_params("EC", params);
    if (key && is_on_curve(key))
        return key;
    EVP_PKEY_free(key);
    return flawed(reading, "this point is not on the curve P-256");
}

/* RFC 8037 §2 */
static EVP_PKEY *read_ed25519(struct reading *reading)
{
    struct slice x;
    EVP_PKEY *key;

    if (!take_octets(reading, "x", &x) || x.len != COORDINATE_BYTES)
        return flawed(reading, "an Ed25519 key has \"x\", 32 octets, in base64url");
    key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.ptr, x.len);
    return key ? key : flawed(reading, "this is no Ed25519 key");
}

static const struct kind {
    const char *type, *curve; /* curve NULL: it has none */
    enum jwt_alg alg;
    EVP_PKEY *(*read)(struct reading *reading);
} kinds[] = {
    {"RSA", NULL, JWT_RS256, read_rsa},
    {"EC", "P-256", JWT_ES256, read_p256},
    {"OKP", "Ed25519", JWT_EDDSA, read_ed25519},
};

/* ---- the set ---- */

static bool may_verify(const json_t *key)
{
    const json_t *operations = json_object_get(key, "key_ops"), *operation;
    struct slice use = json_text(key, "use");
    size_t i;

    if (use.ptr && !slice_eq(use, SLICE("sig")))
        return false;
    json_array_foreach(operations, i, operation)
    {
        if (json_is_string(operation) && strcmp(json_string_value(operation), "verify") == 0)
            return true;
    }
    return !operations;
}

/* How such a key is read; NULL: it is not for us. */
static const struct kind *kind_of(const json_t *key)
{
    struct slice type = json_text(key, "kty"), curve = json_text(key, "crv"), alg = json_text(key, "alg");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        const struct kind *kind = &kinds[i];

        if (slice_eq(type, slice_str(kind->type)) && (!kind->curve || slice_eq(curve, slice_str(kind->curve))))
            return (!alg.ptr || jwt_alg_of(alg) == kind->alg) && may_verify(key) ? kind : NULL;
    }
    return NULL;
}

/* False: reading->flaw says why. */
static bool take_key(struct reading *reading, struct jwks *out)
{
    const struct kind *kind = kind_of(reading->key);
    struct slice kid = json_text(reading->key, "kid");
    struct jwk *jwk = &out->keys[out->count];

    if (!kind)
        return true;
    if (json_object_get(reading->key, "d")) {
        flawed(reading, "this is a private key (\"d\"), which must stay with whoever signs; put the public one here");
    } else if (kid.len > JWKS_KID_BYTES_MAX) {
        flawed(reading, "a \"kid\" has at most 256 bytes");
    } else if (out->count == JWKS_KEYS_MAX) {
        flawed(reading, "these are more than 32 keys to verify with");
    } else if ((jwk->key = kind->read(reading))) {
        jwk->alg = kind->alg;
        jwk->kid = kid.ptr ? slice_of(arena_str(reading->arena, kid), kid.len) : SLICE_NONE;
        out->count++;
    }
    return !reading->flaw;
}

static bool take_keys(const json_t *set, const char *name, struct arena *arena, struct jwks *out, struct buf *why)
{
    const json_t *keys = json_object_get(set, "keys"), *key;
    size_t i;

    if (!json_is_array(keys)) {
        buf_printf(why, "%s: not a set of keys: {\"keys\": [...]} (RFC 7517)", name);
        return false;
    }
    json_array_foreach(keys, i, key)
    {
        struct reading reading = {key, arena, NULL};

        if (!json_is_object(key))
            flawed(&reading, "not an object");
        if (reading.flaw || !take_key(&reading, out)) {
            buf_printf(why, "%s: key %zu: %s", name, i + 1, reading.flaw);
            return false;
        }
    }
    if (out->count == 0)
        buf_printf(why, "%s: no key for RS256, ES256 or EdDSA is in it", name);
    return out->count > 0;
}

bool jwks_read(struct slice text, const char *name, struct arena *arena, struct jwks *out, struct buf *why)
{
    json_error_t error;
    json_t *set = json_read(text, &error);
    bool is_good;

    *out = (struct jwks){0};
    if (!set) {
        buf_printf(why, "%s:%d: not a set of keys in JSON: %s", name, error.line, error.text);
        return false;
    }
    is_good = take_keys(set, name, arena, out, why);
    json_decref(set);
    if (!is_good)
        jwks_release(out);
    return is_good;
}

void jwks_release(struct jwks *keys)
{
    for (unsigned i = 0; i < keys->count; i++)
        EVP_PKEY_free(keys->keys[i].key);
    keys->count = 0;
}
