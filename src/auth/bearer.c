/*
 * bearer.c - tokens in the Authorization field (RFC 6750 §2.1). Not in a form's body nor in the address, where logs
 * and other pages see them.
 *
 * A signature is verified on a worker, once a token: what was found true is remembered until it expires.
 */
#include "bearer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "jwt.h"
#include "scheme.h"
#include "token_cache.h"
#include "users.h"

struct bearer {
    struct jwks keys;
    struct jwt_rules rules;
    struct token_cache *cache;
    struct arena arena;
};

/* ---- keys ---- */

static const char *copy(struct bearer *bearer, const char *text)
{
    return text ? arena_str(&bearer->arena, slice_str(text)) : NULL;
}

static bool load_keys(struct bearer *bearer, const char *path, struct buf *why)
{
    struct buf text = BUF_INIT(JWKS_BYTES_MAX);
    bool is_good =
        users_file_read(path, &text, why) && jwks_read(buf_slice(&text), path, &bearer->arena, &bearer->keys, why);

    buf_release(&text);
    return is_good;
}

bool bearer_load(const struct site *site, struct bearer **out, struct buf *why)
{
    struct bearer *bearer;

    *out = NULL;
    if (!site->jwt_keys) {
        if (site->jwt_issuer || site->jwt_audience)
            buf_printf(why, "site \"%.*s\": %s without jwt-keys; no token is read", SLICE_FMT(site->name),
                       site->jwt_issuer ? "jwt-issuer" : "jwt-audience");
        return !site->jwt_issuer && !site->jwt_audience;
    }
    bearer = xcalloc(1, sizeof(*bearer));
    bearer->cache = token_cache_new();
    bearer->rules = (struct jwt_rules){.keys = &bearer->keys,
                                       .issuer = copy(bearer, site->jwt_issuer),
                                       .audience = copy(bearer, site->jwt_audience),
                                       .user_claim = copy(bearer, site->jwt_user ? site->jwt_user : "sub"),
                                       .groups_claim = copy(bearer, site->jwt_groups ? site->jwt_groups : "groups")};
    if (load_keys(bearer, site->jwt_keys, why)) {
        *out = bearer;
        return true;
    }
    bearer_free(bearer);
    return false;
}

void bearer_free(struct bearer *bearer)
{
    if (!bearer)
        return;
    jwks_release(&bearer->keys);
    token_cache_free(bearer->cache);
    arena_release(&bearer->arena);
    free(bearer);
}

/* ---- the scheme ---- */

/* RFC 6750 §2.1, b64token; one blank or more were cut off before it. */
static bool is_token(struct slice text)
{
    size_t i = 0;

    while (i < text.len &&
           (ascii_is_digit(text.ptr[i]) || (ascii_lower(text.ptr[i]) >= 'a' && ascii_lower(text.ptr[i]) <= 'z') ||
            memchr("-._~+/", text.ptr[i], 6)))
        i++;
    while (i > 0 && i < text.len && text.ptr[i] == '=')
        i++;
    return i > 0 && i == text.len;
}

static enum err bearer_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    if (!is_token(value))
        out->flaw = "The token is malformed";
    out->token = arena_slice(arena, value);
    return ERR_NONE;
}

static bool bearer_is_known(const struct users *users)
{
    return users->bearer != NULL;
}

static enum auth_result bearer_judge(const struct judging *judging, struct login *out)
{
    const struct credentials *cred = judging->cred;

    if (cred->flaw)
        return AUTH_WRONG;
    if (!token_cache_find(judging->users->bearer->cache, cred->token, clock_real_s(), judging->arena, out))
        return AUTH_UNDECIDED;
    out->is_again = true;
    return AUTH_OK;
}

static WORKER_SIDE enum auth_result bearer_verify(const struct judging *judging, struct login *out)
{
    const struct bearer *bearer = judging->users->bearer;
    struct slice token = judging->cred->token;
    struct jwt jwt;
    enum auth_result result = jwt_verify(&bearer->rules, token, clock_real_s(), judging->arena, &jwt, &out->flaw);

    if (result != AUTH_OK)
        return result;
    out->name = jwt.user;
    out->groups = jwt.groups;
    out->group_count = jwt.group_count;
    token_cache_add(bearer->cache, token, jwt.until_s, out);
    return AUTH_OK;
}

/* RFC 6750 §3: who sent a token learns that it is not valid; who sent none learns only that one would do. */
static void bearer_challenge(const struct challenging *challenging)
{
    const struct credentials *cred = challenging->cred;
    struct slice realm = challenging->realm;

    if (!cred || cred->scheme != AUTH_BEARER)
        challenge_add(challenging, arena_printf(challenging->arena, "Bearer realm=%.*s", SLICE_FMT(realm)));
    else
        challenge_add(challenging, arena_printf(challenging->arena,
                                                "Bearer realm=%.*s, error=\"invalid_token\", error_description=\"%s\"",
                                                SLICE_FMT(realm), cred->flaw ? cred->flaw : "The token is not valid"));
}

const struct scheme scheme_bearer = {
    .name = SLICE_INIT("Bearer"),
    .value_max = JWT_BYTES_MAX,
    .parse = bearer_parse,
    .is_known = bearer_is_known,
    .judge = bearer_judge,
    .verify = bearer_verify,
    .challenge = bearer_challenge,
};
