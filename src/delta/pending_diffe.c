/*
 * pending_diffe.c - what is not built yet, so that the rest links.
 */
#include "kinds.h"

enum err diffe_encode(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                      const struct delta_limits *limits, const struct delta_sink *out)
{
    (void)base;
    (void)target;
    (void)effort;
    (void)limits;
    (void)out;
    return ERR_UNSUPPORTED;
}

enum err diffe_decode(const struct delta_source *base, const struct delta_source *delta,
                      const struct delta_limits *limits, const struct delta_sink *out, struct buf *why)
{
    (void)base;
    (void)delta;
    (void)limits;
    (void)out;
    (void)why;
    return ERR_UNSUPPORTED;
}
