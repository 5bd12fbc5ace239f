/*
 * versions.h - the earlier contents of a file as a page (http/past.h says at which address).
 */
#ifndef REPR_VERSIONS_H
#define REPR_VERSIONS_H

#include "repr/repr.h"
#include "store/history.h"

struct versions_page {
    struct rpath path; /* of the file */
    const struct version_list *versions;
    enum listing_form form;
    enum page_language language;
    bool can_restore; /* it says how one is brought back */
};

/* There are VERSIONS_MAX at most: a page is made whole. Octets, for the buffer of one. */
enum { VERSIONS_PAGE_MAX = 64 << 20 };
void versions_page(const struct versions_page *page, struct buf *out);

#endif
