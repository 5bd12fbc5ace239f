/*
 * words_private.h - the two tables of the portal's languages. English stands first in the first.
 */
#ifndef PORTAL_WORDS_PRIVATE_H
#define PORTAL_WORDS_PRIVATE_H

#include "words.h"

struct languages {
    const struct language *list;
    unsigned count;
};

extern const struct languages languages_west, languages_east;

#endif
