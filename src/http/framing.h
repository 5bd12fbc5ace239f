/*
 * framing.h - where a request's body ends, whether the connection persists, what Expect wants.
 *
 * Sources: RFC 9112 §6, §7, §9.3; RFC 9110 §8.6, §10.1.1. Strict: anything that two readers could frame
 * differently is refused and the connection closed (H1-26 to H1-33).
 */
#ifndef HTTP_FRAMING_H
#define HTTP_FRAMING_H

#include "http/head.h"

enum body_kind { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

struct framing {
    enum body_kind kind;         /* BODY_LENGTH also for Content-Length: 0 */
    uint64_t length;             /* of BODY_LENGTH; at most INT64_MAX */
    bool keep_alive;             /* the client wants the connection to persist (H1-42, H1-45) */
    bool wants_keep_alive_field; /* HTTP/1.0: granting it takes `Connection: keep-alive` in the answer (H1-C8) */
    bool expects_continue;       /* HTTP/1.1, 100-continue and content to come (H1-50, H1-55) */
    bool expects_unknown;        /* HTTP/1.1 and another expectation: 417 (H1-52) */
    bool must_close;             /* the end of this message is unknown: answer and close */
};

/*
 * 0, or the status to answer with: 400 or 501 (must_close is set), or 417 (the framing is valid and
 * filled, so the body may be skipped; other checks come first). *why is a static sentence then.
 */
int framing_decide(const struct head *head, struct framing *out, const char **why);

#endif
