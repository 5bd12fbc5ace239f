/*
 * h2.c - HTTP/2 on a connection, while it is being built: refused.
 */
#include "h2.h"

void h2_take_over(struct session *from, struct slice bytes)
{
    (void)bytes;
    session_close(from);
}
