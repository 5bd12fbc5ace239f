/*
 * alternates.c - variant descriptions as Alternates has them (RFC 2295 §5.1, §8.3).
 */
#include "http/field.h"
#include "http/head_line.h"
#include "http/variant.h"

/* ---- reading ---- */

/* The inside of a quoted string, escapes still in it. */
static bool quoted_take(struct slice *rest, struct slice *inside)
{
    size_t len = 0;

    if (!char_take(rest, '"'))
        return false;
    while (len < rest->len && rest->ptr[len] != '"')
        len += rest->ptr[len] == '\\' && len + 1 < rest->len ? 2 : 1;
    if (len >= rest->len)
        return false;
    *inside = slice_upto(*rest, len);
    *rest = slice_from(*rest, len + 1);
    return true;
}

static bool token_take(struct slice *rest, struct slice *token)
{
    size_t len = 0;

    blanks_take(rest);
    while (len < rest->len && char_is_token((unsigned char)rest->ptr[len]))
        len++;
    *token = slice_upto(*rest, len);
    *rest = slice_from(*rest, len);
    return len > 0;
}

/* Up to the brace that ends it, which is taken; quoted strings may have braces of their own. */
static bool inside_take(struct slice *rest, struct slice *inside)
{
    size_t len = 0;
    bool is_quoted = false;

    for (; len < rest->len && (is_quoted || rest->ptr[len] != '}'); len++) {
        if (rest->ptr[len] == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && rest->ptr[len] == '\\')
            len++;
    }
    if (len >= rest->len)
        return false;
    *inside = slice_trim(slice_upto(*rest, len));
    *rest = slice_from(*rest, len + 1);
    return true;
}

static bool once(struct slice *place, struct slice value)
{
    if (place->len || !value.len)
        return false;
    *place = value;
    return true;
}

static bool languages_read(struct slice inside, struct variant *out)
{
    if (out->language_count)
        return false;
    for (struct slice member; list_next(&inside, &member);) {
        if (out->language_count == VARIANT_LANGUAGES_MAX)
            return false;
        out->languages[out->language_count++] = member;
    }
    return out->language_count > 0;
}

static bool description_read(struct slice inside, struct arena *arena, struct variant *out)
{
    struct slice text;

    if (!quoted_take(&inside, &text) || !once(&out->description, quoted_text(text, arena)))
        return false;
    out->description_language = slice_trim(inside);
    return true;
}

static bool length_read(struct slice inside, struct variant *out)
{
    if (out->has_length || !slice_u64(inside, &out->length))
        return false;
    out->has_length = true;
    return true;
}

static bool attribute_read(struct slice name, struct slice inside, struct arena *arena, struct variant *out)
{
    if (slice_eq_nocase(name, SLICE("type")))
        return once(&out->type, inside);
    if (slice_eq_nocase(name, SLICE("charset")))
        return once(&out->charset, inside);
    if (slice_eq_nocase(name, SLICE("language")))
        return languages_read(inside, out);
    if (slice_eq_nocase(name, SLICE("length")))
        return length_read(inside, out);
    if (slice_eq_nocase(name, SLICE("features")))
        return once(&out->features, inside);
    if (slice_eq_nocase(name, SLICE("description")))
        return description_read(inside, arena, out);
    return true; /* somebody's extension */
}

/* "{"URI" 0.7 {type text/html} ...}", behind its first brace. */
static bool variant_take(struct slice *rest, struct arena *arena, struct variant *out)
{
    struct slice word, inside;

    *out = (struct variant){0};
    if (!quoted_take(rest, &word) || !once(&out->uri, quoted_text(word, arena)))
        return false;
    if (char_take(rest, '}')) {
        out->is_fallback = true;
        return true;
    }
    if (!token_take(rest, &word) || !quality_parse(word, &out->quality))
        return false;
    while (char_take(rest, '{'))
        if (!token_take(rest, &word) || !inside_take(rest, &inside) || !attribute_read(word, inside, arena, out))
            return false;
    return char_take(rest, '}');
}

/* `proxy-rvsa = "1.0"`, and what else has its form. */
static bool directive_take(struct slice *rest)
{
    struct slice word;

    if (!token_take(rest, &word))
        return false;
    return !char_take(rest, '=') || quoted_take(rest, &word) || token_take(rest, &word);
}

static bool has_fallback(const struct variant_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->list[i].is_fallback)
            return true;
    return false;
}

bool alternates_read(struct slice value, struct arena *arena, struct variant_list *out)
{
    struct variant variant;

    out->count = 0;
    if (control_find(value.ptr, value.len) != value.len) /* no field has any */
        return false;
    do {
        blanks_take(&value);
        if (!value.len || value.ptr[0] == ',')
            continue; /* an empty member */
        if (!char_take(&value, '{')) {
            if (!directive_take(&value))
                return false;
            continue;
        }
        if (out->count == VARIANTS_MAX || !variant_take(&value, arena, &variant) ||
            (variant.is_fallback && has_fallback(out)))
            return false;
        out->list[out->count++] = variant;
    } while (char_take(&value, ','));
    blanks_take(&value);
    return value.len == 0;
}

/* ---- writing ---- */

static void attribute_write(struct buf *out, const char *name, struct slice value)
{
    if (value.len)
        buf_printf(out, " {%s %.*s}", name, SLICE_FMT(value));
}

static void quality_write(struct buf *out, unsigned thousandths)
{
    unsigned digits = thousandths % 1000, places = 3;

    buf_printf(out, " %u", thousandths / 1000);
    if (!digits)
        return;
    for (; digits % 10 == 0; digits /= 10)
        places--;
    buf_printf(out, ".%0*u", (int)places, digits);
}

static void variant_write(struct buf *out, const struct variant *variant)
{
    buf_add_char(out, '{');
    quoted_write(out, variant->uri);
    if (!variant->is_fallback) {
        quality_write(out, variant->quality);
        attribute_write(out, "type", variant->type);
        attribute_write(out, "charset", variant->charset);
        for (unsigned i = 0; i < variant->language_count; i++)
            buf_printf(out, "%s%.*s", i ? ", " : " {language ", SLICE_FMT(variant->languages[i]));
        if (variant->language_count)
            buf_add_char(out, '}');
        if (variant->has_length)
            buf_printf(out, " {length %llu}", (unsigned long long)variant->length);
        attribute_write(out, "features", variant->features);
        if (variant->description.len) {
            buf_add_str(out, " {description ");
            quoted_write(out, variant->description);
            if (variant->description_language.len)
                buf_printf(out, " %.*s", SLICE_FMT(variant->description_language));
            buf_add_char(out, '}');
        }
    }
    buf_add_char(out, '}');
}

void alternates_write(struct buf *out, const struct variant *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (i)
            buf_add_str(out, ", ");
        variant_write(out, &list[i]);
    }
}
