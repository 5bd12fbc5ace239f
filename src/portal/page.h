/*
 * page.h - the portal's pages as HTML: the login page in its forms, and the page of a 511.
 *
 * Made to be read in the small browsers of sign-in windows: no script, every field with its label, all of it one column
 * that reads well without its style sheet, too. Pure; any side.
 */
#ifndef PORTAL_PAGE_H
#define PORTAL_PAGE_H

#include "base/buf.h"
#include "portal/portal.h"
#include "words.h"

enum {
    TERMS_BYTES_MAX = 64 * 1024,                   /* a few contracts long; it is sent with every login page */
    PAGE_BYTES_MAX = 8 * TERMS_BYTES_MAX + 0x8000, /* an octet of the terms takes six, and a line seven more */
};

struct page {
    const struct portal_conf *conf;
    const struct language *language;
    enum word said;            /* above all else; WORD_NONE: nothing */
    bool is_bare;              /* that, and the way back to the login page; nothing else */
    bool are_terms_unreadable; /* then nobody can accept them */
    struct slice terms;        /* their text, "" where there are none */
    const char *terms_tag;     /* its language, where that is known */
    struct slice name;         /* of a user who mistyped his password */
    struct portal_state state; /* of the client */
};

void page_write(const struct page *page, struct buf *out);
/* Of a 511, on somebody else's name: all its links are whole. `base`: https://NAME of the portal. */
void page_write_captive(const struct portal_conf *conf, const struct language *language, struct slice base,
                        struct buf *out);

#endif
