/*
 * accept.c - Accept, Accept-Language.
 */
#include "http/accept.h"
#include "http/field.h"

struct media_range {
    struct slice type; /* "text/html", "text/" for a wildcard below it, "" for the whole wildcard */
    unsigned weight;
    bool has_params; /* others than the weight */
};

/* False for a member that makes no sense; the rest of the list still counts. */
static bool media_range_parse(struct slice member, struct media_range *out)
{
    struct slice params = SLICE_NONE, name, value;
    size_t semicolon = slice_index(member, ';');

    *out = (struct media_range){slice_trim(slice_upto(member, semicolon)), 1000, false};
    params = slice_from(member, semicolon);
    while (param_next(&params, &name, &value)) {
        if (!slice_eq_nocase(name, SLICE("q")))
            out->has_params = true;
        else if (!quality_parse(value, &out->weight))
            return false;
    }
    if (params.len)
        return false;
    if (slice_eq(out->type, SLICE("*/*")))
        out->type = SLICE("");
    else if (slice_ends(out->type, SLICE("/*")))
        out->type.len--;
    return true;
}

enum error_form accept_error_form(struct slice accept)
{
    enum error_form best = FORM_TEXT;
    unsigned best_weight = 0;
    struct media_range range;

    for (struct slice member; list_next(&accept, &member);) {
        enum error_form form = FORM_TEXT;

        if (!media_range_parse(member, &range))
            continue;
        if (slice_eq_nocase(range.type, SLICE("text/html")))
            form = FORM_HTML;
        else if (slice_eq_nocase(range.type, SLICE("application/json")) ||
                 slice_eq_nocase(range.type, SLICE("application/problem+json")))
            form = FORM_JSON;
        if (form != FORM_TEXT && range.weight > best_weight) {
            best = form;
            best_weight = range.weight;
        }
    }
    return best;
}

unsigned accept_listed(struct slice field, struct slice token)
{
    struct media_range range;

    for (struct slice member; list_next(&field, &member);)
        if (media_range_parse(member, &range) && slice_eq_nocase(range.type, token))
            return range.has_params ? 0 : range.weight;
    return 0;
}

/* How well the range fits: 0 not at all, 3 by its full name. */
static unsigned fit(const struct media_range *range, struct slice type)
{
    if (range->has_params)
        return 0;
    if (range->type.len == 0)
        return 1;
    if (slice_ends(range->type, SLICE("/")))
        return slice_starts_nocase(type, range->type) ? 2 : 0;
    return slice_eq_nocase(range->type, type) ? 3 : 0;
}

unsigned accept_quality(struct slice accept, struct slice type)
{
    unsigned best_fit = 0, weight = 0;
    struct media_range range;

    if (slice_trim(accept).len == 0)
        return 1000;
    for (struct slice member; list_next(&accept, &member);) {
        unsigned fits = media_range_parse(member, &range) ? fit(&range, type) : 0;

        if (fits > best_fit) {
            best_fit = fits;
            weight = range.weight;
        }
    }
    return weight;
}

struct language_range {
    struct slice tag;
    unsigned weight;
};

static bool language_range_parse(struct slice member, struct language_range *out)
{
    size_t semicolon = slice_index(member, ';');
    struct slice params = slice_from(member, semicolon), name, value;

    *out = (struct language_range){slice_trim(slice_upto(member, semicolon)), 1000};
    while (param_next(&params, &name, &value))
        if (slice_eq_nocase(name, SLICE("q")) && !quality_parse(value, &out->weight))
            return false;
    return params.len == 0 && out->tag.len > 0;
}

/* `tag` begins with the whole subtags of `prefix` (RFC 4647 §3.3.1). */
static bool is_special_of(struct slice tag, struct slice prefix)
{
    return slice_starts_nocase(tag, prefix) && (tag.len == prefix.len || tag.ptr[prefix.len] == '-');
}

/* How well the range fits: 0 not at all. What is more general than was asked for fits worse than what is more special.
 */
static size_t language_fit(struct slice range, struct slice language)
{
    enum { SPECIAL = 1000, EXACT = 2000 };

    if (slice_eq(range, SLICE("*")))
        return 1;
    if (slice_eq_nocase(range, language))
        return EXACT;
    if (is_special_of(language, range))
        return SPECIAL + range.len;
    return is_special_of(range, language) ? 1 + language.len : 0;
}

