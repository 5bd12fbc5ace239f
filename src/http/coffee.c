/*
 * coffee.c - see coffee.h.
 */
#include "http/coffee.h"

enum { WORD_MAX = 64 }; /* octets, decoded; the longest has 18 */

/* Small letters. The German one begins with a capital K, which its encoding is to keep; case is ignored all the same.
 */
static const char *const words[] = {
    "koffie",                                           /* Afrikaans, Dutch */
    "q\xc3\xa6hv\xc3\xa6",                              /* Azerbaijani */
    "\xd9\x82\xd9\x87\xd9\x88\xd8\xa9",                 /* Arabic */
    "akeita",                                           /* Basque */
    "koffee",                                           /* Bengali */
    "kahva",                                            /* Bosnian */
    "kafe",                                             /* Bulgarian, Czech */
    "caf\xc3\xa8",                                      /* Catalan; */
    "caf\xc3\xa9",                                      /* French, Galician; */
    "caf\xc3\xe8",                                      /* and all three as the RFC writes them: no UTF-8 */
    "\xe5\x92\x96\xe5\x95\xa1",                         /* Chinese */
    "kava",                                             /* Croatian */
    "k\xc3\xa1va",                                      /* Czech */
    "kaffe",                                            /* Danish, Norwegian, Swedish */
    "coffee",                                           /* English */
    "kafo",                                             /* Esperanto */
    "kohv",                                             /* Estonian */
    "kahvi",                                            /* Finnish */
    "kaffee",                                           /* German */
    "\xce\xba\xce\xb1\xcf\x86\xce\xad",                 /* Greek */
    "\xe0\xa4\x95\xe0\xa5\x8c\xe0\xa4\xab\xe0\xa5\x80", /* Hindi */
    "\xe3\x82\xb3\xe3\x83\xbc\xe3\x83\x92\xe3\x83\xbc", /* Japanese */
    "\xec\xbb\xa4\xed\x94\xbc",                         /* Korean */
    "\xd0\xba\xd0\xbe\xd1\x84\xd0\xb5",                 /* Russian */
    "\xe0\xb8\x81\xe0\xb8\xb2\xe0\xb9\x81\xe0\xb8\x9f", /* Thai */
};

/* False: too long for a word of ours, or a wrong `%`. */
static bool decode(struct slice text, unsigned char out[WORD_MAX], size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int high = -1, low = -1;

        if (*len == WORD_MAX)
            return false;
        if (text.ptr[i] != '%') {
            out[(*len)++] = (unsigned char)text.ptr[i];
            continue;
        }
        if (i + 2 < text.len) {
            high = ascii_hex(text.ptr[i + 1]);
            low = ascii_hex(text.ptr[i + 2]);
        }
        if (high < 0 || low < 0)
            return false;
        out[(*len)++] = (unsigned char)(high * 16 + low);
        i += 2;
    }
    return true;
}

/* The small letter of one that two octets of UTF-8 make: of the scripts above those that have capitals. */
static unsigned fold(unsigned letter)
{
    if ((letter >= 0xc0 && letter <= 0xde && letter != 0xd7) || (letter >= 0x391 && letter <= 0x3a9) ||
        (letter >= 0x410 && letter <= 0x42f))
        return letter + 0x20;
    return letter == 0x388 ? 0x3ad : letter; /* the Greek epsilon with its accent */
}

static void lower(unsigned char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned letter;

        if (text[i] < 0x80) {
            text[i] = (unsigned char)ascii_lower((char)text[i]);
            continue;
        }
        if ((text[i] & 0xe0) != 0xc0 || i + 1 == len || (text[i + 1] & 0xc0) != 0x80)
            continue;
        letter = fold((text[i] & 0x1fu) << 6 | (text[i + 1] & 0x3fu));
        text[i] = (unsigned char)(0xc0 | letter >> 6);
        text[++i] = (unsigned char)(0x80 | (letter & 0x3f));
    }
}

bool coffee_scheme(struct slice scheme)
{
    unsigned char text[WORD_MAX];
    size_t len;

    if (!decode(scheme, text, &len))
        return false;
    lower(text, len);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_eq(slice_of((const char *)text, len), slice_str(words[i])))
            return true;
    return false;
}
