/*
 * test_jwks.c - sets of public keys: what is taken, skipped and refused.
 */
#include "check.h"
#include "tokens.h"

static struct jwks keys;
static struct arena arena;

static bool read(const char *text, struct buf *why)
{
    return jwks_read(slice_str(text), "keys.json", &arena, &keys, why);
}

static void forget(void)
{
    jwks_release(&keys);
    arena_release(&arena);
}

static void check_refused(const char *text, const char *what)
{
    struct buf why = BUF_INIT(1000);

    CHECK_FALSE(read(text, &why));
    CHECK_INT(keys.count, 0);
    CHECK_SLICE(slice_upto(buf_slice(&why), 9), "keys.json");
    CHECK(slice_index(buf_slice(&why), '\n') == why.len);
    if (!strstr(buf_str(&why), what))
        CHECK_STR(buf_str(&why), what);
    buf_release(&why);
    forget();
}

/* A set of one key with something more in it. */
static void check_one(const char *kind, const char *more, const char *refused)
{
    EVP_PKEY *key = token_key(kind, 2048);
    struct buf set = BUF_INIT(10000), why = BUF_INIT(1000);

    buf_add_str(&set, "{\"keys\":[");
    token_jwk(&set, key, "one", more);
    buf_add_str(&set, "]}");
    if (refused) {
        check_refused(buf_str(&set), refused);
    } else {
        if (!read(buf_str(&set), &why))
            CHECK_STR(buf_str(&why), "");
        CHECK_INT(keys.count, 1);
        CHECK_SLICE(keys.keys[0].kid, "one");
    }
    forget();
    EVP_PKEY_free(key);
    buf_release(&set);
    buf_release(&why);
}

TEST(jwks__three_kinds_of_keys_are_read)
{
    check_one("RSA", "", NULL);
    check_one("EC", "", NULL);
    check_one("ED25519", "", NULL);
}

TEST(jwks__the_example_of_rfc_7517_is_read)
{
    struct buf why = BUF_INIT(1000);

    /* appendix A.1; its first key is for encryption */
    CHECK(read(
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
        "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
        "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"use\":\"enc\",\"kid\":\"1\"},"
        "{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L"
        "6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY36"
        "8QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XP"
        "ksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":"
        "\"2011-04-29\"}]}",
        &why));
    CHECK_INT(keys.count, 1);
    CHECK_INT(keys.keys[0].alg, JWT_RS256);
    CHECK_SLICE(keys.keys[0].kid, "2011-04-29");
    forget();
}

TEST(jwks__keys_for_something_else_are_skipped)
{
    check_one("RSA", ",\"use\":\"sig\",\"alg\":\"RS256\",\"key_ops\":[\"verify\"]", NULL);
    check_one("RSA", ",\"use\":\"enc\"", "no key for");
    check_one("RSA", ",\"alg\":\"PS256\"", "no key for");
    check_one("RSA", ",\"alg\":\"HS256\"", "no key for");
    check_one("EC", ",\"alg\":\"RS256\"", "no key for");
    check_one("EC", ",\"key_ops\":[\"encrypt\",7]", "no key for");
    check_refused(
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"HS256\"},{\"kty\":\"EC\",\"crv\":\"P-521\"},"
        "{\"kty\":\"AKP\"},{}]}",
        "no key for");
}

TEST(jwks__what_cannot_be_right_is_told_with_the_key)
{
    check_one("RSA", ",\"d\":\"AQAB\"", "key 1: this is a private key");
    check_refused("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\"}]}", "key 1: an RSA key has \"n\" and \"e\"");
    check_refused("{\"keys\":[{},{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
                  "key 2: an RSA key needs 2048 bits");
    check_refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}", "32 octets each");
    check_refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                  "\"y\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"}]}",
                  "not on the curve");
    check_refused("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB=\"}]}", "32 octets");
    check_refused("{\"keys\":[7]}", "key 1: not an object");
    check_refused("{\"keys\":{}}", "not a set of keys");
    check_refused("{\"keys\":[],\n \"keys\":[]}", "keys.json:2: ");
    check_refused("\"\\\n", "keys.json:"); /* what the parser quotes of it is no second line */
    check_refused("[]", "not an object");
    check_refused("", "not an object");
    check_refused("{\"keys\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", "too deep");
}

TEST(jwks__a_short_rsa_key_is_refused)
{
    EVP_PKEY *key = token_key("RSA", 1024);
    struct buf set = BUF_INIT(10000);

    buf_add_str(&set, "{\"keys\":[");
    token_jwk(&set, key, NULL, "");
    buf_add_str(&set, "]}");
    check_refused(buf_str(&set), "2048 bits");
    EVP_PKEY_free(key);
    buf_release(&set);
}

TEST(jwks__no_more_keys_than_there_is_room_for)
{
    EVP_PKEY *key = token_key("ED25519", 0);
    struct buf set = BUF_INIT(100000), why = BUF_INIT(1000);

    for (unsigned count = JWKS_KEYS_MAX; count <= JWKS_KEYS_MAX + 1; count++) {
        buf_clear(&set);
        buf_add_str(&set, "{\"keys\":[");
        for (unsigned i = 0; i < count; i++) {
            token_jwk(&set, key, NULL, "");
            buf_add_str(&set, i + 1 < count ? "," : "]}");
        }
        if (count > JWKS_KEYS_MAX) {
            check_refused(buf_str(&set), "more than 32 keys");
        } else {
            CHECK(read(buf_str(&set), &why));
            CHECK_INT(keys.count, JWKS_KEYS_MAX);
        }
        forget();
    }
    EVP_PKEY_free(key);
    buf_release(&set);
}
