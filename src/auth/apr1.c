/*
 * apr1.c - Apache's salted MD5, still what many htpasswd files hold.
 *
 * The scheme of FreeBSD's MD5 crypt with another magic word: a first hash in which the password's own
 * bits choose the octets, then a thousand rounds, then 16 octets in a shuffled order as 22 characters,
 * six bits each, lowest first. Weak by today's measure and read only because people have such files.
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "password.h"

enum { MD5_BYTES = 16, ROUNDS = 1000, SALT_MAX = 8 };

static const char magic[] = "$apr1$";

/* Fetching a digest takes a lock; a thousand rounds should do that once. */
struct md5 {
    EVP_MD_CTX *ctx;
    EVP_MD *md;
};

static void start(struct md5 *h)
{
    int done = EVP_DigestInit_ex(h->ctx, h->md, NULL);

    assert(done == 1);
}

static void add(struct md5 *h, const void *bytes, size_t len)
{
    EVP_DigestUpdate(h->ctx, bytes, len);
}

static void finish(struct md5 *h, unsigned char out[MD5_BYTES])
{
    EVP_DigestFinal_ex(h->ctx, out, NULL);
}

static void first_hash(struct md5 *h, struct slice password, struct slice salt, unsigned char out[MD5_BYTES])
{
    unsigned char mixed[MD5_BYTES];

    start(h);
    add(h, password.ptr, password.len);
    add(h, salt.ptr, salt.len);
    add(h, password.ptr, password.len);
    finish(h, mixed);

    start(h);
    add(h, password.ptr, password.len);
    add(h, magic, sizeof(magic) - 1);
    add(h, salt.ptr, salt.len);
    for (size_t left = password.len; left > 0; left -= left < MD5_BYTES ? left : MD5_BYTES)
        add(h, mixed, left < MD5_BYTES ? left : MD5_BYTES);
    /* for each bit of the length a NUL or the password's first octet */
    for (size_t bits = password.len; bits > 0; bits >>= 1)
        add(h, bits & 1 ? "" : password.ptr, 1);
    finish(h, out);
}

static void one_round(struct md5 *h, unsigned round, struct slice password, struct slice salt,
                      unsigned char hash[MD5_BYTES])
{
    struct slice last = slice_of((char *)hash, MD5_BYTES);
    struct slice head = round & 1 ? password : last;
    struct slice tail = round & 1 ? last : password;

    start(h);
    add(h, head.ptr, head.len);
    if (round % 3 != 0)
        add(h, salt.ptr, salt.len);
    if (round % 7 != 0)
        add(h, password.ptr, password.len);
    add(h, tail.ptr, tail.len);
    finish(h, hash);
}

static char *write_bits(char *at, unsigned bits, unsigned count)
{
    static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (; count > 0; count--, bits >>= 6)
        *at++ = letters[bits & 0x3f];
    return at;
}

static void write_text(const unsigned char hash[MD5_BYTES], struct slice salt, char out[APR1_TEXT_MAX])
{
    static const unsigned char order[5][3] = {{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}};
    char *at = out;

    memcpy(at, magic, sizeof(magic) - 1);
    at += sizeof(magic) - 1;
    memcpy(at, salt.ptr, salt.len);
    at += salt.len;
    *at++ = '$';
    for (size_t i = 0; i < 5; i++)
        at =
            write_bits(at, (unsigned)hash[order[i][0]] << 16 | (unsigned)hash[order[i][1]] << 8 | hash[order[i][2]], 4);
    at = write_bits(at, hash[11], 2);
    *at = '\0';
}

bool apr1_hash(const char *setting, struct slice password, char out[APR1_TEXT_MAX])
{
    struct slice salt = slice_str(setting);
    unsigned char hash[MD5_BYTES];
    struct md5 h = {0};
    bool has_md5;

    if (!slice_starts(salt, slice_str(magic)))
        return false;
    salt = slice_from(salt, sizeof(magic) - 1);
    salt = slice_upto(salt, slice_index(salt, '$'));
    if (salt.len == 0 || salt.len > SALT_MAX)
        return false;
    h.md = EVP_MD_fetch(NULL, "MD5", NULL);
    h.ctx = EVP_MD_CTX_new();
    has_md5 = h.md && h.ctx; /* a system in FIPS mode has none */
    if (has_md5) {
        first_hash(&h, password, salt, hash);
        for (unsigned round = 0; round < ROUNDS; round++)
            one_round(&h, round, password, salt, hash);
        write_text(hash, salt, out);
    }
    EVP_MD_CTX_free(h.ctx);
    EVP_MD_free(h.md);
    return has_md5;
}
