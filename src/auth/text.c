/*
 * text.c - whether octets are fit to be a name or a password.
 */
#include "scheme.h"

/* How many octets follow a first one, and the smallest code point that may be written so; -1: no first octet. */
static int utf8_tail(unsigned char first, uint32_t *bits, uint32_t *least)
{
    if (first < 0x80) {
        *bits = first;
        *least = 0;
        return 0;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        *bits = first & 0x1fu;
        *least = 0x80;
        return 1;
    }
    if (first >= 0xe0 && first <= 0xef) {
        *bits = first & 0x0fu;
        *least = 0x800;
        return 2;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        *bits = first & 0x07u;
        *least = 0x10000;
        return 3;
    }
    return -1;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

bool text_is_plain(struct slice text)
{
    size_t i = 0;

    while (i < text.len) {
        uint32_t point, least;
        int tail = utf8_tail((unsigned char)text.ptr[i++], &point, &least);

        if (tail < 0 || (size_t)tail > text.len - i)
            return false;
        for (; tail > 0; tail--) {
            unsigned char c = (unsigned char)text.ptr[i++];

            if ((c & 0xc0) != 0x80)
                return false;
            point = point << 6 | (c & 0x3fu);
        }
        /* overlong forms and surrogates are no UTF-8: RFC 3629 §3 */
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || is_control(point))
            return false;
    }
    return true;
}
