/*
 * chunked.c - the chunked transfer coding.
 *
 * One octet of framing at a time, the content in whole pieces. Only CR LF ends a line here, whatever the
 * head's limits say about bare LF.
 */
#include <assert.h>

#include "http/chunked.h"
#include "http/field.h"

enum state {
    SIZE_FIRST,    /* a digit must come */
    SIZE,          /* more digits, blanks, ';' or CR */
    SIZE_BLANK,    /* blanks before ';' */
    EXTENSION,     /* up to CR */
    SIZE_LF,       /* the LF of the size line */
    CONTENT,       /* `left` octets */
    CONTENT_CR,    /* CR after the content */
    CONTENT_LF,    /* and its LF */
    TRAILER_FIRST, /* a trailer's name, or the CR of the final empty line */
    TRAILER_NAME,  /* up to ':' */
    TRAILER_VALUE, /* up to CR */
    TRAILER_LF,    /* the LF of a trailer */
    FINAL_LF,      /* the LF of the empty line */
    ENDED,
    BROKEN
};

enum { SIZE_DIGITS_MAX = 16 };

static uint32_t most(const struct chunked *chunked, uint32_t fallback)
{
    return chunked->most ? chunked->most : fallback;
}

static void fail(struct chunked *chunked, int status, const char *why)
{
    chunked->state = BROKEN;
    chunked->status = status;
    chunked->why = why;
}

static bool is_text(char c)
{
    return ((unsigned char)c >= ' ' && c != 0x7f) || c == '\t';
}

static void expect(struct chunked *chunked, char got, char want, enum state next)
{
    if (got == want)
        chunked->state = (uint8_t)next;
    else
        fail(chunked, 400, "A line or a chunk of a chunked body does not end in CR LF.");
}

static void size_digit(struct chunked *chunked, int digit)
{
    if (chunked->digits < SIZE_DIGITS_MAX && chunked->left <= INT64_MAX >> 4) {
        chunked->digits++;
        chunked->left = chunked->left << 4 | (uint64_t)digit;
        chunked->state = SIZE;
        if (chunked->left <= INT64_MAX - chunked->total)
            return;
    }
    fail(chunked, 400, "A chunk's size is too large.");
}

static void size_step(struct chunked *chunked, char c)
{
    int digit = ascii_hex(c);

    if (digit >= 0 && chunked->state != SIZE_BLANK)
        size_digit(chunked, digit);
    else if (chunked->state == SIZE_FIRST)
        fail(chunked, 400, "A chunk's size is no hexadecimal number.");
    else if (c == ';')
        chunked->state = EXTENSION;
    else if (c == ' ' || c == '\t')
        chunked->state = SIZE_BLANK;
    else if (c == '\r' && chunked->state == SIZE)
        chunked->state = SIZE_LF;
    else
        fail(chunked, 400, "A chunk's size is no hexadecimal number.");
    if (chunked->state == SIZE_BLANK && ++chunked->extensions > most(chunked, CHUNK_EXTENSIONS_MAX))
        fail(chunked, 400, "The chunk extensions are too long.");
}

static void extension_step(struct chunked *chunked, char c)
{
    if (c == '\r')
        chunked->state = SIZE_LF;
    else if (!is_text(c))
        fail(chunked, 400, "There is a control character in a chunk extension.");
    else if (++chunked->extensions > most(chunked, CHUNK_EXTENSIONS_MAX))
        fail(chunked, 400, "The chunk extensions are too long.");
}

static void size_end(struct chunked *chunked, char c)
{
    expect(chunked, c, '\n', chunked->left ? CONTENT : TRAILER_FIRST);
    chunked->digits = 0;
}

static void trailer_step(struct chunked *chunked, char c)
{
    if (c == '\r' && chunked->state == TRAILER_FIRST)
        chunked->state = FINAL_LF;
    else if (c == '\r' && chunked->state == TRAILER_VALUE)
        chunked->state = TRAILER_LF;
    else if (c == ':' && chunked->state == TRAILER_NAME)
        chunked->state = TRAILER_VALUE;
    else if (chunked->state == TRAILER_VALUE ? !is_text(c) : !char_is_token((unsigned char)c))
        fail(chunked, 400, "A trailer field is malformed.");
    else if (chunked->state == TRAILER_FIRST)
        chunked->state = TRAILER_NAME;
    if (chunked->state != BROKEN && ++chunked->trailers > most(chunked, CHUNK_TRAILERS_MAX))
        fail(chunked, 431, "The trailer fields are too long.");
}

static void frame_step(struct chunked *chunked, char c)
{
    switch ((enum state)chunked->state) {
    case SIZE_FIRST:
    case SIZE:
    case SIZE_BLANK:
        size_step(chunked, c);
        break;
    case EXTENSION:
        extension_step(chunked, c);
        break;
    case SIZE_LF:
        size_end(chunked, c);
        break;
    case CONTENT_CR:
        expect(chunked, c, '\r', CONTENT_LF);
        break;
    case CONTENT_LF:
        expect(chunked, c, '\n', SIZE_FIRST);
        break;
    case TRAILER_FIRST:
    case TRAILER_NAME:
    case TRAILER_VALUE:
        trailer_step(chunked, c);
        break;
    case TRAILER_LF:
        expect(chunked, c, '\n', TRAILER_FIRST);
        break;
    case FINAL_LF:
        expect(chunked, c, '\n', ENDED);
        break;
    case CONTENT:
    case ENDED:
    case BROKEN:
        assert(!"reached only by octets of framing");
    }
}

enum chunk_step chunked_feed(struct chunked *chunked, struct slice in, size_t *used, struct slice *data)
{
    size_t at = 0;

    *data = SLICE_NONE;
    while (at < in.len && chunked->state != CONTENT && chunked->state != ENDED && chunked->state != BROKEN)
        frame_step(chunked, in.ptr[at++]);
    *used = at;
    if (chunked->state == BROKEN)
        return CHUNK_BAD;
    if (chunked->state == ENDED)
        return CHUNK_END;
    if (chunked->state != CONTENT || at == in.len)
        return CHUNK_MORE;
    *data = slice_from(in, at);
    if (data->len > chunked->left)
        data->len = (size_t)chunked->left;
    chunked->left -= data->len;
    chunked->total += data->len;
    if (chunked->left == 0)
        chunked->state = CONTENT_CR;
    *used = at + data->len;
    return CHUNK_DATA;
}

size_t chunk_frame(char out[CHUNK_FRAME_MAX], uint64_t len)
{
    int shift = 60;
    size_t at = 0;

    while (shift > 0 && !(len >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        out[at++] = "0123456789abcdef"[len >> shift & 15];
    out[at++] = '\r';
    out[at++] = '\n';
    return at;
}
