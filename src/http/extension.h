/*
 * extension.h - the grammar of the HTTP Extension Framework (RFC 2774), and the extensions that exist here.
 *
 * A request says in Man and C-Man under which extensions it must be processed, in Opt and C-Opt under which it may be,
 * and its method begins with "M-" then. C-Man and C-Opt are of one hop: in HTTP/1.1 they count only where Connection
 * lists them. A declaration may have a prefix of digits (`ns=16`); the fields that begin with it ("16-reason") belong
 * to it. Pure.
 */
#ifndef HTTP_EXTENSION_H
#define HTTP_EXTENSION_H

#include "http/head.h"

/* ---- those that exist here ---- */

enum extension {
    EXTENSION_NONE,
    EXTENSION_INTEGRITY, /* digests of what is sent (RFC 9530), both ways */
    EXTENSION_REASON,    /* why somebody wants it, for the audit log */
    EXTENSION_COUNT
};

/*
 * What a declaration says between its quotes: a URI, or a field's name, compared without case (RFC 2774 §3).
 * EXTENSION_NONE: none of ours.
 */
enum extension extension_find(struct slice id);
/* The same for people who write a configuration: its short name ("reason") will do, too. */
enum extension extension_find_by_name(struct slice text);
/* "urn:samovar:ext:reason"; "" for EXTENSION_NONE. */
struct slice extension_uri(enum extension extension);

/* ---- declarations ---- */

/* More are 400: each is compared with each, and nobody means so many. */
enum { DECLARATIONS_MAX = 32 };

struct declaration {
    struct slice id;     /* what stands between the quotes, an absolute URI or a field's name */
    struct slice prefix; /* its digits; "" without */
    bool is_mandatory;   /* of Man or C-Man */
    bool is_hop;         /* of C-Man or C-Opt */
};

struct declarations {
    struct declaration list[DECLARATIONS_MAX]; /* as they stand in Man, C-Man, Opt, C-Opt */
    unsigned count;
    bool named[HEAD_FIELDS_MAX]; /* which of the head's fields Connection lists */
};

/* The method's name behind "M-", which may be any token or empty; false: it does not begin so. With case. */
bool mandatory_method(struct slice text, struct slice *base);

/*
 * RFC 2774 §5: an HTTP/1.0 message is read without the fields that its Connection names, since whoever sent it did not
 * know what is of one hop only. Connection itself stays. Of later versions nothing is taken out.
 */
void head_drop_named(struct head *head);

/*
 * All that count. 0, or 400: malformed, a prefix of one digit, one prefix twice (RFC 2774 §3.1), too many; *why is a
 * static sentence then. Slices are of the head.
 */
int declarations_read(const struct head *head, struct declarations *out, const char **why);

/*
 * The field PREFIX-NAME of the declaration list[which]; without case, several lines joined by ", ". False: there is
 * none, or it would have to be listed in Connection and is not.
 */
bool declaration_field(const struct head *head, const struct declarations *declarations, unsigned which,
                       struct slice name, struct arena *arena, struct slice *value);

#endif
