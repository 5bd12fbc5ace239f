/*
 * help.c - the texts made from the table: --help, samovar(1), samovar.conf(5).
 */
#include "table.h"

void conf_help(FILE *out)
{
}

void conf_man(FILE *out, int section)
{
}
