/*
 * hints.c - hints out of their JSON. What is written badly is refused whole: half of a list would look like all of it.
 */
#include "hints.h"

#ifdef HAVE_JANSSON
#include <jansson.h>

#include "http/field.h"
#include "http/uri.h"

struct reading {
    struct arena *arena;
    struct buf *why;
    bool are_addresses;
};

static bool refuse(struct reading *reading, const char *what)
{
    buf_printf(reading->why, "hints: %s", what);
    return false;
}

/* A text of the object; "" without. False: it is none. */
static bool text_take(struct reading *reading, const json_t *object, const char *name, struct slice *out)
{
    const json_t *value = json_object_get(object, name);

    *out = SLICE_NONE;
    if (!value)
        return true;
    if (!json_is_string(value))
        return refuse(reading, "method, path and content are texts");
    *out = arena_slice(reading->arena, slice_of(json_string_value(value), json_string_length(value)));
    return true;
}

static bool is_field_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool fields_take(struct reading *reading, const json_t *object, struct hint *out)
{
    enum { FIELDS_MAX = 16 * 1024 };
    struct buf lines = BUF_INIT(FIELDS_MAX);
    const char *name;
    json_t *value;
    bool is_good = true;

    json_object_foreach((json_t *)object, name, value)
    {
        struct slice text = slice_of(json_string_value(value), json_string_length(value));

        if (!json_is_string(value) || !is_token(slice_str(name)) || !is_field_text(text))
            is_good = false;
        else if (slice_eq_nocase(slice_str(name), SLICE("Host")))
            out->host = arena_slice(reading->arena, text);
        else
            buf_printf(&lines, "%s: %.*s\r\n", name, SLICE_FMT(text));
    }
    out->fields = arena_slice(reading->arena, buf_slice(&lines));
    is_good &= !lines.overflown;
    buf_release(&lines);
    return is_good || refuse(reading, "fields are names and texts of fields");
}

static bool path_is_good(const struct reading *reading, struct slice path)
{
    if (!is_field_text(path) || slice_index(path, ' ') < path.len)
        return false;
    if (slice_starts(path, SLICE("/")))
        return true;
    return reading->are_addresses && (slice_starts(path, SLICE("http://")) || slice_starts(path, SLICE("https://")));
}

static bool hint_take(struct reading *reading, const json_t *object, struct hint *out)
{
    const json_t *code = json_object_get(object, "code"), *fields = json_object_get(object, "fields");

    *out = (struct hint){0};
    if (!json_is_object(object) || !json_is_integer(code))
        return refuse(reading, "each of \"codes\" is an object with a code");
    out->code = (int)(json_integer_value(code) > 0 && json_integer_value(code) < 1000 ? json_integer_value(code) : 0);
    if (!text_take(reading, object, "method", &out->method) || !text_take(reading, object, "path", &out->path) ||
        !text_take(reading, object, "content", &out->content))
        return false;
    if (out->method.len && !is_token(out->method))
        return refuse(reading, "a method is a token");
    if (!path_is_good(reading, out->path))
        return refuse(reading, reading->are_addresses ? "a path begins with a slash, or is an address of http"
                                                      : "a path begins with a slash");
    return !fields ||
           (json_is_object(fields) ? fields_take(reading, fields, out) : refuse(reading, "fields are an object"));
}

bool hints_read(struct slice text, bool are_addresses, struct arena *arena, struct hints *out, struct buf *why)
{
    struct reading reading = {arena, why, are_addresses};
    json_error_t error;
    json_t *root, *list;
    bool is_good;

    out->count = 0;
    if (text.len > HINTS_BYTES_MAX)
        return refuse(&reading, "they are too long");
    root = json_loadb(text.len ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &error);
    list = json_object_get(root, "codes");
    is_good = json_is_array(list) || refuse(&reading, "they are no JSON object with an array \"codes\"");
    for (size_t i = 0; is_good && i < json_array_size(list); i++) {
        if (out->count == HINTS_MAX)
            is_good = refuse(&reading, "they are too many");
        else
            is_good = hint_take(&reading, json_array_get(list, i), &out->list[out->count++]);
    }
    if (!is_good)
        out->count = 0;
    json_decref(root);
    return is_good;
}
#else
bool hints_read(struct slice text, bool are_addresses, struct arena *arena, struct hints *out, struct buf *why)
{
    (void)text, (void)are_addresses, (void)arena;
    out->count = 0;
    buf_add_str(why, "hints: this build reads no JSON");
    return false;
}
#endif

const struct hint *hint_find(const struct hints *hints, int code)
{
    for (unsigned i = 0; i < hints->count; i++)
        if (hints->list[i].code == code)
            return &hints->list[i];
    return NULL;
}
