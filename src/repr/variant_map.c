/*
 * variant_map.c - reading type maps.
 */
#include "repr/variant_map.h"

#include "http/field.h"
#include "http/head_line.h"

enum { URI_MAX = 1024, TEXT_MAX = 512 }; /* of one field: all of them together go into one field of an answer */

struct map_reader {
    struct slice text;
    size_t at;
    unsigned line; /* of what was read last, from 1 */
    struct arena *arena;
    struct buf *why;
    struct map_variant record;
    bool has_attribute; /* beside its URI: it is a variant */
    bool has_fallback;
};

static bool wrong(struct map_reader *reader, const char *what)
{
    if (!reader->why->len)
        buf_printf(reader->why, "line %u: %s", reader->line, what);
    return false;
}

/* ---- lines ---- */

/* Without its end. False: there are no more. */
static bool line_next(struct map_reader *reader, struct slice *line)
{
    struct slice rest = slice_from(reader->text, reader->at);

    if (!rest.len)
        return false;
    *line = slice_upto(rest, slice_index(rest, '\n'));
    reader->at += line->len + (line->len < rest.len);
    reader->line++;
    if (slice_ends(*line, SLICE("\r")))
        line->len--;
    return true;
}

static bool is_text(struct map_reader *reader, struct slice line)
{
    return control_find(line.ptr, line.len) == line.len || wrong(reader, "there is a control character in it");
}

/* The lines that go on with the one before. */
static struct slice rest_of_value(struct map_reader *reader, struct slice value)
{
    while (!reader->why->len) {
        size_t at = reader->at;
        unsigned number = reader->line;
        struct slice line = SLICE_NONE;

        if (at >= reader->text.len || (reader->text.ptr[at] != ' ' && reader->text.ptr[at] != '\t') ||
            value.len > TEXT_MAX)
            return value;
        line_next(reader, &line);
        if (!slice_trim(line).len) { /* an empty line is none that goes on */
            reader->at = at;
            reader->line = number;
            return value;
        }
        if (is_text(reader, line))
            value = slice_trim(arena_printf(reader->arena, "%.*s %.*s", SLICE_FMT(value), SLICE_FMT(slice_trim(line))));
    }
    return value;
}

/* ---- fields ---- */

static bool once(struct map_reader *reader, struct slice *place, struct slice value)
{
    if (place->len)
        return wrong(reader, "this is said twice of one variant");
    *place = value;
    return true;
}

static bool digit_take(struct slice *rest, unsigned *digit)
{
    if (!rest->len || rest->ptr[0] < '0' || rest->ptr[0] > '9')
        return false;
    *digit = (unsigned)(rest->ptr[0] - '0');
    *rest = slice_from(*rest, 1);
    return true;
}

/* More decimals than three are rounded: Apache's users have some. */
static bool qs_read(struct slice text, unsigned *thousandths)
{
    enum { TENTHS_OF_THOUSANDTHS = 10000 };
    unsigned whole = 0, part = 0, digit, scale = TENTHS_OF_THOUSANDTHS;
    bool is_empty = true;

    for (; digit_take(&text, &digit); is_empty = false)
        whole = whole < 2 ? whole * 10 + digit : whole;
    if (char_take(&text, '.'))
        for (; digit_take(&text, &digit); is_empty = false)
            part += digit * (scale /= 10);
    *thousandths = whole * 1000 + (part + 5) / 10;
    return !is_empty && !text.len && whole * TENTHS_OF_THOUSANDTHS + part <= TENTHS_OF_THOUSANDTHS;
}

static bool type_param(struct map_reader *reader, struct slice name, struct slice value)
{
    struct variant *variant = &reader->record.variant;

    if (slice_eq_nocase(name, SLICE("charset")))
        return is_token(value) ? once(reader, &variant->charset, value) : wrong(reader, "charset must be a name");
    if (slice_eq_nocase(name, SLICE("qs")))
        return qs_read(value, &variant->quality) || wrong(reader, "qs must be a number from 0 to 1");
    if (!is_token(name) || !is_token(value))
        return wrong(reader, "this parameter of the type is none");
    variant->type =
        arena_printf(reader->arena, "%.*s;%.*s=%.*s", SLICE_FMT(variant->type), SLICE_FMT(name), SLICE_FMT(value));
    return true;
}

static bool type_read(struct map_reader *reader, struct slice value)
{
    struct slice params = slice_from(value, slice_index(value, ';')), main, sub, name, content;
    struct slice type = slice_trim(slice_upto(value, slice_index(value, ';')));

    if (!slice_cut(type, '/', &main, &sub) || !is_token(main) || !is_token(sub))
        return wrong(reader, "Content-Type must be a media type such as text/html");
    if (!once(reader, &reader->record.variant.type, type))
        return false;
    while (param_next(&params, &name, &content))
        if (!type_param(reader, name, content))
            return false;
    return !params.len || wrong(reader, "a parameter of the type has no value");
}

static bool is_tag(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] | 32) >= 'a' && (text.ptr[i] | 32) <= 'z') && !(text.ptr[i] >= '0' && text.ptr[i] <= '9') &&
            text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

static bool language_read(struct map_reader *reader, struct slice value)
{
    struct variant *variant = &reader->record.variant;

    if (variant->language_count)
        return wrong(reader, "this is said twice of one variant");
    for (struct slice member; list_next(&value, &member);) {
        if (!is_tag(member))
            return wrong(reader, "Content-Language must be tags such as en, fr");
        if (variant->language_count == VARIANT_LANGUAGES_MAX)
            return wrong(reader, "a variant has no more than 8 languages");
        variant->languages[variant->language_count++] = member;
    }
    return true;
}

