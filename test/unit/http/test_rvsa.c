/*
 * test_rvsa.c - RVSA/1.0 beside an evaluator that is as simple as it could be: random variants and random requests.
 *
 * What is written for the one is known to the other as it was made, so it reads nothing. Weights are looked up level by
 * level; of features all worlds that fit to what was said are tried, and a predicate is what it is in all of them;
 * products are whole numbers. PAIRS=1000000 in the environment tries as many.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "http/variant.h"

enum { PAIRS_USUAL = 10000, VARIANTS_MOST = 4, ENTRIES_MOST = 4, ELEMENTS_MOST = 3, TAGS = 3, VALUES = 6 };

static uint64_t state;

static unsigned pick(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

/* ---- what is made ---- */

static const char *const types[] = {"text/html", "text/html;level=1", "text/plain", "image/gif"};
static const char *const type_ranges[] = {"text/html;level=1", "text/html", "text/plain", "text/*", "image/*", "*/*"};
static const char *const charsets[] = {"utf-8", "koi8-r"};
static const char *const charset_ranges[] = {"koi8-r", "utf-8", "*"};
static const char *const languages[] = {"en", "en-gb", "fr", "de-ch-1996", "de"};
static const char *const language_ranges[] = {"en", "en-gb", "fr", "de-ch", "de", "*"};
static const char *const tags[TAGS] = {"a", "b", "c"};
static const char *const values[VALUES] = {"0", "1", "2", "5", "9", "x"}; /* some in each range, one above all */

struct entry {
    const char *range;
    unsigned weight;
};
struct field {
    bool is_there;
    struct entry entries[ENTRIES_MOST];
    unsigned count;
    char text[512];
};

/* What is said of one feature. */
enum said { SAID_NOTHING, SAID_ABSENT, SAID_PRESENT, SAID_VALUE, SAID_TWO, SAID_ONLY, SAID_NOT };
struct knowledge {
    enum said said[TAGS];
    unsigned value[TAGS], other[TAGS];
    bool is_open, is_there;
    char text[512];
};

struct predicate {
    unsigned tag, value;
    enum { IS_PRESENT, IS_ABSENT, IS_VALUE, IS_NOT, IN_RANGE } kind;
    unsigned first, last; /* 0 as last: no end */
};
struct element {
    struct predicate predicates[2];
    unsigned count, better, worse; /* thousandths */
};
struct made {
    const char *type, *charset;
    const char *languages[2];
    unsigned language_count, quality;
    bool is_fallback;
    struct element elements[ELEMENTS_MOST];
    unsigned element_count;
};

static unsigned some_weight(void)
{
    static const unsigned weights[] = {1000, 1000, 0, 900, 500, 333, 5, 1};

    return weights[pick(sizeof(weights) / sizeof(*weights))];
}

static void make_field(struct field *field, const char *const *ranges, unsigned range_count)
{
    size_t len = 0;

    *field = (struct field){.is_there = pick(5) > 0};
    for (unsigned i = 0; i < range_count && field->count < ENTRIES_MOST; i++) {
        struct entry *entry = &field->entries[field->count];

        if (pick(2))
            continue;
        *entry = (struct entry){ranges[i], some_weight()};
        len += (size_t)snprintf(field->text + len, sizeof(field->text) - len, "%s%s;q=%u.%03u", len ? ", " : "",
                                entry->range, entry->weight / 1000, entry->weight % 1000);
        field->count++;
    }
}

static void make_knowledge(struct knowledge *known)
{
    static const char *const forms[] = {
        "", ", !%1$s", ", %1$s", ", %1$s=%2$s", ", %1$s=%2$s, %1$s=%3$s", ", %1$s={%2$s}", ", %1$s!=%2$s"};
    size_t len = 0;

    *known = (struct knowledge){.is_there = pick(5) > 0, .is_open = pick(2)};
    for (unsigned tag = 0; tag < TAGS; tag++) {
        known->said[tag] = pick(SAID_NOT + 1);
        known->value[tag] = pick(VALUES);
        known->other[tag] = pick(VALUES);
        len += (size_t)snprintf(known->text + len, sizeof(known->text) - len, forms[known->said[tag]], tags[tag],
                                values[known->value[tag]], values[known->other[tag]]);
    }
    if (known->is_open)
        snprintf(known->text + len, sizeof(known->text) - len, ", *");
}

