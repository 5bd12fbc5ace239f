/*
 * dictionary.c - which files are compression dictionaries, and for what (RFC 9842).
 */
#include "build.h"
#include "http/dictionary.h"

/* dictionary = { MATCH, ID }: "self" is the file's own address, "off" none. */
enum err set_dictionary(struct build *build, void *place, struct slice value)
{
    struct dictionary_rule *rule = &((struct place *)place)->rules.dictionary;

    if (rule->is_on) {
        if (rule->id.len || !value.len || !dictionary_id_is_good(value))
            return complain(build, "dictionary takes a pattern and an id of printable characters, 1024 at most");
        rule->id = arena_slice(&build->conf->arena, value);
        return ERR_NONE;
    }
    if (slice_eq(value, SLICE("off")))
        return ERR_NONE;
    if (!slice_eq(value, SLICE("self")) && !dictionary_match_is_good(value))
        return complain(build,
                        "dictionary needs \"self\" or a pattern of addresses such as \"/app/*.js\", which begins with "
                        "a slash and has no parentheses, not \"%.*s\"",
                        SLICE_FMT(value));
    rule->is_on = true;
    if (!slice_eq(value, SLICE("self")))
        rule->match = arena_slice(&build->conf->arena, value);
    return ERR_NONE;
}

/* Clients use no dictionary that is not fresh (RFC 9842 §2.2.1). */
enum err dictionaries_check(struct build *build, struct site *site)
{
    for (unsigned i = 0; i < site->place_count; i++) {
        struct rules rules = conf_rules(site, site->places[i].path);

        if (!rules.dictionary.is_on)
            continue;
        site->has_dictionaries = true;
        if (rules.fresh_s == 0)
            return complain(build,
                            "a dictionary at /%.*s is of no use without fresh, for how long clients may take it for "
                            "the current one: fresh = 1h",
                            SLICE_FMT(site->places[i].path));
    }
    return ERR_NONE;
}
