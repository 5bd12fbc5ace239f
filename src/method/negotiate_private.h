/*
 * negotiate_private.h - what was negotiated, for the stage and for GET.
 */
#ifndef METHOD_NEGOTIATE_PRIVATE_H
#define METHOD_NEGOTIATE_PRIVATE_H

#include "http/negotiate.h"
#include "method_private.h"
#include "negotiable.h"

/* ex->negotiation, once a variant was chosen. In the exchange's arena. */
struct negotiation {
    struct slice alternates, vary, validator;
    struct slice location; /* of the variant, as Alternates has it */
    bool wants_list;       /* Alternates goes along */
    struct negotiable_variant chosen;
    size_t stem; /* octets of the chosen file's name; whatever the choice depends on begins with them (struct answer) */
};

/* What was chosen for this exchange; NULL: nothing was negotiated. */
static inline const struct negotiation *negotiation_of(const struct exchange *ex)
{
    return ex->negotiation;
}

/* TCN, Content-Location, Vary and their like, on every answer of a variant (RFC 2295 §10.2). */
void negotiation_decorate(struct exchange *ex, struct answer *answer) LOOP_SIDE;

/* negotiate_list.c: a page that lists the variants, under 300 or 406; all but TCN and fields of the negotiation. */
struct list_page {
    int status;
    struct slice alternates, vary, validator;
    const struct variant *list;
    unsigned count;
    struct slice accept, accept_language;
};
void negotiation_list(struct arena *arena, const struct list_page *page, struct answer *out);

#endif