static struct predicate make_predicate(void)
{
    static const unsigned ends[] = {0, 1, 2, 5};
    struct predicate predicate = {.tag = pick(TAGS), .value = pick(VALUES), .kind = pick(IN_RANGE + 1)};

    predicate.first = ends[pick(4)];
    predicate.last = ends[pick(4)];
    if (predicate.last && predicate.last < predicate.first)
        predicate.last = predicate.first;
    return predicate;
}

static void make_variant(struct made *made)
{
    static const unsigned factors[] = {1000, 1500, 500, 0, 700, 2000};

    *made = (struct made){.quality = some_weight(), .is_fallback = !pick(20)};
    if (made->is_fallback)
        return;
    if (pick(4))
        made->type = types[pick(4)];
    if (!pick(3))
        made->charset = charsets[pick(2)];
    made->language_count = pick(3);
    for (unsigned i = 0; i < made->language_count; i++)
        made->languages[i] = languages[pick(5)];
    made->element_count = pick(3) ? 0 : 1 + pick(ELEMENTS_MOST);
    for (unsigned i = 0; i < made->element_count; i++) {
        struct element *element = &made->elements[i];

        *element = (struct element){.count = 1 + pick(2), .better = factors[pick(6)], .worse = factors[pick(6)]};
        for (unsigned k = 0; k < element->count; k++)
            element->predicates[k] = make_predicate();
    }
}

/* ---- as text ---- */

static void write_predicate(struct buf *out, const struct predicate *predicate)
{
    const char *tag = tags[predicate->tag], *value = values[predicate->value];

    switch (predicate->kind) {
    case IS_PRESENT:
        buf_add_str(out, tag);
        break;
    case IS_ABSENT:
        buf_printf(out, "!%s", tag);
        break;
    case IS_VALUE:
        buf_printf(out, "%s=%s", tag, value);
        break;
    case IS_NOT:
        buf_printf(out, "%s!=%s", tag, value);
        break;
    case IN_RANGE:
        buf_printf(out, "%s=[", tag);
        if (predicate->first)
            buf_printf(out, "%u", predicate->first);
        buf_add_char(out, '-');
        if (predicate->last)
            buf_printf(out, "%u", predicate->last);
        buf_add_char(out, ']');
        break;
    }
}

static void write_elements(struct buf *out, const struct made *made)
{
    buf_add_str(out, " {features");
    for (unsigned i = 0; i < made->element_count; i++) {
        const struct element *element = &made->elements[i];

        buf_add_str(out, element->count > 1 ? " [" : " ");
        for (unsigned k = 0; k < element->count; k++) {
            buf_add_str(out, k ? " " : "");
            write_predicate(out, &element->predicates[k]);
        }
        buf_printf(out, "%s;+%u.%03u-%u.%03u", element->count > 1 ? "]" : "", element->better / 1000,
                   element->better % 1000, element->worse / 1000, element->worse % 1000);
    }
    buf_add_char(out, '}');
}

static void write_variant(struct buf *out, const struct made *made, unsigned number)
{
    buf_printf(out, "%s{\"v%u\"", number ? ", " : "", number);
    if (!made->is_fallback)
        buf_printf(out, " %u.%03u", made->quality / 1000, made->quality % 1000);
    if (made->type)
        buf_printf(out, " {type %s}", made->type);
    if (made->charset)
        buf_printf(out, " {charset %s}", made->charset);
    for (unsigned i = 0; i < made->language_count; i++)
        buf_printf(out, "%s%s%s", i ? ", " : " {language ", made->languages[i],
                   i + 1 == made->language_count ? "}" : "");
    if (made->element_count)
        write_elements(out, made);
    buf_add_char(out, '}');
}

/* ---- the simple evaluator ---- */

static const struct entry *entry_of(const struct field *field, const char *range, size_t len)
{
    for (unsigned i = 0; i < field->count; i++)
        if (strlen(field->entries[i].range) == len && strncmp(field->entries[i].range, range, len) == 0)
            return &field->entries[i];
    return NULL;
}

