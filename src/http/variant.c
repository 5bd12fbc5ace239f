/*
 * variant.c - RVSA/1.0 (RFC 2296).
 */
#include "http/variant.h"

#include "http/accept.h"
#include "http/feature_set.h"

/* As the request says, or as it would be without what was left open (RFC 2296 §3.4). */
enum reading { AS_SAID, WITHOUT_THE_OPEN };

static double type_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    if (!variant->type.len || (reading == AS_SAID && !wish->has_accept))
        return 1;
    return accept_type(wish->accept, variant->type, reading == AS_SAID) / 1000.0;
}

static double charset_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    if (!variant->charset.len || (reading == AS_SAID && !wish->has_charset))
        return 1;
    return accept_token(wish->charset, variant->charset, reading == AS_SAID) / 1000.0;
}

/* The best of its languages. */
static double language_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    unsigned best = 0;

    if (!variant->language_count || (reading == AS_SAID && !wish->has_language))
        return 1;
    for (unsigned i = 0; i < variant->language_count; i++) {
        unsigned here = accept_language_tag(wish->language, variant->languages[i], reading == AS_SAID);

        best = here > best ? here : best;
    }
    return best / 1000.0;
}

static double features_factor_of(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    struct feature_set set;
    double factor;

    if (!variant->features.len || (reading == AS_SAID && !wish->has_features))
        return 1;
    feature_set_read(wish->features, &set);
    set.is_open &= reading == AS_SAID;
    return features_factor(&set, variant->features, &factor) ? factor : 0;
}

static uint32_t quality_of(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    double quality = variant->is_fallback ? 0.000001 : variant->quality / 1000.0;

    quality *= type_factor(variant, wish, reading) * charset_factor(variant, wish, reading) *
               language_factor(variant, wish, reading) * features_factor_of(variant, wish, reading);
    quality = quality * RVSA_ONE + 0.5;
    return quality < UINT32_MAX ? (uint32_t)quality : UINT32_MAX;
}

struct variant_quality variant_quality(const struct variant *variant, const struct variant_wish *wish)
{
    uint32_t quality = quality_of(variant, wish, AS_SAID);

    return (struct variant_quality){quality, quality == quality_of(variant, wish, WITHOUT_THE_OPEN)};
}

int variant_choose(const struct variant *list, unsigned count, const struct variant_wish *wish,
                   bool (*is_neighbour)(const struct variant *))
{
    struct variant_quality best = {0};
    int at = -1;

    for (unsigned i = 0; i < count; i++) {
        struct variant_quality here = variant_quality(&list[i], wish);

        if (here.quality > best.quality) {
            best = here;
            at = (int)i;
        }
    }
    if (at < 0 || !best.is_definite || (is_neighbour && !is_neighbour(&list[at])))
        return -1;
    return at;
}
