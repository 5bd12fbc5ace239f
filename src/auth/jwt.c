/*
 * jwt.c - a token's form and its signature (RFC 7515 §5.2).
 *
 * Nothing that a token says of itself is believed before its signature is found true, but for which of our keys to
 * try: keys and addresses of keys in its header (jwk, jku, x5u, x5c) are not looked at.
 */
#include "jwt.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "jose.h"
#include "jwt_claims.h"

/* P-256: r and s, each in its full length (RFC 7518 §3.4); and what DER makes of them at most. */
enum { ES256_PART_BYTES = 32, ES256_DER_MAX = 2 + 2 * (2 + 1 + ES256_PART_BYTES) };
/* A header has a name or two; a signature is as long as the largest RSA key. */
enum { HEADER_BYTES_MAX = 2048, SIGNATURE_BYTES_MAX = JWKS_RSA_BITS_MAX / 8 };

/* A token taken apart. */
struct parts {
    struct slice header, payload, signature; /* decoded */
    struct slice signed_text;                /* as sent: what the signature is of */
    enum jwt_alg alg;
    struct slice kid; /* ptr NULL: none */
};

static bool flawed(const char **flaw, const char *what)
{
    *flaw = what;
    return false;
}

/* ---- form ---- */

static bool split(struct slice token, struct arena *arena, struct parts *out, const char **flaw)
{
    struct slice header, payload, signature, rest;

    if (token.len > JWT_BYTES_MAX)
        return flawed(flaw, "The token is too long");
    if (!slice_cut(token, '.', &header, &rest) || !slice_cut(rest, '.', &payload, &signature) ||
        slice_index(signature, '.') < signature.len)
        return flawed(flaw, "The token is no signed one of three parts");
    out->signed_text = slice_of(token.ptr, header.len + 1 + payload.len);
    if (!base64url_decode(header, arena, &out->header) || !base64url_decode(payload, arena, &out->payload) ||
        !base64url_decode(signature, arena, &out->signature))
        return flawed(flaw, "The token is not base64url");
    if (out->header.len > HEADER_BYTES_MAX || out->signature.len > SIGNATURE_BYTES_MAX)
        return flawed(flaw, "The token is too long");
    return true;
}

/*
 * RFC 8725 §3.11: a token that was made for something else (a logout, an event) says so. Access tokens are at+jwt
 * (RFC 9068 §2.1); most are of no type, or JWT.
 */
static bool is_type_fit(const json_t *header)
{
    const json_t *value = json_object_get(header, "typ");
    struct slice type = json_text(header, "typ"), prefix = SLICE("application/");

    if (slice_starts_nocase(type, prefix))
        type = slice_from(type, prefix.len);
    return !value || slice_eq_nocase(type, SLICE("JWT")) || slice_eq_nocase(type, SLICE("at+jwt"));
}

static bool judge_header(const json_t *header, struct arena *arena, struct parts *out, const char **flaw)
{
    struct slice kid = json_text(header, "kid");

    out->alg = jwt_alg_of(json_text(header, "alg"));
    if (out->alg == JWT_ALGS)
        return flawed(flaw, "The token is not signed by RS256, ES256 or EdDSA");
    if (json_object_get(header, "crit")) /* RFC 7515 §4.1.11: we know no extension */
        return flawed(flaw, "The token demands an extension (crit)");
    if (!is_type_fit(header))
        return flawed(flaw, "The token is of another type (typ)");
    if (kid.ptr ? kid.len > JWKS_KID_BYTES_MAX : json_object_get(header, "kid") != NULL)
        return flawed(flaw, "The name of the token's key (kid) is none");
    out->kid = kid.ptr ? slice_of(arena_str(arena, kid), kid.len) : SLICE_NONE;
    return true;
}

