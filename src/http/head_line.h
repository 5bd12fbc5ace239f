/*
 * head_line.h - one line of a head: where it ends and what it says. For head.c only.
 *
 * Each function here judges a line by itself: a complete one, or the beginning of one that is longer than
 * its limit. A verdict has status 0 when the line is fine.
 */
#ifndef HTTP_HEAD_LINE_H
#define HTTP_HEAD_LINE_H

#include "http/head.h"

struct line_verdict {
    int status;
    const char *why;
};

/* Position of the first control character except HTAB, or len. */
size_t control_find(const char *text, size_t len);

/* Fills method_text, target, method and minor. */
struct line_verdict request_line_parse(struct slice line, struct head *head);
/* The line is not empty. is_first: directly after the request line. */
struct line_verdict field_line_parse(struct slice line, bool is_first, struct field *out);

/* What to say to a line that begins like this and is too long: what is malformed goes first (POL-44). */
struct line_verdict request_line_too_long(struct slice beginning);
struct line_verdict field_line_too_long(struct slice beginning, bool is_first, struct slice *culprit);

#endif
