/*
 * etag.c - entity tags.
 */
#include "http/etag.h"

/* etagc of RFC 9110 §8.8.3; no backslash escapes */
static bool is_etag_char(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c <= 0x7e) || c >= 0x80;
}

/* A tag at the start of text: its length with quotes, 0 if there is none. */
static size_t etag_take(struct slice text, struct etag *out)
{
    size_t start = slice_starts(text, SLICE("W/")) ? 2 : 0, end;

    if (start >= text.len || text.ptr[start] != '"')
        return 0;
    for (end = start + 1; end < text.len && is_etag_char((unsigned char)text.ptr[end]);)
        end++;
    if (end == text.len || text.ptr[end] != '"')
        return 0;
    *out = (struct etag){slice_of(text.ptr + start + 1, end - start - 1), start > 0};
    return end + 1;
}

bool etag_parse(struct slice text, struct etag *out)
{
    return text.len > 0 && etag_take(text, out) == text.len;
}

static bool is_between(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

enum etag_step etag_next(struct slice *rest, struct etag *out)
{
    size_t len;

    while (rest->len && is_between(rest->ptr[0]))
        *rest = slice_from(*rest, 1);
    if (rest->len == 0)
        return ETAG_END;
    len = etag_take(*rest, out);
    if (len == 0)
        return ETAG_BAD;
    *rest = slice_trim(slice_from(*rest, len));
    return rest->len == 0 || rest->ptr[0] == ',' ? ETAG_ONE : ETAG_BAD;
}

enum { FORM_HEX = 8 };

static bool is_form_hex(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') || (text.ptr[i] >= 'a' && text.ptr[i] <= 'f')))
            return false;
    return text.len == FORM_HEX;
}

/* Without the codings' names a tag of somebody else's making, of the same shape, would be cut, too. */
struct slice etag_form(struct slice tag)
{
    static const struct slice codings[] = {SLICE_INIT("-br-"), SLICE_INIT("-dcz-"), SLICE_INIT("-gzip-"),
                                           SLICE_INIT("-zstd-")};

    for (unsigned i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
        size_t len = codings[i].len + FORM_HEX;
        struct slice end = tag.len > len ? slice_from(tag, tag.len - len) : SLICE_NONE;

        if (end.len && slice_starts(end, codings[i]) && is_form_hex(slice_from(end, codings[i].len)))
            return end;
    }
    return SLICE_NONE;
}

struct slice etag_content(struct slice tag)
{
    return slice_upto(tag, tag.len - etag_form(tag).len);
}

bool etag_matches_strongly(struct etag tag, const struct validators *current)
{
    return !tag.is_weak && !current->is_weak && etag_matches_weakly(tag, current);
}

/* A representation without a tag has an empty text here, which no listed tag may match, `""` neither. */
bool etag_matches_weakly(struct etag tag, const struct validators *current)
{
    return current->exists && current->tag.len > 0 &&
           (slice_eq(tag.text, current->tag) ||
            (current->is_for_change && slice_eq(etag_content(tag.text), current->tag)));
}

void etag_write(struct buf *out, const struct validators *current)
{
    if (current->tag.len == 0)
        return;
    buf_add_str(out, current->is_weak ? "W/\"" : "\"");
    buf_add(out, current->tag);
    buf_add_char(out, '"');
}
