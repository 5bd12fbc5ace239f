/*
 * h2_head.h - the head of a request in HTTP/2: from a list of fields to a struct head (RFC 9113 §8.2, §8.3).
 *
 * The caller decodes the header block and gives each field in order; the result is what head_parse() makes of
 * the same request in HTTP/1.1: `:path` is the target, `:authority` is a Host field, crumbs of Cookie are one
 * field. Limits are those of HTTP/1.1, with a field as long as its line `name: value`, and are answered in the
 * same way. What RFC 9113 calls malformed is no request at all: its stream is reset. Any thread, one at a time.
 */
#ifndef HTTP_H2_HEAD_H
#define HTTP_H2_HEAD_H

#include "base/buf.h"
#include "http/framing.h"
#include "http/head.h"

enum h2_head_step {
    H2_HEAD_DONE,
    H2_HEAD_REFUSED,  /* answer with status and why; of head only the method is known, if that */
    H2_HEAD_MALFORMED /* PROTOCOL_ERROR (RFC 9113 §8.1.1) */
};

struct h2_head {
    /* for the caller, after h2_head_end() */
    struct head head;       /* minor is 1; its slices point into text, all of it is head.len octets */
    struct framing framing; /* BODY_CHUNKED: content of unknown length follows */
    int status;             /* 414, 421, 431, 501 */
    const char *why;        /* static */
    struct slice culprit;   /* as in struct head_parser */
    struct buf text;

    /* its own */
    struct head_limits limits;
    struct buf cookie;
    struct slice authority;
    unsigned pseudo; /* those that were there */
    bool in_fields, is_malformed;
    size_t total;   /* of what was taken */
    size_t decoded; /* of all that was given */
    struct field fields[HEAD_FIELDS_MAX];
};

/* A zeroed one, or one that was used before, whose memory is used again. */
void h2_head_begin(struct h2_head *head, const struct head_limits *limits);
/* name and value are not needed after the call. */
void h2_head_add(struct h2_head *head, struct slice name, struct slice value);
/* Far past all limits: few octets on the wire can mean very many here, and looking at more of them helps nobody. */
bool h2_head_is_bomb(const struct h2_head *head);
/* No field follows. is_whole: no content follows either (END_STREAM). */
enum h2_head_step h2_head_end(struct h2_head *head, bool is_whole);
void h2_head_release(struct h2_head *head);

#endif
