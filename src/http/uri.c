/*
 * uri.c - the four forms of a request target.
 */
#include "http/coffee.h"
#include "http/host.h"
#include "http/uri.h"

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return 400;
}

static void split_query(struct slice text, struct target *out)
{
    out->path = text;
    out->has_query = slice_cut(text, '?', &out->path, &out->query);
}

static bool is_scheme(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = ascii_lower(text.ptr[i]);
        bool is_letter = c >= 'a' && c <= 'z';

        if (!is_letter && (i == 0 || (!ascii_is_digit(c) && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return text.len > 0;
}

bool uri_is_bare(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
            return false;
    }
    return text.len > 0;
}

bool uri_is_absolute(struct slice text)
{
    struct slice scheme, rest;

    return slice_cut(text, ':', &scheme, &rest) && is_scheme(scheme) && uri_is_bare(rest);
}

static void authority_split(struct slice text, struct target *out, struct slice *rest)
{
    size_t end = 0;

    while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?')
        end++;
    out->authority = slice_upto(text, end);
    *rest = slice_from(text, end);
}

/* scheme "://" authority path-abempty [ "?" query ] */
static int absolute_parse(struct slice text, enum method method, struct target *out, const char **why)
{
    struct slice rest;
    struct host host;

    if (!slice_cut(text, ':', &out->scheme, &rest) || !is_scheme(out->scheme) || !slice_starts(rest, SLICE("//")))
        return refuse(why, "The request target is neither a path nor an absolute URI.");
    out->form = TARGET_ABSOLUTE;
    authority_split(slice_from(rest, 2), out, &rest);
    if (!host_parse(out->authority, &host) || host.name.len == 0)
        return refuse(why, "The request target names no valid host.");
    split_query(rest, out);
    if (out->path.len == 0) {
        out->is_server_wide = method == METHOD_OPTIONS && !out->has_query;
        out->path = SLICE("/");
    }
    return 0;
}

bool target_parse_coffee(struct slice target, struct target *out)
{
    struct slice scheme, rest;
    struct host host;

    *out = (struct target){.form = TARGET_ORIGIN, .is_coffee = true};
    if (slice_index(target, '#') < target.len || !slice_cut(target, ':', &scheme, &rest) || !coffee_scheme(scheme))
        return false;
    if (slice_starts(rest, SLICE("//"))) {
        authority_split(slice_from(rest, 2), out, &rest);
        if (!host_parse(out->authority, &host) || host.name.len == 0)
            return false;
        out->form = TARGET_ABSOLUTE;
        out->scheme = scheme;
    }
    if (rest.len && rest.ptr[0] != '/' && rest.ptr[0] != '?')
        return false;
    split_query(rest, out);
    if (out->path.len == 0)
        out->path = SLICE("/");
    return true;
}

/* uri-host ":" port, both of them (RFC 9110 §9.3.6) */
static int authority_parse(struct slice text, struct target *out, const char **why)
{
    struct host host;

    if (!host_parse(text, &host) || host.name.len == 0 || host.port == 0)
        return refuse(why, "CONNECT takes a host and a port.");
    out->form = TARGET_AUTHORITY;
    out->authority = text;
    return 0;
}

int target_parse(struct slice target, enum method method, struct target *out, const char **why)
{
    *out = (struct target){0};
    if (target.len == 0)
        return refuse(why, "The request target is empty.");
    if (slice_index(target, '#') < target.len)
        return refuse(why, "The request target has a fragment.");
    if (method == METHOD_CONNECT)
        return authority_parse(target, out, why);
    if (target.ptr[0] == '/') {
        out->form = TARGET_ORIGIN;
        split_query(target, out);
        return 0;
    }
    if (!slice_eq(target, SLICE("*")))
        return absolute_parse(target, method, out, why);
    if (method != METHOD_OPTIONS)
        return refuse(why, "Only OPTIONS has the target *.");
    out->form = TARGET_ASTERISK;
    out->is_server_wide = true;
    return 0;
}
