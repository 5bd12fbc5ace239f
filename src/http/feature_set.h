/*
 * feature_set.h - feature negotiation: the features attribute of a variant against Accept-Features (RFC 2295 §6, §8.2).
 *
 * What a client says of itself may be incomplete: then a predicate can be true, false, or unknown. Tags compare without
 * case, values with it. Pure; nothing is allocated, what is beyond the limits below counts as not there.
 */
#ifndef HTTP_FEATURE_SET_H
#define HTTP_FEATURE_SET_H

#include "base/slice.h"

enum { FEATURE_EXPRESSIONS_MAX = 64, FEATURE_PREDICATES_MAX = 64 };

enum truth { TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE };

/* One of Accept-Features. */
struct feature_expression {
    enum { FEATURE_PRESENT, FEATURE_ABSENT, FEATURE_IS, FEATURE_IS_NOT, FEATURE_IS_ONLY } kind;
    struct slice tag, value;
};
struct feature_set {
    struct feature_expression list[FEATURE_EXPRESSIONS_MAX];
    unsigned count;
    bool is_open; /* `*`: there may be more than is said */
};

/* All lines as one. What is no expression is read over. */
void feature_set_read(struct slice value, struct feature_set *out);

/* One predicate: `tables`, `!tables`, `paper=A4`, `paper!=A4`, `colordepth=[4-6]`. What is none is false. */
enum truth feature_holds(const struct feature_set *set, struct slice predicate);

/* A product of thousandths: value / 1000^places. Exact as long as it has less than 10^32 of them. */
struct product {
    unsigned __int128 value;
    unsigned places;
};
void product_times(struct product *product, uint32_t thousandths);

/*
 * The quality degradation factor of a features attribute ("tables frames;+1.5 [a b];+1.2-0.5"), by which *product is
 * multiplied. What is unknown counts as true. False: it is no such list.
 */
bool features_factor(const struct feature_set *set, struct slice features, struct product *product);

#endif
