/*
 * test_jwt.c - tokens: whose signature counts, and what must stand in them.
 */
#include "check.h"
#include "tokens.h"

/* RFC 7515, appendix A.3: a token by ES256, and its key. */
#define RFC7515_KEY                                                                                                    \
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","              \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"
#define RFC7515_TOKEN                                                                                                  \
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"   \
    "nVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

enum { NOW = 1700000000 };
#define CLAIMS "{\"exp\":1700000100,\"sub\":\"alice\"}"

/* One key of each kind; making RSA keys takes its time. */
static EVP_PKEY *rsa, *ec, *ed, *other_rsa;
static struct jwks keys;
static struct arena arena, answer_arena;
static struct jwt got;
static const char *flaw;
static struct jwt_rules rules;

static void set_up(void)
{
    struct buf set = BUF_INIT(20000), why = BUF_INIT(1000);

    role_take(ROLE_ANY, "test");
    if (!rsa) {
        rsa = token_key("RSA", 2048);
        other_rsa = token_key("RSA", 2048);
        ec = token_key("EC", 0);
        ed = token_key("ED25519", 0);
    }
    buf_add_str(&set, "{\"keys\":[");
    token_jwk(&set, rsa, "r1", "");
    buf_add_char(&set, ',');
    token_jwk(&set, ec, NULL, "");
    buf_add_char(&set, ',');
    token_jwk(&set, ed, "e1", "");
    buf_add_str(&set, "]}");
    CHECK(jwks_read(buf_slice(&set), "set", &arena, &keys, &why));
    rules = (struct jwt_rules){.keys = &keys, .user_claim = "sub", .groups_claim = "groups"};
    buf_release(&set);
}

static void tear_down(void)
{
    jwks_release(&keys);
    arena_release(&arena);
    arena_release(&answer_arena);
}

static enum auth_result judge_text(struct slice token)
{
    role_assert_worker();
    return jwt_verify(&rules, token, NOW, &answer_arena, &got, &flaw);
}

static enum auth_result judge(EVP_PKEY *key, const char *header, const char *claims)
{
    struct buf token = BUF_INIT(100000);
    enum auth_result result;

    token_make(&token, key, header, claims);
    result = judge_text(buf_slice(&token));
    buf_release(&token);
    return result;
}

/* It was refused, and for this. */
static void check_flaw(enum auth_result result, const char *what)
{
    CHECK_INT(result, AUTH_WRONG);
    CHECK(flaw != NULL);
    if (!strstr(flaw, what))
        CHECK_STR(flaw, what);
    CHECK(!strpbrk(flaw, "\"\\")); /* fit for a quoted-string: RFC 6750 §3 */
}

