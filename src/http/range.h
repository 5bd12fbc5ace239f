/*
 * range.h - byte ranges (RFC 9110 §14, §13.1.5; range.md).
 *
 * Range counts on GET only, after all other conditions, where the answer would be 200: the caller sees to
 * that (RNG-01, RNG-04, RNG-05). Constant memory whatever the field says (RNG-51).
 */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "http/etag.h"

enum {
    RANGE_PARTS_MAX = 16,    /* after merging (RNG-C4) */
    RANGE_SPECS_MAX = 64,    /* in the field */
    RANGE_OVERLAPS_MAX = 2,  /* specs that overlap an earlier one */
    RANGE_PART_OVERHEAD = 80 /* about what a part's frame costs: gaps below it are sent along (RNG-33) */
};

enum range_kind {
    RANGE_IGNORE,           /* as if there were no Range: 200 */
    RANGE_NONE_SATISFIABLE, /* 416 with the star form of Content-Range */
    RANGE_PARTS             /* 206; one part is sent plain, never as a multipart (RNG-C5) */
};

struct range_part {
    uint64_t first, last; /* inclusive; first <= last < length */
};

struct range_set {
    enum range_kind kind;
    unsigned count;                          /* of RANGE_PARTS: 1 to RANGE_PARTS_MAX */
    struct range_part part[RANGE_PARTS_MAX]; /* in the order of the request (RNG-32), none overlapping */
};

/*
 * value: all Range lines as one (RNG-07). single_only: the client is HTTP/1.0 and gets no multipart
 * (RNG-C7). length: octets of the selected representation.
 */
void range_choose(struct slice value, bool single_only, uint64_t length, struct range_set *out);

/* True: Range counts. An entity tag compares strongly, a date exactly and only if it is strong (RNG-41 to 44). */
bool if_range_holds(struct slice value, const struct validators *current, int64_t now_s);

/* Content-Range of a request (RFC 9110 §14.4): which octets of a content come. */
struct content_range {
    uint64_t first, last; /* inclusive; first <= last < length, where that is told */
    bool has_length;      /* else it is "*" */
    uint64_t length;      /* of the whole */
};
/* ERR_UNSUPPORTED: a unit that is not bytes. ERR_INVALID: malformed, or no octets (RNG-60). */
enum err content_range_parse(struct slice value, struct content_range *out);

/* The value of Content-Range: "bytes 0-4/10", and "bytes * /10" (without the blank) for a 416. */
void content_range_write(struct buf *out, uint64_t first, uint64_t last, uint64_t length);
void content_range_write_unsatisfied(struct buf *out, uint64_t length);

#endif
