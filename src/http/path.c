/*
 * path.c - paths decoded and encoded: the one place where percent signs mean something.
 */
#include <string.h>

#include "http/uri.h"

/* Octet of the escape at text.ptr[at], where '%' stands; -1 if it is incomplete or no hexadecimal number. */
static int escape_at(struct slice text, size_t at)
{
    int high, low;

    if (text.len - at < 3)
        return -1;
    high = ascii_hex(text.ptr[at + 1]);
    low = ascii_hex(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* One segment into out, which has room for segment.len octets; gives its length, or -1 with *why. */
static ptrdiff_t segment_decode(struct slice segment, char *out, const char **why)
{
    size_t len = 0;

    for (size_t i = 0; i < segment.len; i++) {
        int octet = (unsigned char)segment.ptr[i];

        if (octet == '%') {
            octet = escape_at(segment, i);
            i += 2;
        }
        if (octet <= 0) {
            *why = octet < 0 ? "The path has a % that is followed by no two hexadecimal digits."
                             : "The path has a NUL in it.";
            return -1;
        }
        if (octet == '/') {
            *why = "The path has an encoded slash (%2F) in it.";
            return -1;
        }
        out[len++] = (char)octet;
    }
    if ((len == 1 && out[0] == '.') || (len == 2 && out[0] == '.' && out[1] == '.')) {
        *why = "The path has a segment \".\" or \"..\" in it.";
        return -1;
    }
    return (ptrdiff_t)len;
}

static enum path_result refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return PATH_BAD;
}

/* All segments into text, with single slashes between; *seen_empty: one of them was empty. */
static bool segments_decode(struct slice raw, char *text, size_t *len, bool *seen_empty, const char **why)
{
    struct slice rest = raw, segment;
    bool more = true;

    *len = 0;
    *seen_empty = false;
    while (more) {
        ptrdiff_t got;

        more = slice_cut(rest, '/', &segment, &rest);
        segment = more ? segment : rest;
        if (segment.len == 0) { /* the last one may be: that is the final slash */
            *seen_empty |= more;
            continue;
        }
        if (*len)
            text[(*len)++] = '/';
        got = segment_decode(segment, text + *len, why);
        if (got < 0)
            return false;
        *len += (size_t)got;
    }
    return true;
}

enum path_result path_decode(struct slice raw, struct arena *arena, struct rpath *out, const char **why)
{
    bool seen_empty;
    size_t len;
    char *text;

    if (raw.len == 0 || raw.ptr[0] != '/')
        return refuse(why, "The path does not begin with a slash.");
    if (raw.len > PATH_RAW_MAX)
        return refuse(why, "The path is too long.");
    text = arena_alloc(arena, raw.len);
    if (!segments_decode(slice_from(raw, 1), text, &len, &seen_empty, why))
        return PATH_BAD;
    if (len > PATH_DECODED_MAX)
        return refuse(why, "The path is too long.");
    *out = (struct rpath){slice_of(text, len), raw.ptr[raw.len - 1] == '/'};
    return seen_empty ? PATH_SLASHES : PATH_OK;
}

bool percent_decode(struct slice raw, struct arena *arena, struct slice *out)
{
    char *text = arena_alloc(arena, raw.len);
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        int octet = (unsigned char)raw.ptr[i];

        if (octet == '%') {
            octet = escape_at(raw, i);
            if (octet < 0)
                return false;
            i += 2;
        }
        text[len++] = (char)octet;
    }
    *out = slice_of(text, len);
    return true;
}

/* unreserved of RFC 3986 §2.3 */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* Anything that may stand in a path or a query: unreserved, reserved but '#', and '%'. */
static bool is_uri_char(unsigned char c)
{
    return is_unreserved(c) || (c && strchr("%:/?[]@!$&'()*+,;=", c));
}

static void escape_add(struct buf *out, unsigned char c)
{
    char text[3] = {'%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15]};

    buf_add(out, slice_of(text, 3));
}

/*
 * What stands in our hrefs as it is: unreserved characters, and parentheses, which some clients (gvfs) send so and
 * compare without decoding.
 */
static const unsigned char is_href_plain[256] = {
    ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['-'] = 1, ['.'] = 1,
    ['_'] = 1,         ['~'] = 1,         ['('] = 1,         [')'] = 1, ['/'] = 2, /* between segments only */
};

static void add_encoded(struct buf *out, struct slice text, unsigned char plain_max)
{
    static const char digits[] = "0123456789ABCDEF";
    char *start = buf_reserve(out, 3 * text.len), *at = start;

    if (!start)
        return;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (is_href_plain[c] && is_href_plain[c] <= plain_max) {
            *at++ = (char)c;
            continue;
        }
        *at++ = '%';
        *at++ = digits[c >> 4];
        *at++ = digits[c & 15];
    }
    buf_grown(out, (size_t)(at - start));
}

void href_encode_segment(struct buf *out, struct slice decoded)
{
    add_encoded(out, decoded, 1);
}

void href_encode(struct buf *out, struct slice decoded)
{
    while (decoded.len > 1 && decoded.ptr[0] == '/' && decoded.ptr[1] == '/')
        decoded = slice_from(decoded, 1);
    add_encoded(out, decoded, 2);
}

void uri_add_safe(struct buf *out, struct slice raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        if (is_uri_char((unsigned char)raw.ptr[i]))
            buf_add_char(out, raw.ptr[i]);
        else
            escape_add(out, (unsigned char)raw.ptr[i]);
    }
}

struct slice uri_with_query(struct arena *arena, struct slice encoded, bool has_query, struct slice query)
{
    struct buf text = BUF_INIT(4 * PATH_RAW_MAX);

    if (!has_query)
        return encoded;
    buf_add(&text, encoded);
    buf_add_char(&text, '?');
    uri_add_safe(&text, query);
    if (!text.overflown)
        encoded = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return encoded;
}

void path_merge_slashes(struct slice raw, struct buf *out)
{
    size_t start = 0;

    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] != '/' || i + 1 == raw.len || raw.ptr[i + 1] != '/')
            continue;
        uri_add_safe(out, slice_of(raw.ptr + start, i - start));
        start = i + 1;
    }
    uri_add_safe(out, slice_from(raw, start));
}
