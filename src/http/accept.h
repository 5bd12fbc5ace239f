/*
 * accept.h - what the client would rather read (RFC 9110 §12.5.1).
 */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "base/slice.h"

enum error_form { FORM_TEXT, FORM_HTML, FORM_JSON };

/*
 * The form of an error's content, by Accept alone: HTML if text/html is named, JSON if application/json or
 * application/problem+json is named; of both the one with the higher weight, the earlier among equals.
 * Wildcards name nothing; a weight of 0 excludes. Otherwise text.
 */
enum error_form accept_error_form(struct slice accept);

/*
 * The weight of a media type ("text/html", without parameters) in thousandths; the most specific range
 * that fits decides. An empty or missing Accept gives 1000. Ranges with parameters other than q do not fit.
 */
unsigned accept_quality(struct slice accept, struct slice type);

/*
 * The weight in thousandths that a list of tokens (Accept-Encoding) gives to `token`, which is compared without case;
 * 0 where it is not listed: wildcards do not count.
 */
unsigned accept_listed(struct slice field, struct slice token);

/*
 * What a field that is there assigns, in thousandths; 0 where nothing in it fits. wildcards false: as if there were
 * none in it (RFC 2296 §3.4). Types: of the ranges that fit the most special one decides, `text/html;level=1` before
 * `text/html` before `text/ *` (without the blank); `type` may have parameters. Languages: the longest range that is
 * the tag or begins it ("en" fits "en-gb", not the reverse). Tokens: charsets.
 */
unsigned accept_type(struct slice field, struct slice type, bool wildcards);
unsigned accept_language_tag(struct slice field, struct slice tag, bool wildcards);
unsigned accept_token(struct slice field, struct slice token, bool wildcards);

/*
 * Which of the languages (tags of RFC 5646, the one to fall back to first) the client reads best, by Accept-Language
 * (RFC 9110 §12.5.4): its position. A range fits its own tag and what is more special ("de" fits "de-CH"), else what is
 * more general ("de-CH" is content with "de"); the range that fits best decides on the weight, and of equal weights the
 * earlier in the field. 0 where none is wanted.
 */
unsigned accept_language(struct slice field, const struct slice *languages, unsigned count);

#endif
