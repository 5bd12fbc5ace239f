/*
 * delta.h - what turns one content into another: vcdiff (RFC 3284), gdiff (NOTE-gdiff-19970901), diffe (POSIX diff -e).
 *
 * Pure transforms: they know octets, no resources and no HTTP. A base is read at any place, as often as it takes; a
 * target and a delta are read and written once, in order. Nobody has to hold a whole file in memory: what a call may
 * take is said in delta_limits, and a delta that would make a decoder take more is refused before it does.
 * The same base, target, kind and effort give the same octets, always (RFC 3229 §5.7: a client may resume).
 *
 * Neither side: callers are workers and commands, which say by `is_enough` when time is up.
 */
#ifndef DELTA_DELTA_H
#define DELTA_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum delta_kind { DELTA_VCDIFF, DELTA_GDIFF, DELTA_DIFFE, DELTA_KINDS };
/* "vcdiff", as in A-IM and IM. Static. */
struct slice delta_name(enum delta_kind kind);

/* Octets at any place. */
struct delta_source {
    uint64_t size;
    /* Fills all of [at, at + len), which lies inside; else an error, which the transform gives back. */
    enum err (*read)(void *arg, uint64_t at, void *room, size_t len);
    void *arg;
};
/* What is in memory already; arg is a struct slice, borrowed. */
struct delta_source delta_source_of(const struct slice *bytes);

/* Where octets go, in order. An error ends the transform, which gives it back. */
struct delta_sink {
    enum err (*write)(void *arg, struct slice bytes);
    void *arg;
};
/* Into a buffer, whose most ends it: ERR_TOO_LARGE. */
struct delta_sink delta_sink_of(struct buf *buf);

struct delta_limits {
    size_t memory_max;   /* octets the call may allocate; 0: DELTA_MEMORY_USUAL */
    uint64_t output_max; /* of the delta, or of what is decoded; more is ERR_TOO_LARGE. 0: no limit */
    /* Asked now and then: true ends the call with ERR_AGAIN. NULL: nobody is in a hurry. */
    bool (*is_enough)(void *arg);
    void *arg;
    /* Set where a delta is well-formed, and for another base, together with ERR_INVALID. NULL: nobody asks. */
    bool *is_misfit;
};
enum { DELTA_MEMORY_USUAL = 192 << 20 };

enum delta_effort { DELTA_FAST = 1, DELTA_USUAL = 3, DELTA_BEST = 9 };

/*
 * The delta that makes `target` of `base`. ERR_UNSUPPORTED: this kind cannot express it (diffe: a NUL octet, no final
 * newline). ERR_TOO_LARGE: it would be more than output_max, so it is not worth sending. What was written before an
 * error is worth nothing.
 */
enum err delta_encode(enum delta_kind kind, const struct delta_source *base, const struct delta_source *target,
                      enum delta_effort effort, const struct delta_limits *limits, const struct delta_sink *out);

/*
 * What a delta makes of `base`. The delta comes as a source, too, read once from its start to its end. ERR_INVALID: it
 * is no delta of this kind, or does not fit the base; ERR_UNSUPPORTED: it needs an extension that is not spoken here;
 * ERR_TOO_LARGE: past the limits. `why` (NULL: nobody asks) gets one sentence for people, with the place.
 */
enum err delta_decode(enum delta_kind kind, const struct delta_source *base, const struct delta_source *delta,
                      const struct delta_limits *limits, const struct delta_sink *out, struct buf *why);

#endif
