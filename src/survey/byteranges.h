/*
 * byteranges.h - multipart/byteranges taken apart (RFC 9110 14.6, RFC 2046 5.1).
 */
#ifndef SURVEY_BYTERANGES_H
#define SURVEY_BYTERANGES_H

#include "http/range.h"

struct byteranges {
    struct slice rest, boundary;
    bool has_begun, has_ended; /* ended: the last boundary was there */
};

struct byterange {
    struct content_range range;
    bool has_range; /* a Content-Range that makes sense, with a length */
    struct slice type, data;
};

/* False: the type is no multipart/byteranges with a boundary. */
bool byteranges_begin(struct slice type, struct slice body, struct byteranges *out);
/* The next part. False: there is none; has_ended tells whether it ended as it should. */
bool byteranges_next(struct byteranges *parts, struct byterange *out);

#endif
