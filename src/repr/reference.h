/*
 * reference.h - what http/status.h knows of status codes, as text, Markdown and JSON: for `samovar codes`, for the
 * manual, and for the pages that the server has of them. Any thread.
 */
#ifndef REPR_REFERENCE_H
#define REPR_REFERENCE_H

#include "base/buf.h"
#include "http/status.h"
#include "repr/language.h"

enum reference_form { REFERENCE_TEXT, REFERENCE_MARKDOWN, REFERENCE_JSON };

/* One code: all that there is to say, or of one that is not earned its phrase. */
void reference_write(const struct status *status, enum reference_form form, struct buf *out);
/* All that are registered, a line each; the earned ones are marked. */
void reference_list(enum reference_form form, struct buf *out);
/* Between the items of a JSON array, before the first and after the last; nothing in other forms. */
void reference_begin(enum reference_form form, struct buf *out);
void reference_next(enum reference_form form, struct buf *out);
void reference_end(enum reference_form form, struct buf *out);

/* Where the server has it: the list; and behind the slash the three digits of a code, its page. */
#define REFERENCE_PATH "/.samovar/codes/"
enum { REFERENCE_PAGE_MAX = 256 * 1024 }; /* ten times the list in JSON, which is the longest */

/* The same as HTML: of one code, and the list. */
void reference_page(const struct status *status, enum page_language language, struct buf *out);
void reference_list_page(enum page_language language, struct buf *out);

#endif
