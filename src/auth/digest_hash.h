/*
 * digest_hash.h - the hashes of Digest: of texts with colons between them, as hexadecimal. Private to auth/.
 */
#ifndef AUTH_DIGEST_HASH_H
#define AUTH_DIGEST_HASH_H

#include "base/slice.h"

/* The strongest first. */
enum digest_algorithm { DIGEST_SHA256, DIGEST_MD5, DIGEST_ALGORITHMS };

#define DIGEST_HEX_MAX 64

struct digest_hex {
    char text[DIGEST_HEX_MAX];
    unsigned len;
};

struct slice digest_algorithm_name(enum digest_algorithm algorithm);
/* Hexadecimal digits of one of its hashes. */
unsigned digest_hex_len(enum digest_algorithm algorithm);
/* The system may have no MD5 (FIPS mode): then nothing may be asked of it. */
bool digest_algorithm_exists(enum digest_algorithm algorithm);
/* H(parts[0] ":" parts[1] ...), RFC 7616 §3.3, in lower case. About a microsecond. Any side. */
struct digest_hex digest_hash(enum digest_algorithm algorithm, const struct slice *parts, unsigned count);
/* In a time that does not depend on where they differ; `sent` may be of any length and in capitals. */
bool digest_hex_eq(const struct digest_hex *want, struct slice sent);

static inline struct slice digest_hex_slice(const struct digest_hex *hex)
{
    return slice_of(hex->text, hex->len);
}

#endif