static unsigned type_weight(const struct field *field, const char *type, bool with_stars)
{
    char any[32];
    const struct entry *entry = entry_of(field, type, strlen(type));

    if (!entry)
        entry = entry_of(field, type, strcspn(type, ";"));
    snprintf(any, sizeof(any), "%.*s*", (int)strcspn(type, "/") + 1, type);
    if (!entry && with_stars)
        entry = entry_of(field, any, strlen(any));
    if (!entry && with_stars)
        entry = entry_of(field, "*/*", 3);
    return entry ? entry->weight : 0;
}

/* The tag itself, then without its last part, and so on. */
static unsigned tag_weight(const struct field *field, const char *tag, bool with_stars)
{
    const struct entry *entry = NULL;

    for (size_t len = strlen(tag); len && !entry; len--)
        if (tag[len] == '\0' || tag[len] == '-')
            entry = entry_of(field, tag, len);
    if (!entry && with_stars)
        entry = entry_of(field, "*", 1);
    return entry ? entry->weight : 0;
}

/* A world: whether the feature is there, and which values it has, a bit for each. */
static bool fits(const struct knowledge *known, unsigned tag, bool is_open, bool is_there, unsigned has)
{
    unsigned value = 1u << known->value[tag], other = 1u << known->other[tag];

    switch (known->said[tag]) {
    case SAID_NOTHING:
        return is_open || !is_there;
    case SAID_ABSENT:
        return !is_there;
    case SAID_PRESENT:
        return is_there && (is_open || !has);
    case SAID_VALUE:
        return is_there && (is_open ? (has & value) == value : has == value);
    case SAID_TWO:
        return is_there && (is_open ? (has & (value | other)) == (value | other) : has == (value | other));
    case SAID_ONLY:
        return is_there && has == value;
    case SAID_NOT:
        return is_there && !(has & value) && (is_open || !has);
    }
    return false;
}

static bool holds_in(const struct predicate *predicate, bool is_there, unsigned has)
{
    bool has_number = false;
    unsigned highest = 0;

    switch (predicate->kind) {
    case IS_PRESENT:
        return is_there;
    case IS_ABSENT:
        return !is_there;
    case IS_VALUE:
        return is_there && has & 1u << predicate->value;
    case IS_NOT:
        return is_there && !(has & 1u << predicate->value);
    case IN_RANGE:
        break;
    }
    for (unsigned i = 0; i < 5; i++)
        if (has & 1u << i) {
            has_number = true;
            highest = (unsigned)atoi(values[i]);
        }
    return is_there && has_number && highest >= predicate->first && (!predicate->last || highest <= predicate->last);
}

/* False only where it is in no world. */
static bool may_hold(const struct knowledge *known, const struct predicate *predicate, bool is_open)
{
    for (unsigned has = 0; has < 1u << VALUES; has++)
        for (unsigned is_there = has ? 1 : 0; is_there < 2; is_there++)
            if (fits(known, predicate->tag, is_open, is_there, has) && holds_in(predicate, is_there, has))
                return true;
    return false;
}

static unsigned element_factor(const struct knowledge *known, const struct element *element, bool is_open)
{
    for (unsigned k = 0; k < element->count; k++)
        if (may_hold(known, &element->predicates[k], is_open))
            return element->better;
    return element->worse;
}

struct request {
    struct field accept, charset, language;
    struct knowledge known;
};

