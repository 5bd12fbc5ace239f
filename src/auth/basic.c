/*
 * basic.c - the credentials of Basic (RFC 7617 §2): base64 of name ":" password.
 *
 * Strict: the standard alphabet, padded, no stray bits. Two spellings of one claim would be two entries in
 * the cache and two texts for whoever compares them.
 */
#include "cache.h"
#include "memory.h"
#include "scheme.h"
#include "users.h"

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Into out, which has text.len / 4 * 3 bytes. */
static bool base64_decode(struct slice text, unsigned char *out, size_t *out_len)
{
    size_t pads = 0, len = 0;
    uint32_t bits = 0;

    if (text.len == 0 || text.len % 4 != 0)
        return false;
    while (pads < 2 && text.ptr[text.len - 1 - pads] == '=')
        pads++;
    for (size_t i = 0; i < text.len - pads; i++) {
        int value = base64_value(text.ptr[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 == 0)
            continue;
        /* the 2nd, 3rd and 4th sextet complete an octet, with 4, 2 and 0 bits left over */
        out[len++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    *out_len = len;
    return pads == 0 || (bits & (pads == 1 ? 0x3u : 0xfu)) == 0;
}

static enum err basic_parse(struct slice value, struct arena *arena, struct credentials *out)
{
    unsigned char *text = arena_alloc(arena, value.len / 4 * 3 + 1);
    struct slice name, password;
    size_t len;

    if (!base64_decode(value, text, &len))
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
