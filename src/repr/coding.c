/*
 * coding.c - gzip and deflate, by zlib.
 *
 * zlib's gzip header has no time and no name unless it is told one: the same content gives the same octets.
 */
#include "repr/coding.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/arena.h"

enum {
    ROOM = 64 * 1024, /* read, and written, at once */
    GZIP_BITS = 15 + 16,
    ZLIB_BITS = 15,
    LEVEL = 6,
    MEMORY_LEVEL = 8,
};

struct slice coding_name(enum coding coding)
{
    return coding == CODING_GZIP ? SLICE("gzip") : SLICE("deflate");
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

static enum err run_through(struct run *run)
{
    int code = Z_OK;
    enum err err;

    run->stream.next_out = run->room;
    run->stream.avail_out = ROOM;
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
    return run->stream.avail_in || run->at < run->source->size ? ERR_INVALID : ERR_NONE;
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

enum err coding_encode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
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

enum err coding_decode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out, .step = inflate};
    enum err err;

    if (inflateInit2(&run.stream, bits_of(coding)) != Z_OK)
        return ERR_TOO_MANY;
    err = run_with_room(&run);
    inflateEnd(&run.stream);
    return err;
}