/* How one language is read: by which range of the field, at what position in it. */
struct reading {
    unsigned weight, position;
    size_t fit;
};

static struct reading language_reading(struct slice field, struct slice language)
{
    struct language_range range;
    struct reading best = {0};
    unsigned at = 0;

    for (struct slice member; list_next(&field, &member); at++) {
        size_t fits = language_range_parse(member, &range) ? language_fit(range.tag, language) : 0;

        if (fits > best.fit)
            best = (struct reading){range.weight, at, fits};
    }
    return best;
}

static bool is_better(const struct reading *a, const struct reading *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    if (a->position != b->position)
        return a->position < b->position;
    return a->fit > b->fit;
}

unsigned accept_language(struct slice field, const struct slice *languages, unsigned count)
{
    struct reading best = {0};
    unsigned best_at = 0;

    for (unsigned i = 0; i < count; i++) {
        struct reading reading = language_reading(field, languages[i]);

        if (reading.weight && (!best.weight || is_better(&reading, &best))) {
            best = reading;
            best_at = i;
        }
    }
    return best_at;
}

/* ---- what RVSA asks ---- */

static bool has_param(struct slice params, struct slice name, struct slice value)
{
    struct slice its_name, its_value;

    while (param_next(&params, &its_name, &its_value))
        if (slice_eq_nocase(its_name, name) && slice_eq_nocase(its_value, value))
            return true;
    return false;
}

/* Every parameter of the range, up to its weight, is one of the type's. Gives how many; -1: not. */
static int params_fit(struct slice range, struct slice type, unsigned *weight)
{
    struct slice params = slice_from(range, slice_index(range, ';')), name, value;
    struct slice has = slice_from(type, slice_index(type, ';'));
    int count = 0;

    *weight = 1000;
    while (param_next(&params, &name, &value)) {
        if (slice_eq_nocase(name, SLICE("q")))
            return quality_parse(value, weight) ? count : -1;
        if (!has_param(has, name, value))
            return -1;
        count++;
    }
    return params.len ? -1 : count;
}

static struct slice without_params(struct slice text)
{
    return slice_trim(slice_upto(text, slice_index(text, ';')));
}

/* 1: any; 2: of its kind; 3 and more: this one, by so many parameters. 0: not. */
static unsigned type_fit(struct slice range, struct slice type, unsigned *weight)
{
    struct slice name = without_params(range), main = without_params(type);
    int params = params_fit(range, type, weight);

    if (params < 0)
        return 0;
    if (slice_eq(name, SLICE("*/*")))
        return 1;
    if (slice_ends(name, SLICE("/*")))
        return slice_starts_nocase(main, slice_upto(name, name.len - 1)) ? 2 : 0;
    return slice_eq_nocase(name, main) ? 3 + (unsigned)params : 0;
}

unsigned accept_type(struct slice field, struct slice type, bool wildcards)
{
    unsigned best = 0, weight = 0;

    for (struct slice member; list_next(&field, &member);) {
        unsigned here = 0, fits = type_fit(member, type, &here);

        if (fits > best && (wildcards || fits > 2)) {
            best = fits;
            weight = here;
        }
    }
    return weight;
}

unsigned accept_language_tag(struct slice field, struct slice tag, bool wildcards)
{
    struct language_range range;
    unsigned weight = 0;
    size_t best = 0;

    for (struct slice member; list_next(&field, &member);) {
        size_t fits = 0;

        if (!language_range_parse(member, &range))
            continue;
        if (slice_eq(range.tag, SLICE("*")))
            fits = wildcards;
        else if (is_special_of(tag, range.tag))
            fits = 1 + range.tag.len;
        if (fits > best) {
            best = fits;
            weight = range.weight;
        }
    }
    return weight;
}

unsigned accept_token(struct slice field, struct slice token, bool wildcards)
{
    struct language_range range; /* of the same form */
    unsigned weight = 0;
    int best = 0;

    for (struct slice member; list_next(&field, &member);) {
        int fits = !language_range_parse(member, &range)          ? 0
                   : slice_eq_nocase(range.tag, token)            ? 2
                   : slice_eq(range.tag, SLICE("*")) && wildcards ? 1
                                                                  : 0;

        if (fits > best) {
            best = fits;
            weight = range.weight;
        }
    }
    return weight;
}
