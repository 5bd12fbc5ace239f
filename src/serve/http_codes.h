/*
 * http_codes.h - /.well-known/http-codes: where the rules of a site are, for whoever surveys it (docs/survey.md).
 */
#ifndef SERVE_HTTP_CODES_H
#define SERVE_HTTP_CODES_H

#include "exchange/exchange.h"

/* It is asked for, and the site tells it (http-codes = on). Where it does not, a file may be there. */
bool http_codes_counts(const struct exchange *ex) LOOP_SIDE;
void http_codes_answer(struct exchange *ex) LOOP_SIDE;

#endif
