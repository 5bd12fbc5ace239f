/*
 * base64.c - octets as letters.
 */
#include "base64.h"

static const char alphabets[][65] = {
    [BASE64_PADDED] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

static int value_of(char c, enum base64_form form)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabets[form][62])
        return 62;
    return c == alphabets[form][63] ? 63 : -1;
}

bool base64_decode(struct slice text, enum base64_form form, unsigned char *out, size_t *out_len, bool *stray)
{
    uint32_t bits = 0;
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i], form);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) /* the 2nd, 3rd and 4th letter complete an octet, with 4, 2 and 0 bits left over */
            out[len++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    *out_len = len;
    *stray = text.len % 4 != 0 && (bits & (text.len % 4 == 2 ? 0xfu : 0x3u)) != 0;
    return text.len % 4 != 1;
}

bool base64_unpad(struct slice *text)
{
    bool is_whole = text->len % 4 == 0;

    for (int i = 0; i < 2 && slice_ends(*text, SLICE("=")); i++)
        text->len--;
    return is_whole;
}

void base64_encode(struct buf *out, const unsigned char *octets, size_t len, enum base64_form form)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t bits =
            (uint32_t)octets[i] << 16 | (left > 1 ? (uint32_t)octets[i + 1] << 8 : 0) | (left > 2 ? octets[i + 2] : 0);

        for (size_t k = 0; k <= (left < 3 ? left : 3); k++)
            buf_add_char(out, alphabets[form][bits >> (18 - 6 * k) & 63]);
        for (size_t k = left; form == BASE64_PADDED && k < 3; k++)
            buf_add_char(out, '=');
    }
}