/* gzip is what x-gzip is (RFC 9110 §8.4.1). */
static bool coding_read(struct map_reader *reader, struct slice value)
{
    if (slice_starts_nocase(value, SLICE("x-")))
        value = slice_from(value, 2);
    if (!is_token(value))
        return wrong(reader, "Content-Encoding must be one coding such as gzip");
    if (slice_eq_nocase(value, SLICE("identity")))
        return true;
    return once(reader, &reader->record.coding, arena_lower(reader->arena, value));
}

/* A description is a quoted string in Alternates, perhaps with a language behind it; or just a text. */
static bool description_read(struct map_reader *reader, struct slice value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && slice_ends(value, SLICE("\"")))
        value = quoted_text(slice_of(value.ptr + 1, value.len - 2), reader->arena);
    return once(reader, &reader->record.variant.description, value);
}

static bool body_read(struct map_reader *reader, struct slice mark)
{
    struct slice line;
    size_t end;

    if (!mark.len)
        return wrong(reader, "Body needs a mark behind it, which stands again in the line after its end");
    if (reader->record.has_body)
        return wrong(reader, "this is said twice of one variant");
    reader->record.has_body = true;
    reader->record.body_at = reader->at;
    for (end = reader->at; line_next(reader, &line); end = reader->at)
        if (slice_starts(line, mark)) {
            reader->record.body_len = end - reader->record.body_at;
            return true;
        }
    return wrong(reader, "a Body has no end: its mark does not stand in a line of its own again");
}

static bool fallback_read(struct map_reader *reader, struct slice value)
{
    bool is_on = slice_eq_nocase(value, SLICE("on"));

    if (!is_on && !slice_eq_nocase(value, SLICE("off")))
        return wrong(reader, "Fallback must be on or off");
    if (is_on && reader->has_fallback)
        return wrong(reader, "there is a fallback already");
    reader->record.variant.is_fallback = is_on;
    reader->has_fallback |= is_on;
    return true;
}

static bool length_read(struct map_reader *reader, struct slice value)
{
    uint64_t length;

    return slice_u64(value, &length) || wrong(reader, "Content-Length must be a number");
}

/* Braces end an attribute, and quotes begin a string: what is none would break the field. */
static bool features_read(struct map_reader *reader, struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (strchr("{}\"\\", value.ptr[i]))
            return wrong(reader, "Features must be a list such as tables frames;-0.5");
    return once(reader, &reader->record.variant.features, value);
}

static bool field_read(struct map_reader *reader, struct slice name, struct slice value)
{
    static const struct {
        const char *name;
        bool (*read)(struct map_reader *reader, struct slice value);
    } rows[] = {
        {"Content-Type", type_read},     {"Content-Language", language_read}, {"Content-Encoding", coding_read},
        {"Content-Length", length_read}, {"Description", description_read},   {"Body", body_read},
        {"Features", features_read},     {"Fallback", fallback_read},
    };

    if (slice_eq_nocase(name, SLICE("URI"))) {
        if (!value.len || value.len > URI_MAX)
            return wrong(reader, "URI must be an address of 1024 octets at most");
        return once(reader, &reader->record.variant.uri, value);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (slice_eq_nocase(name, slice_str(rows[i].name))) {
            reader->has_attribute = true;
            return rows[i].read(reader, value);
        }
    return true; /* somebody else's */
}

/* ---- records ---- */

static void record_begin(struct map_reader *reader)
{
    reader->record = (struct map_variant){.variant.quality = 1000};
    reader->has_attribute = false;
}

static bool record_end(struct map_reader *reader, struct variant_map *out)
{
    struct map_variant *record = &reader->record;

    if (reader->has_attribute) {
        if (!record->variant.uri.len && !record->has_body)
            return wrong(reader, "the variant that ends here has neither a URI nor a Body");
        if (out->count == VARIANTS_MAX)
            return wrong(reader, "there are more than 100 variants");
        out->list[out->count++] = *record;
    }
    record_begin(reader);
    return true;
}

static bool line_read(struct map_reader *reader, struct slice line)
{
    struct slice name, value;

    if (!is_text(reader, line))
        return false;
    if (!slice_cut(line, ':', &name, &value) || !is_token(slice_trim(name)))
        return wrong(reader, "a line must be a field and its value, such as URI: page.en.html");
    if (!reader->record.line)
        reader->record.line = reader->line;
    value = rest_of_value(reader, slice_trim(value));
    if (reader->why->len)
        return false;
    if (value.len > TEXT_MAX && !slice_eq_nocase(slice_trim(name), SLICE("URI")))
        return wrong(reader, "this is longer than 512 octets");
    return field_read(reader, slice_trim(name), value);
}

bool variant_map_read(struct slice text, struct arena *arena, struct variant_map *out, struct buf *why)
{
    struct map_reader reader = {.text = text, .arena = arena, .why = why};

    out->count = 0;
    record_begin(&reader);
    for (struct slice line; line_next(&reader, &line);) {
        if (slice_starts(line, SLICE("#")))
            continue;
        if (!(slice_trim(line).len ? line_read(&reader, line) : record_end(&reader, out)))
            return false;
    }
    return record_end(&reader, out);
}
