/*
 * jose.c - base64url and JSON, read strictly.
 */
#include "jose.h"

#include "base/base64.h"

bool base64url_decode(struct slice text, struct arena *arena, struct slice *out)
{
    unsigned char *octets = arena_alloc(arena, BASE64_ROOM(text.len));
    size_t len;
    bool stray;

    if (!base64_decode(text, BASE64_URL, octets, &len, &stray) || stray)
        return false;
    *out = slice_of((char *)octets, len);
    return true;
}

/* Counts brackets outside of strings; whether they fit each other is the parser's business. */
static bool is_shallow(struct slice text)
{
    unsigned depth = 0;
    bool is_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX)
            return false;
        else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return true;
}

/* It quotes what stands there, which may be anything; what we tell is one line. */
static void clean(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
            *text = '?';
    }
}

json_t *json_read(struct slice text, json_error_t *error)
{
    json_t *json;

    *error = (json_error_t){.line = 1, .text = "not an object, or one that nests too deep"};
    if (text.len == 0 || !is_shallow(text))
        return NULL;
    /* RFC 7515 §4 and RFC 7519 §4 leave refusing names that are said twice to us: two readers would differ. */
    json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, error);
    if (json_is_object(json))
        return json;
    if (json)
        *error = (json_error_t){.line = 1, .text = "not an object"};
    clean(error->text);
    json_decref(json);
    return NULL;
}

struct slice json_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? slice_of(json_string_value(value), json_string_length(value)) : SLICE_NONE;
}