TEST(jwt__three_algorithms_are_verified)
{
    set_up();
    CHECK_INT(judge(rsa, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", CLAIMS), AUTH_OK);
    CHECK_SLICE(got.user, "alice");
    CHECK_INT(got.group_count, 0);
    CHECK_INT(got.until_s, 1700000100 + JWT_LEEWAY_S);
    CHECK_INT(judge(ec, "{\"alg\":\"ES256\"}", CLAIMS), AUTH_OK);
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", CLAIMS), AUTH_OK);
    CHECK_INT(judge(ed, "{\"alg\":\"Ed25519\",\"kid\":\"e1\",\"typ\":\"JWT\"}", CLAIMS), AUTH_OK);
    tear_down();
}

TEST(jwt__the_example_of_rfc_7515_was_signed_right)
{
    struct buf why = BUF_INIT(1000), text = BUF_INIT(1000);

    set_up();
    jwks_release(&keys);
    CHECK(jwks_read(SLICE(RFC7515_KEY), "set", &arena, &keys, &why));
    rules.user_claim = "iss";
    CHECK_INT(judge_text(SLICE(RFC7515_TOKEN)), AUTH_STALE);
    CHECK_STR(flaw, "The token is expired");
    /* the same with one bit of the signature turned */
    buf_add_str(&text, RFC7515_TOKEN);
    text.ptr[text.len - 80] = text.ptr[text.len - 80] == 'A' ? 'B' : 'A';
    check_flaw(judge_text(buf_slice(&text)), "signature");
    buf_release(&text);
    tear_down();
}

TEST(jwt__the_algorithm_is_the_keys_and_not_the_tokens)
{
    set_up();
    check_flaw(judge(NULL, "{\"alg\":\"none\"}", CLAIMS), "RS256, ES256 or EdDSA");
    check_flaw(judge(rsa, "{\"alg\":\"none\"}", CLAIMS), "RS256, ES256 or EdDSA");
    check_flaw(judge(rsa, "{\"alg\":\"HS256\",\"kid\":\"r1\"}", CLAIMS), "RS256, ES256 or EdDSA");
    check_flaw(judge(rsa, "{\"alg\":\"rs256\"}", CLAIMS), "RS256, ES256 or EdDSA");
    check_flaw(judge(rsa, "{}", CLAIMS), "RS256, ES256 or EdDSA");
    check_flaw(judge(rsa, "{\"alg\":\"ES256\",\"kid\":\"r1\"}", CLAIMS), "not known");
    check_flaw(judge(rsa, "{\"alg\":\"ES256\"}", CLAIMS), "signature");
    check_flaw(judge(NULL, "{\"alg\":\"ES256\"}", CLAIMS), "signature");
    check_flaw(judge(NULL, "{\"alg\":\"EdDSA\"}", CLAIMS), "signature");
    tear_down();
}

TEST(jwt__another_key_is_not_ours_whatever_the_header_brings)
{
    struct buf header = BUF_INIT(4000);

    set_up();
    check_flaw(judge(other_rsa, "{\"alg\":\"RS256\"}", CLAIMS), "signature");
    check_flaw(judge(other_rsa, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", CLAIMS), "signature");
    buf_add_str(&header, "{\"alg\":\"RS256\",\"jwk\":");
    token_jwk(&header, other_rsa, "r1", "");
    buf_add_char(&header, '}');
    check_flaw(judge(other_rsa, buf_str(&header), CLAIMS), "signature");
    buf_release(&header);
    tear_down();
}

TEST(jwt__kid_chooses_the_key)
{
    set_up();
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"kid\":\"r2\"}", CLAIMS), "key is not known");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"kid\":\"e1\"}", CLAIMS), "key is not known");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"kid\":7}", CLAIMS), "kid");
    /* our key has no name: a token that names one may be signed by it */
    CHECK_INT(judge(ec, "{\"alg\":\"ES256\",\"kid\":\"any\"}", CLAIMS), AUTH_OK);
    CHECK_INT(judge(rsa, "{\"alg\":\"RS256\"}", CLAIMS), AUTH_OK);
    tear_down();
}

TEST(jwt__extensions_and_other_types_are_refused)
{
    set_up();
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}", CLAIMS), "crit");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"crit\":[]}", CLAIMS), "crit");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", CLAIMS), "typ");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\",\"typ\":7}", CLAIMS), "typ");
    CHECK_INT(judge(rsa, "{\"alg\":\"RS256\",\"typ\":\"application/at+JWT\"}", CLAIMS), AUTH_OK);
    tear_down();
}

TEST(jwt__times_count_with_a_minutes_leeway)
{
    set_up();
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1699999941,\"sub\":\"a\"}"), AUTH_OK);
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1699999940,\"sub\":\"a\"}"), AUTH_STALE);
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1.7000001005e9,\"sub\":\"a\"}"), AUTH_OK);
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"sub\":\"a\"}"), "exp");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":\"1700000100\",\"sub\":\"a\"}"), "exp");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":9223372036854775807,\"sub\":\"a\"}"), "exp");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1e300,\"sub\":\"a\"}"), "exp");
    CHECK_INT(
        judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"nbf\":1700000060,\"iat\":1700000060,\"sub\":\"a\"}"),
        AUTH_OK);
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"nbf\":1700000061,\"sub\":\"a\"}"), "nbf");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"nbf\":null,\"sub\":\"a\"}"), "nbf");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"iat\":1700000061,\"sub\":\"a\"}"), "iat");
    tear_down();
}

