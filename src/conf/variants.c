/*
 * variants.c - places where answers depend on what a client accepts: negotiate, languages, compress.
 */
#include "build.h"

/* What may stand in Content-Language: letters, digits, "-" (RFC 5646 §2.1). */
static bool is_language(struct slice text)
{
    enum { LANGUAGE_MAX = 35 }; /* RFC 5646 §4.4.1 */

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(i && c >= '0' && c <= '9') && !(i && c == '-'))
            return false;
    }
    return text.len >= 2 && text.len <= LANGUAGE_MAX;
}

enum err set_language(struct build *build, void *place, struct slice value)
{
    struct rules *rules = &((struct place *)place)->rules;
    struct slice *list;

    if (!is_language(value))
        return complain(build, "languages needs tags such as en or pt-br, not \"%.*s\"", SLICE_FMT(value));
    list = list_grow(&build->conf->arena, rules->languages, rules->language_count, sizeof(*list));
    list[rules->language_count++] = arena_slice(&build->conf->arena, value);
    rules->languages = list;
    return ERR_NONE;
}

void variants_finish(struct site *site)
{
    for (unsigned i = 0; i < site->place_count; i++)
        site->has_variants |= site->places[i].rules.negotiate || site->places[i].rules.compress != COMPRESS_OFF;
}
