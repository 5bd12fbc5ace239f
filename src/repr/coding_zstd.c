/*
 * coding_zstd.c - dcz: zstd with a dictionary that the client has.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/arena.h"
#include "repr/coding.h"

enum {
    ROOM = 128 * 1024, /* read, and written, at once */
    LEVEL = 6,         /* it is made once and kept; what is above costs several times as much for little */
    WINDOW_LEAST = 8 << 20,
    WINDOW_MOST_LOG = 27,
    MAGIC = 8,
};

/* The largest power of two that every client takes: 8 MiB, or 1.25 times the dictionary (RFC 9842 §5). */
static int window_log(uint64_t dictionary)
{
    uint64_t most = dictionary + dictionary / 4;
    int log = 23;

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
