/*
 * checksum.c - see checksum.h.
 */
#include "checksum.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

struct checksum_kind {
    struct slice name;
    unsigned bytes;
    const EVP_MD *(*digest)(void); /* NULL: Adler-32 (RFC 1950 §8.2) */
};

enum { KIND_SHA256, KIND_SHA1, KIND_MD5, KIND_ADLER32, KINDS };

static const struct checksum_kind kinds[KINDS] = {
    [KIND_SHA256] = {SLICE_INIT("SHA256"), 32, EVP_sha256},
    [KIND_SHA1] = {SLICE_INIT("SHA1"), 20, EVP_sha1},
    [KIND_MD5] = {SLICE_INIT("MD5"), 16, EVP_md5},
    [KIND_ADLER32] = {SLICE_INIT("ADLER32"), 4, NULL},
};

enum {
    SAID_MAX = CHECKSUMS_MAX - 3, /* room is left for those that we add */
    ADLER_PRIME = 65521,
    ADLER_RUN = 5552, /* octets after which the second sum could be more than 32 bits hold */
};

/* ---- Adler-32 ---- */

static uint32_t adler_add(uint32_t adler, struct slice bytes)
{
    uint32_t low = adler & 0xffff, high = adler >> 16;

    while (bytes.len) {
        struct slice run = slice_upto(bytes, ADLER_RUN);

        for (size_t i = 0; i < run.len; i++) {
            low += (unsigned char)run.ptr[i];
            high += low;
        }
        low %= ADLER_PRIME;
        high %= ADLER_PRIME;
        bytes = slice_from(bytes, run.len);
    }
    return high << 16 | low;
}

static void adler_bytes(uint32_t adler, unsigned char out[4])
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (unsigned char)(adler >> (24 - 8 * i));
}

/* ---- reading ---- */

static const struct checksum_kind *kind_find(struct slice name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (slice_eq_nocase(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static bool hex_read(struct slice text, unsigned char *out, unsigned bytes)
{
    if (text.len != 2 * (size_t)bytes)
        return false;
    for (unsigned i = 0; i < bytes; i++) {
        int high = ascii_hex(text.ptr[2 * i]), low = ascii_hex(text.ptr[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

static bool checksum_begin(struct checksum *sum, const struct checksum_kind *kind)
{
    *sum = (struct checksum){.kind = kind, .adler = 1};
    if (!kind->digest)
        return true;
    sum->digest = EVP_MD_CTX_new();
    return sum->digest && EVP_DigestInit_ex(sum->digest, kind->digest(), NULL) == 1;
}

/* One "KIND:value". */
static bool take(struct checksums *out, struct slice member)
{
    const struct checksum_kind *kind;
    struct slice name, value;
    struct checksum *sum;

    if (!slice_cut(member, ':', &name, &value))
        return true;
    kind = kind_find(name);
    if (!kind || out->count == SAID_MAX)
        return true;
    sum = &out->list[out->count++];
    sum->is_said = checksum_begin(sum, kind) && hex_read(value, sum->sum, kind->bytes);
    return sum->is_said;
}

/* What nobody said is made all the same, unless it fails. */
static void add_kind(struct checksums *out, const struct checksum_kind *kind)
{
    for (unsigned i = 0; i < out->count; i++)
        if (out->list[i].kind == kind)
            return;
    if (checksum_begin(&out->list[out->count], kind))
        out->count++;
    else
        EVP_MD_CTX_free(out->list[out->count].digest);
}

bool checksums_parse(struct slice value, struct checksums *out)
{
    struct slice rest = slice_trim(value), member;
    bool more = true;

    *out = (struct checksums){0};
    while (more) {
        more = slice_cut(rest, ' ', &member, &rest);
        if (!take(out, more ? member : rest))
            return false;
    }
    if (out->count) {
        add_kind(out, &kinds[KIND_SHA1]);
        add_kind(out, &kinds[KIND_MD5]);
    }
    return true;
}

void checksums_want_sha256(struct checksums *sums)
{
    add_kind(sums, &kinds[KIND_SHA256]);
}

/* ---- while bytes come ---- */

void checksums_add(struct checksums *sums, struct slice bytes)
{
    for (unsigned i = 0; i < sums->count; i++) {
        struct checksum *sum = &sums->list[i];

        if (sum->digest)
            EVP_DigestUpdate(sum->digest, bytes.ptr, bytes.len);
        else
            sum->adler = adler_add(sum->adler, bytes);
    }
}

static bool matches(struct checksum *sum)
{
    unsigned char got[EVP_MAX_MD_SIZE];

    if (!sum->digest)
        adler_bytes(sum->adler, got);
    else if (EVP_DigestFinal_ex(sum->digest, got, NULL) != 1)
        return false;
    if (sum->is_said)
        return memcmp(got, sum->sum, sum->kind->bytes) == 0;
    memcpy(sum->sum, got, sum->kind->bytes);
    return true;
}

bool checksums_match(struct checksums *sums)
{
    for (unsigned i = 0; i < sums->count; i++)
        if (!matches(&sums->list[i]))
            return false;
    return true;
}

struct slice checksums_text(const struct checksums *sums, char room[CHECKSUMS_TEXT])
{
    size_t len = 0;

    for (unsigned i = 0; i < sums->count; i++) {
        const struct checksum *sum = &sums->list[i];

        len += (size_t)snprintf(room + len, CHECKSUMS_TEXT - len, "%s%.*s:", i ? " " : "", SLICE_FMT(sum->kind->name));
        for (unsigned k = 0; k < sum->kind->bytes; k++)
            len += (size_t)snprintf(room + len, CHECKSUMS_TEXT - len, "%02x", sum->sum[k]);
    }
    return slice_of(room, len);
}

void checksums_release(struct checksums *sums)
{
    for (unsigned i = 0; i < sums->count; i++)
        EVP_MD_CTX_free(sums->list[i].digest);
    sums->count = 0;
}
