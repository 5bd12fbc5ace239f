/*
 * method.c - the table of methods.
 */
#include "http/method.h"

static const struct {
    struct slice name;
    bool is_safe;
} methods[METHOD_COUNT] = {
    [METHOD_GET] = {SLICE_INIT("GET"), true},
    [METHOD_HEAD] = {SLICE_INIT("HEAD"), true},
    [METHOD_PUT] = {SLICE_INIT("PUT"), false},
    [METHOD_DELETE] = {SLICE_INIT("DELETE"), false},
    [METHOD_OPTIONS] = {SLICE_INIT("OPTIONS"), true},
    [METHOD_POST] = {SLICE_INIT("POST"), false},
    [METHOD_TRACE] = {SLICE_INIT("TRACE"), true},
    [METHOD_CONNECT] = {SLICE_INIT("CONNECT"), false},
    [METHOD_PATCH] = {SLICE_INIT("PATCH"), false},
    [METHOD_PROPFIND] = {SLICE_INIT("PROPFIND"), true},
    [METHOD_PROPPATCH] = {SLICE_INIT("PROPPATCH"), false},
    [METHOD_MKCOL] = {SLICE_INIT("MKCOL"), false},
    [METHOD_COPY] = {SLICE_INIT("COPY"), false},
    [METHOD_MOVE] = {SLICE_INIT("MOVE"), false},
    [METHOD_LOCK] = {SLICE_INIT("LOCK"), false},
    [METHOD_UNLOCK] = {SLICE_INIT("UNLOCK"), false},
    [METHOD_REPORT] = {SLICE_INIT("REPORT"), true},
    [METHOD_BIND] = {SLICE_INIT("BIND"), false},
    [METHOD_UNBIND] = {SLICE_INIT("UNBIND"), false},
    [METHOD_REBIND] = {SLICE_INIT("REBIND"), false},
    [METHOD_BREW] = {SLICE_INIT("BREW"), false},
    [METHOD_WHEN] = {SLICE_INIT("WHEN"), false},
};

enum method method_find(struct slice name)
{
    for (int i = METHOD_GET; i < METHOD_COUNT; i++)
        if (slice_eq(methods[i].name, name))
            return (enum method)i;
    return METHOD_UNKNOWN;
}

struct slice method_name(enum method method)
{
    return method > METHOD_UNKNOWN && method < METHOD_COUNT ? methods[method].name : SLICE("");
}

bool method_is_safe(enum method method)
{
    return method > METHOD_UNKNOWN && method < METHOD_COUNT && methods[method].is_safe;
}
