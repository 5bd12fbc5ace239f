/*
 * kinds.h - one encoder and one decoder a kind; as delta_encode() and delta_decode(). Private to delta/.
 */
#ifndef DELTA_KINDS_H
#define DELTA_KINDS_H

#include "delta/delta.h"

typedef enum err encode_fn(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                           const struct delta_limits *limits, const struct delta_sink *out);
typedef enum err decode_fn(const struct delta_source *base, const struct delta_source *delta,
                           const struct delta_limits *limits, const struct delta_sink *out, struct buf *why);

/* The octets of a source that is in memory; NULL: it is not, or has none. */
const char *source_memory(const struct delta_source *source);

encode_fn vcdiff_encode, gdiff_encode, diffe_encode;
decode_fn vcdiff_decode, gdiff_decode, diffe_decode;

#endif
