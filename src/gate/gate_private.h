/*
 * gate_private.h - the gates, one a file; the table is in gate.c.
 */
#ifndef GATE_PRIVATE_H
#define GATE_PRIVATE_H

#include "gate/gate.h"

struct verdict gate_limit_arrival(struct exchange *ex) LOOP_SIDE; /* by address alone */
struct verdict gate_host(struct exchange *ex) LOOP_SIDE;
struct verdict gate_origin(struct exchange *ex) LOOP_SIDE;
struct verdict gate_origin_at_portal(struct exchange *ex) LOOP_SIDE;
struct verdict gate_demand_public(struct exchange *ex) LOOP_SIDE;
struct verdict gate_moved_public(struct exchange *ex) LOOP_SIDE;
struct verdict gate_rights(struct exchange *ex) LOOP_SIDE;
struct verdict gate_limit_user(struct exchange *ex) LOOP_SIDE; /* by user, path, method; bytes */
struct verdict gate_hidden(struct exchange *ex) LOOP_SIDE;
struct verdict gate_demand(struct exchange *ex) LOOP_SIDE;
struct verdict gate_moved(struct exchange *ex) LOOP_SIDE;
struct verdict gate_extension(struct exchange *ex) LOOP_SIDE; /* require-extension */
struct verdict gate_destination(struct exchange *ex) LOOP_SIDE;

/* cors.c: the request comes from a page of an origin that the site lists. "*" lists nobody. Pure. */
bool cors_is_listed(const struct exchange *ex);

/* demand.c: the answer of a demand that holds. */
struct verdict demand_verdict(struct exchange *ex, const struct demand *demand) LOOP_SIDE;
/* The same questions about another place that the request names: where COPY and MOVE lead, what BIND binds. */
struct verdict demand_judge_at(struct exchange *ex, struct rpath path) LOOP_SIDE;
struct verdict extension_judge_at(struct exchange *ex, struct rpath path) LOOP_SIDE;
struct verdict moved_judge_at(struct exchange *ex, struct rpath path) LOOP_SIDE;
/* All of them, and whether it is hidden (destination.c). */
struct verdict place_judge(struct exchange *ex, struct rpath path) LOOP_SIDE;

/* destination.c: a URL, or an absolute path. *why, of what is malformed: a sentence; "" without. */
enum place_read { PLACE_OURS, PLACE_FOREIGN, PLACE_MALFORMED };
enum place_read place_read(struct exchange *ex, struct slice text, struct rpath *out, struct slice *why) LOOP_SIDE;

/* Rows of gates_decorate(). */
void decorate_cors(struct exchange *ex, struct answer *answer) LOOP_SIDE;
void decorate_limit(struct exchange *ex, struct answer *answer) LOOP_SIDE;
void decorate_demand(struct exchange *ex, struct answer *answer) LOOP_SIDE;
void decorate_extension(struct exchange *ex, struct answer *answer) LOOP_SIDE;

/* What gates_leave() is to limits. */
void limit_leave(struct exchange *ex) LOOP_SIDE;

#endif
