/*
 * status.h - the registered status codes, one table.
 *
 * Source: the IANA registry of HTTP status codes (RFC 9110 §16.2.1). Any thread; nothing here changes.
 */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include "base/slice.h"

/* Of a code that the server earns by a mechanism of its own: sentences in English, `...` are directives. */
struct status_reference {
    const char *meaning;
    const char *spec;     /* where it is specified, with the section */
    const char *standing; /* of that, today */
    const char *fields;   /* it travels with */
    const char *earned_by;
    const char *curl; /* a line that elicits it from a server at HOST that is set up so */
};

struct status {
    int code;
    struct slice phrase;
    const struct status_reference *reference; /* NULL: not one of those */
};

/* The table, by rising code. */
const struct status *status_table(unsigned *count);

/* NULL for a code that nobody registered. */
const struct status *status_find(int code);

/* The registered phrase; "" for an unknown code (a status line may do without, RFC 9112 §4). */
struct slice status_phrase(int code);

/* An answer with it never has content, nor a length of any (RFC 9110 §6.4.1, §8.6). */
static inline bool status_has_no_content(int code)
{
    return code == 204 || code == 304 || (code >= 100 && code < 200);
}

#endif
