/*
 * negotiate.h - transparent content negotiation (RFC 2295): what a client lets a server do, what is said of a list of
 * variants, and which of them a client gets that knows nothing of all this. Pure.
 */
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

#include "http/variant.h"

/* The name of a type map: it ends in .var. */
bool name_is_map(struct slice name);

/* The field Negotiate (RFC 2295 §8.4). */
struct negotiate {
    bool is_known;   /* the client takes part: it named a directive that is known here */
    bool wants_list; /* Alternates in any answer (vlist, guess-small) */
    bool may_choose; /* RVSA/1.0 may be run for it */
    bool may_guess;  /* guess-small: any algorithm may, where the variant is small */
};
/* All lines as one. Directives that are not known are read over (NEG-08). */
void negotiate_read(struct slice value, struct negotiate *out);

/* "negotiate, accept, accept-language": the fields that a list's attributes make count (RFC 2295 §10.6.1). */
void variants_vary_write(struct buf *out, const struct variant *list, unsigned count);
/* A validator of the list, from its text as Alternates has it: the same list, the same text; no `;` in it (§9.1). */
void variants_validator_write(struct buf *out, struct slice alternates);

/*
 * Ordinary negotiation, by Accept and its like alone (RFC 9110 §12.1). As RVSA/1.0 qualities are multiplied, but: no
 * matter what is definite; of "pt" and "pt-br" who asks for one of them gets that, and else is content with the other;
 * beside variants that have a language, one that has none is for those who take none of them; and a fallback counts
 * where nothing else is left (NEG-C2). Of equal ones the one in the first of `languages` is taken, where there is just
 * one.
 */
enum pick_kind { PICK_ONE, PICK_NONE, PICK_TIE };
struct pick {
    enum pick_kind kind;
    unsigned at; /* PICK_ONE */
};
struct pick variant_pick(const struct variant *list, unsigned count, const struct variant_wish *wish,
                         const struct slice *languages, unsigned language_count);

#endif
