/*
 * fuzz_auth.c - the Authorization field: Basic, Digest, Bearer.
 *
 * Properties: a claim that is read has a name within its limits (Bearer's has none yet); what Digest's parameters say,
 * written out anew, is read as the same; and whether a uri means a target does not depend on which is which.
 */
#include "fuzz.h"

#include <assert.h>

#include "../../src/auth/digest_fields.h"

static struct slice quoted(struct slice text, struct arena *arena)
{
    struct buf out = BUF_INIT(1 << 20);
    struct slice copy;

    buf_add_char(&out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_add_char(&out, '\\');
        buf_add_char(&out, text.ptr[i]);
    }
    buf_add_char(&out, '"');
    copy = arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return copy;
}

static void check_again(const struct digest *digest, struct arena *arena)
{
    struct buf text = BUF_INIT(1 << 20);
    struct digest again;

    buf_printf(&text, "algorithm=%.*s, nc=%.*s, qop=auth", SLICE_FMT(digest_algorithm_name(digest->algorithm)),
               SLICE_FMT(digest->nc));
    buf_add_str(&text, ", username=");
    buf_add(&text, quoted(digest->name, arena));
    buf_add_str(&text, ", realm=");
    buf_add(&text, quoted(digest->realm, arena));
    buf_add_str(&text, ", nonce=");
    buf_add(&text, quoted(digest->nonce, arena));
    buf_add_str(&text, ", uri=");
    buf_add(&text, quoted(digest->uri, arena));
    buf_add_str(&text, ", response=");
    buf_add(&text, quoted(digest->response, arena));
    buf_add_str(&text, ", cnonce=");
    buf_add(&text, quoted(digest->cnonce, arena));
    assert(digest_fields_parse(buf_slice(&text), arena, &again) == ERR_NONE);
    assert(slice_eq(again.name, digest->name) && slice_eq(again.realm, digest->realm));
    assert(slice_eq(again.nonce, digest->nonce) && slice_eq(again.uri, digest->uri));
    assert(slice_eq(again.response, digest->response) && slice_eq(again.cnonce, digest->cnonce));
    assert(again.count == digest->count && again.algorithm == digest->algorithm);
    buf_release(&text);
}

static void check_uris(struct slice text)
{
    struct slice a, b;

    if (!slice_cut(text, '\n', &a, &b))
        return;
    assert(digest_uri_agrees(a, a) && digest_uri_agrees(a, b) == digest_uri_agrees(b, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);
    struct credentials cred;
    struct arena arena = {0};

    check_uris(text);
    if (credentials_parse(text, &arena, &cred) == ERR_NONE) {
        assert(cred.scheme == AUTH_BEARER || (cred.name.len > 0 && cred.name.len <= AUTH_NAME_BYTES_MAX));
        if (cred.scheme == AUTH_DIGEST) {
            assert(cred.digest->count > 0);
            check_again(cred.digest, &arena);
        }
        credentials_wipe(&cred);
    }
    arena_release(&arena);
    return 0;
}
