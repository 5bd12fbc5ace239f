/*
 * etag.h - entity tags and what a representation has to be compared by (RFC 9110 §8.8).
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include "base/buf.h"
#include "base/slice.h"

struct etag {
    struct slice text; /* between the quotes; there are no escapes in an entity tag */
    bool is_weak;
};

/* What conditions are judged against. A zeroed one: nothing is there. */
struct validators {
    bool exists;      /* the target has a current representation */
    struct slice tag; /* text without quotes; empty: it has no tag */
    bool is_weak;
    bool has_date;
    int64_t modified_s;  /* as sent in Last-Modified */
    bool date_is_strong; /* known not to have changed twice within that second (RNG-44) */
};

/* Exactly one entity tag, nothing around it. False for anything else, lower-case `w/` too. */
bool etag_parse(struct slice text, struct etag *out);

/*
 * Takes the next member off a list of tags; commas inside tags are theirs (CND-25), empty members are
 * skipped. ETAG_BAD: what stands there is no entity tag; the rest is not to be read on.
 */
enum etag_step { ETAG_END, ETAG_ONE, ETAG_BAD };
enum etag_step etag_next(struct slice *rest, struct etag *out);

bool etag_matches_strongly(struct etag tag, const struct validators *current);
bool etag_matches_weakly(struct etag tag, const struct validators *current);

/* The field value, "\"...\"" or "W/\"...\""; nothing if there is no tag. The same characters everywhere (CND-11). */
void etag_write(struct buf *out, const struct validators *current);

#endif
