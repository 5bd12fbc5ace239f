/*
 * keyed.c - HMAC-SHA-256 out of two plain hashes.
 */
#include "keyed.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "auth/auth.h"

enum { BLOCK_BYTES = 64, NUMBERS_BYTES = 24 };

static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

/* Looked up once: EVP_sha256() would be fetched anew, under a lock, by every hash. */
static void sha256_fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    assert(sha256);
}

static void hash(const unsigned char *data, size_t len, unsigned char out[KEYED_BYTES])
{
    unsigned out_len = 0;
    int done = EVP_Digest(data, len, out, &out_len, sha256, NULL);

    assert(done == 1 && out_len == KEYED_BYTES); /* fails only without memory, where the process ends anyway */
}

static unsigned char *put(unsigned char *at, const void *bytes, size_t len)
{
    if (len > 0)
        memcpy(at, bytes, len);
    return at + len;
}

struct keyed_hash keyed_claim(const unsigned char key[KEYED_BYTES], uint64_t number, struct slice name,
                              struct slice password)
{
    unsigned char inner[BLOCK_BYTES + NUMBERS_BYTES + AUTH_NAME_BYTES_MAX + AUTH_PASSWORD_BYTES_MAX];
    unsigned char outer[BLOCK_BYTES + KEYED_BYTES];
    uint64_t numbers[3] = {number, name.len, password.len};
    unsigned char *end = inner + BLOCK_BYTES;
    struct keyed_hash out;

    assert(name.len <= AUTH_NAME_BYTES_MAX && password.len <= AUTH_PASSWORD_BYTES_MAX);
    pthread_once(&sha256_once, sha256_fetch);
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        unsigned char k = i < KEYED_BYTES ? key[i] : 0;

        inner[i] = k ^ 0x36;
        outer[i] = k ^ 0x5c;
    }
    end = put(end, numbers, sizeof(numbers));
    end = put(end, name.ptr, name.len);
    end = put(end, password.ptr, password.len);
    hash(inner, (size_t)(end - inner), outer + BLOCK_BYTES);
    hash(outer, sizeof(outer), out.bytes);
    explicit_bzero(inner, sizeof(inner));
    explicit_bzero(outer, sizeof(outer));
    return out;
}

struct keyed_hash keyed_digest(struct slice text)
{
    struct keyed_hash out;

    pthread_once(&sha256_once, sha256_fetch);
    hash((const unsigned char *)text.ptr, text.len, out.bytes);
    return out;
}

bool keyed_eq(const struct keyed_hash *a, const struct keyed_hash *b)
{
    return CRYPTO_memcmp(a->bytes, b->bytes, KEYED_BYTES) == 0;
}
