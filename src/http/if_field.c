/*
 * if_field.c - the If field of WebDAV.
 *
 *     If            = 1*List / 1*( "<" reference ">" 1*List )
 *     List          = "(" 1*( ["Not"] ( "<" token ">" / "[" entity-tag "]" ) ) ")"
 *
 * Blanks may stand between any two of these. It is no list in the sense of RFC 9110: two lines, joined by a comma, are
 * malformed, as a comma between lists is.
 */
#include "http/if_field.h"

#include "http/uri.h"

struct reading {
    struct slice rest;
    struct if_list *lists;
    struct if_condition *conditions;
    struct slice *tokens;
    unsigned list_count, condition_count, token_count;
    bool is_bad;
};

static bool is_next(struct reading *reading, char c)
{
    reading->rest = slice_trim(reading->rest);
    return reading->rest.len && reading->rest.ptr[0] == c;
}

static bool take(struct reading *reading, char c)
{
    if (!is_next(reading, c))
        return false;
    reading->rest = slice_from(reading->rest, 1);
    return true;
}

/* "<...>": what is inside. */
static struct slice take_coded(struct reading *reading)
{
    struct slice inside = SLICE_NONE, after = SLICE_NONE;

    if (!take(reading, '<') || !slice_cut(reading->rest, '>', &inside, &after) || !uri_is_bare(inside)) {
        reading->is_bad = true;
        return SLICE_NONE;
    }
    reading->rest = after;
    return inside;
}

static void submit(struct reading *reading, struct slice token)
{
    for (unsigned i = 0; i < reading->token_count; i++)
        if (slice_eq(reading->tokens[i], token))
            return;
    reading->tokens[reading->token_count++] = token;
}

static void take_token(struct reading *reading, struct if_condition *condition)
{
    condition->token = take_coded(reading);
    if (!reading->is_bad && !uri_is_absolute(condition->token))
        reading->is_bad = true;
    if (!reading->is_bad)
        submit(reading, condition->token);
}

/* "[" was taken. An entity tag has no quotes inside, but it may have brackets. */
static void take_tag(struct reading *reading, struct if_condition *condition)
{
    struct slice text = slice_trim(reading->rest);
    size_t opens = slice_index(text, '"');
    size_t len = opens < text.len ? opens + 2 + slice_index(slice_from(text, opens + 1), '"') : 0;

    condition->is_tag = true;
    if (len == 0 || len > text.len || !etag_parse(slice_upto(text, len), &condition->tag)) {
        reading->is_bad = true;
        return;
    }
    reading->rest = slice_from(text, len);
    reading->is_bad = !take(reading, ']');
}

static void take_condition(struct reading *reading)
{
    struct if_condition *condition = &reading->conditions[reading->condition_count];

    if (reading->condition_count == IF_CONDITIONS_MAX) {
        reading->is_bad = true;
        return;
    }
    reading->rest = slice_trim(reading->rest);
    condition->is_not = slice_starts_nocase(reading->rest, SLICE("Not"));
    if (condition->is_not)
        reading->rest = slice_from(reading->rest, 3);
    reading->condition_count++;
    if (take(reading, '['))
        take_tag(reading, condition);
    else
        take_token(reading, condition);
}

/* "(" was taken. */
static void take_list(struct reading *reading, struct slice resource)
{
    struct if_list *list = &reading->lists[reading->list_count];
    unsigned before = reading->condition_count;

    if (reading->list_count == IF_LISTS_MAX) {
        reading->is_bad = true;
        return;
    }
    reading->list_count++;
    list->resource = resource;
    list->conditions = reading->conditions + before;
    do
        take_condition(reading);
    while (!reading->is_bad && !take(reading, ')'));
    list->count = reading->condition_count - before;
}

static void take_lists(struct reading *reading, struct slice resource)
{
    if (!is_next(reading, '('))
        reading->is_bad = true;
    while (!reading->is_bad && take(reading, '('))
        take_list(reading, resource);
}

static void take_tagged(struct reading *reading)
{
    struct slice resource = take_coded(reading);

    if (!reading->is_bad && resource.ptr[0] != '/' && !uri_is_absolute(resource))
        reading->is_bad = true;
    if (!reading->is_bad)
        take_lists(reading, resource);
}

/* No more than the limit, plus one that is not written. */
static size_t room_for(struct slice value, char a, char b, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < value.len && count < max; i++)
        count += value.ptr[i] == a || value.ptr[i] == b;
    return count + 1;
}

enum err if_field_parse(struct slice value, struct arena *arena, struct if_field *out)
{
    struct reading reading = {.rest = value};

    *out = (struct if_field){0};
    reading.lists = arena_alloc(arena, room_for(value, '(', '(', IF_LISTS_MAX) * sizeof(*reading.lists));
    reading.conditions = arena_alloc(arena, room_for(value, '<', '[', IF_CONDITIONS_MAX) * sizeof(*reading.conditions));
    reading.tokens = arena_alloc(arena, room_for(value, '<', '<', IF_CONDITIONS_MAX) * sizeof(*reading.tokens));
    if (is_next(&reading, '<'))
        while (!reading.is_bad && reading.rest.len) {
            take_tagged(&reading);
            reading.rest = slice_trim(reading.rest);
        }
    else
        take_lists(&reading, SLICE(""));
    if (reading.is_bad || slice_trim(reading.rest).len)
        return ERR_INVALID;
    *out = (struct if_field){reading.lists, reading.list_count, reading.tokens, reading.token_count};
    return ERR_NONE;
}

/* ---- judging ---- */

/* RFC 4918 leaves the comparison open; equal in text and strength is right for files, whose weak tags are for a moment.
 */
static bool tag_matches(struct etag tag, const struct validators *current)
{
    return tag.is_weak == current->is_weak && etag_matches_weakly(tag, current);
}

static bool list_holds(const struct if_list *list, const struct if_states *states)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct if_condition *condition = &list->conditions[i];
        bool is_so;

        if (condition->is_tag) {
            struct validators current = states->validators(states->arg, list->resource);

            is_so = tag_matches(condition->tag, &current);
        } else /* DAV:no-lock is no state of anything, ever (RFC 4918 §10.4.8) */
            is_so = !slice_eq(condition->token, SLICE("DAV:no-lock")) &&
                    states->has_token(states->arg, list->resource, condition->token);
        if (is_so == condition->is_not)
            return false;
    }
    return true;
}

bool if_field_holds(const struct if_field *field, const struct if_states *states)
{
    for (unsigned i = 0; i < field->count; i++)
        if (list_holds(&field->lists[i], states))
            return true;
    return field->count == 0;
}
