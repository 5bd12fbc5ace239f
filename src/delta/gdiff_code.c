/*
 * gdiff_code.c - the table of COPY commands.
 */
#include "gdiff_code.h"

const struct gdiff_copy gdiff_copies[GDIFF_COPIES] = {{2, 1}, {2, 2}, {2, 4}, {4, 1}, {4, 2}, {4, 4}, {8, 4}};
