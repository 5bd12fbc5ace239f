/*
 * feature_set.c - feature predicates and their sums.
 */
#include "http/feature_set.h"

#include "http/field.h"

/* ---- words ---- */

/* A token, or a quoted string without its quotes (escapes stay: no tag that anybody knows has any). */
static bool word_take(struct slice *rest, struct slice *word)
{
    size_t len = 0;

    blanks_take(rest);
    if (rest->len && rest->ptr[0] == '"') {
        *rest = slice_from(*rest, 1);
        while (len < rest->len && rest->ptr[len] != '"')
            len += rest->ptr[len] == '\\' && len + 1 < rest->len ? 2 : 1;
        if (len >= rest->len)
            return false;
        *word = slice_upto(*rest, len);
        *rest = slice_from(*rest, len + 1);
        return true;
    }
    while (len < rest->len && char_is_token((unsigned char)rest->ptr[len]) && rest->ptr[len] != '!')
        len++;
    *word = slice_upto(*rest, len);
    *rest = slice_from(*rest, len);
    return len > 0;
}

/* ---- Accept-Features ---- */

static bool value_take(struct slice *rest, struct feature_expression *out)
{
    bool is_negated = char_take(rest, '!');

    if (!char_take(rest, '='))
        return !is_negated;
    out->kind = is_negated ? FEATURE_IS_NOT : FEATURE_IS;
    if (!is_negated && char_take(rest, '{')) {
        out->kind = FEATURE_IS_ONLY;
        return word_take(rest, &out->value) && char_take(rest, '}');
    }
    return word_take(rest, &out->value);
}

static bool expression_read(struct slice text, struct feature_expression *out)
{
    *out = (struct feature_expression){.kind = FEATURE_PRESENT};
    if (char_take(&text, '!')) {
        out->kind = FEATURE_ABSENT;
        if (!word_take(&text, &out->tag))
            return false;
    } else if (!word_take(&text, &out->tag) || !value_take(&text, out)) {
        return false;
    }
    blanks_take(&text);
    return !text.len || text.ptr[0] == ';'; /* extensions mean nothing here */
}

void feature_set_read(struct slice value, struct feature_set *out)
{
    out->count = 0;
    out->is_open = false;
    for (struct slice member; list_next(&value, &member);) {
        if (slice_eq(slice_trim(slice_upto(member, slice_index(member, ';'))), SLICE("*")))
            out->is_open = true;
        else if (out->count < FEATURE_EXPRESSIONS_MAX)
            out->count += expression_read(member, &out->list[out->count]);
        else
            out->is_open = true; /* what is not looked at may say anything */
    }
}

/* ---- one tag ---- */

/* What is said of it. */
struct said {
    bool is_present, is_absent;
    bool is_closed;    /* no values but those */
    bool has, has_not; /* the value that was asked for */
    bool has_number;
    uint64_t highest;
};

static void say(struct said *said, const struct feature_expression *at, struct slice value)
{
    uint64_t number;

    said->is_absent |= at->kind == FEATURE_ABSENT;
    said->is_present |= at->kind != FEATURE_ABSENT;
    said->is_closed |= at->kind == FEATURE_IS_ONLY;
    said->has_not |= at->kind == FEATURE_IS_NOT && slice_eq(at->value, value);
    if (at->kind != FEATURE_IS && at->kind != FEATURE_IS_ONLY)
        return;
    said->has |= slice_eq(at->value, value);
    if (slice_u64(at->value, &number) && (!said->has_number || number > said->highest)) {
        said->has_number = true;
        said->highest = number;
    }
}

static struct said said_of(const struct feature_set *set, struct slice tag, struct slice value)
{
    struct said said = {.is_closed = !set->is_open};

    for (unsigned i = 0; i < set->count; i++)
        if (slice_eq_nocase(set->list[i].tag, tag))
            say(&said, &set->list[i], value);
    said.is_absent |= !said.is_present && !set->is_open;
    return said;
}

static enum truth truth_not(enum truth truth)
{
    return (enum truth)(TRUTH_TRUE - truth);
}

