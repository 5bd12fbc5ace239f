/*
 * delta.c - the kinds of deltas, and sources and sinks in memory.
 */
#include "delta/delta.h"

#include <string.h>

#include "kinds.h"

static const struct delta_row {
    const char *name;
    encode_fn *encode;
    decode_fn *decode;
} rows[DELTA_KINDS] = {
    [DELTA_VCDIFF] = {"vcdiff", vcdiff_encode, vcdiff_decode},
    [DELTA_GDIFF] = {"gdiff", gdiff_encode, gdiff_decode},
    [DELTA_DIFFE] = {"diffe", diffe_encode, diffe_decode},
};

struct slice delta_name(enum delta_kind kind)
{
    return slice_str(rows[kind].name);
}

static enum err read_memory(void *arg, uint64_t at, void *room, size_t len)
{
    const struct slice *bytes = arg;

    memcpy(room, bytes->ptr + at, len);
    return ERR_NONE;
}

struct delta_source delta_source_of(const struct slice *bytes)
{
    return (struct delta_source){.size = bytes->len, .read = read_memory, .arg = (void *)bytes};
}

const char *source_memory(const struct delta_source *source)
{
    const struct slice *bytes = source->arg;

    return source->read == read_memory ? bytes->ptr : NULL;
}

static enum err write_memory(void *arg, struct slice bytes)
{
    struct buf *buf = arg;

    if (bytes.len > buf->max - buf->len)
        return ERR_TOO_LARGE;
    buf_add(buf, bytes);
    return ERR_NONE;
}

struct delta_sink delta_sink_of(struct buf *buf)
{
    return (struct delta_sink){.write = write_memory, .arg = buf};
}

enum err delta_encode(enum delta_kind kind, const struct delta_source *base, const struct delta_source *target,
                      enum delta_effort effort, const struct delta_limits *limits, const struct delta_sink *out)
{
    return rows[kind].encode(base, target, effort, limits, out);
}

enum err delta_decode(enum delta_kind kind, const struct delta_source *base, const struct delta_source *delta,
                      const struct delta_limits *limits, const struct delta_sink *out, struct buf *why)
{
    return rows[kind].decode(base, delta, limits, out, why);
}
