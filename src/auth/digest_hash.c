/*
 * digest_hash.c - MD5 and SHA-256, as Digest uses them.
 */
#include "digest_hash.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "base/hash.h"

static const struct {
    struct slice name;
    const char *system_name;
    unsigned hex_len;
} algorithms[DIGEST_ALGORITHMS] = {
    [DIGEST_SHA256] = {SLICE_INIT("SHA-256"), "SHA256", 64},
    [DIGEST_MD5] = {SLICE_INIT("MD5"), "MD5", 32},
};

static EVP_MD *fetched[DIGEST_ALGORITHMS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++)
        fetched[i] = EVP_MD_fetch(NULL, algorithms[i].system_name, NULL);
}

struct slice digest_algorithm_name(enum digest_algorithm algorithm)
{
    return algorithms[algorithm].name;
}

unsigned digest_hex_len(enum digest_algorithm algorithm)
{
    return algorithms[algorithm].hex_len;
}

bool digest_algorithm_exists(enum digest_algorithm algorithm)
{
    pthread_once(&once, fetch_all);
    return fetched[algorithm] != NULL;
}

struct digest_hex digest_hash(enum digest_algorithm algorithm, const struct slice *parts, unsigned count)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char bytes[EVP_MAX_MD_SIZE];
    struct digest_hex out = {.len = algorithms[algorithm].hex_len};
    int done;

    assert(digest_algorithm_exists(algorithm) && ctx);
    done = EVP_DigestInit_ex(ctx, fetched[algorithm], NULL);
    for (unsigned i = 0; done == 1 && i < count; i++) {
        if (i > 0)
            done = EVP_DigestUpdate(ctx, ":", 1);
        if (done == 1 && parts[i].len > 0)
            done = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len);
    }
    if (done == 1)
        done = EVP_DigestFinal_ex(ctx, bytes, NULL);
    assert(done == 1); /* fails only without memory, where the process ends anyway */
    EVP_MD_CTX_free(ctx);
    hex_encode(out.text, bytes, out.len / 2);
    return out;
}

bool digest_hex_eq(const struct digest_hex *want, struct slice sent)
{
    char lower[DIGEST_HEX_MAX];

    if (sent.len != want->len)
        return false;
    for (size_t i = 0; i < sent.len; i++)
        lower[i] = ascii_lower(sent.ptr[i]);
    return CRYPTO_memcmp(lower, want->text, want->len) == 0;
}
