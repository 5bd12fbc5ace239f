/*
 * gate.h - policy before the method: who may pass, and why not.
 *
 * Each gate is a row of one table and one file. It looks at the exchange and says *go on* or gives the
 * verdict; refusing costs less than serving: no file is opened, no body is read. Rows run in the order of
 * docs/spec/README.md.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "exchange/exchange.h"

/* Gates that need only the head and the connection: run before credentials are looked at. Loop side. */
struct verdict gates_before_auth(struct exchange *ex) LOOP_SIDE;
/* Gates that need to know who asks. Fills ex->rules and ex->rights first. Loop side. */
struct verdict gates_after_auth(struct exchange *ex) LOOP_SIDE;

/* `hidden = deny`, for any path that the rules are of. Pure. */
struct verdict path_judge_hidden(const struct rules *rules, struct slice path);

/* The machine's own name counts as local for the gate `host`; read once at start. */
void gate_learn_machine_name(void);

#endif
