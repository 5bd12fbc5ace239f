/*
 * variants_page.h - the variants of a resource as a page (RFC 2295 §10.1): links for people, an object for programs.
 */
#ifndef REPR_VARIANTS_PAGE_H
#define REPR_VARIANTS_PAGE_H

#include "http/variant.h"
#include "repr/repr.h"

struct variants_page {
    int status; /* 300; 406: none of them is what the client takes */
    const struct variant *list;
    unsigned count;
    enum listing_form form;
    enum page_language language; /* of our own words; the variants have theirs */
};
/* The content; gives its type. */
struct slice variants_page(const struct variants_page *page, struct buf *out);

#endif
