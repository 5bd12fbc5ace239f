/*
 * cors.c - the origins whose pages may ask a site from a browser (Fetch, "CORS protocol").
 *
 * They are kept as browsers write them: scheme and host in lower case, no port that the scheme has anyway. So one
 * comparison of octets judges a request.
 */
#include "build.h"

#include "http/host.h"

/* RFC 3986 §3.1, in lower case: programs that are made of pages have schemes of their own. */
static bool is_scheme(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!(c >= 'a' && c <= 'z') && (i == 0 || !(ascii_is_digit(c) || c == '+' || c == '-' || c == '.')))
            return false;
    }
    return text.len > 0;
}

/* The port that a browser does not tell. */
static uint16_t usual_port(struct slice scheme)
{
    return slice_eq(scheme, SLICE("https")) ? 443 : slice_eq(scheme, SLICE("http")) ? 80 : 0;
}

/* Of "https://app.example:443" all that counts; "" for what is no origin. */
static struct slice origin_of(struct arena *arena, struct slice text)
{
    struct slice scheme, rest;
    struct host host;

    text = arena_lower(arena, text);
    if (!slice_cut(text, ':', &scheme, &rest) || !is_scheme(scheme) || !slice_starts(rest, SLICE("//")))
        return SLICE_NONE;
    rest = slice_from(rest, 2);
    if (!host_parse(rest, &host) || host.name.len == 0 || slice_ends(rest, SLICE(":")) ||
        memchr(rest.ptr, '*', rest.len))
        return SLICE_NONE;
    if (host.port && host.port == usual_port(scheme))
        while (text.ptr[--text.len] != ':')
            ;
    return text;
}

enum err set_cors(struct build *build, void *target, struct slice value)
{
    struct site *site = target;
    struct arena *arena = &build->conf->arena;
    struct slice origin = slice_eq(value, SLICE("*")) ? SLICE("*") : origin_of(arena, value);

    if (slice_is_empty(origin))
        return complain(build,
                        "cors: \"%.*s\" is no origin; one is written scheme://host or scheme://host:port, without a "
                        "path and without a / at its end, or * for all",
                        SLICE_FMT(value));
    site->cors = list_grow(arena, site->cors, site->cors_count, sizeof(*site->cors));
    site->cors[site->cors_count++] = origin;
    return ERR_NONE;
}

enum err cors_check(struct build *build, const struct site *site)
{
    if (!site->cors_credentials)
        return ERR_NONE;
    if (site->cors_count == 0)
        return complain(build, "site \"%.*s\": cors-credentials is for the origins of cors, and there are none",
                        SLICE_FMT(site->name));
    for (unsigned i = 0; i < site->cors_count; i++)
        if (slice_eq(site->cors[i], SLICE("*")))
            return complain(build,
                            "site \"%.*s\": with cors = * any page on the web could act as the user who looks at it; "
                            "name the origins, or leave cors-credentials off",
                            SLICE_FMT(site->name));
    return ERR_NONE;
}
