/*
 * gdiff_decode.c - carries out the commands of a gdiff (NOTE-gdiff-19970901 §2).
 *
 * No memory but two blocks, whatever the delta says: DATA passes through, COPY reads the base where it is. A number
 * that does not fit delta or base is seen before any octet of its command is written.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "gdiff_code.h"
#include "kinds.h"
#include "stream.h"

/* A COPY is a few octets that may stand for 2 GiB: between so many octets of output, time is asked for. */
enum { ASK_EVERY = 1 << 20 };

struct decoding {
    const struct delta_source *base;
    const struct delta_limits *limits;
    struct stream_in in;
    struct stream_out out;
    uint64_t since_asked; /* octets copied */
    struct buf *why;
};

__attribute__((format(printf, 3, 4))) static enum err refuse(struct decoding *decoding, enum err err,
                                                             const char *format, ...)
{
    struct buf *why = decoding->why;
    va_list rest;
    char text[160];

    if (!why)
        return err;
    va_start(rest, format);
    vsnprintf(text, sizeof(text), format, rest);
    va_end(rest);
    buf_printf(why, "The gdiff %s (before its octet %" PRIu64 ").", text, decoding->in.at);
    return err;
}

/* Big-endian and signed but for one and two octets (the note's ubyte and ushort). */
static enum err take_number(struct decoding *decoding, unsigned octets, int64_t *value)
{
    unsigned char raw[8];
    uint64_t sum = 0;
    enum err err;

    if (octets > stream_in_left(&decoding->in))
        return refuse(decoding, ERR_INVALID, "ends within a command");
    err = stream_in_take(&decoding->in, raw, octets);
    if (err != ERR_NONE)
        return err;
    for (unsigned i = 0; i < octets; i++)
        sum = sum << 8 | raw[i];
    *value = octets == 4 ? (int64_t)(int32_t)(uint32_t)sum : (int64_t)sum;
    return ERR_NONE;
}

static enum err take_start(struct decoding *decoding)
{
    char start[GDIFF_START_LEN];
    enum err err;

    if (stream_in_left(&decoding->in) < sizeof(start))
        return refuse(decoding, ERR_INVALID, "is shorter than its first five octets");
    err = stream_in_take(&decoding->in, start, sizeof(start));
    if (err != ERR_NONE)
        return err;
    if (memcmp(start, GDIFF_START, sizeof(start) - 1) != 0)
        return refuse(decoding, ERR_INVALID, "does not begin with d1 ff d1 ff");
    if (start[4] != GDIFF_START[4])
        return refuse(decoding, ERR_UNSUPPORTED, "is of version %u, not 4", (unsigned char)start[4]);
    return ERR_NONE;
}

static enum err do_data(struct decoding *decoding, unsigned command)
{
    int64_t len = command;
    enum err err = ERR_NONE;

    if (command == GDIFF_DATA_USHORT)
        err = take_number(decoding, 2, &len);
    else if (command == GDIFF_DATA_INT)
        err = take_number(decoding, 4, &len);
    if (err != ERR_NONE)
        return err;
    if (len < 0)
        return refuse(decoding, ERR_INVALID, "has a DATA of negative length");
    if ((uint64_t)len > stream_in_left(&decoding->in))
        return refuse(decoding, ERR_INVALID, "ends before the %" PRId64 " octets of a DATA", len);
    if ((uint64_t)len > decoding->out.left)
        return refuse(decoding, ERR_TOO_LARGE, "makes more octets than are allowed");
    return stream_pass(&decoding->in, &decoding->out, (uint64_t)len);
}

static enum err do_copy(struct decoding *decoding, unsigned command)
{
    const struct gdiff_copy *form = &gdiff_copies[command - GDIFF_COPY_FIRST];
    int64_t at = 0, len = 0;
    enum err err = take_number(decoding, form->at_octets, &at);

    if (err == ERR_NONE)
        err = take_number(decoding, form->len_octets, &len);
    if (err != ERR_NONE)
        return err;
    /* a negative one is past any size, too */
    if ((uint64_t)at > decoding->base->size || (uint64_t)len > decoding->base->size - (uint64_t)at) {
        if (decoding->limits->is_misfit && at >= 0 && len >= 0)
            *decoding->limits->is_misfit = true;
        return refuse(decoding, ERR_INVALID, "copies %" PRId64 " octets from %" PRId64 ", which are not in the base",
                      len, at);
    }
    if ((uint64_t)len > decoding->out.left)
        return refuse(decoding, ERR_TOO_LARGE, "makes more octets than are allowed");
    decoding->since_asked += (uint64_t)len;
    if (decoding->since_asked >= ASK_EVERY) {
        decoding->since_asked = 0;
        err = stream_ask(decoding->limits);
    }
    if (err != ERR_NONE)
        return err;
    return stream_copy(decoding->base, (uint64_t)at, (uint64_t)len, decoding->limits, &decoding->out);
}

static enum err do_commands(struct decoding *decoding)
{
    enum err err = ERR_NONE;

    while (err == ERR_NONE) {
        struct slice some;
        unsigned command;

        err = stream_in_peek(&decoding->in, &some);
        if (err != ERR_NONE)
            break;
        if (!some.len)
            return refuse(decoding, ERR_INVALID, "has no end");
        command = (unsigned char)some.ptr[0];
        stream_in_skip(&decoding->in, 1);
        if (command == GDIFF_END)
            break;
        err = command < GDIFF_COPY_FIRST ? do_data(decoding, command) : do_copy(decoding, command);
    }
    if (err == ERR_NONE && stream_in_left(&decoding->in))
        return refuse(decoding, ERR_INVALID, "has octets behind its end");
    return err == ERR_NONE ? stream_out_flush(&decoding->out) : err;
}

enum err gdiff_decode(const struct delta_source *base, const struct delta_source *delta,
                      const struct delta_limits *limits, const struct delta_sink *out, struct buf *why)
{
    struct decoding decoding = {.base = base, .limits = limits, .why = why};
    enum err err;

    stream_in_init(&decoding.in, delta, limits);
    stream_out_init(&decoding.out, out, limits);
    err = take_start(&decoding);
    if (err == ERR_NONE)
        err = do_commands(&decoding);
    stream_out_release(&decoding.out);
    stream_in_release(&decoding.in);
    return err;
}
