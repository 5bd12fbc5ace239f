/*
 * cond.h - conditional requests: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since
 * (RFC 9110 §13; conditional.md).
 *
 * A condition is judged twice: by what the loop knows, before the body is asked for, and again on a worker
 * under the resource's lock beside the commit. So a struct conditions can be carried along: after
 * conditions_keep() it lives in an arena and no longer needs the head.
 *
 * It is the caller who leaves conditions out where they do not count: where the answer would be neither
 * 2xx nor 412 without them (CND-16), OPTIONS, TRACE, CONNECT (CND-19), PROPFIND and the like (CND-C3).
 */
#ifndef HTTP_COND_H
#define HTTP_COND_H

#include "http/etag.h"
#include "http/head.h"

struct conditions {
    bool has_match, has_none_match; /* the field is there, whatever its value */
    struct slice match, none_match; /* all lines as one list (CND-24) */
    bool has_unmodified_since;      /* with a valid date; an invalid one is as if absent (CND-33) */
    bool has_modified_since;        /* the same (CND-43) */
    int64_t unmodified_since_s, modified_since_s;
};

/* Slices point into the head, or into the arena where several lines were joined. now_s: for two-digit years. */
void conditions_from_head(const struct head *head, int64_t now_s, struct arena *arena, struct conditions *out);

/* Whether any is there that could be judged. */
bool conditions_any(const struct conditions *conditions);

/* True if it holds only as long as nothing is there: `If-None-Match: *` (POL-C1). */
bool conditions_want_new(const struct conditions *conditions);

/* Moves the texts to an arena. */
void conditions_keep(struct conditions *conditions, struct arena *arena);

enum cond_result {
    COND_GO,
    COND_NOT_MODIFIED, /* 304; for GET and HEAD only */
    COND_FAILED        /* 412 */
};

/* The order of RFC 9110 §13.2.2 (CND-15). Range and If-Range come after it: range.h. */
enum cond_result conditions_judge(const struct conditions *conditions, bool is_get_or_head,
                                  const struct validators *current);

#endif
