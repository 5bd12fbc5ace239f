/*
 * extension.c - see extension.h.
 */
#include "http/extension.h"

#include "base/buf.h"
#include "http/field.h"
#include "http/uri.h"

enum { FIELD_JOINED_MAX = 128 * 1024 }; /* more than all fields of a head together */

/* ---- those that exist here ---- */

/*
 * A field's name stands for what its RFC says of it (RFC 2774 §3): whoever makes Repr-Digest mandatory wants what
 * *integrity* does.
 */
static const struct {
    struct slice uri, name;
    struct slice fields[2]; /* that mean the same; "" for none */
} extensions[EXTENSION_COUNT] = {
    [EXTENSION_INTEGRITY] = {SLICE_INIT("urn:samovar:ext:integrity"),
                             SLICE_INIT("integrity"),
                             {SLICE_INIT("Repr-Digest"), SLICE_INIT("Content-Digest")}},
    [EXTENSION_REASON] = {SLICE_INIT("urn:samovar:ext:reason"), SLICE_INIT("reason"), {{NULL, 0}, {NULL, 0}}},
};

/* The scheme and the namespace of a URN are without case, and what is ours is written small (RFC 8141 §3.1). */
static bool is_uri_of(struct slice text, struct slice uri)
{
    static const size_t case_free = sizeof("urn:samovar:") - 1;

    return slice_eq_nocase(slice_upto(text, case_free), slice_upto(uri, case_free)) &&
           slice_eq(slice_from(text, case_free), slice_from(uri, case_free));
}

static bool is_field_of(struct slice text, enum extension extension)
{
    for (unsigned i = 0; i < 2; i++)
        if (text.len && slice_eq_nocase(text, extensions[extension].fields[i]))
            return true;
    return false;
}

enum extension extension_find(struct slice id)
{
    for (int i = EXTENSION_NONE + 1; i < EXTENSION_COUNT; i++)
        if (is_uri_of(id, extensions[i].uri) || is_field_of(id, (enum extension)i))
            return (enum extension)i;
    return EXTENSION_NONE;
}

enum extension extension_find_by_name(struct slice text)
{
    for (int i = EXTENSION_NONE + 1; i < EXTENSION_COUNT; i++)
        if (slice_eq(text, extensions[i].name))
            return (enum extension)i;
    return extension_find(text);
}

struct slice extension_uri(enum extension extension)
{
    return extension > EXTENSION_NONE && extension < EXTENSION_COUNT ? extensions[extension].uri : SLICE("");
}

/* ---- methods ---- */

bool mandatory_method(struct slice text, struct slice *base)
{
    if (!slice_starts(text, SLICE("M-")))
        return false;
    *base = slice_from(text, 2);
    return true;
}

/* ---- what Connection names ---- */

/* By Connection's members, of which there may be thousands: most of them differ from a name in length already. */
static void mark_named(const struct head *head, bool named[HEAD_FIELDS_MAX])
{
    for (unsigned i = 0; i < HEAD_FIELDS_MAX; i++)
        named[i] = false;
    for (const struct field *at = NULL; (at = head_next(head, FIELD_CONNECTION, at));) {
        struct slice rest = at->value, member;

        while (list_next(&rest, &member))
            for (unsigned i = 0; i < head->field_count; i++)
                if (slice_eq_nocase(member, head->fields[i].name))
                    named[i] = true;
    }
}

void head_drop_named(struct head *head)
{
    struct head left = *head;
    bool named[HEAD_FIELDS_MAX];

    if (head->minor > 0 || !head_has(head, FIELD_CONNECTION))
        return;
    mark_named(head, named);
    left.field_count = 0;
    left.present = 0;
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        left.first[i] = 0;
    for (unsigned i = 0; i < head->field_count; i++) {
        struct field field = head->fields[i];

        if (field.id != FIELD_CONNECTION && named[i])
            continue;
        left.fields[left.field_count++] = field;
        left.present |= UINT64_C(1) << field.id;
        if (!left.first[field.id])
            left.first[field.id] = (uint8_t)left.field_count;
    }
    *head = left;
}

/* ---- declarations ---- */

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return 400;
}

/* 2*DIGIT, without quotes: param_next() took those off, so the octet before tells. */
static bool is_prefix(struct slice value)
{
    if (value.len < 2 || value.ptr[-1] == '"')
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (!ascii_is_digit(value.ptr[i]))
            return false;
    return true;
}

