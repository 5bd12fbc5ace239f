#include "check.h"

#include "base/hash.h"

/* Vectors: the reference implementation's, key 00..0f, message 00..(n-1). */
static const struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

TEST(hash__128_bits_agree_with_the_reference)
{
    char hex[32];
    struct hash128 got = hash128(&key, SLICE(""));

    hex_encode(hex, got.bytes, 16);
    CHECK_SLICE(slice_of(hex, 32), "a3817f04ba25a8e66df67214c7550293");
}

TEST(hash__hex_goes_both_ways)
{
    unsigned char bytes[3];
    char hex[6];

    CHECK(hex_decode(SLICE("00fFa5"), bytes, 3));
    hex_encode(hex, bytes, 3);
    CHECK_SLICE(slice_of(hex, 6), "00ffa5");
    CHECK_FALSE(hex_decode(SLICE("00ff"), bytes, 3));
    CHECK_FALSE(hex_decode(SLICE("zz0000"), bytes, 3));
}
