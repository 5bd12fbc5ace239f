/*
 * digest.c - Digest (RFC 7616; RFC 2617's clients are answered too, if they know qop).
 *
 * For clients that send no password in the clear: old Windows does not where there is no TLS. Judged on the loop, with
 * three hashes of some hundred octets. Not offered: auth-int, whose hash is over content that has not come yet; the
 * session variants, which are for third parties; hashed names.
 */
#include "base/clock.h"
#include "digest_fields.h"
#include "digest_users.h"
#include "memory.h"
#include "nonce.h"
#include "scheme.h"
#include "users.h"

static enum err digest_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    struct digest *digest = arena_alloc(arena, sizeof(*digest));
    enum err err = digest_fields_parse(value, arena, digest);

    out->digest = digest;
    out->name = digest->name;
    return err;
}

static bool digest_is_known(const struct users *users)
{
    return users->digest != NULL;
}

/* ---- judging ---- */

/* response, or rspauth with method "": RFC 7616 §3.4.1 and §3.5. */
static struct digest_hex respond(const struct digest *digest, const struct digest_hex *secret, struct slice method)
{
    struct slice a2[] = {method, digest->uri};
    struct digest_hex a2_hash = digest_hash(digest->algorithm, a2, 2);
    struct slice all[] = {digest_hex_slice(secret), digest->nonce, digest->nc,
                          digest->cnonce,           SLICE("auth"), digest_hex_slice(&a2_hash)};

    return digest_hash(digest->algorithm, all, 6);
}

static struct slice escape(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, 2 * text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            out[len++] = '\\';
        out[len++] = text.ptr[i];
    }
    return slice_of(out, len);
}

/*
 * The server shows that it knows the password, too. The next nonce is given when this one grows old, and not in each
 * answer: requests that are on their way would have to wait for it.
 */
static struct slice info(const struct judging *judging, const struct digest_hex *secret, bool with_next)
{
    const struct digest *digest = judging->cred->digest;
    struct digest_hex rspauth = respond(digest, secret, SLICE_NONE);
    struct slice cnonce = escape(digest->cnonce, judging->arena);
    char next[NONCE_TEXT_BYTES];

    if (!with_next)
        return arena_printf(judging->arena, "rspauth=\"%.*s\", cnonce=\"%.*s\", nc=%.*s, qop=auth", (int)rspauth.len,
                            rspauth.text, SLICE_FMT(cnonce), SLICE_FMT(digest->nc));
    nonce_make(judging->memory->nonces, judging->users->realm, clock_mono_ms(), next);
    return arena_printf(judging->arena, "rspauth=\"%.*s\", cnonce=\"%.*s\", nc=%.*s, qop=auth, nextnonce=\"%.*s\"",
                        (int)rspauth.len, rspauth.text, SLICE_FMT(cnonce), SLICE_FMT(digest->nc), NONCE_TEXT_BYTES,
                        next);
}

static bool is_right(const struct judging *judging, struct digest_hex *secret)
{
    const struct digest *digest = judging->cred->digest;
    struct digest_hex want;
    bool is_known;

    if (!digest_algorithm_exists(digest->algorithm) || !slice_eq(digest->realm, judging->users->realm))
        return false;
    *secret = digest_users_secret(judging->users->digest, digest->name, digest->algorithm, &is_known);
    want = respond(digest, secret, judging->request->method);
    return digest_hex_eq(&want, digest->response) && is_known;
}

/*
 * While its sender has to wait a right response is not to be told from a wrong one, and must leave nothing behind: its
 * nonce would count as one that the user has used.
 */
static bool is_slowed(const struct judging *judging)
{
    struct attempt attempt = attempt_of(judging->memory, judging->users, judging->request->peer, judging->cred);

    return attempt_wait(judging->memory, &attempt) > 0;
}

static enum auth_result digest_judge(const struct judging *judging, struct login *out)
{
    const struct digest *digest = judging->cred->digest;
    struct nonces *nonces = judging->memory->nonces;
    uint64_t now_ms = clock_mono_ms();
    struct digest_hex secret;
    enum nonce_state state;

    out->name = digest->name;
    if (!digest_uri_agrees(digest->uri, judging->request->target))
        return AUTH_MISPLACED;
    if (!is_right(judging, &secret))
        return AUTH_WRONG;
    out->is_again = nonce_is_used(nonces, digest->nonce, digest->name);
    if (!out->is_again && is_slowed(judging))
        return AUTH_SLOWED;
    state = nonce_judge(nonces, digest->nonce, judging->users->realm, now_ms);
    if (state == NONCE_OVER || !nonce_use(nonces, digest->nonce, digest->name, digest->count, now_ms))
        return AUTH_STALE;
    out->info = info(judging, &secret, state == NONCE_AGING);
    return AUTH_OK;
}

/* ---- challenges ---- */

/*
 * The users of the command line can come by Basic as well: over TLS that is as good and needs no second request. Where
 * a users file holds further ones, who know only Basic, a client would choose what cannot help them.
 */
static bool is_offered(const struct challenging *challenging)
{
    const struct users *users = challenging->users;

    if (digest_users_from_file(users->digest))
        return true;
    return !challenging->request->is_secure && users->count == digest_users_count(users->digest);
}

static void digest_challenge(const struct challenging *challenging)
{
    const struct users *users = challenging->users;
    bool is_stale = challenging->cred && challenging->cred->digest && challenging->result == AUTH_STALE;
    char nonce[NONCE_TEXT_BYTES];

    if (!is_offered(challenging))
        return;
    nonce_make(challenging->memory->nonces, users->realm, clock_mono_ms(), nonce);
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        if (!digest_users_offers(users->digest, (enum digest_algorithm)i))
            continue;
        challenge_add(challenging,
                      arena_printf(challenging->arena,
                                   "Digest realm=%.*s, qop=\"auth\", algorithm=%.*s, nonce=\"%.*s\", charset=UTF-8%s",
                                   SLICE_FMT(challenging->realm),
                                   SLICE_FMT(digest_algorithm_name((enum digest_algorithm)i)), NONCE_TEXT_BYTES, nonce,
                                   is_stale ? ", stale=true" : ""));
    }
}

const struct scheme scheme_digest = {
    .name = SLICE_INIT("Digest"),
    .value_max = 20480, /* a request's target at its longest, a name with each octet escaped, and the rest */
    .parse = digest_parse,
    .is_known = digest_is_known,
    .judge = digest_judge,
    .challenge = digest_challenge,
};
