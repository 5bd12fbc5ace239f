/*
 * pending.c - methods that are known and not built yet.
 */
#include "method_private.h"

#define PENDING(plan)                                                                                                  \
    void plan(struct exchange *ex)                                                                                     \
    {                                                                                                                  \
        exchange_refuse(ex, VERDICT(501, "This is not built yet."));                                                   \
    }

PENDING(mkcol_plan)
PENDING(report_plan)
