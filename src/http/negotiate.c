/*
 * negotiate.c - transparent content negotiation.
 */
#include "http/negotiate.h"

#include "base/hash.h"
#include "http/accept.h"
#include "http/field.h"

bool name_is_map(struct slice name)
{
    static const struct slice ending = SLICE_INIT(".var");

    return name.len > ending.len && slice_eq_nocase(slice_from(name, name.len - ending.len), ending);
}

/* ---- Negotiate ---- */

static bool digits_take(struct slice *rest, unsigned *out)
{
    enum { MOST = 100000 }; /* of a version; beyond it they are all alike */
    size_t len = 0;

    *out = 0;
    for (; len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9'; len++)
        *out = *out < MOST ? *out * 10 + (unsigned)(rest->ptr[len] - '0') : MOST;
    *rest = slice_from(*rest, len);
    return len > 0;
}

/* Numbers, not digits: 1.10 is above 1.9 (NEG-C5). */
static bool version_read(struct slice text, unsigned *major, unsigned *minor)
{
    if (!digits_take(&text, major) || !text.len || text.ptr[0] != '.')
        return false;
    text = slice_from(text, 1);
    return digits_take(&text, minor) && text.len == 0;
}

static void directive_read(struct slice member, struct negotiate *out)
{
    unsigned major, minor;
    struct negotiate before = *out;

    out->is_known = true;
    if (slice_eq_nocase(member, SLICE("trans")))
        return;
    if (slice_eq_nocase(member, SLICE("vlist")))
        out->wants_list = true;
    else if (slice_eq_nocase(member, SLICE("guess-small")))
        out->wants_list = out->may_guess = true;
    else if (slice_eq(member, SLICE("*")))
        out->may_choose = true;
    else if (version_read(member, &major, &minor))
        out->may_choose |= major == 1 && minor == 0; /* ours is 1.0, and an algorithm may be newer, not older */
    else
        *out = before;
}

void negotiate_read(struct slice value, struct negotiate *out)
{
    *out = (struct negotiate){0};
    for (struct slice member; list_next(&value, &member);)
        directive_read(member, out);
}

/* ---- lists ---- */

void variants_vary_write(struct buf *out, const struct variant *list, unsigned count)
{
    bool has_type = false, has_charset = false, has_language = false, has_features = false;

    for (unsigned i = 0; i < count; i++) {
        has_type |= list[i].type.len > 0;
        has_charset |= list[i].charset.len > 0;
        has_language |= list[i].language_count > 0;
        has_features |= list[i].features.len > 0;
    }
    buf_add_str(out, "negotiate");
    buf_add_str(out, has_type ? ", accept" : "");
    buf_add_str(out, has_charset ? ", accept-charset" : "");
    buf_add_str(out, has_language ? ", accept-language" : "");
    buf_add_str(out, has_features ? ", accept-features" : "");
}

void variants_validator_write(struct buf *out, struct slice alternates)
{
    enum { VALIDATOR_OCTETS = 6 };                                               /* a change goes unseen once in 2^48 */
    static const struct hash_key key = {0x73616d6f76617221, 0x76617269616e7473}; /* the same after a restart */
    struct hash128 hash = hash128(&key, alternates);
    char hex[2 * VALIDATOR_OCTETS];

    hex_encode(hex, hash.bytes, VALIDATOR_OCTETS);
    buf_add(out, slice_of(hex, sizeof(hex)));
}

/* ---- ordinary negotiation ---- */

enum { ONE = 1000 };           /* a factor of 1 */
#define MORE_SPECIAL 0.9995    /* of a language that is more special than what was asked for: pt-br for pt */
#define NEARLY 0.999           /* ... more general: pt for pt-br */
#define WITHOUT_LANGUAGE 0.001 /* for a variant that has none beside those that have one */

static bool begins(struct slice tag, struct slice longer)
{
    return slice_starts_nocase(longer, tag) && (longer.len == tag.len || longer.ptr[tag.len] == '-');
}

/* Of the ranges that the tag begins ("de" does "de-CH"), the weight of the shortest; 0 where one is about the tag. */
static unsigned general_weight(struct slice field, struct slice tag)
{
    unsigned best = 0;
    size_t best_len = 0;

    for (struct slice member; list_next(&field, &member);) {
        struct slice range = slice_trim(slice_upto(member, slice_index(member, ';')));

        if (begins(range, tag))
            return 0;
        if (!begins(tag, range) || (best_len && range.len >= best_len))
            continue;
        best = accept_language_tag(member, range, false);
        best_len = range.len;
    }
    return best;
}

static bool is_listed(struct slice field, struct slice tag)
{
    for (struct slice member; list_next(&field, &member);)
        if (slice_eq_nocase(slice_trim(slice_upto(member, slice_index(member, ';'))), tag))
            return true;
    return false;
}

static double tag_factor(struct slice field, struct slice tag)
{
    unsigned named = accept_language_tag(field, tag, false), any, general;

    if (named)
        return (is_listed(field, tag) ? 1 : MORE_SPECIAL) * named / ONE;
    any = accept_language_tag(field, tag, true); /* 0, also where a range says q=0 */
    general = general_weight(field, tag);
    return (double)any / ONE > general * NEARLY / ONE ? (double)any / ONE : general * NEARLY / ONE;
}

static double language_factor(const struct variant *variant, const struct variant_wish *wish, bool some_have)
{
    double best = 0;

    if (!wish->has_language)
        return 1;
    if (!variant->language_count)
        return some_have ? WITHOUT_LANGUAGE : 1;
    for (unsigned i = 0; i < variant->language_count; i++) {
        double here = tag_factor(wish->language, variant->languages[i]);

        best = here > best ? here : best;
    }
    return best;
}

/* What RVSA/1.0 makes of it without its language, which counts otherwise here. */
static double quality_of(const struct variant *variant, const struct variant_wish *wish, bool some_have)
{
    struct variant_wish rest = *wish;

    rest.has_language = false;
    return variant_quality(variant, &rest).quality * language_factor(variant, wish, some_have);
}

static bool is_in(const struct variant *variant, struct slice language)
{
    for (unsigned i = 0; i < variant->language_count; i++)
        if (slice_eq_nocase(variant->languages[i], language))
            return true;
    return false;
}

/* Of the best ones just one is in the first language that any of them is in. */
static struct pick settle(const struct variant *list, const bool *is_best, unsigned count,
                          const struct slice *languages, unsigned language_count)
{
    for (unsigned k = 0; k < language_count; k++) {
        struct pick pick = {.kind = PICK_NONE};

        for (unsigned i = 0; i < count; i++)
            if (is_best[i] && is_in(&list[i], languages[k]))
                pick = (struct pick){pick.kind == PICK_NONE ? PICK_ONE : PICK_TIE, i};
        if (pick.kind != PICK_NONE)
            return pick;
    }
    return (struct pick){.kind = PICK_TIE};
}

static struct pick fallback_of(const struct variant *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (list[i].is_fallback)
            return (struct pick){PICK_ONE, i};
    return (struct pick){.kind = PICK_NONE};
}

struct pick variant_pick(const struct variant *list, unsigned count, const struct variant_wish *wish,
                         const struct slice *languages, unsigned language_count)
{
    bool is_best[VARIANTS_MAX] = {false}, some_have = false;
    unsigned best_count = 0, at = 0;
    double best = 0;

    for (unsigned i = 0; i < count; i++)
        some_have |= list[i].language_count > 0;
    for (unsigned i = 0; i < count && i < VARIANTS_MAX; i++) {
        double here = list[i].is_fallback ? 0 : quality_of(&list[i], wish, some_have);

        if (here <= 0 || here < best)
            continue;
        if (here > best) {
            memset(is_best, 0, sizeof(is_best));
            best_count = 0;
        }
        best = here;
        is_best[i] = true;
        best_count++;
        at = i;
    }
    if (!best_count)
        return fallback_of(list, count);
    return best_count == 1 ? (struct pick){PICK_ONE, at} : settle(list, is_best, count, languages, language_count);
}
