/*
 * pending_pages.c - what is not built yet, so that the rest links.
 */
#include "method/method.h"
#include "portal/portal.h"

bool portal_takes(const struct exchange *ex)
{
    return ex->is_intercepted;
}

void portal_answer(struct exchange *ex, struct auth_memory *memory)
{
    (void)memory;
    exchange_refuse(ex, VERDICT(511, "This network wants you to log in first."));
}
