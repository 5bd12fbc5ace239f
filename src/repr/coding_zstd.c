/*
 * coding_zstd.c - zstd, also with a dictionary that the client has (dcz).
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/arena.h"
#include "coding_private.h"

enum {
    ROOM = 128 * 1024, /* read, and written, at once */
    LEVEL = 6,         /* a tenth of a second for 10 MiB, once; what is above costs several times as much for little */
    WINDOW_LOG = 23,   /* 8 MiB: what RFC 9659 lets every client have */
    WINDOW_MOST_LOG = 27,
    MAGIC = 8,
};

/* The largest power of two that every client takes: 8 MiB, or 1.25 times the dictionary (RFC 9842 §5). */
static int window_log(uint64_t dictionary)
{
    uint64_t most = dictionary + dictionary / 4;
    int log = WINDOW_LOG;

    while (log < WINDOW_MOST_LOG && most >= UINT64_C(2) << log)
        log++;
    return log;
}

struct run {
    ZSTD_CCtx *context;
    const struct delta_source *source;
    const struct delta_limits *limits;
    const struct delta_sink *out;
    uint64_t at, written;
    char *in, *room; /* ROOM octets each */
};

static enum err put(struct run *run, struct slice bytes)
{
    run->written += bytes.len;
    if (run->limits->output_max && run->written > run->limits->output_max)
        return ERR_TOO_LARGE;
    return bytes.len ? run->out->write(run->out->arg, bytes) : ERR_NONE;
}

/* All of one stretch goes in, and what comes of it out. */
static enum err push(struct run *run, size_t len, bool is_last)
{
    ZSTD_inBuffer in = {run->in, len, 0};
    size_t rest = 1;

    while (in.pos < in.size || (is_last && rest)) {
        ZSTD_outBuffer out = {run->room, ROOM, 0};
        enum err err;

        rest = ZSTD_compressStream2(run->context, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(rest))
            return ERR_TOO_MANY;
        if ((err = put(run, slice_of(run->room, out.pos))))
            return err;
    }
    return ERR_NONE;
}

static enum err compress(struct run *run)
{
    enum err err = ERR_NONE;

    do {
        uint64_t rest = run->source->size - run->at;
        size_t len = rest < ROOM ? (size_t)rest : ROOM;

        if (run->limits->is_enough && run->limits->is_enough(run->limits->arg))
            return ERR_AGAIN;
        err = run->source->read(run->source->arg, run->at, run->in, len);
        run->at += len;
        if (err == ERR_NONE)
            err = push(run, len, run->at == run->source->size);
    } while (err == ERR_NONE && run->at < run->source->size);
    return err;
}

static bool prepare(struct run *run, struct slice dictionary)
{
    ZSTD_CCtx *context = run->context;

    return !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log(dictionary.len))) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) &&
           !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, run->source->size)) &&
           !ZSTD_isError(ZSTD_CCtx_refPrefix(context, dictionary.ptr, dictionary.len));
}

static enum err run_with(struct run *run, struct slice dictionary, const unsigned char hash[32])
{
    static const char magic[MAGIC] = {0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0};
    enum err err = ERR_TOO_MANY;

    run->context = ZSTD_createCCtx();
    run->in = xmalloc(2 * ROOM);
    run->room = run->in + ROOM;
    if (run->context && prepare(run, dictionary)) {
        err = put(run, slice_of(magic, MAGIC));
        if (err == ERR_NONE)
            err = put(run, slice_of((const char *)hash, 32));
        if (err == ERR_NONE)
            err = compress(run);
    }
    free(run->in);
    ZSTD_freeCCtx(run->context);
    return err;
}

/* The client has what the hash says; of anything else it would make something wrong. */
static bool is_the_one(struct slice dictionary, const unsigned char hash[32])
{
    unsigned char found[EVP_MAX_MD_SIZE];

    return EVP_Digest(dictionary.ptr, dictionary.len, found, NULL, EVP_sha256(), NULL) == 1 &&
           memcmp(found, hash, 32) == 0;
}

