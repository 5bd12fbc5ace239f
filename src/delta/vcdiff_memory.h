/*
 * vcdiff_memory.h - large tables, asked for in a way that makes looking into them at random cheap.
 */
#ifndef DELTA_VCDIFF_MEMORY_H
#define DELTA_VCDIFF_MEMORY_H

#include <stddef.h>

/* Zeroed; free() it. Ends the process where the machine has no memory left. */
void *vcdiff_memory_new(size_t size);

#endif
