/*
 * stream.h - a source read from its start to its end, and a sink within its limit, both a block at a time.
 *
 * So that a format's code takes single octets and lines without a call of its owner for each. Asks whether it is enough
 * once a block.
 */
#ifndef DELTA_STREAM_H
#define DELTA_STREAM_H

#include "delta/delta.h"

/* 64 KiB: a call of the owner (pread) then costs little beside the octets. */
enum { STREAM_BLOCK = 64 << 10 };

struct stream_in {
    const struct delta_source *source;
    const struct delta_limits *limits;
    uint64_t at;     /* in the source: of the octet that comes next */
    const char *ptr; /* what is at hand: from ptr[pos] to ptr[len] */
    size_t pos, len;
    char *owned; /* the block; NULL for a source in memory */
};

/* Borrows both, which outlive it. Releasing a zeroed one is fine. */
void stream_in_init(struct stream_in *in, const struct delta_source *source, const struct delta_limits *limits);
void stream_in_release(struct stream_in *in);

static inline uint64_t stream_in_left(const struct stream_in *in)
{
    return in->source->size - in->at;
}

/* What is at hand, at least one octet unless the source is at its end. ERR_AGAIN, or what reading gave. */
enum err stream_in_peek(struct stream_in *in, struct slice *some);
/* Goes on behind `len` octets of what is at hand. */
void stream_in_skip(struct stream_in *in, size_t len);
/* Fills the room; there are that many left. */
enum err stream_in_take(struct stream_in *in, void *room, size_t len);

struct stream_out {
    const struct delta_sink *sink;
    uint64_t left; /* octets it may still take */
    char *block;
    size_t len; /* in the block, not written yet */
};

void stream_out_init(struct stream_out *out, const struct delta_sink *sink, const struct delta_limits *limits);
void stream_out_release(struct stream_out *out);
/* ERR_TOO_LARGE: past output_max; nothing of these octets was taken. */
enum err stream_out_write(struct stream_out *out, struct slice bytes);
/* What is in the block goes out; call it last. */
enum err stream_out_flush(struct stream_out *out);

/* Moves `len` octets, of which there are that many, from one to the other. */
enum err stream_pass(struct stream_in *in, struct stream_out *out, uint64_t len);
/* Copies [at, at + len) of a source, which lies inside. */
enum err stream_copy(const struct delta_source *source, uint64_t at, uint64_t len, const struct delta_limits *limits,
                     struct stream_out *out);

/*
 * All octets of a source: where they are, if they are in memory, else in *owned, which the caller frees in any case.
 * The pointer is never NULL, even if there are none.
 */
enum err stream_load(const struct delta_source *source, const struct delta_limits *limits, struct slice *octets,
                     char **owned);

/* ERR_AGAIN when time is up. */
static inline enum err stream_ask(const struct delta_limits *limits)
{
    return limits->is_enough && limits->is_enough(limits->arg) ? ERR_AGAIN : ERR_NONE;
}

static inline size_t stream_memory(const struct delta_limits *limits)
{
    return limits->memory_max ? limits->memory_max : DELTA_MEMORY_USUAL;
}

#endif