enum err coding_dcz(const struct delta_source *dictionary, const unsigned char hash[32],
                    const struct delta_source *source, const struct delta_limits *limits, const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out};
    char *bytes;
    enum err err;

    if (dictionary->size > DICTIONARY_OCTETS_MAX || dictionary->size == 0)
        return ERR_UNSUPPORTED;
    bytes = xmalloc((size_t)dictionary->size);
    err = dictionary->read(dictionary->arg, 0, bytes, (size_t)dictionary->size);
    if (err == ERR_NONE && !is_the_one(slice_of(bytes, (size_t)dictionary->size), hash))
        err = ERR_DAMAGED;
    if (err == ERR_NONE)
        err = run_with(&run, slice_of(bytes, (size_t)dictionary->size), hash);
    free(bytes);
    return err;
}

/* ---- without a dictionary ---- */

enum err zstd_encode(const struct delta_source *source, const struct delta_limits *limits, const struct delta_sink *out)
{
    struct run run = {.context = ZSTD_createCCtx(), .source = source, .limits = limits, .out = out};
    enum err err = ERR_TOO_MANY;

    run.in = xmalloc(2 * ROOM);
    run.room = run.in + ROOM;
    if (run.context && prepare(&run, SLICE_NONE))
        err = compress(&run);
    free(run.in);
    ZSTD_freeCCtx(run.context);
    return err;
}

/* All that comes of what was read. */
static enum err pull(struct run *run, ZSTD_DCtx *context, size_t len, size_t *left)
{
    ZSTD_inBuffer in = {run->in, len, 0};
    bool is_full = true;

    while (in.pos < in.size || (is_full && *left)) {
        ZSTD_outBuffer out = {run->room, ROOM, 0};
        enum err err;

        *left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(*left))
            return ERR_INVALID;
        if ((err = put(run, slice_of(run->room, out.pos))))
            return err;
        is_full = out.pos == ROOM;
    }
    return ERR_NONE;
}

static enum err decompress(struct run *run, ZSTD_DCtx *context)
{
    size_t left = 1;
    enum err err = ERR_NONE;

    while (err == ERR_NONE && run->at < run->source->size) {
        uint64_t rest = run->source->size - run->at;
        size_t len = rest < ROOM ? (size_t)rest : ROOM;

        if (run->limits->is_enough && run->limits->is_enough(run->limits->arg))
            return ERR_AGAIN;
        err = run->source->read(run->source->arg, run->at, run->in, len);
        run->at += len;
        if (err == ERR_NONE)
            err = pull(run, context, len, &left);
    }
    return err == ERR_NONE && left ? ERR_INVALID : err;
}

enum err zstd_decode(const struct delta_source *source, const struct delta_limits *limits, const struct delta_sink *out)
{
    struct run run = {.source = source, .limits = limits, .out = out};
    ZSTD_DCtx *context = ZSTD_createDCtx();
    enum err err = ERR_TOO_MANY;

    run.in = xmalloc(2 * ROOM);
    run.room = run.in + ROOM;
    if (context && !ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG)))
        err = decompress(&run, context);
    free(run.in);
    ZSTD_freeDCtx(context);
    return err;
}

void zstd_maker(struct buf *out)
{
    buf_printf(out, "zstd %s %d", ZSTD_versionString(), LEVEL);
}

/* ---- what others made ---- */

/*
 * RFC 8878 §3.1.1.1: descriptor, then a window, or a size that is the window. What is short of a head is no form, nor
 * is one that begins with a frame to be skipped: that is rather something else.
 */
bool zstd_is_fit(struct slice start)
{
    static const unsigned size_bytes[] = {1, 2, 4, 8};
    static const unsigned dictionary_bytes[] = {0, 1, 2, 4};
    const unsigned char *at = (const unsigned char *)start.ptr;
    uint64_t window = 0;

    if (start.len < 6 || !slice_starts(start, slice_of("\x28\xb5\x2f\xfd", 4)))
        return false;
    if (at[4] & 0x20) { /* one segment */
        unsigned from = 5 + dictionary_bytes[at[4] & 3], bytes = size_bytes[at[4] >> 6];

        if (start.len < from + bytes)
            return false;
        for (unsigned i = 0; i < bytes; i++)
            window |= (uint64_t)at[from + i] << 8 * i;
        window += bytes == 2 ? 256 : 0;
    } else {
        window = UINT64_C(1) << (10 + (at[5] >> 3));
        window += window / 8 * (at[5] & 7);
    }
    return !(at[4] & 3) && window <= UINT64_C(1) << WINDOW_LOG;
}
