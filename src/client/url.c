/*
 * url.c - addresses of http and https (RFC 3986, RFC 9110 §4.2).
 */
#include "client/client.h"
#include "http/coffee.h"
#include "http/uri.h"

static bool fail(struct buf *why, struct slice text, const char *what)
{
    buf_printf(why, "\"%.*s\" %s", SLICE_FMT(text), what);
    return false;
}

/* host [":" port], where a literal IPv6 address has brackets. */
static bool authority_read(struct slice text, struct client_url *out)
{
    size_t colon;

    out->authority = text;
    out->port = out->is_tls ? SLICE("443") : SLICE("80");
    if (slice_starts(text, SLICE("["))) {
        size_t end = slice_index(text, ']');

        if (end == text.len)
            return false;
        out->host = slice_of(text.ptr + 1, end - 1);
        colon = end + 1;
        if (colon < text.len && text.ptr[colon] != ':')
            return false;
    } else {
        colon = slice_index(text, ':');
        out->host = slice_upto(text, colon);
    }
    if (colon < text.len)
        out->port = slice_from(text, colon + 1);
    return out->host.len > 0;
}

static bool port_is_good(struct slice port)
{
    uint64_t number;

    return slice_u64(port, &number) && number > 0 && number < 65536;
}

static bool user_read(struct slice text, struct arena *arena, struct client_url *out)
{
    struct slice user, secret = SLICE_NONE;

    if (!slice_cut(text, ':', &user, &secret))
        user = text;
    out->has_user = true;
    return percent_decode(user, arena, &out->user) && percent_decode(secret, arena, &out->secret);
}

/* A fragment is the client's own business. Octets that no address may hold are encoded; a space is the usual one. */
static struct slice path_read(struct slice text, struct arena *arena)
{
    struct buf encoded = BUF_INIT(PATH_RAW_MAX * 3);
    struct slice path;

    text = slice_upto(text, slice_index(text, '#'));
    if (!slice_starts(text, SLICE("/")))
        buf_add_char(&encoded, '/');
    uri_add_safe(&encoded, text);
    path = encoded.overflown ? SLICE_NONE : arena_slice(arena, buf_slice(&encoded));
    buf_release(&encoded);
    return path;
}

static bool scheme_take(struct slice *rest, struct client_url *out)
{
    static const struct slice schemes[] = {SLICE_INIT("http://"), SLICE_INIT("https://")};

    for (unsigned i = 0; i < 2; i++)
        if (slice_starts_nocase(*rest, schemes[i])) {
            out->is_tls = i == 1;
            *rest = slice_from(*rest, schemes[i].len);
            return true;
        }
    return false;
}

static size_t authority_end(struct slice rest)
{
    size_t end = 0;

    while (end < rest.len && !memchr("/?#", rest.ptr[end], 3))
        end++;
    return end;
}

/* coffee://HOST[:PORT]/pot-1?Cream: over http, and said as it is. */
static bool coffee_read(struct slice text, struct arena *arena, struct client_url *out, struct buf *why)
{
    struct slice scheme, rest;
    struct buf encoded = BUF_INIT(PATH_RAW_MAX * 3);

    if (!slice_cut(text, ':', &scheme, &rest) || !coffee_scheme(scheme))
        return false;
    uri_add_safe(&encoded, slice_upto(text, slice_index(text, '#')));
    out->path = encoded.overflown ? SLICE_NONE : arena_slice(arena, buf_slice(&encoded));
    buf_release(&encoded);
    rest = slice_starts(rest, SLICE("//")) ? slice_from(rest, 2) : SLICE_NONE;
    if (!authority_read(arena_slice(arena, slice_upto(rest, authority_end(rest))), out) || !port_is_good(out->port) ||
        !uri_is_bare(out->authority) || memchr(out->authority.ptr, '@', out->authority.len))
        return fail(why, text, "names no host, or a port that is none");
    return out->path.len > 0 || fail(why, text, "is too long");
}

static bool is_coffee(struct slice text)
{
    return coffee_scheme(slice_upto(text, slice_index(text, ':')));
}

bool client_url_read(struct slice text, struct arena *arena, struct client_url *out, struct buf *why)
{
    struct slice copy = arena_slice(arena, text), rest = copy, authority;
    size_t at;

    *out = (struct client_url){0};
    if (is_coffee(text))
        return coffee_read(text, arena, out, why);
    if (!scheme_take(&rest, out))
        return fail(why, text, "is no address that begins with http:// or https://");
    authority = slice_upto(rest, authority_end(rest));
    at = authority.len;
    while (at && authority.ptr[at - 1] != '@')
        at--;
    if (at && !user_read(slice_of(authority.ptr, at - 1), arena, out))
        return fail(why, text, "has a user that is not encoded as in an address");
    if (!authority_read(slice_from(authority, at), out) || !port_is_good(out->port) || !uri_is_bare(out->authority))
        return fail(why, text, "names no host, or a port that is none");
    out->path = path_read(slice_from(rest, authority.len), arena);
    return out->path.len > 0 || fail(why, text, "is too long");
}

bool client_url_resolve(const struct client_url *from, struct slice text, struct arena *arena, struct client_url *out,
                        struct buf *why)
{
    struct client_url scheme = {0};
    struct slice rest = text;

    if (scheme_take(&rest, &scheme))
        return client_url_read(text, arena, out, why);
    if (slice_starts(text, SLICE("//")))
        return client_url_read(arena_printf(arena, "%s%.*s", from->is_tls ? "https:" : "http:", SLICE_FMT(text)), arena,
                               out, why);
    if (!slice_starts(text, SLICE("/")))
        return fail(why, text, "is where the server sends us, and is no address and no path");
    *out = *from;
    out->path = path_read(text, arena);
    return out->path.len > 0 || fail(why, text, "is too long");
}

bool client_url_same_origin(const struct client_url *a, const struct client_url *b)
{
    return a->is_tls == b->is_tls && slice_eq_nocase(a->host, b->host) && slice_eq(a->port, b->port);
}
