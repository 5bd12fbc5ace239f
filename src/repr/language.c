/*
 * language.c - the language of our own pages.
 */
#include "repr/language.h"

#include "http/accept.h"

static const struct slice tags[PAGE_LANGUAGES] = {
    [PAGE_EN] = SLICE_INIT("en"), [PAGE_DE] = SLICE_INIT("de"), [PAGE_FR] = SLICE_INIT("fr"),
    [PAGE_ES] = SLICE_INIT("es"), [PAGE_ZH] = SLICE_INIT("zh"),
};

enum page_language page_language_choose(struct slice accept_language_field)
{
    if (!accept_language_field.len)
        return PAGE_EN;
    return (enum page_language)accept_language(accept_language_field, tags, PAGE_LANGUAGES);
}

struct slice page_language_tag(enum page_language language)
{
    return tags[language];
}
