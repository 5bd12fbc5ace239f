/*
 * dav_field.c - the other fields of WebDAV.
 */
#include "http/dav_field.h"

#include "http/field.h"

enum depth depth_of(const struct head *head)
{
    struct slice value = head_value(head, FIELD_DEPTH);

    if (!head_has(head, FIELD_DEPTH))
        return DEPTH_ABSENT;
    if (head_count_of(head, FIELD_DEPTH) > 1)
        return DEPTH_BAD;
    if (slice_eq(value, SLICE("0")))
        return DEPTH_0;
    if (slice_eq(value, SLICE("1")) || slice_eq_nocase(value, SLICE("1,noroot")))
        return DEPTH_1;
    return slice_eq_nocase(value, SLICE("infinity")) ? DEPTH_INFINITY : DEPTH_BAD;
}

enum overwrite overwrite_of(const struct head *head)
{
    struct slice value = head_value(head, FIELD_OVERWRITE);

    if (!head_has(head, FIELD_OVERWRITE))
        return OVERWRITE_T;
    if (head_count_of(head, FIELD_OVERWRITE) > 1)
        return OVERWRITE_BAD;
    if (slice_eq_nocase(value, SLICE("T")))
        return OVERWRITE_T;
    return slice_eq_nocase(value, SLICE("F")) ? OVERWRITE_F : OVERWRITE_BAD;
}

/* "Second-" 1*DIGIT or "Infinite"; 0 for what cannot be read, and for no time at all. */
static uint32_t seconds_of(struct slice member, uint32_t cap)
{
    static const struct slice unit = SLICE_INIT("Second-");
    struct slice digits = slice_from(member, unit.len);
    uint64_t seconds;

    if (slice_eq_nocase(member, SLICE("Infinite")))
        return cap;
    if (!slice_starts_nocase(member, unit))
        return 0;
    for (size_t i = 0; i < digits.len; i++)
        if (!ascii_is_digit(digits.ptr[i]))
            return 0;
    if (digits.len && !slice_u64(digits, &seconds))
        return cap; /* digits that are too many for a number */
    return digits.len ? (uint32_t)(seconds < cap ? seconds : cap) : 0;
}

uint32_t timeout_of(const struct head *head, uint32_t cap, uint32_t fallback)
{
    for (const struct field *at = NULL; (at = head_next(head, FIELD_TIMEOUT, at));) {
        struct slice rest = at->value, member;

        while (list_next(&rest, &member)) {
            uint32_t seconds = seconds_of(member, cap);

            if (seconds)
                return seconds;
        }
    }
    return fallback < cap ? fallback : cap;
}

bool lock_token_of(const struct head *head, struct slice *token)
{
    struct slice value = slice_trim(head_value(head, FIELD_LOCK_TOKEN));

    if (head_count_of(head, FIELD_LOCK_TOKEN) != 1)
        return false;
    if (value.len >= 2 && value.ptr[0] == '<' && value.ptr[value.len - 1] == '>')
        value = slice_of(value.ptr + 1, value.len - 2);
    if (!uri_is_absolute(value))
        return false;
    *token = value;
    return true;
}

bool reference_parse(struct slice text, struct reference *out)
{
    struct target target;
    const char *why;

    *out = (struct reference){0};
    text = slice_trim(text);
    if (slice_starts(text, SLICE("//"))) /* names a host: a relative reference (RFC 3986 §4.2) */
        return false;
    if (target_parse(text, METHOD_UNKNOWN, &target, &why) || target.has_query)
        return false;
    out->scheme = target.scheme;
    out->path = target.path;
    return target.form == TARGET_ORIGIN || host_parse(target.authority, &out->host);
}

/* ---- Prefer ---- */

/* Octets up to the ';' that begins the parameters. */
static size_t upto_parameters(struct slice member)
{
    bool is_quoted = false;

    for (size_t i = 0; i < member.len; i++) {
        if (is_quoted && member.ptr[i] == '\\')
            i++;
        else if (member.ptr[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && member.ptr[i] == ';')
            return i;
    }
    return member.len;
}

/* token [ "=" word ], blanks around the sign (RFC 7240 §2). An empty value is none. */
static bool preference_parse(struct slice member, struct slice *name, struct slice *value)
{
    struct slice one = slice_upto(member, upto_parameters(member));

    *name = slice_trim(one);
    *value = SLICE_NONE;
    if (slice_cut(one, '=', name, value)) {
        *name = slice_trim(*name);
        *value = slice_trim(*value);
    }
    if (!is_token(*name))
        return false;
    if (value->len >= 2 && value->ptr[0] == '"' && value->ptr[value->len - 1] == '"') {
        *value = slice_of(value->ptr + 1, value->len - 2);
        return slice_index(*value, '"') == value->len; /* nobody writes ours with escapes */
    }
    return value->len == 0 || is_token(*value);
}

struct prefer prefer_of(const struct head *head)
{
    struct prefer prefer = {0};
    bool has_return = false;

    for (const struct field *at = NULL; (at = head_next(head, FIELD_PREFER, at));) {
        struct slice rest = at->value, member, name, value;

        while (list_next(&rest, &member)) {
            if (!preference_parse(member, &name, &value))
                continue;
            if (slice_eq_nocase(name, SLICE("depth-noroot")))
                prefer.depth_noroot |= value.len == 0;
            if (!slice_eq_nocase(name, SLICE("return")) || has_return)
                continue; /* the first one counts (RFC 7240 §2) */
            has_return = true;
            prefer.is_minimal = slice_eq_nocase(value, SLICE("minimal"));
            prefer.wants_representation = slice_eq_nocase(value, SLICE("representation"));
        }
    }
    return prefer;
}

/* ---- DAV ---- */

bool knows_bindings(const struct head *head)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (head->fields[i].id == FIELD_OTHER && slice_eq_nocase(head->fields[i].name, SLICE("DAV")) &&
            list_has(head->fields[i].value, SLICE("bind")))
            return true;
    return false;
}
