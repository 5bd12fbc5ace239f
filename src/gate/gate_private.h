/*
 * gate_private.h - the gates, one a file; the table is in gate.c.
 */
#ifndef GATE_PRIVATE_H
#define GATE_PRIVATE_H

#include "gate/gate.h"

struct verdict gate_host(struct exchange *ex) LOOP_SIDE;
struct verdict gate_origin(struct exchange *ex) LOOP_SIDE;
struct verdict gate_rights(struct exchange *ex) LOOP_SIDE;
struct verdict gate_hidden(struct exchange *ex) LOOP_SIDE;
struct verdict gate_destination(struct exchange *ex) LOOP_SIDE;

#endif
