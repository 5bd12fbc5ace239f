/*
 * coding.c - the codings; gzip and deflate, by zlib.
 *
 * zlib's gzip header has no time and no name unless it is told one: the same content gives the same octets.
 */
#include "repr/coding.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/arena.h"
#include "coding_private.h"

enum {
    ROOM = 64 * 1024, /* read, and written, at once */
    GZIP_BITS = 15 + 16,
    ZLIB_BITS = 15,
    LEVEL = 6,
    MEMORY_LEVEL = 8,
};

struct slice coding_name(enum coding coding)
{
    static const struct slice names[CODINGS] = {[CODING_GZIP] = SLICE_INIT("gzip"),
                                                [CODING_DEFLATE] = SLICE_INIT("deflate"),
                                                [CODING_BROTLI] = SLICE_INIT("br"),
                                                [CODING_ZSTD] = SLICE_INIT("zstd")};

    return names[coding];
}

static int bits_of(enum coding coding)
{
    return coding == CODING_GZIP ? GZIP_BITS : ZLIB_BITS;
}

/* One way or the other. */
struct run {
    z_stream stream;
    const struct delta_source *source;
    const struct delta_limits *limits;
    const struct delta_sink *out;
    int (*step)(z_stream *, int);
    bool has_members; /* one form may follow another (RFC 1952 §2.2) */
    uint64_t at, written;
    unsigned char *in, *room; /* ROOM octets each */
};

static enum err read_more(struct run *run)
{
    uint64_t rest = run->source->size - run->at;
    size_t most = rest < ROOM ? (size_t)rest : ROOM;
    enum err err;

    if (run->limits->is_enough && run->limits->is_enough(run->limits->arg))
        return ERR_AGAIN;
    err = run->source->read(run->source->arg, run->at, run->in, most);
    run->at += most;
    run->stream.next_in = run->in;
    run->stream.avail_in = (unsigned)most;
    return err;
}

static enum err write_out(struct run *run)
{
    size_t len = ROOM - run->stream.avail_out;

    run->stream.next_out = run->room;
    run->stream.avail_out = ROOM;
    run->written += len;
    if (run->limits->output_max && run->written > run->limits->output_max)
        return ERR_TOO_LARGE;
    return len ? run->out->write(run->out->arg, slice_of((char *)run->room, len)) : ERR_NONE;
}

static bool has_more(const struct run *run)
{
    return run->stream.avail_in || run->at < run->source->size;
}

/* Up to the end of the form. */
static enum err run_once(struct run *run)
{
    int code = Z_OK;
    enum err err;

    while (code != Z_STREAM_END) {
        if (!run->stream.avail_in && run->at < run->source->size && (err = read_more(run)))
            return err;
        code = run->step(&run->stream, run->at == run->source->size ? Z_FINISH : Z_NO_FLUSH);
        if (code == Z_MEM_ERROR)
            return ERR_TOO_MANY;
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return ERR_INVALID;
        if (code == Z_BUF_ERROR && run->stream.avail_out) /* it wants more, and there is no more */
            return ERR_INVALID;
        if ((err = write_out(run)))
            return err;
    }
    return ERR_NONE;
}

static enum err run_through(struct run *run)
{
    enum err err;

    run->stream.next_out = run->room;
    run->stream.avail_out = ROOM;
    err = run_once(run);
    while (err == ERR_NONE && run->has_members && has_more(run))
        err = inflateReset(&run->stream) == Z_OK ? run_once(run) : ERR_INVALID;
    return err == ERR_NONE && has_more(run) ? ERR_INVALID : err;
}

static enum err run_with_room(struct run *run)
{
    enum err err;

    run->in = xmalloc(2 * ROOM);
    run->room = run->in + ROOM;
    err = run_through(run);
    free(run->in);
    return err;
}

static enum err zlib_encode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                            const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out, .step = deflate};
    enum err err;

    if (deflateInit2(&run.stream, LEVEL, Z_DEFLATED, bits_of(coding), MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return ERR_TOO_MANY;
    err = run_with_room(&run);
    deflateEnd(&run.stream);
    return err;
}

static enum err zlib_decode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                            const struct delta_sink *out)
{
    struct run run = {
        .source = source, .limits = limits, .out = out, .step = inflate, .has_members = coding == CODING_GZIP};
    enum err err;

    if (inflateInit2(&run.stream, bits_of(coding)) != Z_OK)
        return ERR_TOO_MANY;
    err = run_with_room(&run);
    inflateEnd(&run.stream);
    return err;
}

/* ---- all of them ---- */

void coding_maker(enum coding coding, struct buf *out)
{
    if (coding == CODING_BROTLI)
        brotli_maker(out);
    else if (coding == CODING_ZSTD)
        zstd_maker(out);
    else
        buf_printf(out, "zlib %s %d %d", zlibVersion(), LEVEL, bits_of(coding));
}

bool coding_is_fit(enum coding coding, struct slice start)
{
    if (coding == CODING_ZSTD)
        return zstd_is_fit(start);
    return coding == CODING_GZIP ? slice_starts(start, slice_of("\x1f\x8b", 2)) : start.len > 0;
}

enum err coding_encode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    switch (coding) {
    case CODING_BROTLI:
        return brotli_encode(source, limits, out);
    case CODING_ZSTD:
        return zstd_encode(source, limits, out);
    default:
        return zlib_encode(coding, source, limits, out);
    }
}

enum err coding_decode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    switch (coding) {
    case CODING_BROTLI:
        return brotli_decode(source, limits, out);
    case CODING_ZSTD:
        return zstd_decode(source, limits, out);
    default:
        return zlib_decode(coding, source, limits, out);
    }
}
