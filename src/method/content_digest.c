/*
 * content_digest.c - see content_digest.h.
 */
#include "content_digest.h"

#include <openssl/evp.h>
#include <string.h>

static const EVP_MD *algorithm(int kind)
{
    return kind == DIGEST_SHA256 ? EVP_sha256() : EVP_sha512();
}

static const struct {
    enum field_id id;
    const char *name;
} fields[2] = {{FIELD_CONTENT_DIGEST, "Content-Digest"}, {FIELD_REPR_DIGEST, "Repr-Digest"}};

static struct slice text_of(struct exchange *ex, enum digest_kind kind, const unsigned char *value)
{
    struct buf text = BUF_INIT(256);
    struct slice copy;

    digest_field_write(&text, kind, value);
    copy = arena_slice(&ex->arena, buf_slice(&text));
    buf_release(&text);
    return copy;
}

/* Where there is no memory for it nothing will match: better than to store what nobody looked at. */
static void begin(struct exchange *ex, struct content_digests *out, int kind, const unsigned char *value)
{
    if (out->hash[kind])
        return;
    out->hash[kind] = EVP_MD_CTX_new();
    if (out->hash[kind])
        EVP_DigestInit_ex(out->hash[kind], algorithm(kind), NULL);
    out->text[kind] = text_of(ex, (enum digest_kind)kind, value);
}

struct verdict content_digests_read(struct exchange *ex, struct content_digests *out)
{
    *out = (struct content_digests){0};
    for (int i = 0; i < 2; i++) {
        struct digest_field *said = &out->said[i];

        if (!head_has(&ex->head, fields[i].id))
            continue;
        if (!digest_field_read(head_combined(&ex->head, fields[i].id, &ex->arena), said)) {
            *said = (struct digest_field){0};
            continue;
        }
        if (said->has_bad)
            return (struct verdict){
                .status = 400,
                .detail =
                    arena_printf(&ex->arena,
                                 "The field %s has a value that is no digest: sha-256 is 32 octets and sha-512 is "
                                 "64, in base64 between colons. Nothing was done.",
                                 fields[i].name)};
        for (int kind = 0; kind < DIGEST_KINDS; kind++)
            if (said->has[kind])
                begin(ex, out, kind, said->value[kind]);
    }
    return GO_ON;
}

void content_digests_part(struct exchange *ex, struct content_digests *sent, struct content_digests *result)
{
    *result = (struct content_digests){.said = {[1] = sent->said[1]}};
    sent->said[1] = (struct digest_field){0};
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        if (!result->said[1].has[kind])
            continue;
        if (!sent->said[0].has[kind]) {
            EVP_MD_CTX_free(sent->hash[kind]);
            sent->hash[kind] = NULL;
        }
        begin(ex, result, kind, result->said[1].value[kind]);
    }
}

void content_digests_add(struct content_digests *digests, struct slice bytes)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        if (digests->hash[kind] && bytes.len)
            EVP_DigestUpdate(digests->hash[kind], bytes.ptr, bytes.len);
}

const char *content_digests_judge(struct content_digests *digests)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        unsigned char got[EVP_MAX_MD_SIZE];
        bool is_made = digests->hash[kind] && EVP_DigestFinal_ex(digests->hash[kind], got, NULL) == 1;

        for (int i = 0; i < 2; i++)
            if (digests->said[i].has[kind] &&
                (!is_made || memcmp(got, digests->said[i].value[kind], digest_bytes((enum digest_kind)kind)) != 0))
                return fields[i].name;
    }
    return NULL;
}

void content_digests_release(struct content_digests *digests)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        EVP_MD_CTX_free(digests->hash[kind]);
        digests->hash[kind] = NULL;
    }
}

struct verdict content_digests_verdict(struct exchange *ex, const char *field)
{
    return (struct verdict){.status = 400,
                            .detail =
                                arena_printf(&ex->arena,
                                             "The content is not what the field %s says; it was damaged on its way, "
                                             "or is another. Nothing was done: send it again.",
                                             field)};
}
