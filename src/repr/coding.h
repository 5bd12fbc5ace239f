/*
 * coding.h - compressed forms of a content: gzip (RFC 1952), deflate (the zlib format of RFC 1950, as HTTP means it),
 * brotli (RFC 7932), zstd (RFC 8878, with a window that RFC 9659 lets every client have).
 *
 * Transforms as those of delta/: the same octets in give the same octets out, memory is bounded, and the caller says
 * when time is up. Any side that may take its time: workers and commands.
 */
#ifndef REPR_CODING_H
#define REPR_CODING_H

#include "delta/delta.h"

enum coding { CODING_GZIP, CODING_DEFLATE, CODING_BROTLI, CODING_ZSTD, CODINGS };
/* "gzip", as in Content-Encoding and IM. Static. */
struct slice coding_name(enum coding coding);
/* Which library makes it, and how: another text, and the same content may give other octets. */
void coding_maker(enum coding coding, struct buf *out);
/*
 * What somebody else made begins as a form that any client takes: `start` has its first CODING_START octets, or all.
 * A window of zstd may be larger than clients have memory for; brotli shows nothing.
 */
enum { CODING_START = 18 };
bool coding_is_fit(enum coding coding, struct slice start);

/*
 * `limits` as in delta_encode(): output_max and is_enough count. Errors: ERR_TOO_LARGE, ERR_AGAIN, those of source and
 * sink, ERR_TOO_MANY for want of memory.
 */
enum err coding_encode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out);
/*
 * The way back; what follows the end of the form, or an end that is missing, is ERR_INVALID. Members of gzip and frames
 * of zstd may follow each other.
 */
enum err coding_decode(enum coding coding, const struct delta_source *source, const struct delta_limits *limits,
                       const struct delta_sink *out);

/*
 * zstd with a dictionary, as "dcz" (RFC 9842 §5): a frame that is skipped, with the dictionary's SHA-256, then one of
 * zstd whose window is no larger than any client of it takes, with a checksum. The dictionary is held in memory; of one
 * that is longer than DICTIONARY_OCTETS_MAX nothing is made (ERR_UNSUPPORTED), nor of one that has another hash
 * (ERR_DAMAGED).
 */
enum { DICTIONARY_OCTETS_MAX = 32 << 20 };
enum err coding_dcz(const struct delta_source *dictionary, const unsigned char hash[32],
                    const struct delta_source *source, const struct delta_limits *limits, const struct delta_sink *out);

/* ---- of what types there are forms (coding_type.c); pure; parameters of the type do not count ---- */

/* It becomes shorter by any of them. */
bool coding_gains(struct slice type);
/* It is compressed already, or as good as: nobody has coded forms of it. */
bool coding_is_idle(struct slice type);

#endif
