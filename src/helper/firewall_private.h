/*
 * firewall_private.h - the inside of samovar-firewall, the program.
 *
 * Everything is done on one thread, one request after another; whatever fails says why in one line of `text`.
 */
#ifndef HELPER_FIREWALL_PRIVATE_H
#define HELPER_FIREWALL_PRIVATE_H

#include "helper/firewall.h"

enum { MAC_LEN = 6 };

/* Gives each answer away; the last one is the main loop's. */
typedef void emit_fn(const struct firewall_answer *answer, void *arg);

/* ---- firewall_nft.c: the sets ---- */

struct sets;

/* NULL: the kernel has none of this. */
struct sets *sets_open(void);
enum err sets_check(struct sets *sets, char text[128]);
/* *bytes: what its counter said before, which is forgotten with it. */
enum err sets_add(struct sets *sets, const struct firewall_address *address, uint32_t seconds, uint64_t *bytes,
                  char text[128]);
/* What is not there is fine. */
enum err sets_remove(struct sets *sets, const struct firewall_address *address, uint64_t *bytes, char text[128]);
enum err sets_each(struct sets *sets, emit_fn *emit, void *arg, char text[128]);

/* ---- firewall_neighbours.c: who is at the other end of a wire ---- */

enum err neighbours_each(emit_fn *emit, void *arg, char text[128]);

/* ---- firewall_flows.c: what the kernel knows of connections ---- */

/* Those that these addresses began are forgotten: nothing passes because it once did. Sorts them. */
void flows_cut(struct firewall_address *addresses, unsigned count);

/* ---- firewall_rights.c ---- */

/* Gives up all but the right to change the network's configuration, for good. False: told on standard error. */
bool rights_drop(void);

#endif
