/*
 * dav_field.h - the other fields of WebDAV: Depth, Overwrite, Timeout, Lock-Token, Destination, Prefer (RFC 4918 §10,
 * RFC 7240, RFC 8144), DAV (RFC 5842). Pure.
 */
#ifndef HTTP_DAV_FIELD_H
#define HTTP_DAV_FIELD_H

#include "http/head.h"
#include "http/host.h"
#include "http/uri.h"

enum depth { DEPTH_0, DEPTH_1, DEPTH_INFINITY, DEPTH_ABSENT, DEPTH_BAD };
/* Several lines, or anything but the three words (letters without case): DEPTH_BAD. "1,noroot" of old clients is 1. */
enum depth depth_of(const struct head *head);

enum overwrite { OVERWRITE_T, OVERWRITE_F, OVERWRITE_BAD };
enum overwrite overwrite_of(const struct head *head); /* absent: T */

/* Seconds to grant: the first member that can be read, capped; `fallback` where there is none (DAV-C13, DAV-124). */
uint32_t timeout_of(const struct head *head, uint32_t cap, uint32_t fallback);

/* The URI in Lock-Token, with or without brackets (DAV-C11). False: none, several, or no URI. */
bool lock_token_of(const struct head *head, struct slice *token);

/* A URL given in a field or a body: absolute, or an absolute path. */
struct reference {
    struct slice scheme; /* "" for a path */
    struct host host;    /* of an absolute one */
    struct slice path;   /* encoded, begins with '/' */
};
/* False: malformed, has a query or fragment, or is a relative reference. */
bool reference_parse(struct slice text, struct reference *out);

/* What a Prefer field asks and we know; unknown and malformed members are ignored (DAV-181). */
struct prefer {
    bool is_minimal, wants_representation, depth_noroot;
};
struct prefer prefer_of(const struct head *head);

/* The client says by the field DAV that it knows `bind` (RFC 5842 §8.2): 208, that is. */
bool knows_bindings(const struct head *head);

#endif
