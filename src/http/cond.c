/*
 * cond.c - conditional requests.
 */
#include "http/cond.h"
#include "http/date.h"

/* A date counts if it is the only one and valid (CND-33, CND-43). */
static bool date_of(const struct head *head, enum field_id id, int64_t now_s, int64_t *out)
{
    return head_count_of(head, id) == 1 && date_parse(head_value(head, id), now_s, out);
}

void conditions_from_head(const struct head *head, int64_t now_s, struct arena *arena, struct conditions *out)
{
    *out = (struct conditions){0};
    if (head_has(head, FIELD_IF_MATCH)) {
        out->has_match = true;
        out->match = head_combined(head, FIELD_IF_MATCH, arena);
    }
    if (head_has(head, FIELD_IF_NONE_MATCH)) {
        out->has_none_match = true;
        out->none_match = head_combined(head, FIELD_IF_NONE_MATCH, arena);
    }
    out->has_unmodified_since = date_of(head, FIELD_IF_UNMODIFIED_SINCE, now_s, &out->unmodified_since_s);
    out->has_modified_since = date_of(head, FIELD_IF_MODIFIED_SINCE, now_s, &out->modified_since_s);
}

bool conditions_any(const struct conditions *conditions)
{
    return conditions->has_match || conditions->has_none_match || conditions->has_unmodified_since ||
           conditions->has_modified_since;
}

static bool is_star(struct slice list)
{
    return slice_eq(slice_trim(list), SLICE("*"));
}

bool conditions_want_new(const struct conditions *conditions)
{
    return conditions->has_none_match && is_star(conditions->none_match);
}

void conditions_keep(struct conditions *conditions, struct arena *arena)
{
    conditions->match = arena_slice(arena, conditions->match);
    conditions->none_match = arena_slice(arena, conditions->none_match);
}

/* A list with anything malformed in it, a `*` among tags too, lists nothing (CND-C1, CND-C2). */
static bool list_matches(struct slice list, bool strongly, const struct validators *current)
{
    bool found = false;
    struct etag tag;

    if (is_star(list))
        return current->exists;
    for (;;) {
        switch (etag_next(&list, &tag)) {
        case ETAG_END:
            return found;
        case ETAG_BAD:
            return false;
        case ETAG_ONE:
            found |= strongly ? etag_matches_strongly(tag, current) : etag_matches_weakly(tag, current);
        }
    }
}

/* If-Match, else If-Unmodified-Since. */
static bool guard_holds(const struct conditions *conditions, const struct validators *current)
{
    if (conditions->has_match)
        return list_matches(conditions->match, true, current);
    if (conditions->has_unmodified_since && current->exists && current->has_date)
        return current->modified_s <= conditions->unmodified_since_s;
    return true;
}

/* If-None-Match, else, on GET and HEAD, If-Modified-Since: true if the client has what it would get. */
static bool is_known(const struct conditions *conditions, bool is_get_or_head, const struct validators *current)
{
    if (conditions->has_none_match)
        return list_matches(conditions->none_match, false, current);
    if (is_get_or_head && conditions->has_modified_since && current->exists && current->has_date)
        return current->modified_s <= conditions->modified_since_s;
    return false;
}

enum cond_result conditions_judge(const struct conditions *conditions, bool is_get_or_head,
                                  const struct validators *current)
{
    if (!guard_holds(conditions, current))
        return COND_FAILED;
    if (is_known(conditions, is_get_or_head, current))
        return is_get_or_head ? COND_NOT_MODIFIED : COND_FAILED;
    return COND_GO;
}
