/*
 * stream.c - blocks in, blocks out.
 */
#include "stream.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "kinds.h"

void stream_in_init(struct stream_in *in, const struct delta_source *source, const struct delta_limits *limits)
{
    *in = (struct stream_in){.source = source, .limits = limits};
    if (!source_memory(source))
        in->owned = xmalloc(STREAM_BLOCK);
}

void stream_in_release(struct stream_in *in)
{
    free(in->owned);
    *in = (struct stream_in){0};
}

/* Octets in memory come in blocks too, so that the question whether it is enough is asked as often. */
static enum err fill(struct stream_in *in)
{
    uint64_t left = stream_in_left(in);
    size_t len = left < STREAM_BLOCK ? left : STREAM_BLOCK;
    enum err err = stream_ask(in->limits);

    in->pos = in->len = 0;
    if (err != ERR_NONE || !len)
        return err;
    if (in->owned) {
        err = in->source->read(in->source->arg, in->at, in->owned, len);
        in->ptr = in->owned;
    } else {
        in->ptr = source_memory(in->source) + in->at;
    }
    if (err == ERR_NONE)
        in->len = len;
    return err;
}

enum err stream_in_peek(struct stream_in *in, struct slice *some)
{
    enum err err = in->pos == in->len ? fill(in) : ERR_NONE;

    *some = in->pos == in->len ? SLICE_NONE : slice_of(in->ptr + in->pos, in->len - in->pos);
    return err;
}

void stream_in_skip(struct stream_in *in, size_t len)
{
    in->pos += len;
    in->at += len;
}

enum err stream_in_take(struct stream_in *in, void *room, size_t len)
{
    for (char *to = room; len;) {
        struct slice some;
        enum err err = stream_in_peek(in, &some);

        if (err != ERR_NONE)
            return err;
        assert(some.len); /* the caller looked */
        some = slice_upto(some, len);
        memcpy(to, some.ptr, some.len);
        stream_in_skip(in, some.len);
        to += some.len;
        len -= some.len;
    }
    return ERR_NONE;
}

void stream_out_init(struct stream_out *out, const struct delta_sink *sink, const struct delta_limits *limits)
{
    *out = (struct stream_out){.sink = sink, .left = limits->output_max ? limits->output_max : UINT64_MAX};
    out->block = xmalloc(STREAM_BLOCK);
}

void stream_out_release(struct stream_out *out)
{
    free(out->block);
    *out = (struct stream_out){0};
}

enum err stream_out_write(struct stream_out *out, struct slice bytes)
{
    enum err err = ERR_NONE;

    if (bytes.len > out->left)
        return ERR_TOO_LARGE;
    out->left -= bytes.len;
    if (bytes.len > STREAM_BLOCK - out->len)
        err = stream_out_flush(out);
    if (err != ERR_NONE)
        return err;
    if (bytes.len > STREAM_BLOCK)
        return out->sink->write(out->sink->arg, bytes);
    if (bytes.len)
        memcpy(out->block + out->len, bytes.ptr, bytes.len);
    out->len += bytes.len;
    return ERR_NONE;
}

enum err stream_out_flush(struct stream_out *out)
{
    size_t len = out->len;

    out->len = 0;
    return len ? out->sink->write(out->sink->arg, slice_of(out->block, len)) : ERR_NONE;
}

enum err stream_pass(struct stream_in *in, struct stream_out *out, uint64_t len)
{
    while (len) {
        struct slice some;
        enum err err = stream_in_peek(in, &some);

        if (err != ERR_NONE)
            return err;
        assert(some.len);
        some = slice_upto(some, len < STREAM_BLOCK ? len : STREAM_BLOCK);
        err = stream_out_write(out, some);
        if (err != ERR_NONE)
            return err;
        stream_in_skip(in, some.len);
        len -= some.len;
    }
    return ERR_NONE;
}

/* A short one that is not in memory is read straight into the block that goes out. */
static enum err copy_some(const struct delta_source *source, uint64_t at, size_t len, struct stream_out *out)
{
    const char *memory = source_memory(source);
    enum err err = ERR_NONE;

    if (memory)
        return stream_out_write(out, slice_of(memory + at, len));
    if (len > out->left)
        return ERR_TOO_LARGE;
    if (len > STREAM_BLOCK - out->len)
        err = stream_out_flush(out);
    if (err == ERR_NONE)
        err = source->read(source->arg, at, out->block + out->len, len);
    if (err != ERR_NONE)
        return err;
    out->left -= len;
    out->len += len;
    return ERR_NONE;
}

enum err stream_copy(const struct delta_source *source, uint64_t at, uint64_t len, const struct delta_limits *limits,
                     struct stream_out *out)
{
    if (len > out->left)
        return ERR_TOO_LARGE;
    while (len) {
        size_t some = len < STREAM_BLOCK ? len : STREAM_BLOCK;
        enum err err = copy_some(source, at, some, out);

        if (err == ERR_NONE && len > some)
            err = stream_ask(limits);
        if (err != ERR_NONE)
            return err;
        at += some;
        len -= some;
    }
    return ERR_NONE;
}

enum err stream_load(const struct delta_source *source, const struct delta_limits *limits, struct slice *octets,
                     char **owned)
{
    struct stream_in in;
    enum err err;

    *owned = NULL;
    *octets = source->size ? slice_of(source_memory(source), source->size) : SLICE("");
    if (octets->ptr)
        return ERR_NONE;
    octets->ptr = *owned = xmalloc(octets->len);
    stream_in_init(&in, source, limits);
    err = stream_in_take(&in, *owned, octets->len);
    stream_in_release(&in);
    return err;
}
