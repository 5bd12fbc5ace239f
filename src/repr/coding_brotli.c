/*
 * coding_brotli.c - brotli, by Google's library.
 */
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stdlib.h>

#include "base/arena.h"
#include "coding_private.h"

enum {
    ROOM = 64 * 1024, /* read, and written, at once */
    QUALITY = 5,      /* about the time that gzip takes at its usual level; what is above costs several times as much */
    WINDOW = 22,      /* the largest that is not the exception: 4 MiB of a client's memory */
};

struct run {
    const struct delta_source *source;
    const struct delta_limits *limits;
    const struct delta_sink *out;
    uint64_t at, written;
    const uint8_t *next_in;
    size_t avail_in;
    uint8_t *in, *room; /* ROOM octets each */
};

static bool has_read_all(const struct run *run)
{
    return run->at == run->source->size;
}

static enum err read_more(struct run *run)
{
    uint64_t rest = run->source->size - run->at;
    size_t most = rest < ROOM ? (size_t)rest : ROOM;
    enum err err;

    if (run->avail_in || !most)
        return ERR_NONE;
    if (run->limits->is_enough && run->limits->is_enough(run->limits->arg))
        return ERR_AGAIN;
    err = run->source->read(run->source->arg, run->at, run->in, most);
    run->at += most;
    run->next_in = run->in;
    run->avail_in = most;
    return err;
}

static enum err write_out(struct run *run, size_t len)
{
    run->written += len;
    if (run->limits->output_max && run->written > run->limits->output_max)
        return ERR_TOO_LARGE;
    return len ? run->out->write(run->out->arg, slice_of((char *)run->room, len)) : ERR_NONE;
}

static enum err encode(struct run *run, BrotliEncoderState *state)
{
    BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, QUALITY);
    BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, WINDOW);
    BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT,
                              run->source->size < UINT32_MAX ? (uint32_t)run->source->size : UINT32_MAX);
    while (!BrotliEncoderIsFinished(state)) {
        uint8_t *next_out = run->room;
        size_t avail_out = ROOM;
        enum err err = read_more(run);

        if (err != ERR_NONE)
            return err;
        if (!BrotliEncoderCompressStream(state, has_read_all(run) ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS,
                                         &run->avail_in, &run->next_in, &avail_out, &next_out, NULL))
            return ERR_TOO_MANY;
        if ((err = write_out(run, ROOM - avail_out)))
            return err;
    }
    return ERR_NONE;
}

static enum err decode(struct run *run, BrotliDecoderState *state)
{
    for (;;) {
        uint8_t *next_out = run->room;
        size_t avail_out = ROOM;
        enum err err = read_more(run);
        BrotliDecoderResult result;

        if (err != ERR_NONE)
            return err;
        result = BrotliDecoderDecompressStream(state, &run->avail_in, &run->next_in, &avail_out, &next_out, NULL);
        if ((err = write_out(run, ROOM - avail_out)))
            return err;
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
            return run->avail_in || !has_read_all(run) ? ERR_INVALID : ERR_NONE;
        if (result == BROTLI_DECODER_RESULT_ERROR ||
            (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && has_read_all(run)))
            return ERR_INVALID;
    }
}

enum err brotli_encode(const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out};
    BrotliEncoderState *state = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    enum err err;

    if (!state)
        return ERR_TOO_MANY;
    run.in = xmalloc(2 * ROOM);
    run.room = run.in + ROOM;
    err = encode(&run, state);
    free(run.in);
    BrotliEncoderDestroyInstance(state);
    return err;
}

enum err brotli_decode(const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out};
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    enum err err;

    if (!state)
        return ERR_TOO_MANY;
    run.in = xmalloc(2 * ROOM);
    run.room = run.in + ROOM;
    err = decode(&run, state);
    free(run.in);
    BrotliDecoderDestroyInstance(state);
    return err;
}

void brotli_maker(struct buf *out)
{
    buf_printf(out, "brotli %08x %d %d", BrotliEncoderVersion(), QUALITY, WINDOW);
}
