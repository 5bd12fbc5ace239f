/*
 * jwt_none.c - a build without the JSON library: no keys can be read, so no token is ever judged.
 */
#include "jwks.h"
#include "jwt.h"

bool jwks_read(struct slice text, const char *name, struct arena *arena, struct jwks *out, struct buf *why)
{
    (void)text;
    (void)arena;
    *out = (struct jwks){0};
    buf_printf(why, "%s: jwt-keys needs a samovar that was built with jansson, and this one was not", name);
    return false;
}

void jwks_release(struct jwks *keys)
{
    keys->count = 0;
}

enum auth_result jwt_verify(const struct jwt_rules *rules, struct slice token, int64_t now_s, struct arena *arena,
                            struct jwt *out, const char **flaw)
{
    (void)rules;
    (void)token;
    (void)now_s;
    (void)arena;
    *out = (struct jwt){0};
    *flaw = "No tokens are read here";
    return AUTH_WRONG;
}
