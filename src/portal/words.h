/*
 * words.h - the sentences of the portal's pages, in the languages that we speak.
 *
 * UTF-8, fit for HTML as they are but for escaping. A number never stands within a sentence, so that no language needs
 * its plurals here.
 */
#ifndef PORTAL_WORDS_H
#define PORTAL_WORDS_H

#include "base/slice.h"

enum word {
    WORD_NONE,
    /* the page */
    WORD_LOG_IN,
    WORD_INTRO,
    WORD_TERMS,
    WORD_ACCEPT,
    WORD_GO,
    WORD_VOUCHER,
    WORD_CODE,
    WORD_ACCOUNT,
    WORD_NAME,
    WORD_PASSWORD,
    WORD_BACK,
    /* who is free */
    WORD_ONLINE,
    WORD_TIME_LEFT,
    WORD_DATA_LEFT,
    WORD_LOG_OUT,
    WORD_EXTEND,
    WORD_VENUE,
    WORD_DAY, /* abbreviations, behind a number */
    WORD_HOUR,
    WORD_MINUTE,
    /* who is not let in, and why */
    WORD_NEEDS_TERMS,
    WORD_NO_TERMS,
    WORD_UNKNOWN_VOUCHER,
    WORD_SPENT,
    WORD_TOO_MANY,
    WORD_WRONG_PASSWORD,
    WORD_SLOWED,
    WORD_FULL,
    WORD_BROKEN,
    WORD_NO_ADDRESS,
    WORD_BAD_FORM,
    WORD_NOT_OFFERED,
    /* to whom something else was meant (511) */
    WORD_CAPTIVE,
    WORDS
};

struct language {
    const char *tag; /* RFC 5646 */
    bool is_rtl;
    const char *words[WORDS];
};

/* The one that an Accept-Language field asks for most; English for none. Pure. */
const struct language *language_of(struct slice accept_language);
/* The table: NULL past its end. */
const struct language *language_at(unsigned i);
struct slice word_of(const struct language *language, enum word word);

#endif
