/*
 * content_digest.h - Content-Digest and Repr-Digest of a request (RFC 9530), compared with what comes in.
 *
 * Whatever a request says of its content is verified where the content is looked at, also without the extension
 * *integrity*, which makes it a duty to say something. Of a request without Content-Encoding and Content-Range both
 * fields speak of the same octets.
 */
#ifndef METHOD_CONTENT_DIGEST_H
#define METHOD_CONTENT_DIGEST_H

#include "http/digest_field.h"
#include "method_private.h"

/* Released by content_digests_release(); zeroed: nothing is said. */
struct content_digests {
    void *hash[DIGEST_KINDS];        /* OpenSSL's; NULL for a kind that is not said */
    struct digest_field said[2];     /* of Content-Digest, of Repr-Digest */
    struct slice text[DIGEST_KINDS]; /* "sha-256=:...:", as said; "" without */
};

/* 400: one of our algorithms has a value that is no digest of it. A field that is no dictionary does not count. */
struct verdict content_digests_read(struct exchange *ex, struct content_digests *out) LOOP_SIDE;
/*
 * Where what comes in is not what is stored: Repr-Digest speaks of the latter (RFC 9530 §3), so what it says goes over
 * into `result`, which is fed, judged and released like the other.
 */
void content_digests_part(struct exchange *ex, struct content_digests *sent, struct content_digests *result) LOOP_SIDE;
/* Any side. */
void content_digests_add(struct content_digests *digests, struct slice bytes);
/* After the last octet, once. NULL: they match, or nothing was said; else the name of a field that does not. */
const char *content_digests_judge(struct content_digests *digests);
void content_digests_release(struct content_digests *digests);
/* 400 for a field that does not match. */
struct verdict content_digests_verdict(struct exchange *ex, const char *field) LOOP_SIDE;

#endif
