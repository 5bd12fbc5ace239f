/*
 * fuzz_jwks.c - sets of keys.
 *
 * Properties: what is read has at least one key and no more than there is room for, each with an algorithm and a key of
 * OpenSSL's, of a size that can be verified; what is refused has one line that names the file, and leaves no key.
 */
#include "fuzz.h"

#include <assert.h>
#include <openssl/evp.h>

#include "../../src/auth/jwks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf why = BUF_INIT(2000);
    struct arena arena = {0};
    struct jwks keys;

    if (jwks_read(slice_of((const char *)data, len), "keys", &arena, &keys, &why)) {
        assert(keys.count > 0 && keys.count <= JWKS_KEYS_MAX && why.len == 0);
        for (unsigned i = 0; i < keys.count; i++) {
            assert(keys.keys[i].alg < JWT_ALGS && keys.keys[i].key);
            assert(keys.keys[i].kid.len <= JWKS_KID_BYTES_MAX);
            assert(keys.keys[i].alg != JWT_RS256 || EVP_PKEY_get_bits(keys.keys[i].key) >= JWKS_RSA_BITS_MIN);
        }
        jwks_release(&keys);
    } else {
        assert(slice_starts(buf_slice(&why), SLICE("keys:")) && keys.count == 0);
        assert(slice_index(buf_slice(&why), '\n') == why.len);
    }
    arena_release(&arena);
    buf_release(&why);
    return 0;
}
