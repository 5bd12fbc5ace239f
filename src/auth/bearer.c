/*
 * bearer.c - tokens (RFC 6750).
 */
#include "scheme.h"
#include "users.h"

static enum err bearer_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    out->token = arena_slice(arena, value);
    return ERR_NONE;
}

static bool bearer_is_known(const struct users *users)
{
    return users->bearer != NULL;
}

static void bearer_challenge(const struct challenging *challenging)
{
    challenge_add(challenging, arena_printf(challenging->arena, "Bearer realm=%.*s", SLICE_FMT(challenging->realm)));
}

const struct scheme scheme_bearer = {
    .name = SLICE_INIT("Bearer"),
    .value_max = 8192, /* tokens of some providers carry all groups of a user */
    .parse = bearer_parse,
    .is_known = bearer_is_known,
    .challenge = bearer_challenge,
};
