/*
 * extension.c - require-extension: one of the extensions that exist here (http/extension.h), kept as its URI.
 */
#include "build.h"
#include "http/extension.h"

enum err set_extension(struct build *build, void *place, struct slice value)
{
    struct place *at = place;
    enum extension extension = extension_find_by_name(value);

    if (!extension && !slice_eq(value, SLICE("none")))
        return complain(
            build,
            "require-extension takes \"integrity\", \"reason\", one of their URIs (urn:samovar:ext:reason), "
            "or \"none\", not \"%.*s\"",
            SLICE_FMT(slice_upto(value, 200)));
    at->rules.extension = extension_uri(extension);
    return ERR_NONE;
}

enum err extensions_check(struct build *build, const struct site *site)
{
    for (unsigned i = 0; i < site->place_count && !site->extensions; i++)
        if (site->places[i].rules.extension.len)
            return complain(
                build,
                "site \"%.*s\": require-extension for /%.*s, but nobody could send such a request: it takes "
                "extensions = on",
                SLICE_FMT(site->name), SLICE_FMT(site->places[i].path));
    return ERR_NONE;
}