static enum truth is_present(const struct said *said)
{
    return said->is_present ? TRUTH_TRUE : said->is_absent ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth has_value(const struct said *said)
{
    if (said->has)
        return TRUTH_TRUE;
    return said->is_absent || said->has_not || said->is_closed ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

/* Present, and without that value. */
static enum truth lacks_value(const struct said *said)
{
    enum truth present = is_present(said), without = truth_not(has_value(said));

    return present < without ? present : without;
}

/* It is said not to have this number. */
static bool is_without(const struct feature_set *set, struct slice tag, uint64_t number)
{
    uint64_t at;

    for (unsigned i = 0; i < set->count; i++)
        if (set->list[i].kind == FEATURE_IS_NOT && slice_eq_nocase(set->list[i].tag, tag) &&
            slice_u64(set->list[i].value, &at) && at == number)
            return true;
    return false;
}

/* The highest of its numbers lies between these. */
static enum truth in_range(const struct said *said, uint64_t first, uint64_t last)
{
    if (said->is_absent || (said->is_closed && !said->has_number) || (said->has_number && said->highest > last))
        return TRUTH_FALSE;
    if (said->has_number && said->highest >= first && (said->is_closed || last == UINT64_MAX))
        return TRUTH_TRUE;
    return said->is_closed ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

/* ---- predicates ---- */

static bool number_take(struct slice *rest, uint64_t otherwise, uint64_t *out)
{
    size_t len = 0;

    blanks_take(rest);
    while (len < rest->len && ascii_is_digit(rest->ptr[len]))
        len++;
    *out = otherwise;
    if (len && !slice_u64(slice_upto(*rest, len), out))
        return false;
    *rest = slice_from(*rest, len);
    return true;
}

/* "[N-M]", behind its first bracket. */
static bool range_take(struct slice *rest, uint64_t *first, uint64_t *last)
{
    return number_take(rest, 0, first) && char_take(rest, '-') && number_take(rest, UINT64_MAX, last) &&
           char_take(rest, ']');
}

/* Takes one off; false: there is none. */
static bool predicate_take(const struct feature_set *set, struct slice *rest, enum truth *out)
{
    bool is_negated = char_take(rest, '!');
    struct slice tag, value, before;
    struct said said;
    uint64_t first, last;

    if (!word_take(rest, &tag))
        return false;
    said = said_of(set, tag, SLICE_NONE);
    *out = is_negated ? truth_not(is_present(&said)) : is_present(&said);
    if (is_negated)
        return true;
    before = *rest;
    is_negated = char_take(rest, '!');
    if (!char_take(rest, '=')) {
        *rest = before; /* the next predicate's */
        return true;
    }
    if (!is_negated && char_take(rest, '[')) {
        if (!range_take(rest, &first, &last))
            return false;
        *out = first == last && is_without(set, tag, first) ? TRUTH_FALSE : in_range(&said, first, last);
        return true;
    }
    if (!word_take(rest, &value))
        return false;
    said = said_of(set, tag, value);
    *out = is_negated ? lacks_value(&said) : has_value(&said);
    return true;
}

enum truth feature_holds(const struct feature_set *set, struct slice predicate)
{
    enum truth truth;

    if (!predicate_take(set, &predicate, &truth))
        return TRUTH_FALSE;
    blanks_take(&predicate);
    return predicate.len ? TRUTH_FALSE : truth;
}

/* ---- lists of them ---- */

/* One predicate, or a bag of them, of which one has to be true. */
static bool element_take(const struct feature_set *set, struct slice *rest, enum truth *out)
{
    enum truth truth;
    unsigned count = 0;

    if (!char_take(rest, '['))
        return predicate_take(set, rest, out);
    *out = TRUTH_FALSE;
    while (!char_take(rest, ']')) {
        if (count++ == FEATURE_PREDICATES_MAX || !predicate_take(set, rest, &truth))
            return false;
        *out = truth > *out ? truth : *out;
    }
    return count > 0;
}

void product_times(struct product *product, uint32_t thousandths)
{
    static const unsigned __int128 most = (unsigned __int128)1 << 107; /* the next factor has 20 bits */

    if (thousandths == 1000)
        return;
    for (; product->places && (product->value > most || product->value % 1000 == 0); product->places--)
        product->value /= 1000;
    product->value *= thousandths;
    product->places++;
}

/* 1*3DIGIT [ "." 0*3DIGIT ] (RFC 2295 §3.2), in thousandths. */
static bool short_float_take(struct slice *rest, uint32_t *out)
{
    uint32_t whole = 0, part = 0, digits = 0, scale = 1000;

    for (; digits < 3 && rest->len && ascii_is_digit(rest->ptr[0]); digits++, *rest = slice_from(*rest, 1))
        whole = 10 * whole + (uint32_t)(rest->ptr[0] - '0');
    if (!digits)
        return false;
    if (rest->len && rest->ptr[0] == '.') {
        *rest = slice_from(*rest, 1);
        for (digits = 0; digits < 3 && rest->len && ascii_is_digit(rest->ptr[0]);
             digits++, *rest = slice_from(*rest, 1)) {
            scale /= 10;
            part += scale * (uint32_t)(rest->ptr[0] - '0');
        }
    }
    *out = 1000 * whole + part;
    return true;
}

/* [ ";" [ "+" improvement ] [ "-" degradation ] ] */
static bool factors_take(struct slice *rest, uint32_t *improvement, uint32_t *degradation)
{
    *improvement = 1000;
    *degradation = 0;
    if (!char_take(rest, ';'))
        return true;
    if (char_take(rest, '+')) {
        *degradation = 1000;
        if (!short_float_take(rest, improvement))
            return false;
    }
    return !char_take(rest, '-') || short_float_take(rest, degradation);
}

bool features_factor(const struct feature_set *set, struct slice features, struct product *product)
{
    unsigned count = 0;

    blanks_take(&features);
    for (; features.len; count++, blanks_take(&features)) {
        uint32_t improvement, degradation;
        enum truth truth;

        if (count == FEATURE_PREDICATES_MAX || !element_take(set, &features, &truth) ||
            !factors_take(&features, &improvement, &degradation))
            return false;
        product_times(product, truth == TRUTH_FALSE ? degradation : improvement);
    }
    return count > 0;
}