static bool take_apart(struct slice token, struct arena *arena, struct parts *out, const char **flaw)
{
    json_error_t error;
    json_t *header;
    bool is_good;

    *out = (struct parts){0};
    if (!split(token, arena, out, flaw))
        return false;
    header = json_read(out->header, &error);
    is_good = header ? judge_header(header, arena, out, flaw) : flawed(flaw, "The token's header is no JSON object");
    json_decref(header);
    return is_good;
}

/* ---- signature ---- */

/* As OpenSSL wants it. 0: these are no two numbers. */
static size_t der_of_es256(struct slice raw, unsigned char *out)
{
    const unsigned char *octets = (const unsigned char *)raw.ptr;
    ECDSA_SIG *pair;
    BIGNUM *r, *s;
    int len = 0;

    if (raw.len != 2 * ES256_PART_BYTES)
        return 0;
    pair = ECDSA_SIG_new();
    r = BN_bin2bn(octets, ES256_PART_BYTES, NULL);
    s = BN_bin2bn(octets + ES256_PART_BYTES, ES256_PART_BYTES, NULL);
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        len = i2d_ECDSA_SIG(pair, &out); /* at most ES256_DER_MAX */
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    return len > 0 ? (size_t)len : 0;
}

static bool is_signed_by(const struct jwk *jwk, const struct parts *parts)
{
    const unsigned char *text = (const unsigned char *)parts->signed_text.ptr;
    const unsigned char *signature = (const unsigned char *)parts->signature.ptr;
    size_t signature_len = parts->signature.len;
    const EVP_MD *digest = jwk->alg == JWT_EDDSA ? NULL : EVP_sha256();
    unsigned char der[ES256_DER_MAX];
    EVP_MD_CTX *context;
    bool is_good;

    if (jwk->alg == JWT_ES256) {
        signature_len = der_of_es256(parts->signature, der);
        signature = der;
    }
    if (signature_len == 0)
        return false;
    context = EVP_MD_CTX_new();
    is_good = context && EVP_DigestVerifyInit(context, NULL, digest, NULL, jwk->key) == 1 &&
              EVP_DigestVerify(context, signature, signature_len, text, parts->signed_text.len) == 1;
    EVP_MD_CTX_free(context);
    return is_good;
}

/* A key that is named differently does not fit; where no key has the token's name, those without one may. */
static bool is_candidate(const struct jwk *jwk, const struct parts *parts, bool is_kid_known)
{
    if (jwk->alg != parts->alg)
        return false;
    if (!parts->kid.ptr)
        return true;
    return is_kid_known ? jwk->kid.ptr && slice_eq(jwk->kid, parts->kid) : !jwk->kid.ptr;
}

static bool is_signed(const struct jwks *keys, const struct parts *parts, const char **flaw)
{
    bool is_kid_known = false, was_tried = false;

    for (unsigned i = 0; parts->kid.ptr && i < keys->count; i++)
        is_kid_known = is_kid_known || (keys->keys[i].kid.ptr && slice_eq(keys->keys[i].kid, parts->kid));
    for (unsigned i = 0; i < keys->count; i++) { /* JWKS_KEYS_MAX at most */
        if (!is_candidate(&keys->keys[i], parts, is_kid_known))
            continue;
        was_tried = true;
        if (is_signed_by(&keys->keys[i], parts))
            return true;
    }
    return flawed(flaw, was_tried ? "The token's signature is not right" : "The token's key is not known here");
}

enum auth_result jwt_verify(const struct jwt_rules *rules, struct slice token, int64_t now_s, struct arena *arena,
                            struct jwt *out, const char **flaw)
{
    struct parts parts;
    enum auth_result result = AUTH_WRONG;
    json_error_t error;
    json_t *claims;

    *out = (struct jwt){0};
    *flaw = NULL;
    if (!take_apart(token, arena, &parts, flaw) || !is_signed(rules->keys, &parts, flaw))
        return AUTH_WRONG;
    claims = json_read(parts.payload, &error);
    if (claims)
        result = jwt_judge_claims(rules, claims, now_s, arena, out, flaw);
    else
        *flaw = "The token's claims are no JSON object";
    json_decref(claims);
    return result;
}
