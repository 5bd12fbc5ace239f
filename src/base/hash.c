/*
 * hash.c - SipHash with 64 and 128 bits of output.
 */
#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static uint64_t load_le64(const char *at)
{
    uint64_t word;

    memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static void sip_word(struct sip *s, uint64_t word, int rounds)
{
    s->v3 ^= word;
    for (int i = 0; i < rounds; i++)
        sip_round(s);
    s->v0 ^= word;
}

static void sip_absorb(struct sip *s, struct slice data, int rounds)
{
    uint64_t last = (uint64_t)data.len << 56;
    size_t whole = data.len & ~(size_t)7;

    for (size_t i = 0; i < whole; i += 8)
        sip_word(s, load_le64(data.ptr + i), rounds);
    for (size_t i = whole; i < data.len; i++)
        last |= (uint64_t)(unsigned char)data.ptr[i] << (8 * (i - whole));
    sip_word(s, last, rounds);
}

static uint64_t sip_finish(struct sip *s, uint64_t mark2, uint64_t mark1, int rounds)
{
    s->v2 ^= mark2;
    s->v1 ^= mark1;
    for (int i = 0; i < rounds; i++)
        sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static struct sip sip_start(const struct hash_key *key)
{
    return (struct sip){key->k0 ^ 0x736f6d6570736575u, key->k1 ^ 0x646f72616e646f6du, key->k0 ^ 0x6c7967656e657261u,
                        key->k1 ^ 0x7465646279746573u};
}

uint64_t hash64(const struct hash_key *key, struct slice data)
{
    struct sip s = sip_start(key);

    sip_absorb(&s, data, 1);
    return sip_finish(&s, 0xff, 0, 3);
}

struct hash128 hash128(const struct hash_key *key, struct slice data)
{
    struct sip s = sip_start(key);
    struct hash128 out;
    uint64_t low, high;

    s.v1 ^= 0xee;
    sip_absorb(&s, data, 2);
    low = sip_finish(&s, 0xee, 0, 4);
    high = sip_finish(&s, 0, 0xdd, 4);
    memcpy(out.bytes, &low, 8);
    memcpy(out.bytes + 8, &high, 8);
    return out;
}

void random_bytes(void *out, size_t len)
{
    char *at = out;

    while (len) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}

static struct hash_key process_key;

static void make_process_key(void)
{
    random_bytes(&process_key, sizeof(process_key));
}

const struct hash_key *hash_process_key(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_process_key);
    return &process_key;
}

void hex_encode(char *out, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[at[i] >> 4];
        out[2 * i + 1] = digits[at[i] & 15];
    }
}

bool hex_decode(struct slice hex, void *out, size_t out_len)
{
    unsigned char *at = out;

    if (hex.len != 2 * out_len)
        return false;
    for (size_t i = 0; i < out_len; i++) {
        int high = ascii_hex(hex.ptr[2 * i]), low = ascii_hex(hex.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        at[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
