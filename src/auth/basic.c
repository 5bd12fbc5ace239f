/*
 * basic.c - the credentials of Basic (RFC 7617 §2): base64 of name ":" password.
 *
 * Strict: the standard alphabet, padded, no stray bits. Two spellings of one claim would be two entries in
 * the cache and two texts for whoever compares them.
 */
#include "base/base64.h"
#include "cache.h"
#include "memory.h"
#include "scheme.h"
#include "users.h"

static enum err basic_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    unsigned char *text = arena_alloc(arena, BASE64_ROOM(value.len));
    struct slice name, password;
    size_t len;
    bool stray;

    if (!value.len || !base64_unpad(&value) || !base64_decode(value, BASE64_PADDED, text, &len, &stray) || stray)
        return ERR_INVALID;
    /* the first colon ends the name; a password may hold more of them */
    if (!slice_cut(slice_of((char *)text, len), ':', &name, &password) || slice_is_empty(name))
        return ERR_INVALID;
    if (name.len > AUTH_NAME_BYTES_MAX || password.len > AUTH_PASSWORD_BYTES_MAX) {
        explicit_bzero(text, len);
        return ERR_TOO_LARGE;
    }
    if (!text_is_plain(name) || !text_is_plain(password)) {
        explicit_bzero(text, len);
        return ERR_INVALID;
    }
    out->name = name;
    out->password = password;
    return ERR_NONE;
}

static bool basic_is_known(const struct users *users)
{
    return users->count > 0;
}

static enum auth_result basic_judge(const struct judging *judging, struct login *out)
{
    const struct credentials *cred = judging->cred;

    out->name = cred->name;
    out->is_again = auth_cache_has(judging->memory->cache, judging->users, cred->name, cred->password);
    return out->is_again ? AUTH_OK : AUTH_UNDECIDED;
}

static enum auth_result basic_verify(const struct judging *judging, struct login *out)
{
    const struct credentials *cred = judging->cred;
    enum auth_result result;

    role_assert_worker();
    out->name = cred->name;
    result = users_verify(judging->users, cred->name, cred->password);
    if (result == AUTH_OK)
        auth_cache_add(judging->memory->cache, judging->users, cred->name, cred->password);
    return result;
}

/* RFC 7617 §2.1: names and passwords are UTF-8 here. */
static void basic_challenge(const struct challenging *challenging)
{
    challenge_add(challenging, arena_printf(challenging->arena, "Basic realm=%.*s, charset=\"UTF-8\"",
                                            SLICE_FMT(challenging->realm)));
}

const struct scheme scheme_basic = {
    .name = SLICE_INIT("Basic"),
    .value_max = 1024, /* name and password at their longest, in base64 */
    .parse = basic_parse,
    .is_known = basic_is_known,
    .judge = basic_judge,
    .verify = basic_verify,
    .challenge = basic_challenge,
};
