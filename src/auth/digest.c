/*
 * digest.c - Digest (RFC 7616).
 */
#include "scheme.h"
#include "users.h"

static enum err digest_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    (void)value;
    (void)arena;
    (void)out;
    return ERR_INVALID;
}

static bool digest_is_known(const struct users *users)
{
    return users->digest != NULL;
}

static void digest_challenge(const struct challenging *challenging)
{
    (void)challenging;
}

const struct scheme scheme_digest = {
    .name = SLICE_INIT("Digest"),
    .value_max = 16384,
    .parse = digest_parse,
    .is_known = digest_is_known,
    .challenge = digest_challenge,
};
