/*
 * language.h - the languages that our own pages speak: which one for a request.
 *
 * A page of ours has one variant for each of them, and the one for a request is found as a file's is: by
 * Accept-Language (http/accept.h). They are no negotiable resources of RFC 2295, so nothing says TCN; they say
 * Content-Language, and Vary where they may be stored. Pure, any side.
 */
#ifndef REPR_LANGUAGE_H
#define REPR_LANGUAGE_H

#include "base/slice.h"

/* English is what the sources are written in, and what is spoken where no other is wanted. */
enum page_language { PAGE_EN, PAGE_DE, PAGE_FR, PAGE_ES, PAGE_ZH, PAGE_LANGUAGES };

/* All lines of Accept-Language as one; "" where there is none: English, at no cost. */
enum page_language page_language_choose(struct slice accept_language);

/* As Content-Language and HTML's lang say it (RFC 5646). */
struct slice page_language_tag(enum page_language language);

#endif
