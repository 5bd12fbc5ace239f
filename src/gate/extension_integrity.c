/*
 * extension_integrity.c - the extension *integrity*: content goes with its digest (RFC 9530), both ways.
 *
 * Here it is seen to that a request with content carries a digest that we can make, too, and has a method that looks at
 * its content. Whether it matches is found while the content comes in (method/content_digest.c), and answers get theirs
 * where they are made (method/get_digest.c).
 */
#include "extension.h"

#include "http/digest_field.h"

static bool has_content(const struct exchange *ex)
{
    return ex->head.method == METHOD_PUT || ex->head.method == METHOD_PATCH || ex->framing.kind == BODY_CHUNKED ||
           (ex->framing.kind == BODY_LENGTH && ex->framing.length);
}

static bool looks_at_content(enum method method)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_PATCH:
    case METHOD_PROPFIND:
    case METHOD_PROPPATCH:
    case METHOD_MKCOL:
    case METHOD_LOCK:
    case METHOD_REPORT:
    case METHOD_BIND:
    case METHOD_UNBIND:
    case METHOD_REBIND:
        return true;
    default:
        return false;
    }
}

static bool has_digest(struct exchange *ex, enum field_id id)
{
    struct digest_field field;

    if (!head_has(&ex->head, id) || !digest_field_read(head_combined(&ex->head, id, &ex->arena), &field))
        return false;
    return field.has[DIGEST_SHA256] || field.has[DIGEST_SHA512] || field.has_bad;
}

/* 400 and not 510: the extension is known, and RFC 9530 §4 has the fields that say which digests would do. */
struct verdict integrity_judge(struct exchange *ex, const struct extended *extended, unsigned which)
{
    static const struct answer_field wanted[] = {
        {SLICE_INIT("Want-Content-Digest"), SLICE_INIT("sha-256=10, sha-512=5")},
        {SLICE_INIT("Want-Repr-Digest"), SLICE_INIT("sha-256=10, sha-512=5")}};

    if (!has_content(ex))
        return GO_ON;
    if (!looks_at_content(ex->head.method))
        return VERDICT(400, "This method does not look at content, so its digest cannot be compared; send the request "
                            "without content. Nothing was done.");
    if (has_digest(ex, FIELD_CONTENT_DIGEST) || has_digest(ex, FIELD_REPR_DIGEST))
        return GO_ON;
    return (struct verdict){.status = 400,
                            .detail = SLICE("Under the extension integrity content takes a digest: send Content-Digest "
                                            "or Repr-Digest with its sha-256 or sha-512. Nothing was done."),
                            .fields = wanted,
                            .field_count = 2};
}
