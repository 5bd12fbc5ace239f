/*
 * coffee.h - the schemes of coffee URIs (RFC 2324 §3): the word for coffee in each of its languages. Pure.
 */
#ifndef HTTP_COFFEE_H
#define HTTP_COFFEE_H

#include "base/slice.h"

/*
 * The text before the colon is one of them: percent-encoding is undone before it is compared, case is ignored, also
 * that of letters that are not ASCII. Where the RFC's own octets are wrong, both they and the right ones count
 * (COF-C6).
 */
bool coffee_scheme(struct slice scheme);

#endif