/* The first is `ns`, if it is there at all; others are for those who know them (POL-85). */
static int params_read(struct slice rest, struct declaration *out, const char **why)
{
    struct slice name, value;

    while (param_next(&rest, &name, &value)) {
        if (!slice_eq_nocase(name, SLICE("ns")))
            continue;
        if (!is_prefix(value))
            return refuse(why, "The parameter ns of an extension's declaration takes two digits or more.");
        if (out->prefix.len)
            return refuse(why, "An extension's declaration has the parameter ns twice.");
        out->prefix = value;
    }
    return rest.len ? refuse(why, "An extension's declaration has something after it that is no parameter.") : 0;
}

/* <"> ( absoluteURI | field-name ) <"> [ namespace ] [ decl-extensions ] */
static int declaration_read(struct slice member, struct declaration *out, const char **why)
{
    struct slice rest;

    if (member.ptr[0] != '"' || !slice_cut(slice_from(member, 1), '"', &out->id, &rest))
        return refuse(why, "An extension's declaration begins with its URI, or a field's name, in quotes.");
    if (slice_index(out->id, ':') < out->id.len ? !uri_is_absolute(out->id) : !is_token(out->id))
        return refuse(why, "An extension is declared by an absolute URI or by a field's name.");
    rest = slice_trim(rest);
    if (rest.len && rest.ptr[0] != ';')
        return refuse(why, "An extension's declaration has something after it that is no parameter.");
    return params_read(rest, out, why);
}

static bool has_prefix(const struct declarations *declarations, struct slice prefix)
{
    for (unsigned i = 0; i < declarations->count; i++)
        if (prefix.len && slice_eq(declarations->list[i].prefix, prefix))
            return true;
    return false;
}

/* One line of one field: 1#ext-decl. */
static int line_read(struct slice rest, struct declaration form, struct declarations *out, const char **why)
{
    struct slice member;
    unsigned before = out->count;

    while (list_next(&rest, &member)) {
        struct declaration declaration = form;
        int status = declaration_read(member, &declaration, why);

        if (status)
            return status;
        if (has_prefix(out, declaration.prefix))
            return refuse(why, "Two declarations of extensions have the same prefix.");
        if (out->count == DECLARATIONS_MAX)
            return refuse(why, "There are too many declarations of extensions.");
        out->list[out->count++] = declaration;
    }
    return out->count == before ? refuse(why, "A field that declares extensions is empty.") : 0;
}

int declarations_read(const struct head *head, struct declarations *out, const char **why)
{
    static const struct {
        enum field_id id;
        struct declaration form;
    } fields[] = {
        {FIELD_MAN, {.is_mandatory = true}},
        {FIELD_C_MAN, {.is_mandatory = true, .is_hop = true}},
        {FIELD_OPT, {.is_mandatory = false}},
        {FIELD_C_OPT, {.is_hop = true}},
    };

    out->count = 0;
    mark_named(head, out->named);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        for (const struct field *at = NULL; (at = head_next(head, fields[i].id, at));) {
            bool counts = !fields[i].form.is_hop || out->named[at - head->fields]; /* POL-90 */
            int status = counts ? line_read(at->value, fields[i].form, out, why) : 0;

            if (status)
                return status;
        }
    }
    return 0;
}

/* PREFIX "-" NAME, without blanks in between (RFC 2774 §3.1). */
static bool is_prefixed(struct slice field, struct slice prefix, struct slice name)
{
    return field.len == prefix.len + 1 + name.len && slice_starts(field, prefix) && field.ptr[prefix.len] == '-' &&
           slice_eq_nocase(slice_from(field, prefix.len + 1), name);
}

bool declaration_field(const struct head *head, const struct declarations *declarations, unsigned which,
                       struct slice name, struct arena *arena, struct slice *value)
{
    const struct declaration *declaration = &declarations->list[which];
    struct buf joined = BUF_INIT(FIELD_JOINED_MAX);
    unsigned found = 0;

    *value = SLICE_NONE;
    for (unsigned i = 0; i < head->field_count && declaration->prefix.len; i++) {
        if (!is_prefixed(head->fields[i].name, declaration->prefix, name) ||
            (declaration->is_hop && !declarations->named[i]))
            continue;
        if (found++)
            buf_add_str(&joined, ", ");
        buf_add(&joined, head->fields[i].value);
    }
    if (found)
        *value = arena_slice(arena, buf_slice(&joined));
    buf_release(&joined);
    return found > 0;
}
