/*
 * prop_orders.c - the instructions of PROPPATCH and extended MKCOL, judged before anything is done (RFC 4918 §9.2).
 *
 * All or nothing: where one cannot be, none is, and the others are told as 424. Dead properties become edits of the
 * store's; the few live ones that may be written are traits, of which the last instruction counts.
 */
#include "dav_shared.h"

#include "http/field.h"

enum {
    TYPE_MAX = 255, /* octets of a Content-Type or Content-Language that somebody sets: it is sent with each GET */
};

struct judging {
    const struct prop_order *order;
    bool is_folder, is_mkcol;
    struct arena *arena;
    struct prop_orders *out;
};

/* ---- values ---- */

/* "text/html; charset=utf-8": what may stand in the field (RFC 9110 §8.3.1). */
static bool is_media_type(struct slice text)
{
    struct slice parameters = SLICE(""), type, subtype, name, value;

    if (text.len > TYPE_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    if (slice_index(text, ';') < text.len)
        parameters = slice_from(text, slice_index(text, ';'));
    text = slice_trim(slice_upto(text, slice_index(text, ';')));
    if (!slice_cut(text, '/', &type, &subtype) || !is_token(type) || !is_token(subtype))
        return false;
    while (param_next(&parameters, &name, &value))
        continue;
    return parameters.len == 0;
}

/* "de, en-GB" (RFC 9110 §8.5). */
static bool is_language_list(struct slice text)
{
    struct slice member;
    unsigned count = 0;

    if (text.len > TYPE_MAX)
        return false;
    while (list_next(&text, &member)) {
        for (size_t i = 0; i < member.len; i++) {
            char c = ascii_lower(member.ptr[i]);

            if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '-')
                return false;
        }
        count++;
    }
    return count > 0;
}

/* ---- one instruction ---- */

static struct prop_outcome fine(void)
{
    return (struct prop_outcome){.status = 200};
}

static struct prop_outcome is_protected(void)
{
    return (struct prop_outcome){.status = 403, .condition = SLICE("cannot-modify-protected-property")};
}

static struct prop_outcome unfit(void)
{
    return (struct prop_outcome){.status = 409};
}

static struct prop_outcome judge_dead(struct judging *judging)
{
    const struct prop_order *order = judging->order;

    if (order->is_removal && order->name.space.len + order->name.local.len > PROP_NAME_MAX)
        return fine(); /* DAV-049: there cannot be one */
    if (order->is_too_long)
        return (struct prop_outcome){.status = 507};
    judging->out->edits[judging->out->edit_count++] = (struct prop_edit){
        .space = order->name.space, .local = order->name.local, .xml = order->xml, .is_removal = order->is_removal};
    return fine();
}

/* A value for one of the traits; removing it sets "". */
static struct prop_outcome judge_text(struct judging *judging, bool (*fits)(struct slice), struct slice *value,
                                      const struct slice **edit)
{
    struct slice text = SLICE("");

    if (judging->is_folder)
        return is_protected(); /* no folder has it */
    if (!judging->order->is_removal) {
        text = xml_text_of(judging->order->value, judging->arena);
        if (!fits(text))
            return unfit();
    }
    *value = text;
    *edit = value;
    judging->out->has_traits = true;
    return fine();
}

static struct prop_outcome judge_executable(struct judging *judging)
{
    struct slice text = judging->order->is_removal ? SLICE("F") : xml_text_of(judging->order->value, judging->arena);

    if (judging->is_folder)
        return is_protected();
    if (!slice_eq_nocase(text, SLICE("T")) && !slice_eq_nocase(text, SLICE("F")))
        return unfit();
    judging->out->traits.executable = slice_eq_nocase(text, SLICE("T"));
    judging->out->has_traits = true;
    return fine();
}

/* RFC 5689 §3.3: folders are all that can be made here. */
static struct prop_outcome judge_resourcetype(const struct judging *judging)
{
    struct prop_outcome invalid = {.status = 403, .condition = SLICE("valid-resourcetype")};
    bool has_collection = false;

    if (!judging->is_mkcol)
        return is_protected();
    for (struct xml_node *at = xml_first(judging->order->value); at; at = xml_next(at)) {
        if (!xml_is(at, XML_DAV, SLICE("collection")))
            return invalid;
        has_collection = true;
    }
    return has_collection ? fine() : invalid; /* DAV-068 */
}

