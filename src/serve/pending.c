/*
 * pending.c - parts that are still to come.
 */
#include "serve.h"

int forwards_command(const char *root, const char *state, const char *remove)
{
    fputs("samovar: forwarding addresses are not there yet\n", stderr);
    return 70;
}
