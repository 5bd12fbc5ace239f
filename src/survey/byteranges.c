/*
 * byteranges.c - one pass over the parts; each ends where its Content-Range says, so that no data is searched.
 */
#include "byteranges.h"

#include "http/field.h"

enum { BOUNDARY_MAX = 70 };

bool byteranges_begin(struct slice type, struct slice body, struct byteranges *out)
{
    struct slice rest = type, name, value;

    *out = (struct byteranges){.rest = body};
    if (!slice_starts_nocase(type, SLICE("multipart/byteranges")))
        return false;
    rest = slice_from(rest, slice_index(rest, ';'));
    while (param_next(&rest, &name, &value))
        if (slice_eq_nocase(name, SLICE("boundary")))
            out->boundary = value;
    return out->boundary.len > 0 && out->boundary.len <= BOUNDARY_MAX;
}

static bool eat(struct slice *rest, struct slice text)
{
    if (!slice_starts(*rest, text))
        return false;
    *rest = slice_from(*rest, text.len);
    return true;
}

/* "--boundary" at the start of a line; before the first one there may be anything else. */
static bool delimiter_eat(struct byteranges *parts)
{
    if (parts->has_begun && !eat(&parts->rest, SLICE("\r\n")))
        return false;
    while (!parts->has_begun && parts->rest.len) {
        struct slice at = parts->rest;

        if (eat(&at, SLICE("--")) && slice_starts(at, parts->boundary))
            break;
        parts->rest = slice_from(parts->rest, slice_index(parts->rest, '\n') + 1);
    }
    parts->has_begun = true;
    return eat(&parts->rest, SLICE("--")) && eat(&parts->rest, parts->boundary);
}

/* One line of a part's head, without its end; false: there is no more. */
static bool line_eat(struct slice *rest, struct slice *line)
{
    size_t end = slice_index(*rest, '\n');

    if (end == rest->len)
        return false;
    *line = slice_upto(*rest, end);
    if (slice_ends(*line, SLICE("\r")))
        line->len--;
    *rest = slice_from(*rest, end + 1);
    return true;
}

static void field_read(struct slice line, struct byterange *out)
{
    struct slice name, value;

    if (!slice_cut(line, ':', &name, &value))
        return;
    value = slice_trim(value);
    if (slice_eq_nocase(name, SLICE("Content-Type")))
        out->type = value;
    if (slice_eq_nocase(name, SLICE("Content-Range")))
        out->has_range = content_range_parse(value, &out->range) == ERR_NONE && out->range.has_length;
}

bool byteranges_next(struct byteranges *parts, struct byterange *out)
{
    struct slice line;
    uint64_t length;

    *out = (struct byterange){0};
    if (!delimiter_eat(parts))
        return false;
    if (eat(&parts->rest, SLICE("--"))) {
        parts->has_ended = true;
        return false;
    }
    while (parts->rest.len && (parts->rest.ptr[0] == ' ' || parts->rest.ptr[0] == '\t'))
        parts->rest = slice_from(parts->rest, 1);
    if (!eat(&parts->rest, SLICE("\r\n")))
        return false;
    while (line_eat(&parts->rest, &line) && line.len)
        field_read(line, out);
    if (!out->has_range)
        return false;
    length = out->range.last - out->range.first + 1;
    if (length > parts->rest.len)
        return false;
    out->data = slice_upto(parts->rest, (size_t)length);
    parts->rest = slice_from(parts->rest, (size_t)length);
    return true;
}
