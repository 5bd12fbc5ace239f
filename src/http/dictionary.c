/*
 * dictionary.c - Available-Dictionary, Use-As-Dictionary.
 */
#include "http/dictionary.h"

#include "base/base64.h"
#include "http/field.h"

enum { BASE64_MAX = 4 * ((DICTIONARY_HASH + 2) / 3) };

bool available_dictionary_read(struct slice value, unsigned char hash[DICTIONARY_HASH])
{
    unsigned char octets[BASE64_ROOM(BASE64_MAX)];
    struct slice text, rest;
    size_t len;
    bool stray;

    value = slice_trim(value);
    if (!slice_starts(value, SLICE(":")) || !slice_cut(slice_from(value, 1), ':', &text, &rest))
        return false;
    if (rest.len && rest.ptr[0] != ';') /* parameters mean nothing here */
        return false;
    base64_unpad(&text);
    if (text.len > BASE64_MAX || !base64_decode(text, BASE64_PADDED, octets, &len, &stray) || len != DICTIONARY_HASH)
        return false;
    memcpy(hash, octets, DICTIONARY_HASH);
    return true;
}

static bool is_printable(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

/* A parenthesis that is not escaped begins a regular expression. */
static bool has_expression(struct slice match)
{
    for (size_t i = 0; i < match.len; i++) {
        if (match.ptr[i] == '\\')
            i++;
        else if (match.ptr[i] == '(')
            return true;
    }
    return false;
}

bool dictionary_match_is_good(struct slice match)
{
    return match.len <= DICTIONARY_MATCH_MAX && slice_starts(match, SLICE("/")) && !slice_starts(match, SLICE("//")) &&
           is_printable(match) && !has_expression(match);
}

bool dictionary_id_is_good(struct slice id)
{
    return id.len <= DICTIONARY_ID_MAX && is_printable(id);
}

static void id_write(struct buf *out, struct slice id)
{
    if (id.len) {
        buf_add_str(out, ", id=");
        quoted_write(out, id);
    }
}

void use_as_dictionary_write(struct buf *out, struct slice match, struct slice id)
{
    buf_add_str(out, "match=");
    quoted_write(out, match);
    id_write(out, id);
}

/* The backslash that escapes is escaped itself, as it stands in a String. */
void use_as_dictionary_write_self(struct buf *out, struct slice address, struct slice id)
{
    static const char syntax[] = "*+?:{}()";

    if (!is_printable(address))
        return;
    buf_add_str(out, "match=\"");
    for (size_t i = 0; i < address.len; i++) {
        if (strchr(syntax, address.ptr[i]))
            buf_add_str(out, "\\\\");
        else if (address.ptr[i] == '\\' || address.ptr[i] == '"')
            buf_add_str(out, address.ptr[i] == '"' ? "\\" : "\\\\\\");
        buf_add_char(out, address.ptr[i]);
    }
    buf_add_char(out, '"');
    id_write(out, id);
}
