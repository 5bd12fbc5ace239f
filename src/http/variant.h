/*
 * variant.h - variants of a negotiable resource: their descriptions, and RVSA/1.0, which chooses one for a client
 * (RFC 2295 §5, §8.3; RFC 2296). Pure.
 */
#ifndef HTTP_VARIANT_H
#define HTTP_VARIANT_H

#include "base/arena.h"
#include "base/buf.h"

enum { VARIANTS_MAX = 100, VARIANT_LANGUAGES_MAX = 8 };

struct variant {
    struct slice uri;
    unsigned quality;  /* of its source, in thousandths */
    bool is_fallback;  /* nothing but an address: for clients that are content with nothing else */
    struct slice type; /* with parameters, but no charset; "" without, as all below */
    struct slice charset;
    struct slice languages[VARIANT_LANGUAGES_MAX];
    unsigned language_count;
    bool has_length;
    uint64_t length;
    struct slice features;    /* the attribute's inside (http/feature_set.h) */
    struct slice description; /* plain text */
    struct slice description_language;
};

struct variant_list {
    struct variant list[VARIANTS_MAX];
    unsigned count;
};

/*
 * The value of Alternates. False: it is none (RFC 2295 §8.3), has an attribute twice, or too many variants. Texts point
 * into it, or into the arena where escapes were undone. Directives and attributes of others (x-...) are read over.
 */
bool alternates_read(struct slice value, struct arena *arena, struct variant_list *out);
void alternates_write(struct buf *out, const struct variant *list, unsigned count);

/* What a request accepts; has_...: the field is there, if empty. All lines of each as one. */
struct variant_wish {
    bool has_accept, has_charset, has_language, has_features;
    struct slice accept, charset, language, features;
};

enum { RVSA_ONE = 100000 };
struct variant_quality {
    uint32_t quality; /* rounded, in parts of RVSA_ONE; a factor may be above 1 */
    bool is_definite; /* it does not hang on wildcards, or on what was not said (RFC 2296 §3.4) */
};
struct variant_quality variant_quality(const struct variant *variant, const struct variant_wish *wish);

/*
 * Which of them RVSA/1.0 chooses; -1: the list is to be sent. is_neighbour(): the variant's address is the negotiable
 * resource's up to the last slash; NULL: all are.
 */
int variant_choose(const struct variant *list, unsigned count, const struct variant_wish *wish,
                   bool (*is_neighbour)(const struct variant *));

#endif
