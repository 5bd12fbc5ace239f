/*
 * password.c - which one-way form a text is, and whether a password gives it.
 *
 * apr1 is done here, all others by the system's crypt. bcrypt looks at 72 bytes of a password and no more;
 * that is its own limit.
 */
#include "password.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include "base/arena.h"

/* A form: its prefix, what a whole one of its kind looks like after the last '$'. */
struct form {
    struct slice prefix;
    enum password_kind kind;
    size_t tail_len;  /* characters after the last '$' */
    unsigned dollars; /* '$' at least; a salt, a cost and a hash have their own */
};

static const struct form forms[] = {
    {SLICE_INIT("$apr1$"), PASSWORD_APR1, 22, 3},      {SLICE_INIT("$2y$"), PASSWORD_BCRYPT, 53, 3},
    {SLICE_INIT("$2b$"), PASSWORD_BCRYPT, 53, 3},      {SLICE_INIT("$2a$"), PASSWORD_BCRYPT, 53, 3},
    {SLICE_INIT("$y$"), PASSWORD_YESCRYPT, 43, 4},     {SLICE_INIT("$5$"), PASSWORD_SHA256_CRYPT, 43, 3},
    {SLICE_INIT("$6$"), PASSWORD_SHA512_CRYPT, 86, 3},
};

static bool is_crypt_text(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = ascii_lower(s.ptr[i]);

        if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '/' && c != '$' && c != '=' && c != ',')
            return false;
    }
    return true;
}

static bool form_is_whole(const struct form *form, struct slice hash)
{
    unsigned dollars = 0;
    size_t tail = 0;

    for (size_t i = 0; i < hash.len; i++) {
        tail++;
        if (hash.ptr[i] == '$') {
            dollars++;
            tail = 0;
        }
    }
    return dollars >= form->dollars && tail == form->tail_len && hash.len < CRYPT_OUTPUT_SIZE && is_crypt_text(hash);
}

enum password_kind password_kind(struct slice hash)
{
    if (slice_starts_nocase(hash, SLICE("{SHA}")))
        return PASSWORD_PLAIN_SHA1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (slice_starts(hash, forms[i].prefix))
            return form_is_whole(&forms[i], hash) ? forms[i].kind : PASSWORD_UNKNOWN;
    }
    return PASSWORD_UNKNOWN;
}

static bool text_eq_slowly(const char *got, const char *want)
{
    size_t len = strlen(want);

    return strlen(got) == len && CRYPTO_memcmp(got, want, len) == 0;
}

static bool crypt_matches(const char *hash, struct slice password)
{
    struct crypt_data *data = xcalloc(1, sizeof(*data)); /* 32 KiB: too much for a worker's stack */
    char *phrase = xstrdup(password);
    char *got = crypt_r(phrase, hash, data);
    bool is_same = got && got[0] != '*' && text_eq_slowly(got, hash); /* "*0" says that it failed */

    explicit_bzero(phrase, password.len);
    explicit_bzero(data, sizeof(*data));
    free(phrase);
    free(data);
    return is_same;
}

bool password_matches(const char *hash, struct slice password)
{
    char got[APR1_TEXT_MAX];

    if (password_kind(slice_str(hash)) == PASSWORD_APR1)
        return apr1_hash(hash, password, got) && text_eq_slowly(got, hash);
    return crypt_matches(hash, password);
}
