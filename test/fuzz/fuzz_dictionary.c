/*
 * fuzz_dictionary.c - Available-Dictionary, Want-Repr-Digest, and what may stand in Use-As-Dictionary.
 *
 * Properties: a hash that is read is written again as one that reads the same; a match and an id that are good give a
 * field without line ends, whose quotes are closed.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "http/dictionary.h"
#include "http/digest_field.h"

static void check_hash(struct slice text)
{
    unsigned char hash[DICTIONARY_HASH], again[DICTIONARY_HASH];
    struct buf out = BUF_INIT(256);

    if (!available_dictionary_read(text, hash))
        return;
    buf_add_char(&out, ':');
    base64_encode(&out, hash, DICTIONARY_HASH, BASE64_PADDED);
    buf_add_char(&out, ':');
    assert(available_dictionary_read(buf_slice(&out), again) && memcmp(hash, again, DICTIONARY_HASH) == 0);
    buf_release(&out);
}

static void check_field(struct slice text)
{
    struct buf out = BUF_INIT(8192);
    unsigned quotes = 0;

    if (!dictionary_match_is_good(text) || !dictionary_id_is_good(text))
        return;
    use_as_dictionary_write(&out, text, text);
    for (size_t i = 0; i < out.len; i++) {
        assert(out.ptr[i] >= ' ' && out.ptr[i] <= '~');
        if (out.ptr[i] == '\\')
            i++;
        else
            quotes += out.ptr[i] == '"';
    }
    assert(quotes == 4);
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of((const char *)data, size);
    enum digest_kind kind = DIGEST_KINDS;

    check_hash(text);
    check_field(text);
    if (digest_wish_read(text, &kind))
        assert(kind < DIGEST_KINDS);
    return 0;
}
