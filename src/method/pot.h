/*
 * pot.h - pots as resources (RFC 2324, RFC 7168): what is asked of them by whatever method.
 */
#ifndef METHOD_POT_H
#define METHOD_POT_H

#include "exchange/exchange.h"

/* The request's target is a pot, a tea, or all of them, and the method is not about the site's files beside them. */
bool pots_count(const struct exchange *ex) LOOP_SIDE;
/* The gates were passed. Ends in exactly one answer. */
void pots_start(struct exchange *ex) LOOP_SIDE;

#endif
