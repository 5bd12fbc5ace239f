/*
 * answer_head.h - the head of an answer, as a client reads it: status line and field lines (RFC 9112 §4, §5).
 *
 * Strict as head.h is: what two readers could understand differently is bad. The parser is given all bytes that came
 * since the answer began, as often as more come; slices point into the bytes given last. Pure.
 */
#ifndef HTTP_ANSWER_HEAD_H
#define HTTP_ANSWER_HEAD_H

#include "http/head.h"

enum { ANSWER_HEAD_MAX = 128 * 1024, ANSWER_FIELDS_MAX = 200 };

struct answer_head {
    int status; /* 100 to 599 */
    int minor;  /* of HTTP/1.x: 0 or 1 */
    struct slice phrase;
    struct field field[ANSWER_FIELDS_MAX];
    unsigned field_count;
    size_t len; /* with the final empty line */
};

enum answer_step { ANSWER_MORE, ANSWER_DONE, ANSWER_BAD };
/* ANSWER_BAD: *why is a static sentence. Never ANSWER_MORE past ANSWER_HEAD_MAX octets. */
enum answer_step answer_head_parse(struct slice bytes, struct answer_head *out, const char **why);

/* The first line of this name, compared without case; "" without. */
struct slice answer_head_value(const struct answer_head *head, struct slice name);
bool answer_head_has(const struct answer_head *head, struct slice name);

/* How the content of an answer ends (RFC 9112 §6.3). */
enum answer_framing { ANSWER_EMPTY, ANSWER_LENGTH, ANSWER_CHUNKED, ANSWER_CLOSE };
/* False: it says two things at once, or nothing that makes sense; *why as above. */
bool answer_framing_of(const struct answer_head *head, bool is_head_request, enum answer_framing *out, uint64_t *length,
                       const char **why);
/* The connection ends with this answer. */
bool answer_closes(const struct answer_head *head);

#endif
