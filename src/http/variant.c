/*
 * variant.c - RVSA/1.0 (RFC 2296).
 */
#include "http/variant.h"

#include "http/accept.h"
#include "http/feature_set.h"

/* As the request says, or as it would be without what was left open (RFC 2296 §3.4). */
enum reading { AS_SAID, WITHOUT_THE_OPEN };

/* Of factors that are thousandths, as all are but that of features. */
enum { WHOLE = 1000 };

static unsigned type_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    if (!variant->type.len || (reading == AS_SAID && !wish->has_accept))
        return WHOLE;
    return accept_type(wish->accept, variant->type, reading == AS_SAID);
}

static unsigned charset_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    if (!variant->charset.len || (reading == AS_SAID && !wish->has_charset))
        return WHOLE;
    return accept_token(wish->charset, variant->charset, reading == AS_SAID);
}

/* The best of its languages. */
static unsigned language_factor(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    unsigned best = 0;

    if (!variant->language_count || (reading == AS_SAID && !wish->has_language))
        return WHOLE;
    for (unsigned i = 0; i < variant->language_count; i++) {
        unsigned here = accept_language_tag(wish->language, variant->languages[i], reading == AS_SAID);

        best = here > best ? here : best;
    }
    return best;
}

/* What is no list of features is fulfilled by nobody. */
static void times_features(struct product *product, const struct variant *variant, const struct variant_wish *wish,
                           enum reading reading)
{
    struct feature_set set;

    if (!variant->features.len || (reading == AS_SAID && !wish->has_features))
        return;
    feature_set_read(wish->features, &set);
    set.is_open &= reading == AS_SAID;
    if (!features_factor(&set, variant->features, product))
        product->value = 0;
}

/* round5() of the exact product: halves go up. */
static uint32_t rounded(struct product product)
{
    unsigned __int128 scale = 1, quality;

    for (; product.places > 10; product.places--) /* 1000^10 times RVSA_ONE is what there is room for */
        product.value /= 1000;
    for (unsigned i = 0; i < product.places; i++)
        scale *= 1000;
    quality = product.value / scale * RVSA_ONE + (product.value % scale * RVSA_ONE + scale / 2) / scale;
    return quality < UINT32_MAX ? (uint32_t)quality : UINT32_MAX;
}

static uint32_t quality_of(const struct variant *variant, const struct variant_wish *wish, enum reading reading)
{
    struct product product = {.value = 1};

    product_times(&product, variant->is_fallback ? 1 : variant->quality);
    product_times(&product, variant->is_fallback ? 1 : WHOLE); /* 0.000001 */
    product_times(&product, type_factor(variant, wish, reading));
    product_times(&product, charset_factor(variant, wish, reading));
    product_times(&product, language_factor(variant, wish, reading));
    times_features(&product, variant, wish, reading);
    return rounded(product);
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
