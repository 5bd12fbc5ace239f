/*
 * method.h - the methods that some module implements or knows by name.
 *
 * Source: RFC 9110 §9, RFC 4918 §9, RFC 3253 §3.6, RFC 5842, RFC 2324 §2.1. Names compare with case (H1-07). A method
 * outside of this table is METHOD_UNKNOWN and earns 501 (H1-08); one inside of it that a resource does not offer earns
 * 405.
 */
#ifndef HTTP_METHOD_H
#define HTTP_METHOD_H

#include "base/slice.h"

enum method {
    METHOD_UNKNOWN,
    METHOD_GET,
    METHOD_HEAD,
    METHOD_PUT,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_POST,
    METHOD_TRACE,
    METHOD_CONNECT,
    METHOD_PATCH,
    METHOD_PROPFIND, /* RFC 4918 and its extensions from here on */
    METHOD_PROPPATCH,
    METHOD_MKCOL,
    METHOD_COPY,
    METHOD_MOVE,
    METHOD_LOCK,
    METHOD_UNLOCK,
    METHOD_REPORT,
    METHOD_BIND, /* RFC 5842 */
    METHOD_UNBIND,
    METHOD_REBIND,
    METHOD_BREW, /* RFC 2324 */
    METHOD_WHEN,
    METHOD_COUNT
};

enum method method_find(struct slice name);

/* "GET"; "" for METHOD_UNKNOWN. */
struct slice method_name(enum method method);

/* True for methods that change nothing the user asked to keep (RFC 9110 §9.2.1). */
bool method_is_safe(enum method method);

#endif
