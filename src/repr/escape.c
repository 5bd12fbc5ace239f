/*
 * escape.c - text of unknown origin, made fit for HTML, JSON, XML and plain text.
 *
 * All four walk the text by characters, never by octets, so that a broken sequence cannot swallow the quote
 * behind it. They are for display: what must stay octet for octet (an href) is percent-encoded elsewhere.
 */
#include "repr/repr.h"

#include <stdio.h>

#include "private.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

enum { ROOM = 8 };

/* What stands for a character, or NULL for itself. `room` may hold the answer. */
typedef const char *replace_fn(uint32_t c, char room[ROOM]);

/* How many octets follow this first one, and the narrower bounds of the second (Unicode 15, table 3-7). */
static int utf8_follow(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef) {
        *low = first == 0xe0 ? 0xa0 : 0x80;
        *high = first == 0xed ? 0x9f : 0xbf; /* no surrogates */
        return 2;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        *low = first == 0xf0 ? 0x90 : 0x80;
        *high = first == 0xf4 ? 0x8f : 0xbf;
        return 3;
    }
    return 0;
}

uint32_t utf8_next(struct slice *rest)
{
    const unsigned char *bytes = (const unsigned char *)rest->ptr;
    unsigned char low, high;
    int follow, got;
    uint32_t c = bytes[0];

    if (c < 0x80) {
        *rest = slice_from(*rest, 1);
        return c;
    }
    follow = utf8_follow(bytes[0], &low, &high);
    c &= 0x3fu >> follow;
    for (got = 1; got <= follow && (size_t)got < rest->len; got++) {
        if (bytes[got] < low || bytes[got] > high)
            break;
        c = c << 6 | (bytes[got] & 0x3fu);
        low = 0x80;
        high = 0xbf;
    }
    *rest = slice_from(*rest, (size_t)got);
    return follow && got == follow + 1 ? c : UTF8_INVALID;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

static bool is_noncharacter(uint32_t c)
{
    return (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

/* The picture of a control character, U+2400 and on; what has none is U+FFFD. */
static const char *picture(uint32_t c, char room[ROOM])
{
    if (c >= 0x80)
        return REPLACEMENT;
    snprintf(room, ROOM, "\xE2\x90%c", (char)(c == 0x7f ? 0xa1 : 0x80 + c));
    return room;
}

/* Controls and noncharacters are errors in HTML (Living Standard, 13.1.4); a line break in a name would not show. */
static const char *replace_html(uint32_t c, char room[ROOM])
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }
    if (c == UTF8_INVALID || is_noncharacter(c))
        return REPLACEMENT;
    return is_control(c) ? picture(c, room) : NULL;
}

static const char *replace_text(uint32_t c, char room[ROOM])
{
    if (c == UTF8_INVALID)
        return REPLACEMENT;
    return is_control(c) ? picture(c, room) : NULL;
}

/* RFC 8259 §7 */
static const char *replace_json(uint32_t c, char room[ROOM])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case UTF8_INVALID:
        return REPLACEMENT;
    }
    if (c >= 0x20)
        return NULL;
    snprintf(room, ROOM, "\\u%04x", (unsigned)c);
    return room;
}

/* White space as references, so that an attribute keeps it; other controls have no place in XML 1.0 (2.2). */
static const char *replace_xml(uint32_t c, char room[ROOM])
{
    switch (c) {
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case 0xfffe:
    case 0xffff:
        return REPLACEMENT;
    }
    if (c < 0x20)
        return REPLACEMENT;
    return c == UTF8_INVALID || c < 0x7f ? replace_html(c, room) : NULL;
}

static void escape(struct buf *out, struct slice text, replace_fn *replace)
{
    struct slice kept = text; /* from the last replacement on */
    char room[ROOM];

    while (text.len) {
        size_t kept_len = (size_t)(text.ptr - kept.ptr);
        const char *instead = replace(utf8_next(&text), room);

        if (!instead)
            continue;
        buf_add(out, slice_upto(kept, kept_len));
        buf_add_str(out, instead);
        kept = text;
    }
    buf_add(out, kept);
}

void html_escape(struct buf *out, struct slice text)
{
    escape(out, text, replace_html);
}

void json_escape(struct buf *out, struct slice text)
{
    escape(out, text, replace_json);
}

void xml_escape(struct buf *out, struct slice text)
{
    escape(out, text, replace_xml);
}

void text_escape(struct buf *out, struct slice text)
{
    escape(out, text, replace_text);
}