/* In 10^-5. */
static uint64_t simple_quality(const struct made *made, const struct request *request, bool as_said)
{
    static const struct knowledge nothing; /* is said where the field is empty: nothing is there */
    const struct knowledge *known = request->known.is_there ? &request->known : &nothing;
    unsigned __int128 product = made->is_fallback ? 1 : made->quality, scale = made->is_fallback ? 1000000 : 1000;
    unsigned best = 0;

    if (made->type && (request->accept.is_there || !as_said)) {
        product *= request->accept.is_there ? type_weight(&request->accept, made->type, as_said) : 0;
        scale *= 1000;
    }
    if (made->charset && (request->charset.is_there || !as_said)) {
        product *= request->charset.is_there ? tag_weight(&request->charset, made->charset, as_said) : 0;
        scale *= 1000;
    }
    if (made->language_count && (request->language.is_there || !as_said)) {
        for (unsigned i = 0; request->language.is_there && i < made->language_count; i++) {
            unsigned here = tag_weight(&request->language, made->languages[i], as_said);

            best = here > best ? here : best;
        }
        product *= best;
        scale *= 1000;
    }
    for (unsigned i = 0; i < made->element_count && (request->known.is_there || !as_said); i++) {
        product *= element_factor(known, &made->elements[i], as_said && request->known.is_open);
        scale *= 1000;
    }
    return (uint64_t)((product * 200000 + scale) / (2 * scale));
}

/* ---- both ---- */

static struct slice said_of(bool is_there, const char *text)
{
    return is_there ? slice_str(text) : SLICE_NONE;
}

static bool agree(const struct made *made, unsigned count, const struct request *request, const char *text)
{
    static struct variant_list list;
    struct variant_wish wish = {.has_accept = request->accept.is_there,
                                .accept = said_of(request->accept.is_there, request->accept.text),
                                .has_charset = request->charset.is_there,
                                .charset = said_of(request->charset.is_there, request->charset.text),
                                .has_language = request->language.is_there,
                                .language = said_of(request->language.is_there, request->language.text),
                                .has_features = request->known.is_there,
                                .features = said_of(request->known.is_there, request->known.text)};
    struct arena arena = {0};
    bool is_same = alternates_read(slice_str(text), &arena, &list) && list.count == count;
    uint64_t best = 0;
    int at = -1;
    bool is_sure = false;

    for (unsigned i = 0; i < count; i++) {
        uint64_t said = simple_quality(&made[i], request, true);
        bool is_definite = said == simple_quality(&made[i], request, false);
        struct variant_quality got = variant_quality(&list.list[i], &wish);

        if (got.quality != said || got.is_definite != is_definite)
            printf("v%u: %u%s, not %u%s\n", i, got.quality, got.is_definite ? "" : "s", (unsigned)said,
                   is_definite ? "" : "s");
        is_same &= got.quality == said && got.is_definite == is_definite;
        if (said > best) {
            best = said;
            at = (int)i;
            is_sure = is_definite;
        }
    }
    is_same &= variant_choose(list.list, list.count, &wish, NULL) == (is_sure ? at : -1);
    arena_release(&arena);
    return is_same;
}

TEST(rvsa__is_what_a_simple_evaluator_makes_of_it) /* NEG-47, NEG-53, NEG-58, NEG-59 */
{
    const char *wanted = getenv("PAIRS");
    unsigned long pairs = wanted ? strtoul(wanted, NULL, 10) : PAIRS_USUAL;

    for (unsigned long i = 0; i < pairs; i++) {
        struct made made[VARIANTS_MOST];
        unsigned count;
        struct request request;
        struct buf text = BUF_INIT(8192);
        bool has_fallback = false;

        state = i * 0x9e3779b97f4a7c15u;
        count = 1 + pick(VARIANTS_MOST);
        for (unsigned k = 0; k < count; k++) {
            do
                make_variant(&made[k]);
            while (made[k].is_fallback && has_fallback);
            has_fallback |= made[k].is_fallback;
            write_variant(&text, &made[k], k);
        }
        make_field(&request.accept, type_ranges, 6);
        make_field(&request.charset, charset_ranges, 3);
        make_field(&request.language, language_ranges, 6);
        make_knowledge(&request.known);
        if (!agree(made, count, &request, buf_str(&text))) {
            printf("pair %lu: %s\nAccept: %s\nAccept-Charset: %s\nAccept-Language: %s\nAccept-Features: %s\n", i,
                   buf_str(&text), request.accept.is_there ? request.accept.text : "(none)",
                   request.charset.is_there ? request.charset.text : "(none)",
                   request.language.is_there ? request.language.text : "(none)",
                   request.known.is_there ? request.known.text : "(none)");
            CHECK(false);
        }
        buf_release(&text);
    }
}
