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
    bool is_for_change;  /* the tag of a coded form names it as well: etag_content() */
};

/* Exactly one entity tag, nothing around it. False for anything else, lower-case `w/` too. */
bool etag_parse(struct slice text, struct etag *out);

/*
 * Takes the next member off a list of tags; commas inside tags are theirs (CND-25), empty members are
 * skipped. ETAG_BAD: what stands there is no entity tag; the rest is not to be read on.
 */
enum etag_step { ETAG_END, ETAG_ONE, ETAG_BAD };
enum etag_step etag_next(struct slice *rest, struct etag *out);

/*
 * What a tag of ours says of the content alone: "x-gzip-0123abcd", of the content x in a coded form, gives "x"; any
 * other one itself. Who fetched a coded form and decoded it knows the content, and may change it by that tag. To read
 * on is another matter: there octets are compared, and those of two codings never match.
 */
struct slice etag_content(struct slice tag);
/* What follows it then, "-gzip-0123abcd"; else "". */
struct slice etag_form(struct slice tag);

bool etag_matches_strongly(struct etag tag, const struct validators *current);
bool etag_matches_weakly(struct etag tag, const struct validators *current);

/* The field value, "\"...\"" or "W/\"...\""; nothing if there is no tag. The same characters everywhere (CND-11). */
void etag_write(struct buf *out, const struct validators *current);

#endif
