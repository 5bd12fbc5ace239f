/*
 * fuzz_jwt.c - tokens, and the claims in them.
 *
 * Properties: no other text than the one token that its key has signed is true; a refusal has a sentence that may stand
 * in a quoted-string; claims that count name a user and groups that are sane, and have an end that is not over.
 */
#include "fuzz.h"

#include <assert.h>

#include "../../src/auth/jose.h"
#include "../../src/auth/jwt_claims.h"
#include "../../src/auth/scheme.h"

/* RFC 7515, appendix A.3: a key, a token, and a time at which it counted. */
#define KEY                                                                                                            \
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","              \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"
#define TOKEN                                                                                                          \
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"   \
    "nVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
enum { NOW = 1300819000 };

static void check_flaw(const char *flaw)
{
    assert(flaw && *flaw);
    for (; *flaw; flaw++)
        assert(*flaw >= 0x20 && *flaw < 0x7f && *flaw != '"' && *flaw != '\\');
}

static void check_name(struct slice name)
{
    assert(name.len > 0 && name.len <= AUTH_NAME_BYTES_MAX && text_is_plain(name));
}

static void check_claims(struct slice text, const struct jwt_rules *rules)
{
    struct arena arena = {0};
    const char *flaw = NULL;
    json_error_t error;
    json_t *claims = json_read(text, &error);
    struct jwt out;
    enum auth_result result;

    if (claims) {
        result = jwt_judge_claims(rules, claims, NOW, &arena, &out, &flaw);
        if (result == AUTH_OK) {
            check_name(out.user);
            assert(out.group_count <= JWT_GROUPS_MAX && out.until_s > NOW);
            for (unsigned i = 0; i < out.group_count; i++)
                check_name(out.groups[i]);
        } else {
            check_flaw(flaw);
        }
    }
    json_decref(claims);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct jwks keys;
    static struct arena key_arena;
    struct slice text = slice_of((const char *)data, len);
    struct jwt_rules rules = {.keys = &keys, .user_claim = "iss", .groups_claim = "groups"};
    struct buf why = BUF_INIT(1000);
    struct arena arena = {0};
    const char *flaw;
    struct jwt out;

    role_take(ROLE_ANY, "fuzz");
    role_assert_worker();
    if (keys.count == 0)
        assert(jwks_read(SLICE(KEY), "key", &key_arena, &keys, &why));
    if (jwt_verify(&rules, text, NOW, &arena, &out, &flaw) == AUTH_OK)
        assert(slice_eq(text, SLICE(TOKEN)) && slice_eq(out.user, SLICE("joe")));
    else
        check_flaw(flaw);
    check_claims(text, &rules);
    rules.issuer = rules.audience = "x";
    check_claims(text, &rules);
    arena_release(&arena);
    buf_release(&why);
    return 0;
}
