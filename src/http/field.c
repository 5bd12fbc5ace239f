/*
 * field.c - tokens, lists, parameters and weights.
 */
#include <string.h>

#include "http/field.h"

/* tchar of RFC 9110 §5.6.2 */
static const bool token_chars[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
    ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['^'] = 1,         ['_'] = 1,
    ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

bool char_is_token(unsigned char c)
{
    return token_chars[c];
}

bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!token_chars[(unsigned char)text.ptr[i]])
            return false;
    return text.len > 0;
}

/* Octets up to the first of the two outside of quoted strings. */
static size_t upto_unquoted(struct slice text, char stop)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        if (quoted && text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            quoted = !quoted;
        else if (!quoted && text.ptr[i] == stop)
            return i;
    }
    return text.len;
}

bool list_next(struct slice *rest, struct slice *member)
{
    while (rest->len) {
        size_t len = upto_unquoted(*rest, ',');

        *member = slice_trim(slice_upto(*rest, len));
        *rest = slice_from(*rest, len + 1);
        if (member->len)
            return true;
    }
    return false;
}

bool list_has(struct slice list, struct slice token)
{
    for (struct slice member; list_next(&list, &member);)
        if (slice_eq_nocase(member, token))
            return true;
    return false;
}

/* "quoted" or a token-like rest; false when a quote is left open or something follows it. */
static bool value_unquote(struct slice text, struct slice *value)
{
    size_t i = 1;

    *value = text;
    if (text.len == 0 || text.ptr[0] != '"')
        return true;
    while (i < text.len && text.ptr[i] != '"')
        i += text.ptr[i] == '\\' ? 2 : 1;
    if (i + 1 != text.len)
        return false;
    *value = slice_of(text.ptr + 1, i - 1);
    return true;
}

bool param_next(struct slice *rest, struct slice *name, struct slice *value)
{
    struct slice text = slice_trim(*rest), one;
    size_t len;

    /* empty parameters (";;") are skipped: RFC 9110 §5.6.6 lets them be */
    while (text.len && text.ptr[0] == ';')
        text = slice_trim(slice_from(text, 1));
    *rest = text;
    if (text.len == 0)
        return false;
    len = upto_unquoted(text, ';');
    one = slice_trim(slice_upto(text, len));
    *name = one;
    *value = SLICE_NONE;
    if (slice_cut(one, '=', name, value) && !value_unquote(*value, value))
        return false;
    if (!is_token(*name))
        return false;
    *rest = slice_from(text, len);
    return true;
}

struct slice quoted_text(struct slice inside, struct arena *arena)
{
    char *text;
    size_t len = 0;

    if (slice_index(inside, '\\') == inside.len)
        return inside;
    text = arena_alloc(arena, inside.len);
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.ptr[i] == '\\' && i + 1 < inside.len)
            i++;
        text[len++] = inside.ptr[i];
    }
    return slice_of(text, len);
}

void quoted_write(struct buf *out, struct slice text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}

void blanks_take(struct slice *rest)
{
    while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
        *rest = slice_from(*rest, 1);
}

bool char_take(struct slice *rest, char c)
{
    blanks_take(rest);
    if (!rest->len || rest->ptr[0] != c)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

bool quality_parse(struct slice text, unsigned *thousandths)
{
    unsigned value, scale = 100;

    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
        return false;
    if (text.len > 1 && text.ptr[1] != '.')
        return false;
    value = text.ptr[0] == '1' ? 1000 : 0;
    for (size_t i = 2; i < text.len; i++, scale /= 10) {
        if (!ascii_is_digit(text.ptr[i]))
            return false;
        value += (unsigned)(text.ptr[i] - '0') * scale;
    }
    if (value > 1000)
        return false;
    *thousandths = value;
    return true;
}
