/*
 * form.c - a form's content is taken apart.
 *
 * Stricter than browsers need: what they never send is refused rather than guessed at. Each field is one line of text.
 */
#include "form.h"

/* The length of the character that begins here, 0 for none: a control, or no UTF-8 (Unicode 15, table 3-7). */
static size_t character(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first, last, low, high; /* the first octet's range, and the second's */
        size_t len;
    } rows[] = {
        {0x20, 0x7e, 0, 0, 1},       {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
        {0xc2, 0xc2, 0xa0, 0xbf, 2}, /* not U+0080 to U+009F */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (at[0] < rows[i].first || at[0] > rows[i].last || rows[i].len > left)
            continue;
        if (rows[i].len > 1 && (at[1] < rows[i].low || at[1] > rows[i].high))
            return 0;
        for (size_t k = 2; k < rows[i].len; k++)
            if (at[k] < 0x80 || at[k] > 0xbf)
                return 0;
        return rows[i].len;
    }
    return 0;
}

static bool is_text(struct slice text)
{
    size_t len;

    for (size_t i = 0; i < text.len; i += len)
        if (!(len = character((const unsigned char *)text.ptr + i, text.len - i)))
            return false;
    return true;
}

/* Decodes in place; the text never grows. False: a wrong `%`. */
static bool decode(char *at, size_t len, struct slice *out)
{
    size_t to = 0;

    for (size_t i = 0; i < len; i++) {
        char c = at[i] == '+' ? ' ' : at[i];

        if (c == '%') {
            int high = i + 2 < len ? ascii_hex(at[i + 1]) : -1, low = i + 2 < len ? ascii_hex(at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        at[to++] = c;
    }
    *out = slice_of(at, to);
    return is_text(*out);
}

static bool take_field(char *at, size_t len, struct form *out)
{
    struct form_field field;
    size_t equals = slice_index(slice_of(at, len), '=');
    size_t value = equals < len ? equals + 1 : len;
    bool is_there;

    if (len == 0)
        return true;
    if (out->count == FORM_FIELDS_MAX || !decode(at, equals, &field.name) ||
        !decode(at + value, len - value, &field.value))
        return false;
    form_value(out, field.name, &is_there);
    if (is_there)
        return false;
    out->fields[out->count++] = field;
    return true;
}

bool form_parse(char *bytes, size_t len, struct form *out)
{
    *out = (struct form){0};
    while (len) {
        size_t end = slice_index(slice_of(bytes, len), '&');

        if (!take_field(bytes, end, out))
            return false;
        if (end == len)
            break;
        bytes += end + 1;
        len -= end + 1;
    }
    return true;
}

struct slice form_value(const struct form *form, struct slice name, bool *is_there)
{
    if (is_there)
        *is_there = false;
    for (unsigned i = 0; i < form->count; i++)
        if (slice_eq(form->fields[i].name, name)) {
            if (is_there)
                *is_there = true;
            return form->fields[i].value;
        }
    return SLICE_NONE;
}
