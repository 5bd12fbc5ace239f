/*
 * app_password.c - passwords of one program.
 */
#include "app_password.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"
#include "base/hash.h"
#include "scheme.h"

enum { APP_LETTERS_MAX = 43 }; /* of a hash */

static const struct slice prefix = SLICE_INIT("$app-sha256$");
/* Without 0 and o, 1, i and l. 31 of them: 4.95 bits each. */
static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";

/* Exactly `len` octets, and no stray bits after them. */
static bool decode(struct slice text, unsigned char *octets, size_t len)
{
    unsigned char read[BASE64_ROOM(APP_LETTERS_MAX)];
    size_t count;
    bool stray;

    if (text.len > APP_LETTERS_MAX || !base64_decode(text, BASE64_URL, read, &count, &stray) || stray || count != len)
        return false;
    memcpy(octets, read, len);
    return true;
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
    base64_encode(out, hash.salt, sizeof(hash.salt), BASE64_URL);
    buf_add_char(out, '$');
    base64_encode(out, hash.hash, sizeof(hash.hash), BASE64_URL);
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
