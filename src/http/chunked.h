/*
 * chunked.h - the chunked transfer coding, read piece by piece, and its frames for writing.
 *
 * Source: RFC 9112 §7.1. Extensions are skipped, trailers are checked and dropped (H1-37); both are
 * bounded for the whole message (H1-36). Copies nothing; data points into what was fed.
 */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include "base/slice.h"

enum { CHUNK_EXTENSIONS_MAX = 16384, CHUNK_TRAILERS_MAX = 16384, CHUNK_FRAME_MAX = 20 };

enum chunk_step { CHUNK_DATA, CHUNK_MORE, CHUNK_END, CHUNK_BAD };

/* A zeroed one is ready; `most` may be set before it is fed. */
struct chunked {
    int status;      /* after CHUNK_BAD: 400, or 431 for trailers */
    const char *why; /* after CHUNK_BAD: static sentence */
    uint64_t total;  /* octets of content so far; never past INT64_MAX */
    uint32_t most;   /* octets of extensions, and of trailers; 0: the maxima above */
    /* its own */
    uint64_t left; /* of the current chunk */
    uint32_t extensions, trailers;
    uint8_t state, digits;
};

/*
 * Looks at `in` until there is something to say. *used octets of it are done with, whatever the answer;
 * call again with the rest.
 * CHUNK_DATA: *data is content (never empty). CHUNK_MORE: all of `in` was used. CHUNK_END: the message
 * ended, what follows *used is the next request. CHUNK_BAD: answer status and close.
 */
enum chunk_step chunked_feed(struct chunked *chunked, struct slice in, size_t *used, struct slice *data);

/* The line before a chunk of `len` octets ("1f40\r\n"), len > 0; gives its length. "\r\n" follows the data. */
size_t chunk_frame(char out[CHUNK_FRAME_MAX], uint64_t len);
/* Ends a message without trailers. */
#define CHUNK_LAST SLICE("0\r\n\r\n")

#endif
