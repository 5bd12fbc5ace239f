/*
 * undo.c - deltas by delta/, compression by zlib; bounded, whatever was sent.
 */
#include "undo.h"

#include <zlib.h>

#include "delta/delta.h"
#include "http/field.h"

enum { STEPS_MAX = 4, PIECE = 64 * 1024, DELTA_MEMORY = 64 << 20, GZIP_OR_ZLIB = 15 + 32 };

static bool inflate_all(struct slice in, struct buf *out, struct buf *why)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len};
    int code = inflateInit2(&stream, GZIP_OR_ZLIB);
    char *room;

    while (code == Z_OK) {
        room = buf_reserve(out, PIECE);
        if (!room)
            break;
        stream.next_out = (Bytef *)room;
        stream.avail_out = PIECE;
        code = inflate(&stream, Z_NO_FLUSH);
        buf_grown(out, PIECE - stream.avail_out);
        if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && stream.avail_out))
            break;
    }
    inflateEnd(&stream);
    if (code != Z_STREAM_END)
        buf_add_str(why, "what is said to be compressed cannot be decompressed");
    return code == Z_STREAM_END;
}

static bool delta_undo(enum delta_kind kind, struct slice base, struct slice in, struct buf *out, struct buf *why)
{
    struct delta_source from = delta_source_of(&base), delta = delta_source_of(&in);
    struct delta_limits limits = {.memory_max = DELTA_MEMORY, .output_max = UNDO_MAX};
    struct delta_sink sink = delta_sink_of(out);

    return delta_decode(kind, &from, &delta, &limits, &sink, why) == ERR_NONE;
}

static bool step_undo(struct slice name, struct slice base, struct slice in, struct buf *out, struct buf *why)
{
    for (int kind = 0; kind < DELTA_KINDS; kind++)
        if (slice_eq_nocase(name, delta_name((enum delta_kind)kind)))
            return delta_undo((enum delta_kind)kind, base, in, out, why);
    if (slice_eq_nocase(name, SLICE("gzip")) || slice_eq_nocase(name, SLICE("deflate")))
        return inflate_all(in, out, why);
    buf_printf(why, "IM lists \"%.*s\", which was not asked for", SLICE_FMT(slice_upto(name, 40)));
    return false;
}

/* The manipulations, as listed; 0: none, or too many. */
static unsigned steps_read(struct slice im, struct slice steps[STEPS_MAX])
{
    struct slice rest = im, member;
    unsigned count = 0;

    while (list_next(&rest, &member)) {
        if (count == STEPS_MAX)
            return 0;
        steps[count++] = slice_trim(slice_upto(member, slice_index(member, ';')));
    }
    return count;
}

bool undo_im(struct slice im, struct slice base, struct slice content, struct buf *out, struct buf *why)
{
    struct slice steps[STEPS_MAX];
    unsigned count = steps_read(im, steps);
    bool is_good = count > 0;

    *out = BUF_INIT(UNDO_MAX);
    buf_add(out, content);
    if (!is_good)
        buf_add_str(why, "IM lists no manipulation");
    while (is_good && count-- > 0) {
        struct buf next = BUF_INIT(UNDO_MAX);

        is_good = step_undo(steps[count], base, buf_slice(out), &next, why);
        buf_release(out);
        *out = next;
    }
    return is_good;
}
