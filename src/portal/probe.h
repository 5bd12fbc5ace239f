/*
 * probe.h - the addresses by which operating systems and browsers find out that they are behind a captive portal.
 */
#ifndef PORTAL_PROBE_H
#define PORTAL_PROBE_H

#include "base/slice.h"

/*
 * What asks for this address shows its sign-in window when it is redirected, and not, or not surely, for a 511. `host`
 * in lower case, without port and final dot; `path` as in the target. Pure.
 */
bool probe_wants_redirect(struct slice host, struct slice path);
/* The table, for tests: NULL past its end. */
const char *probe_at(unsigned i, const char **path);

#endif
