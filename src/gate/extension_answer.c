/*
 * extension_answer.c - what an answer says of the extensions that it was made under (RFC 2774 §5.1).
 *
 * Ext and C-Ext say that the mandatory request was fulfilled, so they are there with success alone. A cache that knows
 * nothing of them must not give them to somebody else: no-cache="Ext", and for the hops of HTTP/1.0, which do not know
 * that either, an Expires that is over.
 */
#include "extension.h"

#include "http/field.h"

enum { VALUE_MAX = 64 * 1024 };

static bool is_fulfilled(int status)
{
    return (status >= 200 && status < 300) || status == 304;
}

static struct answer_field *find(struct answer *answer, struct slice name)
{
    for (unsigned i = 0; i < answer->field_count; i++)
        if (slice_eq_nocase(answer->fields[i].name, name))
            return &answer->fields[i];
    return NULL;
}

/* Behind what the field says already, if it is there. */
static void add_member(struct exchange *ex, struct answer *answer, struct slice name, struct slice member)
{
    struct answer_field *field = find(answer, name);

    if (!field)
        answer_field(&ex->arena, answer, name, member);
    else if (!list_has(field->value, member))
        field->value = arena_printf(&ex->arena, "%.*s, %.*s", SLICE_FMT(field->value), SLICE_FMT(member));
}

/* An unqualified no-cache says more than the one that is meant for Ext alone, and stays as it is (POL-78). */
static void add_no_cache(struct exchange *ex, struct answer *answer)
{
    struct answer_field *field = find(answer, SLICE("Cache-Control"));

    if (!field || !list_has(field->value, SLICE("no-cache")))
        add_member(ex, answer, SLICE("Cache-Control"), SLICE("no-cache=\"Ext\""));
}

/* "1.0 fred", "HTTP/1.0 fred" (RFC 9110 §7.6.3) */
static bool is_http10(struct slice via)
{
    struct slice protocol = slice_upto(via, slice_index(via, ' ')), name, version;

    if (slice_cut(protocol, '/', &name, &version))
        protocol = slice_eq_nocase(name, SLICE("HTTP")) ? version : SLICE_NONE;
    return slice_eq(protocol, SLICE("1.0")) || slice_starts(protocol, SLICE("0."));
}

static bool came_through_http10(const struct head *head)
{
    if (head->minor == 0)
        return true;
    for (const struct field *at = NULL; (at = head_next(head, FIELD_VIA, at));) {
        struct slice rest = at->value, member;

        while (list_next(&rest, &member))
            if (is_http10(member))
                return true;
    }
    return false;
}

/* A date that is over for sure, also where the Date of the answer is of the second before (POL-82). */
static void add_expires(struct exchange *ex, struct answer *answer)
{
    if (came_through_http10(&ex->head) && !find(answer, SLICE("Expires")))
        answer_field(&ex->arena, answer, SLICE("Expires"), SLICE("Thu, 01 Jan 1970 00:00:00 GMT"));
}

/* `Man`, and with it the fields that it gives their names to (POL-89). Those of one hop are no cache's business. */
static void add_vary(struct exchange *ex, const struct extended *extended, struct answer *answer)
{
    const struct declarations *declarations = &extended->declarations;

    add_member(ex, answer, SLICE("Vary"), SLICE("Man"));
    for (unsigned i = 0; i < declarations->count; i++) {
        const struct declaration *declaration = &declarations->list[i];
        struct slice name = extension_row(extended->which[i])->varies_by;

        if (declaration->is_mandatory && !declaration->is_hop && name.len && declaration->prefix.len)
            add_member(ex, answer, SLICE("Vary"),
                       arena_printf(&ex->arena, "%.*s-%.*s", SLICE_FMT(declaration->prefix), SLICE_FMT(name)));
    }
}

static bool has_scope(const struct declarations *declarations, bool is_hop)
{
    for (unsigned i = 0; i < declarations->count; i++)
        if (declarations->list[i].is_mandatory && declarations->list[i].is_hop == is_hop)
            return true;
    return false;
}

void decorate_extension(struct exchange *ex, struct answer *answer)
{
    struct extended *extended = ex->extension;

    if (!extended || !extended->is_accepted)
        return;
    answer->whole = NULL; /* a plain GET gets another answer */
    extensions_tell(ex, extended, answer->status);
    if (!is_fulfilled(answer->status))
        return;
    if (has_scope(&extended->declarations, false)) {
        answer_field(&ex->arena, answer, SLICE("Ext"), SLICE(""));
        add_no_cache(ex, answer);
        add_vary(ex, extended, answer);
        add_expires(ex, answer);
    }
    if (has_scope(&extended->declarations, true)) {
        answer_field(&ex->arena, answer, SLICE("C-Ext"), SLICE(""));
        answer->connection = SLICE("C-Ext");
    }
}
