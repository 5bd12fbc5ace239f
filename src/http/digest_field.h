/*
 * digest_field.h - Content-Digest and Repr-Digest (RFC 9530 §2, §3): Structured Fields dictionaries of byte sequences.
 *
 * Only the algorithms that are neither deprecated nor insecure are known here: sha-256 and sha-512. Others are read
 * over, as RFC 9530 §2 lets a recipient do. Pure.
 */
#ifndef HTTP_DIGEST_FIELD_H
#define HTTP_DIGEST_FIELD_H

#include "base/buf.h"
#include "base/slice.h"

enum digest_kind { DIGEST_SHA256, DIGEST_SHA512, DIGEST_KINDS };
enum { DIGEST_BYTES_MAX = 64 };

struct digest_field {
    bool has[DIGEST_KINDS];
    bool has_bad; /* one of ours has a value that is no digest of its kind: it cannot match */
    unsigned char value[DIGEST_KINDS][DIGEST_BYTES_MAX];
};

/* 32 or 64. */
unsigned digest_bytes(enum digest_kind kind);
/* Several lines are joined by commas before. False: no dictionary; then it is as if it were not there (RFC 9651 §4.2).
 */
bool digest_field_read(struct slice value, struct digest_field *out);
/*
 * Want-Repr-Digest, Want-Content-Digest (RFC 9530 §4): which of ours is wanted most, sha-256 of equal ones. False:
 * none, or no dictionary.
 */
bool digest_wish_read(struct slice value, enum digest_kind *out);
/* "sha-256=:BASE64:" */
void digest_field_write(struct buf *out, enum digest_kind kind, const unsigned char *digest);

#endif
