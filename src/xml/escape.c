/*
 * escape.c - text made fit to stand in XML.
 *
 * Each octet is looked up once; what needs nothing is copied in runs, for nearly all of a multistatus needs nothing.
 */
#include "private.h"

enum octet { PLAIN, BEYOND_ASCII, MARKUP, BLANK, CONTROL };

/* BLANK: what a reader normalises, in attributes always, of text the CR only. */
static const unsigned char octets[256] = {
    [0x00 ... 0x08] = CONTROL,      ['\t'] = BLANK, ['\n'] = BLANK, [0x0b] = CONTROL, [0x0c] = CONTROL, ['\r'] = BLANK,
    [0x0e ... 0x1f] = CONTROL,      ['"'] = MARKUP, ['&'] = MARKUP, ['<'] = MARKUP,   ['>'] = MARKUP,   [0x7f] = PLAIN,
    [0x80 ... 0xff] = BEYOND_ASCII,
};

static bool is_trail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Octets of the character at `at`, of which `left` are there; 0 for what is no UTF-8 or no character of XML. */
static size_t char_len(const unsigned char *at, size_t left)
{
    if (at[0] >= 0xc2 && at[0] < 0xe0)
        return left >= 2 && is_trail(at[1]) ? 2 : 0;
    if (at[0] >= 0xe0 && at[0] < 0xf0) {
        if (left < 3 || !is_trail(at[1]) || !is_trail(at[2]))
            return 0;
        if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0))
            return 0; /* longer than need be, or a surrogate */
        return at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe ? 0 : 3;
    }
    if (at[0] >= 0xf0 && at[0] < 0xf5) {
        if (left < 4 || !is_trail(at[1]) || !is_trail(at[2]) || !is_trail(at[3]))
            return 0;
        return (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90) ? 0 : 4;
    }
    return 0;
}

static struct slice reference_of(unsigned char c)
{
    switch (c) {
    case '&':
        return SLICE("&amp;");
    case '<':
        return SLICE("&lt;");
    case '>':
        return SLICE("&gt;");
    case '"':
        return SLICE("&quot;");
    case '\t':
        return SLICE("&#9;");
    case '\n':
        return SLICE("&#10;");
    case '\r':
        return SLICE("&#13;");
    default:
        return SLICE("\xef\xbf\xbd");
    }
}

/* Octets from `i` on that can stay as they are. */
static size_t plain_run(struct slice text, size_t i, bool is_attribute)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t start = i;

    for (; i < text.len; i++) {
        unsigned char c = at[i], octet = octets[c];

        if (octet == PLAIN)
            continue;
        if (octet == BEYOND_ASCII) {
            size_t len = char_len(at + i, text.len - i);

            if (!len)
                break;
            i += len - 1;
        } else if (is_attribute || !(c == '"' || c == '\t' || c == '\n'))
            break;
    }
    return i - start;
}

bool is_plain_text(struct slice text)
{
    return plain_run(text, 0, false) == text.len;
}

static void escape(struct buf *out, struct slice text, bool is_attribute)
{
    for (size_t i = 0; i < text.len && !out->overflown;) {
        size_t run = plain_run(text, i, is_attribute);

        buf_add(out, slice_of(text.ptr + i, run));
        i += run;
        if (i < text.len)
            buf_add(out, reference_of((unsigned char)text.ptr[i++]));
    }
}

void escape_text(struct buf *out, struct slice text)
{
    escape(out, text, false);
}

void escape_attribute(struct buf *out, struct slice text)
{
    escape(out, text, true);
}