TEST(jwt__issuer_and_audience_are_as_configured)
{
    set_up();
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"aud\":\"x\",\"sub\":\"a\"}"), "aud");
    rules.issuer = "https://login.example";
    rules.audience = "files";
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}",
                    "{\"exp\":1700000100,\"iss\":\"https://login.example\",\"aud\":\"files\",\"sub\":\"a\"}"),
              AUTH_OK);
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}",
                    "{\"exp\":1700000100,\"iss\":\"https://login.example\",\"aud\":[\"x\",\"files\"],\"sub\":\"a\"}"),
              AUTH_OK);
    check_flaw(
        judge(ed, "{\"alg\":\"EdDSA\"}",
              "{\"exp\":1700000100,\"iss\":\"https://login.example\",\"aud\":[\"x\",[\"files\"]],\"sub\":\"a\"}"),
        "aud");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"iss\":\"https://login.example\",\"sub\":\"a\"}"),
               "aud");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}",
                     "{\"exp\":1700000100,\"iss\":[\"https://login.example\"],\"aud\":\"files\",\"sub\":\"a\"}"),
               "iss");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}",
                     "{\"exp\":1700000100,\"iss\":\"https://login.example/\",\"aud\":\"files\",\"sub\":\"a\"}"),
               "iss");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"aud\":\"files\",\"sub\":\"a\"}"), "iss");
    tear_down();
}

TEST(jwt__the_user_is_a_claim_that_is_a_sane_name)
{
    set_up();
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100}"), "name a user");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"\"}"), "name a user");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":7}"), "name a user");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\\nb\"}"), "name a user");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\\u0000b\"}"), "no JSON object");
    rules.user_claim = "preferred_username";
    CHECK_INT(
        judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"1\",\"preferred_username\":\"j\\u00f6rg\"}"),
        AUTH_OK);
    CHECK_SLICE(got.user, "j\xc3\xb6rg");
    tear_down();
}

TEST(jwt__groups_are_a_list_or_words)
{
    struct buf many = BUF_INIT(8000);

    set_up();
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\",\"groups\":[\"staff\",\"a b\"]}"),
              AUTH_OK);
    CHECK_INT(got.group_count, 2);
    CHECK_SLICE(got.groups[1], "a b");
    rules.groups_claim = "scope";
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\",\"scope\":\" x  y \"}"), AUTH_OK);
    CHECK_INT(got.group_count, 2);
    CHECK_SLICE(got.groups[0], "x");
    CHECK_SLICE(got.groups[1], "y");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\",\"scope\":{}}"), "groups");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", "{\"exp\":1700000100,\"sub\":\"a\",\"scope\":[\"x\",\"\"]}"), "groups");
    buf_add_str(&many, "{\"exp\":1700000100,\"sub\":\"a\",\"scope\":\"");
    for (unsigned i = 0; i < JWT_GROUPS_MAX; i++)
        buf_add_str(&many, "x ");
    buf_add_str(&many, "\"}");
    CHECK_INT(judge(ed, "{\"alg\":\"EdDSA\"}", buf_str(&many)), AUTH_OK);
    CHECK_INT(got.group_count, JWT_GROUPS_MAX);
    many.len -= 2;
    buf_add_str(&many, "x\"}");
    check_flaw(judge(ed, "{\"alg\":\"EdDSA\"}", buf_str(&many)), "groups");
    buf_release(&many);
    tear_down();
}

TEST(jwt__malformed_ones_are_refused)
{
    static const char *const bad[] = {"",         ".",         "..",        "a.b",       "a.b.c.d",
                                      "e30.e30.", "e30=.e30.", "!.e30.e30", "AB.e30.e30"};
    struct buf text = BUF_INIT(20000), token = BUF_INIT(20000);

    set_up();
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        CHECK_INT(judge_text(slice_str(bad[i])), AUTH_WRONG);
        CHECK(flaw != NULL);
    }
    check_flaw(judge(rsa, "[]", CLAIMS), "header");
    check_flaw(judge(rsa, "{\"alg\":\"none\",\"alg\":\"RS256\"}", CLAIMS), "header");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\"}", "{\"exp\":1700000100,\"sub\":\"a\",\"sub\":\"b\"}"), "claims");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\"}", "[[[[[[[[[[[[[[[[[["), "claims");
    buf_add_str(&text, "{\"exp\":1700000100,\"sub\":\"");
    while (text.len < JWT_BYTES_MAX)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "\"}");
    check_flaw(judge(rsa, "{\"alg\":\"RS256\"}", buf_str(&text)), "too long");
    /* a second spelling of the same signature, with a stray bit in its last letter */
    token_make(&token, ed, "{\"alg\":\"EdDSA\"}", CLAIMS);
    CHECK_INT(judge_text(buf_slice(&token)), AUTH_OK);
    token.ptr[token.len - 1]++;
    check_flaw(judge_text(buf_slice(&token)), "base64url");
    buf_release(&text);
    buf_release(&token);
    tear_down();
}
