/*
 * negotiate.h - transparent content negotiation as a stage before the method (RFC 2295; docs/spec/negotiation.md).
 *
 * A worker looks whether the address is negotiable, and chooses. A list (300, 406) or an error (506) is answered here;
 * a variant that was chosen takes the place of what was asked for: the exchange goes on with its path, by its rules and
 * rights, as if it had been asked for, and what is answered gets the fields of a choice response.
 */
#ifndef METHOD_NEGOTIATE_H
#define METHOD_NEGOTIATE_H

#include "exchange/exchange.h"

/* Something may be negotiable at the address, as far as that is known without the disk. */
bool negotiation_counts(const struct exchange *ex) LOOP_SIDE;
/* Looks, and ends in exactly one answer, or in method_start(). */
void negotiation_start(struct exchange *ex) LOOP_SIDE;

/* What negotiation_check() found. */
struct negotiation_check {
    unsigned maps, wrong;
    uint64_t looked; /* at so many names, where there is a limit to them: */
    bool was_stopped;
};
/*
 * Looks at all type maps of places that negotiate: for variants that are negotiable themselves (506), for those that
 * are not there (404), for maps that are none (500). A line for each in `out`. site NULL: its rules are not known, and
 * every map counts that is one. most: names to look at; 0: all.
 */
enum err negotiation_check(struct store *store, const struct site *site, uint64_t most, struct buf *out,
                           struct negotiation_check *result) WORKER_SIDE;

#endif