static struct prop_outcome judge_order(struct judging *judging)
{
    struct prop_orders *out = judging->out;

    switch (dav_prop_rule(judging->order->name)) {
    case PROP_DEAD:
        return judge_dead(judging);
    case PROP_TYPE:
        return judge_text(judging, is_media_type, &out->type, &out->traits.type);
    case PROP_LANGUAGE:
        return judge_text(judging, is_language_list, &out->language, &out->traits.language);
    case PROP_EXECUTABLE:
        return judge_executable(judging);
    case PROP_RESOURCETYPE:
        return judge_resourcetype(judging);
    case PROP_PROTECTED:
        break;
    }
    return is_protected();
}

/* ---- all of them ---- */

static bool name_eq(struct prop_name a, struct prop_name b)
{
    return slice_eq(a.local, b.local) && slice_eq(a.space, b.space);
}

/* One property may be told to do several things; it is told of once, by the first that cannot be. */
static void note(struct prop_orders *out, struct prop_name name, struct prop_outcome outcome)
{
    struct prop_outcome *at = out->outcomes;

    outcome.name = name;
    out->has_failed |= outcome.status != 200;
    while (at < out->outcomes + out->outcome_count && !name_eq(at->name, name))
        at++;
    if (at == out->outcomes + out->outcome_count) {
        *at = outcome;
        out->outcome_count++;
    } else if (at->status == 200) {
        *at = outcome;
    }
}

void prop_orders_judge(const struct propertyupdate_body *body, bool is_folder, bool is_mkcol, struct arena *arena,
                       struct prop_orders *out)
{
    struct judging judging = {.is_folder = is_folder, .is_mkcol = is_mkcol, .arena = arena, .out = out};

    *out = (struct prop_orders){.traits.executable = -1};
    out->edits = arena_alloc(arena, body->count * sizeof(*out->edits));
    out->outcomes = arena_alloc(arena, body->count * sizeof(*out->outcomes));
    for (unsigned i = 0; i < body->count; i++) {
        judging.order = &body->orders[i];
        note(out, body->orders[i].name, judge_order(&judging));
    }
}

void prop_orders_fail(struct prop_orders *orders, const struct propertyupdate_body *body, int status)
{
    for (unsigned i = 0; i < body->count; i++)
        if (!body->orders[i].is_removal)
            note(orders, body->orders[i].name, (struct prop_outcome){.status = status});
    orders->has_failed = true;
}

/* ---- told ---- */

static int status_told(const struct prop_orders *orders, const struct prop_outcome *outcome)
{
    return outcome->status == 200 && orders->has_failed ? 424 : outcome->status;
}

static bool is_told_alike(const struct prop_outcome *a, const struct prop_outcome *b)
{
    return a->status == b->status && slice_eq(a->condition, b->condition);
}

static void write_group(const struct prop_orders *orders, struct xml_out *xml, const struct prop_outcome *first)
{
    xml_open(xml, SLICE("propstat"));
    xml_open(xml, SLICE("prop"));
    for (const struct prop_outcome *at = first; at < orders->outcomes + orders->outcome_count; at++)
        if (is_told_alike(at, first))
            xml_named(xml, at->name.space, at->name.local);
    xml_close(xml);
    dav_status(xml, status_told(orders, first));
    if (first->condition.len)
        dav_error(xml, first->condition, NULL, 0);
    xml_close(xml);
}

static bool is_first_of_its_kind(const struct prop_orders *orders, const struct prop_outcome *outcome)
{
    for (const struct prop_outcome *at = orders->outcomes; at < outcome; at++)
        if (is_told_alike(at, outcome))
            return false;
    return true;
}

void prop_orders_write(const struct prop_orders *orders, struct xml_out *xml)
{
    for (unsigned i = 0; i < orders->outcome_count; i++)
        if (is_first_of_its_kind(orders, &orders->outcomes[i]))
            write_group(orders, xml, &orders->outcomes[i]);
    if (!orders->outcome_count) { /* a response has at least one propstat */
        xml_open(xml, SLICE("propstat"));
        xml_empty(xml, SLICE("prop"));
        dav_status(xml, 200);
        xml_close(xml);
    }
}
