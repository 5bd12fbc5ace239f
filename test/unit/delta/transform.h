/*
 * transform.h - deltas made and undone in a test: in memory, from sources that are not, with what they took counted.
 */
#ifndef TEST_DELTA_TRANSFORM_H
#define TEST_DELTA_TRANSFORM_H

#include <stdlib.h>

#include "base/arena.h"
#include "check.h"
#include "delta/delta.h"

enum { TRANSFORM_MOST = 64 << 20 };

/* The same numbers in every run (splitmix64, Steele and others, 2014). */
static inline uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline size_t random_below(uint64_t *seed, size_t end)
{
    return end ? next_random(seed) % end : 0;
}

/* A source that is read as a file is. */
struct remote {
    struct slice bytes;
    uint64_t reads, fails_at; /* fails_at: the read that fails, from 1; 0: none */
};

static inline enum err remote_read(void *arg, uint64_t at, void *room, size_t len)
{
    struct remote *remote = arg;

    if (++remote->reads == remote->fails_at)
        return ERR_IO;
    CHECK(at <= remote->bytes.len && len <= remote->bytes.len - at);
    memcpy(room, remote->bytes.ptr + at, len);
    return ERR_NONE;
}

static inline struct delta_source remote_source(struct remote *remote)
{
    return (struct delta_source){.size = remote->bytes.len, .read = remote_read, .arg = remote};
}

/* Out of time after so many questions. */
static inline bool is_out_of_time(void *arg)
{
    unsigned *questions = arg;

    return (*questions)-- == 0;
}

static inline enum err encode_at(enum delta_kind kind, enum delta_effort effort, struct slice base, struct slice target,
                                 const struct delta_limits *limits, struct buf *delta)
{
    struct delta_source from = delta_source_of(&base), to = delta_source_of(&target);
    struct delta_sink sink = delta_sink_of(delta);

    *delta = BUF_INIT(TRANSFORM_MOST);
    return delta_encode(kind, &from, &to, effort, limits, &sink);
}

static inline enum err encode_bytes(enum delta_kind kind, struct slice base, struct slice target,
                                    const struct delta_limits *limits, struct buf *delta)
{
    return encode_at(kind, DELTA_USUAL, base, target, limits, delta);
}

static inline enum err decode_bytes(enum delta_kind kind, struct slice base, struct slice delta,
                                    const struct delta_limits *limits, struct buf *target, struct buf *why)
{
    struct delta_source from = delta_source_of(&base), change = delta_source_of(&delta);
    struct delta_sink sink = delta_sink_of(target);

    *target = BUF_INIT(TRANSFORM_MOST);
    return delta_decode(kind, &from, &change, limits, &sink, why);
}

/* decode(encode(target, base), base) = target; gives the delta's length. */
static inline size_t check_round_trip_at(enum delta_kind kind, enum delta_effort effort, struct slice base,
                                         struct slice target, const struct delta_limits *limits)
{
    struct buf delta, back;
    size_t len;

    CHECK_INT(encode_at(kind, effort, base, target, limits, &delta), ERR_NONE);
    CHECK_INT(decode_bytes(kind, base, buf_slice(&delta), limits, &back, NULL), ERR_NONE);
    CHECK(slice_eq(buf_slice(&back), target));
    len = delta.len;
    buf_release(&delta);
    buf_release(&back);
    return len;
}

static inline size_t check_round_trip(enum delta_kind kind, struct slice base, struct slice target,
                                      const struct delta_limits *limits)
{
    return check_round_trip_at(kind, DELTA_USUAL, base, target, limits);
}

/* Of random pairs, which make so many tests of one: PAIRS in the environment makes more (make soak). */
static inline unsigned long count_pairs(void)
{
    const char *pairs = getenv("PAIRS");

    return pairs ? strtoul(pairs, NULL, 10) : 10000;
}

static const enum delta_effort efforts[] = {DELTA_FAST, DELTA_USUAL, DELTA_BEST};

/* The same with octets that are read as files are. */
static inline void check_remote(enum delta_kind kind, struct slice base, struct slice target, size_t memory_max)
{
    struct delta_limits limits = {.memory_max = memory_max};
    struct remote from = {base, 0, 0}, to = {target, 0, 0}, change;
    struct delta_source from_source = remote_source(&from), to_source = remote_source(&to), change_source;
    struct buf delta = BUF_INIT(TRANSFORM_MOST), back = BUF_INIT(TRANSFORM_MOST);
    struct delta_sink delta_sink = delta_sink_of(&delta), back_sink = delta_sink_of(&back);

    CHECK_INT(delta_encode(kind, &from_source, &to_source, DELTA_USUAL, &limits, &delta_sink), ERR_NONE);
    change = (struct remote){buf_slice(&delta), 0, 0};
    change_source = remote_source(&change);
    CHECK_INT(delta_decode(kind, &from_source, &change_source, &limits, &back_sink, NULL), ERR_NONE);
    CHECK(slice_eq(buf_slice(&back), target));
    buf_release(&delta);
    buf_release(&back);
}

/* Every read that fails once is the error that comes back; nothing leaks (the address sanitizer sees that). */
static inline void check_failing_reads(enum delta_kind kind, struct slice base, struct slice target)
{
    struct delta_limits limits = {0};
    struct buf delta;

    CHECK_INT(encode_bytes(kind, base, target, &limits, &delta), ERR_NONE);
    for (uint64_t k = 1; k <= 3; k++) {
        struct remote from = {base, 0, k}, to = {target, 0, 0}, change = {buf_slice(&delta), 0, k};
        struct delta_source from_source = remote_source(&from), to_source = remote_source(&to),
                            change_source = remote_source(&change);
        struct buf out = BUF_INIT(TRANSFORM_MOST);
        struct delta_sink sink = delta_sink_of(&out);
        enum err err = delta_encode(kind, &from_source, &to_source, DELTA_USUAL, &limits, &sink);

        CHECK_INT(err, from.reads >= k ? ERR_IO : ERR_NONE);
        from.reads = 0;
        err = delta_decode(kind, &from_source, &change_source, &limits, &sink, NULL);
        CHECK_INT(err, from.reads >= k || change.reads >= k ? ERR_IO : ERR_NONE);
        buf_release(&out);
    }
    buf_release(&delta);
}

/* A delta that is none: the error, and a sentence that has the words. */
static inline void check_refused(enum delta_kind kind, struct slice base, struct slice delta,
                                 const struct delta_limits *limits, enum err want, const char *words)
{
    struct buf out, why = BUF_INIT(400);

    CHECK_INT(decode_bytes(kind, base, delta, limits, &out, &why), want);
    if (!strstr(buf_str(&why), words) || why.ptr[why.len - 1] != '.')
        CHECK_STR(buf_str(&why), words);
    buf_release(&why);
    CHECK_INT(decode_bytes(kind, base, delta, limits, &out, NULL), want);
    buf_release(&out);
}

#endif
