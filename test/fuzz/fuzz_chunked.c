/*
 * fuzz_chunked.c - the chunked coding.
 *
 * Properties: however its bytes are cut, a message has the same content, end and verdict; and what is
 * written with chunk_frame() comes out as it went in, whatever pieces it was written in.
 * The first octet of an input says how to cut.
 */
#include "fuzz.h"

#include <assert.h>

#include "base/buf.h"
#include "http/chunked.h"

struct outcome {
    enum chunk_step step;
    struct chunked chunked;
    struct buf content;
    size_t used;
};

static void play(struct slice text, size_t piece, struct outcome *out)
{
    *out = (struct outcome){.step = CHUNK_MORE, .content = BUF_INIT(1 << 22)};
    while (out->used < text.len && (out->step == CHUNK_MORE || out->step == CHUNK_DATA)) {
        struct slice in = slice_upto(slice_from(text, out->used), piece), data;
        size_t used;

        out->step = chunked_feed(&out->chunked, in, &used, &data);
        assert(used <= in.len && (used > 0 || out->step == CHUNK_BAD));
        assert((out->step == CHUNK_DATA) == (data.len > 0));
        assert(!data.len || (data.ptr >= in.ptr && data.ptr + data.len == in.ptr + used));
        buf_add(&out->content, data);
        out->used += used;
    }
    assert(out->chunked.total == out->content.len && !out->content.overflown);
}

static void check_cuts(struct slice text, size_t piece)
{
    struct outcome whole, pieces;

    play(text, text.len + 1, &whole);
    play(text, piece, &pieces);
    if (whole.step == CHUNK_BAD || whole.step == CHUNK_END) {
        assert(pieces.step == whole.step && pieces.used == whole.used);
        assert(pieces.chunked.status == whole.chunked.status && pieces.chunked.why == whole.chunked.why);
    } else {
        assert(pieces.step == CHUNK_MORE || pieces.step == CHUNK_DATA);
    }
    assert(slice_eq(buf_slice(&whole.content), buf_slice(&pieces.content)));
    buf_release(&whole.content);
    buf_release(&pieces.content);
}

static void check_written(struct slice content, size_t piece)
{
    struct buf text = BUF_INIT(1 << 23);
    struct outcome got;

    for (struct slice rest = content; rest.len; rest = slice_from(rest, piece)) {
        struct slice part = slice_upto(rest, piece);
        char frame[CHUNK_FRAME_MAX];

        buf_add(&text, slice_of(frame, chunk_frame(frame, part.len)));
        buf_add(&text, part);
        buf_add_str(&text, "\r\n");
    }
    buf_add(&text, CHUNK_LAST);
    play(buf_slice(&text), piece + 1, &got);
    assert(got.step == CHUNK_END && got.used == text.len && slice_eq(buf_slice(&got.content), content));
    buf_release(&got.content);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t piece = len ? 1u + data[0] % 50 : 1;
    struct slice text = len ? slice_of((const char *)data + 1, len - 1) : SLICE("");

    check_cuts(text, piece);
    check_cuts(text, 1);
    if (len < 20000)
        check_written(text, piece);
    return 0;
}
