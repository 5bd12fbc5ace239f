/*
 * words.c - which of the portal's languages a client reads: as our other pages' (repr/language.h), of more of them.
 */
#include "http/accept.h"
#include "words_private.h"

enum { LANGUAGES_MAX = 16 };

const struct language *language_at(unsigned i)
{
    if (i < languages_west.count)
        return &languages_west.list[i];
    i -= languages_west.count;
    return i < languages_east.count ? &languages_east.list[i] : NULL;
}

const struct language *language_of(struct slice accept_language_field)
{
    struct slice tags[LANGUAGES_MAX];
    unsigned count = 0;

    if (!accept_language_field.len)
        return language_at(0);
    for (const struct language *language; count < LANGUAGES_MAX && (language = language_at(count)); count++)
        tags[count] = slice_str(language->tag);
    return language_at(accept_language(accept_language_field, tags, count));
}

struct slice word_of(const struct language *language, enum word word)
{
    return slice_str(language->words[word]);
}
