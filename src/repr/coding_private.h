/*
 * coding_private.h - the codings that have a file of their own.
 */
#ifndef REPR_CODING_PRIVATE_H
#define REPR_CODING_PRIVATE_H

#include "repr/coding.h"

/* As coding_encode() and coding_decode(). */
enum err brotli_encode(const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out);
enum err brotli_decode(const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out);
/* As coding_maker(), with the coding's name. */
void brotli_maker(struct buf *out);
enum err zstd_encode(const struct delta_source *source, const struct delta_limits *limits,
                     const struct delta_sink *out);
enum err zstd_decode(const struct delta_source *source, const struct delta_limits *limits,
                     const struct delta_sink *out);
void zstd_maker(struct buf *out);
bool zstd_is_fit(struct slice start);

#endif
