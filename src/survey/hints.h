/*
 * hints.h - where a server's rules are, as it says itself (/.well-known/http-codes) or somebody else does (--hints).
 *
 *     {"codes": [{"code": 451, "method": "GET", "path": "/blocked/x", "fields": {"Accept-Language": "de"}}]}
 *
 * Only places: what is true there is found out by asking. What comes from the server stays on the server.
 */
#ifndef SURVEY_HINTS_H
#define SURVEY_HINTS_H

#include "base/arena.h"
#include "base/buf.h"

enum { HINTS_MAX = 64, HINTS_BYTES_MAX = 256 * 1024 };

struct hint {
    int code;
    struct slice method; /* "": as the surveyor likes */
    struct slice path;   /* begins with a slash, or is a whole address (where those are allowed) */
    struct slice host;   /* the field; "": as usual */
    struct slice fields; /* lines with their ends */
    struct slice content;
};

struct hints {
    struct hint list[HINTS_MAX];
    unsigned count;
};

/* False: `why` says what is wrong with them. are_addresses: a path may be a whole http address. */
bool hints_read(struct slice text, bool are_addresses, struct arena *arena, struct hints *out, struct buf *why);
const struct hint *hint_find(const struct hints *hints, int code);

#endif
