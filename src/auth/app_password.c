/*
 * app_password.c - passwords of one program.
 */
#include "app_password.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hash.h"
#include "scheme.h"

static const struct slice prefix = SLICE_INIT("$app-sha256$");
static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/* Without 0 and o, 1, i and l. 31 of them: 4.95 bits each. */
static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";

/* ---- base64url of a known length ---- */

static void encode(struct buf *out, const unsigned char *octets, size_t len)
{
    for (size_t bit = 0; bit < 8 * len; bit += 6) {
        unsigned pair = (unsigned)octets[bit / 8] << 8 | (bit / 8 + 1 < len ? octets[bit / 8 + 1] : 0);

        buf_add_char(out, base64url[pair >> (10 - bit % 8) & 63]);
    }
}

/* Exactly `len` octets, and no stray bits after them. */
static bool decode(struct slice text, unsigned char *octets, size_t len)
{
    unsigned bits = 0;
    size_t count = 0;

    if (text.len != (8 * len + 5) / 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] ? strchr(base64url, text.ptr[i]) : NULL;

        if (!at)
            return false;
        bits = bits << 6 | (unsigned)(at - base64url);
        if (i % 4 != 0 && count < len)
            octets[count++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    return count == len && (bits & ((1u << (6 * text.len - 8 * len)) - 1)) == 0;
}

/* ---- hashes ---- */

static void make_hash(const unsigned char salt[APP_SALT_BYTES], struct slice password,
                      unsigned char out[APP_HASH_BYTES])
{
    unsigned len = 0;
    const unsigned char *done =
        HMAC(EVP_sha256(), salt, APP_SALT_BYTES, (const unsigned char *)password.ptr, password.len, out, &len);

    assert(done && len == APP_HASH_BYTES); /* fails only without memory, where the process ends anyway */
}

bool app_hash_is(struct slice text)
{
    return slice_starts(text, prefix);
}

bool app_hash_parse(struct slice text, struct app_hash *out)
{
    struct slice salt, hash;

    return app_hash_is(text) && slice_cut(slice_from(text, prefix.len), '$', &salt, &hash) &&
           decode(salt, out->salt, sizeof(out->salt)) && decode(hash, out->hash, sizeof(out->hash));
}

bool app_hash_matches(const struct app_hash *hash, struct slice password)
{
    unsigned char got[APP_HASH_BYTES];

    make_hash(hash->salt, password, got);
    return CRYPTO_memcmp(got, hash->hash, sizeof(got)) == 0;
}

void app_hash_add(struct buf *out, struct slice password)
{
    struct app_hash hash;

    random_bytes(hash.salt, sizeof(hash.salt));
    make_hash(hash.salt, password, hash.hash);
    buf_add(out, prefix);
    encode(out, hash.salt, sizeof(hash.salt));
    buf_add_char(out, '$');
    encode(out, hash.hash, sizeof(hash.hash));
}

/* ---- names and passwords ---- */

bool app_name_is_good(struct slice name)
{
    return name.len > 0 && name.len <= APP_NAME_BYTES_MAX && text_is_plain(name) &&
           slice_index(name, ':') == name.len && slice_trim(name).len == name.len;
}

bool app_name_parse(struct slice field, struct slice *out)
{
    if (!slice_starts(field, SLICE("app=")))
        return false;
    *out = slice_from(field, 4);
    return app_name_is_good(*out);
}

void app_password_make(char out[APP_PASSWORD_BYTES + 1])
{
    const unsigned count = sizeof(letters) - 1;
    size_t len = 0;

    while (len < APP_PASSWORD_BYTES) {
        unsigned char octet;

        if (len % 5 == 4) {
            out[len++] = '-';
            continue;
        }
        random_bytes(&octet, 1);
        if (octet < 256 / count * count) /* what is over would make some letters likelier */
            out[len++] = letters[octet % count];
    }
    out[len] = '\0';
}
