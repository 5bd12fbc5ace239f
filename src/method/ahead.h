/*
 * ahead.h - deltas that are made before anybody asks for them (`delta-ahead`).
 */
#ifndef METHOD_AHEAD_H
#define METHOD_AHEAD_H

#include "exchange/exchange.h"

/*
 * The file at the exchange's path was replaced just now: where its rules say so, the delta to what it replaced is made
 * aside. The exchange need not wait for it, and may go.
 */
void ahead_begin(const struct exchange *ex) LOOP_SIDE;

#endif
